/** The newest entries of a stream are found by a few bounded reads, however they are spread. */
import { describe, expect, it } from 'vitest';
import { newestEntries } from '../../src/ops/stream-tail.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Store, StreamPosition } from '../../src/store/store.ts';

const START_MS = 1_700_000_000_000;

/** A stream with an entry at each moment, in milliseconds after the start. */
async function streamAt(momentsMs: readonly number[]): Promise<Store> {
  let nowMs = START_MS;
  const store = await openMemoryStore({ namespace: 'test', folder: null, nowMs: () => nowMs });
  for (const [i, momentMs] of momentsMs.entries()) {
    nowMs = START_MS + momentMs;
    await store.append([{ stream: 'test:s', fields: ['n', String(i)], maxLength: null }]);
  }
  return store;
}

async function numbersIn(store: Store, count: number): Promise<{ numbers: number[]; hasOlder: boolean }> {
  const { entries, hasOlder } = await newestEntries(store, 'test:s', count);
  return { numbers: entries.map(({ fields }) => Number(fields[1])), hasOlder };
}

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

describe('the newest entries', () => {
  it('of a stream that is not there are none', async () => {
    const store = await streamAt([]);
    expect(await newestEntries(store, 'test:s', 10)).toEqual({ facts: null, entries: [], hasOlder: false });
  });

  it('of a short stream are all', async () => {
    const store = await streamAt(range(10).map((i) => i * 1000));
    expect(await numbersIn(store, 10)).toEqual({ numbers: range(10), hasOlder: false });
  });

  it.each([
    ['evenly spread', range(1000).map((i) => i * 1000)],
    ['dense at the end', range(1000).map((i) => (i < 100 ? i * 1e7 : 1e9 + i))],
    ['dense at the beginning', range(1000).map((i) => (i < 900 ? i : i * 1e7))],
    ['all of a few moments', range(1000).map((i) => Math.floor(i / 40) * 1000)],
  ])('are the last ones, at most as many as asked for, where they are %s', async (_how, moments) => {
    const { numbers, hasOlder } = await numbersIn(await streamAt(moments), 100);
    expect(hasOlder).toBe(true);
    expect(numbers.length).toBeGreaterThanOrEqual(20);
    expect(numbers.length).toBeLessThanOrEqual(100);
    expect(numbers).toEqual(range(numbers.length, 1000 - numbers.length));
  });

  it('are found where more than fit came in the last millisecond', async () => {
    const { numbers } = await numbersIn(
      await streamAt(range(1000).map((i) => (i < 500 ? i * 1000 : 1e6))),
      100,
    );
    expect(numbers).toEqual(range(100, 900));
  });

  it('take at most 15 reads of that size', async () => {
    const store = await streamAt(range(3000).map((i) => Math.floor(1.01 ** Math.min(i, 2000))));
    const asked: number[] = [];
    const counted: Store = new Proxy(store, {
      get: (target, name) =>
        name === 'read'
          ? (positions: readonly StreamPosition[]) => {
              asked.push(...positions.map(({ count }) => count));
              return target.read(positions);
            }
          : (Reflect.get(target, name) as unknown),
    });
    await newestEntries(counted, 'test:s', 50);
    expect(asked.length).toBeLessThanOrEqual(15);
    expect(new Set(asked)).toEqual(new Set([50]));
  });
});
