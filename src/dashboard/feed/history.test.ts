import { describe, expect, it } from 'vitest';
import { ALL_HISTORY_POINTS, HISTORY_POINTS, MIN_HISTORY_POINTS } from './bounds.ts';
import { pointsFor, Series } from './history.ts';

const pointsOf = (series: Series): number[][] => series.points((ts, value) => [ts, value(0)]);

describe('a series', () => {
  it('keeps the newest points in order', () => {
    const series = new Series(1);
    for (let i = 0; i < 1000; i++) series.add(i, [i * 2], 100);
    const points = pointsOf(series);
    expect(points.length).toBeGreaterThanOrEqual(100);
    expect(points.length).toBeLessThanOrEqual(125);
    expect(points.at(-1)).toEqual([999, 1998]);
    expect(points.every(([ts, value]) => value === ts! * 2)).toBe(true);
  });

  it('completes the newest point, and never forgets what is known', () => {
    const series = new Series(2);
    series.add(1, [5, NaN], 10);
    series.add(1, [NaN, 7], 10);
    series.add(0, [9, 9], 10);
    expect(series.points((ts, value) => [ts, value(0), value(1)])).toEqual([[1, 5, 7]]);
  });

  it('notes what does not change only now and then', () => {
    const series = new Series(1);
    for (const ts of [0, 5, 10, 59, 60, 65, 70]) series.add(ts, [ts < 65 ? 1 : 2], 100, 60);
    expect(pointsOf(series)).toEqual([
      [0, 1],
      [60, 1],
      [65, 2],
    ]);
  });

  it('may be the shorter the more symbols there are', () => {
    expect([pointsFor(0), pointsFor(10), pointsFor(500)]).toEqual([
      HISTORY_POINTS,
      HISTORY_POINTS,
      ALL_HISTORY_POINTS / 500,
    ]);
    expect(pointsFor(20_000)).toBe(MIN_HISTORY_POINTS);
  });
});
