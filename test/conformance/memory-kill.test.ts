/** A process killed with -9 in the midst of writing: everything it had acknowledged is there when the folder is opened again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { newFolder, openIn } from './memory-support.ts';
import { entriesOf, fieldsIn } from './suite-support.ts';

const child = fileURLToPath(new URL('memory-child.ts', import.meta.url));

/** What a child acknowledged before it was killed, some hundred lines in. */
async function runAndKill(folder: string, start: number, lines: number): Promise<string[]> {
  const args = ['--import', 'tsx', child, folder, String(start), '100000'];
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  running.stdout.setEncoding('utf8');
  running.stdout.on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > lines) running.kill('SIGKILL');
  });
  const [, signal] = (await once(running, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return text.split('\n').slice(0, -1);
}

it('keeps every acknowledged entry and commit of a killed process', { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const acknowledged: string[] = [];
  for (const lines of [150, 600, 1, 333]) {
    acknowledged.push(...(await runAndKill(folder, acknowledged.length * 10, lines)));
    await using store = await openIn(folder);
    const texts = new Map((await entriesOf(store, 'test:s')).map(({ id, fields }) => [id, fields[1]!]));
    const entries = acknowledged.filter((line) => line.startsWith('entry')).map((line) => line.split(' '));
    expect(entries.filter(([, number, id]) => texts.get(id!) !== number)).toEqual([]);

    const done = acknowledged.filter((line) => line.startsWith('done')).map((line) => line.split(' '));
    const saved = (await store.load('budget'))!;
    // One more than was acknowledged may be done; each left one entry, and the last is what was saved.
    expect(saved.sequence - 1 - Number(done.at(-1)?.[1] ?? -1)).toBeOneOf([0, 1, 2, 3, 4]);
    const out = (await fieldsIn(store, 'test:out')).map((fields) => Number(fields[1]));
    expect(out).toEqual(Array.from({ length: saved.sequence }, (_, n) => n));
    expect(saved.meta.get('n')).toBe(saved.records.get('S'));
  }
  expect(acknowledged.length).toBeGreaterThan(1000);
  expect(readdirSync(folder).some((name) => name.startsWith('snapshot'))).toBe(true);
});
