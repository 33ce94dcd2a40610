import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeEvents, OutOfOrder, sortEvents } from './merge.ts';
import type { LocatedEvent, RejectedLine } from './formats/format.ts';

type Item = LocatedEvent | RejectedLine;

function event(source: number, line: number, ts: number): LocatedEvent {
  return { event: { type: 'cashflow', ts, amountUsd: 0 }, source, line, futureTime: false };
}
function refusal(source: number, line: number): RejectedLine {
  return { event: null, source, line, reason: 'not_json', detail: '', raw: '' };
}

/** A source of one batch or several. */
async function* batches(items: readonly Item[], size: number): AsyncGenerator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield await Promise.resolve(items.slice(at, at + size));
}

/** All items; ends by an error where there are far more batches than items, as when nothing moves on. */
async function all(merged: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  let idle = 0;
  for await (const batch of merged) {
    idle = batch.length === 0 ? idle + 1 : 0;
    if (idle > 1000) throw new Error('the merging does not move on');
    items.push(...batch);
  }
  return items;
}

const places = (items: readonly Item[]): string[] => items.map(({ source, line }) => `${source}:${line}`);
const sourceOf = (times: readonly (number | null)[], source: number): Item[] =>
  times.map((ts, i) => (ts === null ? refusal(source, i + 1) : event(source, i + 1, ts)));
const sorted = (items: readonly Item[]): Item[] =>
  items.filter((item) => item.event !== null).sort((a, b) => (a.event?.ts ?? 0) - (b.event?.ts ?? 0));

/** Few different times, so that many are equal; null is a refused line. */
const anyTimes = fc.array(fc.option(fc.integer({ min: 1, max: 6 }), { freq: 5 }), { maxLength: 12 });
const inOrder = anyTimes.map((times) => {
  const ascending = times.filter((ts) => ts !== null).sort((a, b) => a - b);
  return times.map((ts) => (ts === null ? null : ascending.shift()!));
});

describe('merging', () => {
  it('takes turns at equal times: by argument, then by line', async () => {
    const sources = [sourceOf([5, 5, 7], 0), sourceOf([5, 7, 7], 1), sourceOf([1, 5], 2)];
    const merged = await all(mergeEvents(sources.map((items) => batches(items, 2))));
    expect(places(merged)).toEqual(['2:1', '0:1', '0:2', '1:1', '2:2', '0:3', '1:2', '1:3']);
  });

  it('gives the order of sorting everything, for any sources in order and any batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(inOrder, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (times, size) => {
          const sources = times.map(sourceOf);
          const merged = await all(mergeEvents(sources.map((items) => batches(items, size))));
          expect(places(merged.filter((item) => item.event !== null))).toEqual(
            places(sorted(sources.flat())),
          );
          expect(merged.filter((item) => item.event === null)).toHaveLength(
            sources.flat().filter((item) => item.event === null).length,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([1, 2])('says so where one of %i sources goes back in time', async (count) => {
    const sources = [sourceOf([3, 2], 0), sourceOf([1, 4], 1)].slice(0, count);
    await expect(all(mergeEvents(sources.map((items) => batches(items, 1))))).rejects.toThrow(OutOfOrder);
  });
});

describe('sorting', () => {
  it('puts sources in any order by time, equal times by argument, then by line; refusals are kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTimes, { minLength: 1, maxLength: 4 }), async (times) => {
        const sources = times.map(sourceOf);
        const found = await all(sortEvents(sources.map((items) => batches(items, 3))));
        expect(places(found.filter((item) => item.event !== null))).toEqual(places(sorted(sources.flat())));
        expect(found).toHaveLength(sources.flat().length);
      }),
      { numRuns: 300 },
    );
  });
});
