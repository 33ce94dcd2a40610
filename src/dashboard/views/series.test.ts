import { describe, expect, it } from 'vitest';
import { alignSeries, clipped, describeSeries, efficiencySeries, knownAt } from './series.ts';

describe('series on one row of times', () => {
  const target = [
    [10, 1],
    [30, 3],
  ] as const;
  const budget = [
    [20, 5],
    [30, 6],
  ] as const;

  it('have each time once, rising, and a column each', () => {
    expect(alignSeries([target, budget], false)).toEqual({
      times: [10, 20, 30],
      columns: [
        [1, null, 3],
        [null, 5, 6],
      ],
    });
  });

  it('hold a value until the next one, and have none before the first', () => {
    expect(alignSeries([target, budget], true).columns).toEqual([
      [1, 1, 3],
      [null, 5, 6],
    ]);
  });

  it('take the last of several points of one time, in whatever order times come', () => {
    const { times, columns } = alignSeries(
      [
        [
          [5, 1],
          [2, 9],
          [5, 2],
        ],
      ],
      true,
    );
    expect(times).toEqual([2, 5]);
    expect(columns).toEqual([[9, 2]]);
  });

  it('keep zero apart from nothing', () => {
    expect(alignSeries([[[1, 0]], [[2, 4]]], true).columns).toEqual([
      [0, 0],
      [null, 4],
    ]);
  });

  it('of nothing are empty', () => {
    expect(alignSeries([], true)).toEqual({ times: [], columns: [] });
    expect(alignSeries([[]], true)).toEqual({ times: [], columns: [[]] });
  });
});

describe('points from a time on', () => {
  const points = [
    [1, 10],
    [5, 50],
    [9, 90],
  ] as const;

  it('begin with what held then', () => {
    expect(clipped(points, 3)).toEqual([
      [3, 10],
      [5, 50],
      [9, 90],
    ]);
    expect(clipped(points, 5)).toEqual([
      [5, 50],
      [9, 90],
    ]);
    expect(clipped(points, 20)).toEqual([[20, 90]]);
  });

  it('are all where none is before, and none where there are none', () => {
    expect(clipped(points, 0)).toEqual(points);
    expect(clipped([], 3)).toEqual([]);
  });
});

describe('the value known at a place', () => {
  it('is that of the place, else the newest before it', () => {
    const column = [null, 10, null, null, 0, 7];
    expect([0, 1, 3, 4, 5, 99, -1].map((index) => knownAt(column, index))).toEqual([
      null,
      10,
      10,
      0,
      7,
      7,
      null,
    ]);
    expect(knownAt([], 0)).toBeNull();
  });
});

describe('efficiency over time', () => {
  const point = (ts: number, pressure: string) => ({
    ...{ ts, score: 0.5, ewma: 0.4, confidence: 1, pressure, volatility_ratio: 0.1, dd_ratio: null },
    ...{ hold_time_penalty: 0.3, performance_factor: 0.2 },
  });

  it('has score, EWMA and confidence, and the penalties below', () => {
    const { score, penalties } = efficiencySeries([point(1, 'HOLD'), point(2, 'HOLD')]);
    expect(score).toEqual({
      times: [1, 2],
      columns: [
        [0.5, 0.5],
        [0.4, 0.4],
        [1, 1],
      ],
    });
    expect(penalties.columns).toEqual([
      [0.1, 0.1],
      [null, null],
      [0.3, 0.3],
    ]);
  });

  it('says from when to when which pressure held, without gaps', () => {
    const points = ['HOLD', 'HOLD', 'INCREASE', 'HOLD', 'HOLD'].map((pressure, index) =>
      point(index, pressure),
    );
    expect(efficiencySeries(points).bands).toEqual([
      { from: 0, to: 2, pressure: 'HOLD' },
      { from: 2, to: 3, pressure: 'INCREASE' },
      { from: 3, to: 4, pressure: 'HOLD' },
    ]);
    expect(efficiencySeries([]).bands).toEqual([]);
  });
});

describe('a chart in words', () => {
  it('says from what to what, and between what', () => {
    expect(
      describeSeries(
        'Profit',
        [
          [1, 5],
          [2, -3],
          [3, 4],
        ],
        (value) => `${value} USD`,
      ),
    ).toBe('Profit: 3 points from 5 USD to 4 USD, lowest -3 USD, highest 5 USD.');
    expect(describeSeries('Profit', [], String)).toBe('Profit: nothing recorded.');
  });
});
