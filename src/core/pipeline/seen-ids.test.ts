import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeenIds } from './seen-ids.ts';

describe('the ids met so far', () => {
  it('forget the oldest first, and come back from a save in their order', () => {
    const seen = new SeenIds(2);
    expect([seen.add('a'), seen.add('b'), seen.add('a'), seen.add('c')]).toEqual([true, true, false, true]);
    expect(['a', 'b', 'c'].map((id) => seen.has(id))).toEqual([false, true, true]);
    expect(seen.save()).toEqual(['b', 'c']);
    const again = new SeenIds(2);
    again.load(seen.save());
    expect([again.add('b'), again.add('d'), again.has('b'), again.has('c')]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('answer as a list of the newest ids would, for any ids and limit', () => {
    const ids = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e', ''), fc.string()), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 40 }), (sequence, limit) => {
        const seen = new SeenIds(limit);
        let list: string[] = [];
        for (const id of sequence) {
          const isNew = !list.includes(id);
          expect(seen.add(id)).toBe(isNew);
          if (isNew) list = [...list, id].slice(-limit);
          expect(seen.size).toBe(list.length);
        }
        expect(seen.save()).toEqual(list);
      }),
    );
  });

  it('hold more than the first table does', () => {
    const seen = new SeenIds(5000);
    for (let i = 0; i < 20_000; i++) expect(seen.add(`order-${i}`)).toBe(true);
    expect(seen.size).toBe(5000);
    expect([seen.has('order-14999'), seen.has('order-15000'), seen.has('order-19999')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
