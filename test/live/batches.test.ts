/**
 * What comes out does not depend on how many entries were read at a time, nor on pauses and restarts (R32): records,
 * metas and decisions are the same to the last byte.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../support/recorded-run.ts';
import { LiveWorld, type LiveProcess } from '../support/live-run.ts';

const START_SEC = 1_700_000_000;
const SPAN_SEC = 1800;
const END_MS = (START_SEC + SPAN_SEC + 60) * 1000 + 900;
const ENTRIES = entriesOf({ seed: 7, startSec: START_SEC, spanSec: SPAN_SEC, count: 3000 });

describe('batches and pauses', () => {
  it('leave records, metas and decisions as they are', async () => {
    const whole = await course({ readCount: 4000, runs: [[0, END_MS]] });
    expect(whole.decisions).toBeGreaterThan(8000);
    expect(whole.repeats).toBeGreaterThan(50);
    for (const readCount of [1, 7, 64, 1000])
      for (const runs of PAUSES) expect(await course({ readCount, runs })).toEqual(whole);
  });
});

/** When a process runs, Unix milliseconds: all the time, only at the end, with breaks of a second up to ten minutes. */
const at = (sec: number): number => (START_SEC + sec) * 1000 + 137;
const PAUSES: readonly (readonly (readonly [number, number])[])[] = [
  [[at(-20), END_MS]],
  [[at(SPAN_SEC + 30), END_MS]],
  [
    [at(0), at(11)],
    [at(12), at(300)],
    [at(900), at(901)],
    [at(1000), at(1003)],
    [at(1600), END_MS],
  ],
];

interface Course {
  readonly readCount: number;
  readonly runs: readonly (readonly [fromMs: number, toMs: number])[];
}

async function course({ readCount, runs }: Course): Promise<Record<string, unknown>> {
  const world = await LiveWorld.inMemory((START_SEC - 60) * 1000);
  for (const { ms, key, fields } of ENTRIES)
    world.time.at(ms, async () => {
      await world.add(key, fields);
    });
  const processes: LiveProcess[] = [];
  for (const [fromMs, toMs] of runs) {
    await world.time.until(fromMs);
    const live = world.start({ readCount });
    await world.time.until(toMs);
    await live.stop();
    processes.push(live);
  }
  const decisions = processes.flatMap((live) => live.decisions);
  const sum = (of: (live: LiveProcess) => number): number =>
    processes.reduce((total, live) => total + of(live), 0);
  return {
    decisions: decisions.length,
    decided: sha256(decisions.join('\n')),
    committed: sha256(await world.committed()),
    applied: sum(({ applied }) => applied),
    repeats: sum(({ repeats }) => repeats),
    rejected: sum(({ rejected }) => rejected.length),
    failures: processes.flatMap(({ failures }) => failures),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
