import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EquityCurve } from './curve.ts';

describe('EquityCurve', () => {
  test('keeps every sample of a short series', () => {
    const curve = new EquityCurve();
    for (let n = 0; n < 511; n += 1) curve.add(n, n);
    expect(curve.points()).toHaveLength(511);
    expect(curve.points()[510]).toEqual({ tsSec: 510, equityUsd: 510 });
  });

  test('keeps at most 512 points, evenly spaced, with the first and the newest sample', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (samples) => {
        const curve = new EquityCurve();
        for (let n = 0; n < samples; n += 1) curve.add(n, -n);
        const times = curve.points().map(({ tsSec }) => tsSec);
        expect(times.length).toBeLessThanOrEqual(512);
        expect(times.length).toBeGreaterThanOrEqual(Math.min(samples, 255));
        expect([times[0], times.at(-1)]).toEqual([0, samples - 1]);
        const step = (times[1] ?? 1) - 0;
        expect(times.slice(0, -1)).toEqual(times.slice(0, -1).map((_, index) => index * step));
      }),
      { numRuns: 60 },
    );
  });

  test('finds the deepest fall in dollars and the deepest in share of the peak, each with its time', () => {
    const curve = new EquityCurve();
    for (const [sec, usd] of [
      [1, 100],
      [2, 40],
      [3, 1000],
      [4, 910],
      [5, 950],
    ] as const)
      curve.add(sec, usd);
    expect(curve.drawdown()).toEqual({ maxUsd: 90, maxUsdSec: 4, maxFraction: 0.6, maxFractionSec: 2 });
  });

  test('has no share of a peak that never was above zero, and no drawdown while only rising', () => {
    const curve = new EquityCurve();
    curve.add(1, -5);
    expect(curve.drawdown()).toEqual({ maxUsd: 0, maxUsdSec: null, maxFraction: null, maxFractionSec: null });
    curve.add(2, -8);
    expect(curve.drawdown()).toEqual({ maxUsd: 3, maxUsdSec: 2, maxFraction: null, maxFractionSec: null });
  });

  test('stays finite at the ends of the number range and refuses what is no number', () => {
    const curve = new EquityCurve();
    curve.add(1, Number.MAX_VALUE);
    curve.add(2, -Number.MAX_VALUE);
    expect(curve.drawdown().maxUsd).toBe(Number.MAX_VALUE);
    expect(() => curve.add(3, Number.NaN)).toThrow('equity NaN');
    expect(() => curve.add(3, Infinity)).toThrow('equity Infinity');
  });

  test('saved as JSON and loaded anywhere, it goes on as if never cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.nat(3000), fc.nat(), (samples, cut, seed) => {
        const equity = (n: number): number => Math.sin(n * (1 + (seed % 7))) * 1000;
        const whole = new EquityCurve();
        let part = new EquityCurve();
        for (let n = 0; n < samples; n += 1) {
          if (n === cut) part = EquityCurve.load(JSON.parse(JSON.stringify(part.save())));
          whole.add(n, equity(n));
          part.add(n, equity(n));
        }
        expect(JSON.stringify(part.save())).toBe(JSON.stringify(whole.save()));
        expect(part.points()).toEqual(whole.points());
      }),
      { numRuns: 60 },
    );
  });
});
