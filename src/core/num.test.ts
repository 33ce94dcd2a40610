/** The number helpers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clamp, exp, microUsd, saturate } from './num.ts';

describe('exp', () => {
  it('is within two units in the last place of the engine’s own over the whole range', () => {
    fc.assert(
      fc.property(fc.double({ min: -708, max: 709, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) - Math.exp(x))).toBeLessThanOrEqual(2 * Number.EPSILON * Math.exp(x));
      }),
      { numRuns: 20_000 },
    );
  });
  it('is exact where it has to be', () => {
    expect(exp(0)).toBe(1);
    expect(exp(1000)).toBe(Infinity);
    expect(exp(-1000)).toBe(0);
    expect(exp(-Number.MAX_VALUE)).toBe(0);
    expect(exp(709.5)).toBeGreaterThan(1e308);
    expect(exp(-740)).toBeGreaterThan(0);
  });
});

describe('the helpers', () => {
  it('clamp keeps the ends', () => {
    expect([clamp(-1, 0, 1), clamp(2, 0, 1), clamp(0.5, 0, 1)]).toEqual([0, 1, 0.5]);
  });
  it('saturate never lets an infinity out', () => {
    expect(saturate(Infinity)).toBe(Number.MAX_VALUE);
    expect(saturate(-Infinity)).toBe(-Number.MAX_VALUE);
    expect(saturate(3)).toBe(3);
  });
  it('microUsd rounds to the millionth', () => {
    expect(microUsd(0.1 + 0.2)).toBe(300_000);
  });
});
