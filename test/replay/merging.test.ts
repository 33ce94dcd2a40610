/** Several files as one sequence of events. By the built program, so that one that never ends fails instead of hanging. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, scratchFolder } from '../support/cli.ts';
import { eventLines, seededRandom } from '../support/event-lines.ts';
import { expectSame, joinLines, lineTimeSec, type ReplayFiles } from '../support/replay-runs.ts';

let program: ReturnType<typeof buildProgram>;
beforeAll(() => {
  program = buildProgram();
}, 60_000);
afterAll(() => program.remove());

function replay(files: readonly string[], out: string): ReplayFiles {
  const words = [program.main, 'replay', ...files, '--out', out];
  const ran = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 8000 });
  expect(ran.error?.message ?? ran.stderr).toBe('');
  expect(ran.status).toBe(0);
  const read = (name: string): string => readFileSync(join(out, name), 'utf8');
  return { decisions: read('decisions.jsonl'), final: read('final.json') };
}

function write(folder: string, name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, joinLines(lines));
  return path;
}

/** The quality has a test of its own. */
function withoutQuality(final: string): string {
  return JSON.stringify({ ...(JSON.parse(final) as object), data_quality: null });
}

const byTime = (a: string, b: string): number => lineTimeSec(a) - lineTimeSec(b);

describe('several files', () => {
  it('are merged where their next events are at the same time', () => {
    const folder = scratchFolder();
    const line = (ts: number, pnl: number): string => `{"ts":${ts},"symbol":"BTC","pnl":${pnl}}`;
    const a = [line(1_700_000_000, 1), line(1_700_000_010, 2)];
    const b = [line(1_700_000_000, 3), line(1_700_000_010, 4)];
    const merged = replay([write(folder, 'a', a), write(folder, 'b', b)], join(folder, 'merged'));
    const one = replay([write(folder, 'one', [a[0]!, b[0]!, a[1]!, b[1]!])], join(folder, 'all'));
    expectSame(merged.decisions, one.decisions);
    expectSame(withoutQuality(merged.final), withoutQuality(one.final));
  });

  it.each([1, 2, 3])('give the bytes of one file that holds them all, dealt with seed %i', (seed) => {
    const folder = scratchFolder();
    const random = seededRandom(seed);
    const lines = [
      ...eventLines({ seed: 10 + seed, events: 900, symbols: 6, spanSec: 20_000, dirty: false }),
    ];
    const hands: string[][] = [[], [], []];
    for (const line of lines) hands[Math.floor(random() * 3)]!.push(line);
    const files = hands.map((hand, i) => write(folder, `${i}.jsonl`, hand));
    const merged = replay(files, join(folder, 'merged'));
    // Equal times: by argument, then by line.
    const one = replay([write(folder, 'all.jsonl', hands.flat().sort(byTime))], join(folder, 'all'));
    expectSame(merged.decisions, one.decisions);
    expectSame(withoutQuality(merged.final), withoutQuality(one.final));
  });

  it('give the bytes of one file where one of them is not in order of time', () => {
    const folder = scratchFolder();
    const lines = [...eventLines({ seed: 20, events: 600, symbols: 4, spanSec: 20_000, dirty: false })];
    const odd = lines.filter((_, i) => i % 2 === 1);
    const even = lines.filter((_, i) => i % 2 === 0);
    const turned = [...odd.slice(100), ...odd.slice(0, 100)];
    const merged = replay([write(folder, 'a', even), write(folder, 'b', turned)], join(folder, 'merged'));
    const one = replay([write(folder, 'one', [...even, ...turned].sort(byTime))], join(folder, 'all'));
    expectSame(merged.decisions, one.decisions);
    expectSame(withoutQuality(merged.final), withoutQuality(one.final));
  });

  it('have the quality of their data judged as if they were one', () => {
    const folder = scratchFolder();
    const row = (i: number, id: string): string =>
      `{"ts":${1_700_000_000 + i},"symbol":"BTC","pnl":${i + 0.5}${id}}`;
    const named = Array.from({ length: 12 }, (_, i) => row(i, `,"execution_id":"e${i}"`));
    const bare = Array.from({ length: 12 }, (_, i) => row(100 + i, ''));
    const one = replay([write(folder, 'one', [...named, ...bare])], join(folder, 'all'));
    const two = replay([write(folder, 'a', named), write(folder, 'b', bare)], join(folder, 'two'));
    expectSame(two.decisions, one.decisions);
    expectSame(two.final, one.final);
  });
});
