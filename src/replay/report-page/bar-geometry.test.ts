import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barOf, shadeOf, zeroOf } from './bar-geometry.ts';

describe('bars', () => {
  it('go left for losses and right for gains, on one scale', () => {
    const values = [30, -10, 0];
    expect(zeroOf(values)).toBe(25);
    expect(values.map((value) => barOf(value, values))).toEqual([
      { x: 25, width: 75, zero: 25 },
      { x: 0, width: 25, zero: 25 },
      { x: 25, width: 0, zero: 25 },
    ]);
  });

  it('use the whole width where all go one way', () => {
    expect(barOf(5, [5, 10])).toEqual({ x: 0, width: 50, zero: 0 });
    expect(barOf(-5, [-5, -10])).toEqual({ x: 50, width: 50, zero: 100 });
    expect(barOf(0, [0])).toEqual({ x: 0, width: 0, zero: 0 });
  });

  it('stay inside the box, and show all that is not zero', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
        for (const one of values) {
          const { x, width, zero } = barOf(one, values);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(100.02);
          expect(zero >= 0 && zero <= 100).toBe(true);
          expect(width > 0).toBe(one !== 0);
        }
      }),
    );
  });
});

describe('shades', () => {
  it('grow with the root of the value', () => {
    expect([0, 0.1, 4, 30, 60, 100].map((value) => shadeOf(value, 100))).toEqual([
      '',
      'g1',
      'g1',
      'g3',
      'g4',
      'g5',
    ]);
    expect([-100, -1e-9].map((value) => shadeOf(value, 100))).toEqual(['l5', 'l1']);
    expect(shadeOf(5, 0)).toBe('');
  });
});
