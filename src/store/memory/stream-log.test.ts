import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareIds, type StreamEntry } from '../store.ts';
import { StreamLog } from './stream-log.ts';

it('a stream gives what a plain list of its newest entries would, whatever the clock does', () => {
  const step = fc.record({
    nowMs: fc.nat(20),
    maxLength: fc.option(fc.nat(5)),
    times: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.nat(10), (steps, count) => {
      const log = new StreamLog();
      let kept: StreamEntry[] = [];
      let added = 0;
      let lastId = '0-0';
      for (const { nowMs, maxLength, times } of steps) {
        for (let n = 0; n < times; n++) {
          const fields = ['n', String(added++)];
          const id = log.add(nowMs, fields, maxLength);
          expect(compareIds(id, lastId)).toBeGreaterThan(0);
          lastId = id;
          kept.push({ id, fields });
          if (maxLength !== null) kept = maxLength === 0 ? [] : kept.slice(-maxLength);
        }
      }
      const facts = { length: kept.length, added, firstId: kept[0]?.id ?? null, lastId };
      expect(log.facts()).toEqual(facts);
      for (const { id } of [{ id: '0-0' }, ...kept])
        expect(log.after(id, count)).toEqual(
          kept.filter((one) => compareIds(one.id, id) > 0).slice(0, count),
        );
      const copy = new StreamLog(log.copy());
      expect(copy.facts()).toEqual(facts);
      expect(copy.after('0-0', 1000)).toEqual(kept);
    }),
    { numRuns: 200 },
  );
});
