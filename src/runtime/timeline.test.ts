import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline, type Arrival } from './timeline.ts';
import type { StreamEntry } from '../store/store.ts';

const NOW = 1_700_000_000_000;
const entry = (id: string): StreamEntry => ({ id, fields: [] });
const nameOf = ({ input, entry: { id } }: Arrival): string => `${input}:${id}`;

/** Everything that can be taken now. */
function takeAll(timeline: Timeline): Arrival[] {
  const taken: Arrival[] = [];
  for (;;) {
    if (timeline.isStarved) return taken;
    const arrival = timeline.peek();
    if (arrival === null) return taken;
    timeline.take(arrival);
    taken.push(arrival);
  }
}

/** Reads streams in rounds, `counts` entries at a time, the clock going on between them; returns what came out. */
function readAll(
  streams: readonly (readonly string[])[],
  counts: readonly number[],
  steps: readonly number[],
): string[] {
  const timeline = new Timeline(streams.length);
  const read = streams.map(() => 0);
  const out: string[] = [];
  for (let round = 0; round < 10_000; round++) {
    const nowMs = steps[Math.min(round, steps.length - 1)]!;
    streams.forEach((ids, i) => {
      if (timeline.waiting(i) > 40) return;
      const asked = counts[(round + i) % counts.length]!;
      const there = ids.slice(read[i]).filter((id) => Number(id.split('-')[0]) < nowMs);
      const got = there.slice(0, asked);
      read[i]! += got.length;
      timeline.add(i, { entries: got.map(entry) }, asked, nowMs);
    });
    out.push(...takeAll(timeline).map(nameOf));
    if (
      round >= steps.length &&
      streams.every((ids, i) => read[i] === ids.length && timeline.waiting(i) === 0)
    )
      break;
  }
  return out;
}

const someStream = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 }).map((gaps) => {
  let ms = NOW;
  return gaps.map((gap, i) => `${(ms += Math.max(0, gap - 20))}-${i}`);
});

describe('several streams as one line', () => {
  it('come in order of time, then of the streams, however many are read at a time and when', () => {
    fc.assert(
      fc.property(
        fc.array(someStream, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 8 }),
        (streams, counts, moments) => {
          const steps = [...moments.map((ms) => NOW + ms).toSorted((a, b) => a - b), NOW + 10_000];
          const sorted = streams
            .flatMap((ids, input) =>
              ids.map((id, place) => ({
                name: `${input}:${id}`,
                ms: Number(id.split('-')[0]),
                input,
                place,
              })),
            )
            .toSorted((a, b) => a.ms - b.ms || a.input - b.input || a.place - b.place)
            .map(({ name }) => name);
          expect(readAll(streams, counts, steps)).toEqual(sorted);
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('wait for a stream of which there may be more', () => {
    const timeline = new Timeline(2);
    timeline.add(0, { entries: [entry(`${NOW + 5}-0`)] }, 10, NOW + 100);
    expect(timeline.isStarved).toBe(true);
    timeline.add(1, { entries: [entry(`${NOW + 1}-0`)] }, 1, NOW + 100);
    expect(timeline.isStarved).toBe(false);
    expect(takeAll(timeline).map(nameOf)).toEqual([`1:${NOW + 1}-0`]);
    expect(timeline.isStarved).toBe(true);
    timeline.add(1, { entries: [] }, 1, NOW + 100);
    expect(takeAll(timeline).map(nameOf)).toEqual([`0:${NOW + 5}-0`]);
  });
});

describe('an entry whose id is ahead of the clock', () => {
  it('by years counts as arrived now, is counted, and holds back nothing', () => {
    const timeline = new Timeline(2);
    timeline.add(0, { entries: [entry(`${NOW * 2}-0`), entry(`${NOW * 2}-1`)] }, 10, NOW);
    timeline.add(1, { entries: [entry(`${NOW - 50}-0`)] }, 10, NOW);
    const taken = takeAll(timeline);
    expect(taken.map(({ input, ms }) => [input, ms])).toEqual([
      [1, NOW - 50],
      [0, NOW - 1],
      [0, NOW - 1],
    ]);
    expect(timeline.ahead).toBe(2);
  });

  it('by less than a second waits until the clock is there', () => {
    const timeline = new Timeline(1);
    timeline.add(0, { entries: [entry(`${NOW + 400}-0`)] }, 10, NOW);
    expect(takeAll(timeline)).toEqual([]);
    timeline.add(0, { entries: [] }, 10, NOW + 401);
    expect(takeAll(timeline).map(({ ms }) => ms)).toEqual([NOW + 400]);
    expect(timeline.ahead).toBe(0);
  });

  it('never makes time go back for the others', () => {
    const timeline = new Timeline(2);
    timeline.add(0, { entries: [entry(`${NOW - 5}-0`)] }, 10, NOW);
    timeline.add(1, { entries: [] }, 10, NOW);
    expect(takeAll(timeline)[0]!.ms).toBe(NOW - 5);
    timeline.add(1, { entries: [entry(`${NOW - 70}-0`)] }, 10, NOW);
    expect(takeAll(timeline)[0]!.ms).toBe(NOW - 5);
  });
});

describe('a timeline', () => {
  it('knows the oldest and the newest entry that waits, and forgets a stream that is another one now', () => {
    const timeline = new Timeline(1);
    timeline.add(0, { entries: [entry(`${NOW}-0`), entry(`${NOW}-1`)] }, 2, NOW);
    expect([timeline.waiting(0), timeline.newest(0)?.id, timeline.oldestMs(0)]).toEqual([2, `${NOW}-1`, NOW]);
    expect(timeline.isMoreThere).toBe(true);
    timeline.clear(0);
    expect([timeline.waiting(0), timeline.newest(0), timeline.oldestMs(0)]).toEqual([0, null, null]);
  });

  it('goes on from a clock that was set back', () => {
    const timeline = new Timeline(1);
    timeline.add(0, { entries: [entry(`${NOW - 1}-0`)] }, 10, NOW);
    takeAll(timeline);
    const setTo = NOW - 3_600_000;
    timeline.resync(setTo);
    timeline.add(0, { entries: [entry(`${NOW - 1}-1`)] }, 10, setTo);
    expect(takeAll(timeline)).toEqual([]);
    timeline.add(0, { entries: [] }, 10, setTo + 250);
    expect(takeAll(timeline).map(({ ms }) => ms)).toEqual([setTo + 249]);
  });
});
