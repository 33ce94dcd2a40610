import { describe, expect, it } from 'vitest';
import { drawdownRange, equityRange, equitySeries, equityWords } from './equity.ts';
import type { EquityPoint } from '../wire.ts';

const T = Date.UTC(2026, 0, 1) / 1000;
const POINTS: EquityPoint[] = [
  [T, 1000, 0],
  [T + 60, 900, 0.1],
  [T + 120, 1100, 0],
];

describe('the curve of equity', () => {
  it('has drawdown hanging down', () => {
    expect(equitySeries(POINTS)).toEqual({
      ts: [T, T + 60, T + 120],
      equity: [1000, 900, 1100],
      drawdown: [0, -0.1, 0],
    });
  });

  it('is told in words to whoever cannot see it', () => {
    expect(equityWords(POINTS, 'utc')).toBe(
      'Equity from 1,000.00 USD at 2026-01-01 00:00:00 to 1,100.00 USD at 2026-01-01 00:02:00; ' +
        'lowest 900.00 USD at 2026-01-01 00:01:00, highest 1,100.00 USD at 2026-01-01 00:02:00; ' +
        'largest drawdown 10.00\u00a0% at 2026-01-01 00:01:00.',
    );
  });

  it('needs two points', () => {
    expect(equityWords(POINTS.slice(1, 2), 'utc')).toBeNull();
    expect(equityWords([], 'utc')).toBeNull();
  });

  it('lies above, and drawdown below it: neither reaches into the part of the other', () => {
    const [low, high] = equityRange(900, 1100);
    const lowestShare = (900 - low) / (high - low);
    const [deep, top] = drawdownRange(-0.1);
    const zeroShare = -deep / (top - deep);
    expect(lowestShare).toBeGreaterThan(zeroShare);
    expect(high).toBeGreaterThan(1100);
    expect(deep).toBeLessThan(-0.1);
  });

  it('has a scale where nothing moves', () => {
    const [low, high] = equityRange(1000, 1000);
    expect(low).toBeLessThan(1000);
    expect(high).toBeGreaterThan(1000);
    expect(drawdownRange(0)[0]).toBeCloseTo(-0.0106, 6);
  });
});
