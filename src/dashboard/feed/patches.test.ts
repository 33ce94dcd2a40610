import { describe, expect, it } from 'vitest';
import { KEPT_PATCH_BYTES, KEPT_PATCHES } from './bounds.ts';
import { PatchLog } from './patches.ts';
import type { NumberedPatch } from '../feed-port.ts';

const removed = (name: string): { removed: string[] } => ({ removed: [name] });

describe('patches', () => {
  it('have rising numbers, and are told to whoever listens', () => {
    const log = new PatchLog('a-b');
    const told: NumberedPatch[] = [];
    const end = log.subscribe((next) => told.push(next));
    expect(log.lastId).toBe('a-b-0');
    log.add(removed('x'));
    end();
    log.add(removed('y'));
    expect(told).toEqual([{ id: 'a-b-1', patch: removed('x') }]);
    expect(log.lastId).toBe('a-b-2');
  });

  it('are told after an id that is known', () => {
    const log = new PatchLog('p');
    for (const name of 'abc') log.add(removed(name));
    expect(log.since('p-1')?.map(({ id }) => id)).toEqual(['p-2', 'p-3']);
    expect(log.since('p-3')).toEqual([]);
    expect(log.since('p-0')).toHaveLength(3);
  });

  it.each(['q-1', 'p-4', 'p--1', 'p-', 'p', '', '-1', 'p-1e0', 'p-1.0', 'P-1', 'p-99999999999999999999'])(
    'are not known after %j',
    (id) => {
      const log = new PatchLog('p');
      for (const name of 'abc') log.add(removed(name));
      expect(log.since(id)).toBeNull();
    },
  );

  it('are kept so many', () => {
    const log = new PatchLog('p');
    for (let i = 0; i < KEPT_PATCHES + 5; i++) log.add(removed('x'));
    expect(log.since('p-5')).toHaveLength(KEPT_PATCHES);
    expect(log.since('p-4')).toBeNull();
  });

  it('are kept for so many bytes', () => {
    const log = new PatchLog('p');
    const large = removed('x'.repeat(KEPT_PATCH_BYTES / 4));
    for (let i = 0; i < 8; i++) log.add(large);
    expect(log.since('p-5')).toHaveLength(3);
    expect(log.since('p-4')).toBeNull();
    log.add(removed('x'.repeat(KEPT_PATCH_BYTES + 1)));
    expect(log.since('p-8')).toBeNull();
    expect(log.since(log.lastId)).toEqual([]);
  });

  it('one listener that is there twice is told twice, and leaves once', () => {
    const log = new PatchLog('p');
    let told = 0;
    const listener = (): void => void told++;
    const end = log.subscribe(listener);
    log.subscribe(listener);
    end();
    log.add({});
    expect(told).toBe(1);
  });
});
