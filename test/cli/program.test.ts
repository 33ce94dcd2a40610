/** The built program, as it is started in a shell. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, scratchFolder } from '../support/cli.ts';

let program: ReturnType<typeof buildProgram>;
beforeAll(() => {
  program = buildProgram();
}, 60_000);
afterAll(() => program.remove());

const EVENTS = '{"ts":1700000000,"symbol":"BTC","pnl":2}\n{"ts":1700000100,"symbol":"ETH","pnl":-1}\n';

function run(
  words: readonly string[],
  { input, env = {} }: { input?: string | Uint8Array; env?: Record<string, string> } = {},
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program.main, ...words], {
    cwd: scratchFolder(),
    encoding: 'utf8',
    timeout: 15_000,
    env: { PATH: process.env['PATH'], ...env },
    ...(input === undefined ? {} : { input }),
  });
}

/** The same in a shell, the program being `"$BALLAST"`. */
function shell(script: string, folder: string): SpawnSyncReturns<string> {
  const env = { PATH: process.env['PATH'], NODE: process.execPath, BALLAST: program.main };
  return spawnSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8', timeout: 15_000, env });
}

describe('the ballast program', () => {
  it('starts with a shebang', () => {
    expect(statSync(program.main).size).toBeGreaterThan(0);
    expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' });
    expect(run([])).toMatchObject({ status: 2, stdout: '' });
    expect(run(['nothing']).status).toBe(2);
  });

  it.each([
    ['plain', EVENTS],
    ['gzipped', gzipSync(EVENTS)],
  ])('reads %s standard input', (_what, input) => {
    const { status, stdout, stderr } = run(['replay', '-', '--json'], { input });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      executions: 2,
      equity_usd: 100_001,
      files: [{ what: 'JSON lines' }],
    });
  });

  it('merges standard input with files', () => {
    const folder = scratchFolder();
    const file = join(folder, 'a.jsonl');
    writeFileSync(file, '{"ts":1700000050,"symbol":"SOL","pnl":5}\n');
    const { status, stdout } = run(['replay', file, '-', '--json'], { input: EVENTS });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ executions: 3, equity_usd: 100_006 });
  });

  it('refuses empty standard input', () => {
    const { status, stderr } = run(['replay', '-'], { input: '' });
    expect(status).toBe(1);
    expect(stderr).toBe('ballast: standard input: is empty\n');
  });

  it('reads a pipe that the shell names like a file', () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'a.jsonl'), EVENTS);
    const { status, stdout, stderr } = shell('"$NODE" "$BALLAST" replay <(cat a.jsonl) --json', folder);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ executions: 2 });
  });

  it('is content with a reader that stops early', () => {
    const folder = scratchFolder();
    const lines = Array.from(
      { length: 60_000 },
      (_, i) => `{"ts":${1_700_000_000 + i},"symbol":"S","pnl":1}\n`,
    );
    writeFileSync(join(folder, 'a.jsonl'), lines.join(''));
    const script =
      'set -o pipefail; "$NODE" "$BALLAST" import a.jsonl 2>errors | head -n 1; echo "${PIPESTATUS[0]}"; cat errors';
    const { stdout } = shell(script, folder);
    expect(stdout.split('\n')[1]).toBe('0');
    expect(stdout).not.toMatch(/EPIPE|at /);
  });

  it('writes no colour into a pipe, unless asked', () => {
    const plain = run(['replay', '-'], { input: EVENTS }).stdout;
    expect(plain).not.toContain('\u001b');
    expect(run(['replay', '-'], { input: EVENTS, env: { NO_COLOR: '1' } }).stdout).toBe(plain);
    expect(run(['replay', '-'], { input: EVENTS, env: { FORCE_COLOR: '1' } }).stdout).toContain('\u001b[');
  });

  it('says in one line, without a stack, what it cannot read or write', () => {
    const folder = scratchFolder();
    mkdirSync(join(folder, 'odd', 'final.json'), { recursive: true });
    writeFileSync(join(folder, 'a.jsonl'), EVENTS);
    for (const words of [
      'replay none.jsonl',
      'replay odd',
      'replay a.jsonl/b',
      'replay a.jsonl --out /proc/none/out',
      'replay a.jsonl --out odd',
      'replay a.jsonl --load a.jsonl',
      'import a.jsonl --out none/x',
    ]) {
      const { status, stdout, stderr } = shell(`"$NODE" "$BALLAST" ${words}`, folder);
      expect(`${words}: ${stderr}`).toMatch(/^[^\n]*: ballast: [^\n]*\n$/);
      expect(status).toBe(1);
      expect(stdout).toBe('');
    }
  });
});
