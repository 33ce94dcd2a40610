/** The memory of execution ids. */
import { expect, it } from 'vitest';
import { SeenIds } from './seen-ids.ts';

it('knows a repeat, and forgets the oldest first when it is full', () => {
  const seen = new SeenIds(2);
  expect([seen.add('a'), seen.add('b'), seen.add('a')]).toEqual([true, true, false]);
  expect(seen.add('c')).toBe(true);
  expect([seen.has('a'), seen.has('b'), seen.has('c')]).toEqual([false, true, true]);
  expect(seen.save()).toEqual(['b', 'c']);
});
