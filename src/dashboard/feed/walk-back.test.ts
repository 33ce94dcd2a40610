import { describe, expect, it } from 'vitest';
import { systemClock } from '../../runtime/clock.ts';
import { idMs, type Store } from '../../store/store.ts';
import { openMemoryStore } from '../../store/memory/memory-store.ts';
import { walkBack } from './walk-back.ts';

const T0 = 1_780_304_400_000;

/** A stream whose entries came at these moments, and how often it was read. */
async function walked(moments: readonly number[], count: number) {
  let nowMs = 0;
  const store = await openMemoryStore({ namespace: 'q', folder: null, nowMs: () => nowMs });
  for (const ms of moments) {
    nowMs = ms;
    await store.append([{ stream: 's', fields: ['n', '1'], maxLength: null }]);
  }
  const { facts } = (await store.read([{ stream: 's', after: '0-0', count: 1 }])).streams[0]!;
  let reads = 0;
  const read: Store['read'] = (positions) => {
    reads++;
    return store.read(positions);
  };
  const entries = await walkBack(
    Object.assign(Object.create(store) as Store, { read }),
    's',
    facts!,
    count,
    systemClock,
  );
  const all = (await store.read([{ stream: 's', after: '0-0', count: 1e6 }])).streams[0]!.entries;
  return { ids: entries.map(({ id }) => id), newest: all.slice(-count).map(({ id }) => id), reads };
}

describe('walking back a stream', () => {
  const HOUR = 3_600_000;
  const many = Array.from({ length: 12_000 }, (_, i) => i);

  it.each([
    ['evenly', many.map((i) => T0 + i * 1000)],
    ['all in one second', many.map((i) => T0 + Math.floor(i / 3))],
    ['in bursts with hours between', many.map((i) => T0 + Math.floor(i / 2800) * 5 * HOUR + (i % 2800))],
    ['long ago but for a few', many.map((i) => T0 + i * 10 + (i > 11_990 ? 1000 * HOUR : 0))],
    ['lately but for a few', many.map((i) => T0 + i * 10 + (i > 5 ? 1000 * HOUR : 0))],
  ])('finds the newest, however they came: %s', async (_how, moments) => {
    for (const count of [10, 1200, 2999, 11_000]) {
      const { ids, newest, reads } = await walked(moments, count);
      expect(ids).toEqual(newest);
      expect(reads).toBeLessThan(100);
    }
  });

  it('of more entries in one millisecond than are read at once takes the beginning of them', async () => {
    const { ids } = await walked([...Array.from({ length: 9000 }, () => T0), T0 + 1, T0 + 2], 8000);
    expect(ids.slice(-2).map(idMs)).toEqual([T0 + 1, T0 + 2]);
    expect(ids.length).toBe(5002);
    expect(ids).toEqual([...new Set(ids)]);
  });
});
