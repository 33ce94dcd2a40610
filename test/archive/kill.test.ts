/** A process killed with -9 while it records: what it left can be read, and proved, up to a moment before. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { verify } from '../../src/ops/verify.ts';
import { runCli, scratchFolder } from '../support/cli.ts';

const child = fileURLToPath(new URL('archive-child.ts', import.meta.url));
const PARTS = 30;

it('leaves an archive that is proved up to a moment before', { timeout: 60_000 }, async () => {
  const folder = scratchFolder();
  const running = spawn(process.execPath, ['--import', 'tsx', child, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let parts = 0;
  running.stdout.on('data', (chunk: Buffer) => {
    parts = Number(chunk.toString().trim().split('\n').at(-1));
    if (parts >= PARTS) running.kill('SIGKILL');
  });
  const [, signal] = (await once(running, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  const found = await verify([folder]);
  expect(found).toMatchObject({ differences: [], isProved: true });
  // A part has sixty ticks and takes about a flush.
  expect(found.ticks).toBeGreaterThan(60 * (PARTS / 2));
  expect(found.files.at(-1)?.incomplete).toEqual([expect.stringContaining('ends early')]);
  const { code, out } = await runCli(['replay', folder, '--json']);
  expect(code).toBe(0);
  expect((JSON.parse(out) as { executions: number }).executions).toBeGreaterThan(70 * (PARTS / 2));
});
