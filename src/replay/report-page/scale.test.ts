import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalsOf, fractionIn, rangeOf, ticksOf } from './scale.ts';

describe('a range', () => {
  it('holds all values, with room at both ends', () => {
    expect(rangeOf([100, 200, 150], 0.1)).toEqual({ low: 90, high: 210 });
    expect(rangeOf([])).toEqual({ low: 0, high: 1 });
    expect(rangeOf([100])).toEqual({ low: 99, high: 101 });
    expect(rangeOf([0]).low).toBeLessThan(0);
  });

  it('says where a value lies', () => {
    const range = { low: 10, high: 20 };
    expect([10, 15, 20, 5, 25].map((value) => fractionIn(range, value))).toEqual([0, 0.5, 1, 0, 1]);
    expect(fractionIn({ low: 3, high: 3 }, 3)).toBe(0.5);
    expect(fractionIn({ low: -Number.MAX_VALUE, high: Number.MAX_VALUE }, 0)).toBe(0.5);
  });
});

describe('ticks', () => {
  it.each([
    [0, 100, 5, [0, 20, 40, 60, 80, 100]],
    [99_500, 106_200, 4, [100_000, 102_000, 104_000, 106_000]],
    [-0.35, 0, 3, [-0.2, 0]],
    [0, 0.3, 3, [0, 0.1, 0.2, 0.3]],
    [-15, 15, 3, [-10, 0, 10]],
  ])('from %s to %s, about %s of them, are %j', (low, high, wanted, ticks) => {
    expect(ticksOf({ low, high }, wanted)).toEqual(ticks);
  });

  it('of large numbers next to each other are one', () => {
    const low = 1e20;
    expect(ticksOf({ low, high: low + 2 ** 15 }, 4)).toEqual([low]);
    expect(ticksOf({ low: -(2 ** 53), high: -(2 ** 53) + 8 }, 5)).toEqual([-(2 ** 53)]);
  });

  it('are few, in order and inside, whatever the range', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }),
        (values) => {
          const range = rangeOf(values, 0.05);
          const ticks = ticksOf(range, 4);
          expect(ticks.length).toBeLessThanOrEqual(10);
          expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
          for (const tick of ticks) {
            expect(Number.isFinite(tick) && !Object.is(tick, -0)).toBe(true);
            expect(fractionIn(range, tick)).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });

  it('have as many decimals as tell them apart', () => {
    expect([[0, 0.05], [0, 20], [100_000, 100_000.5], [7], []].map(decimalsOf)).toEqual([2, 0, 1, 0, 0]);
  });
});
