/** The log on standard output, whatever becomes of its reader. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const LOG = new URL('../../src/runtime/log/log.ts', import.meta.url).href;

/** A process that writes so many lines at once, waits for a line of input, writes one more and ends. */
function writer(lines: number): ChildProcess & { said: () => string } {
  const code = `
    import { createLog } from ${JSON.stringify(LOG)};
    const log = createLog({ level: 'info', service: 'budget' });
    for (let i = 0; i < ${lines}; i++) log.info('line ' + i + ' ' + 'x'.repeat(400));
    process.stderr.write('written ');
    process.stdin.once('data', () => {
      log.info('last');
      process.stderr.write('ended');
      process.stdin.destroy();
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return Object.assign(child, { said: () => said });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(isSo()).toBe(true);
}

describe('standard output', () => {
  it('that nobody reads costs lines, not time; how many is said once somebody does', async () => {
    const child = writer(30_000);
    await until(() => child.said().includes('written'));
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until(() => text.includes('were lost'));
    child.stdin!.write('go on\n');
    await once(child, 'close');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; lost?: number });
    const shown = lines.filter(({ msg }) => msg.startsWith('line ')).length;
    const lost = lines.reduce((sum, line) => sum + (line.lost ?? 0), 0);
    expect(shown).toBeGreaterThan(1000);
    expect(shown + lost).toBe(30_000);
    expect(lines.at(-1)!.msg).toBe('last');
  });

  it('whose reader went away ends nothing', async () => {
    const child = writer(1000);
    child.stdout!.destroy();
    await until(() => child.said().includes('written'));
    child.stdin!.write('go on\n');
    const [code] = (await once(child, 'close')) as [number];
    expect([code, child.said()]).toEqual([0, 'written ended']);
  });
});
