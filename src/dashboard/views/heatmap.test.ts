import { describe, expect, it } from 'vitest';
import { ATTRIBUTION_DIMENSIONS, type Attribution } from '../wire.ts';
import {
  cellAfterKey,
  DIMENSIONS,
  dimensionOf,
  dimensionTitle,
  FEW_EXECUTIONS,
  heatLevel,
  heatmap,
  LEVELS,
} from './heatmap.ts';

const GIVEN: Attribution = {
  ...{ x: 'hour', y: 'regime', from: 0, to: 100, executions: 23, profit_usd: 55 },
  x_names: ['0', '5'],
  y_names: ['TREND', '__proto__', 'NOTHING'],
  cells: [
    { x: '0', y: 'TREND', profit_usd: 100, count: 10, wins: 9 },
    { x: '5', y: 'TREND', profit_usd: -50, count: 9, wins: 3 },
    { x: '5', y: '__proto__', profit_usd: 5, count: 4, wins: 4 },
  ],
  x_totals: [
    { name: '0', profit_usd: 100, count: 10 },
    { name: '5', profit_usd: -45, count: 13 },
  ],
  y_totals: [
    { name: 'TREND', profit_usd: 50, count: 19 },
    { name: '__proto__', profit_usd: 5, count: 4 },
  ],
};

describe('the heat map', () => {
  it('has a place for each pair of names, in the order given, empty where nothing happened', () => {
    const { rows, columns } = heatmap(GIVEN);
    expect(columns.map(({ name, profitUsd, count }) => [name, profitUsd, count])).toEqual([
      ['0', 100, 10],
      ['5', -45, 13],
    ]);
    expect(rows.map(({ name, cells }) => [name, cells.map((cell) => cell?.profitUsd ?? null)])).toEqual([
      ['TREND', [100, -50]],
      ['__proto__', [null, 5]],
      ['NOTHING', [null, null]],
    ]);
  });

  it('marks what has few executions', () => {
    const cells = heatmap(GIVEN).rows.flatMap((row) => row.cells.filter((cell) => cell !== null));
    expect(cells.map(({ count, isFew }) => [count, isFew])).toEqual([
      [10, false],
      [9, false],
      [FEW_EXECUTIONS - 1, true],
    ]);
    expect(cells[0]?.winShare).toBe(0.9);
  });

  it('has totals of rows and columns, zero where there is none', () => {
    const { rows } = heatmap(GIVEN);
    expect(rows.map(({ profitUsd, count }) => [profitUsd, count])).toEqual([
      [50, 19],
      [5, 4],
      [0, 0],
    ]);
    expect(rows[0]?.level).toBe(LEVELS);
  });

  it('of nothing is empty', () => {
    const none = heatmap({ ...GIVEN, x_names: [], y_names: [], cells: [], x_totals: [], y_totals: [] });
    expect(none).toMatchObject({ rows: [], columns: [], scaleUsd: 0 });
  });
});

describe('the colour scale', () => {
  it('is even on both sides, ends at the largest and keeps zero apart', () => {
    expect(heatLevel(100, 100)).toBe(LEVELS);
    expect(heatLevel(-100, 100)).toBe(-LEVELS);
    expect(heatLevel(0, 100)).toBe(0);
    for (const value of [0.001, 1, 30, 77, 100]) expect(heatLevel(-value, 100)).toBe(-heatLevel(value, 100));
  });

  it('rises with the value, and the smallest profit is not nothing', () => {
    const levels = [1e-9, 5, 20, 50, 90].map((value) => heatLevel(value, 100));
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    expect(levels[0]).toBe(1);
    expect(new Set(levels).size).toBeGreaterThan(3);
  });

  it('stays in its steps for any number', () => {
    for (const [value, scale] of [
      [1e9, 1e9],
      [1e9, 1],
      [-1e9, 1e-9],
    ] as const)
      expect(Math.abs(heatLevel(value, scale))).toBe(LEVELS);
    expect(heatLevel(5, 0)).toBe(0);
    expect(heatLevel(5, Number.NaN)).toBe(0);
  });
});

describe('the keyboard in the heat map', () => {
  const at = { row: 1, column: 1 };
  it.each([
    ['ArrowDown', false, { row: 2, column: 1 }],
    ['ArrowUp', false, { row: 0, column: 1 }],
    ['ArrowLeft', false, { row: 1, column: 0 }],
    ['ArrowRight', false, { row: 1, column: 2 }],
    ['Home', false, { row: 1, column: 0 }],
    ['End', false, { row: 1, column: 3 }],
    ['Home', true, { row: 0, column: 0 }],
    ['End', true, { row: 2, column: 3 }],
  ])('%s (control: %s) goes to %o', (key, isControl, expected) => {
    expect(cellAfterKey(key, isControl, at, 3, 4)).toEqual(expected);
  });

  it('does not leave the table, and leaves other keys alone', () => {
    expect(cellAfterKey('ArrowUp', false, { row: 0, column: 0 }, 3, 4)).toEqual({ row: 0, column: 0 });
    expect(cellAfterKey('ArrowRight', false, { row: 0, column: 3 }, 3, 4)).toEqual({ row: 0, column: 3 });
    expect(cellAfterKey('Tab', false, at, 3, 4)).toBeNull();
    expect(cellAfterKey('End', false, at, 0, 0)).toBeNull();
  });
});

describe('dimensions', () => {
  it('are those of the wire, each with a title, hours said to be in UTC', () => {
    expect(DIMENSIONS).toEqual(ATTRIBUTION_DIMENSIONS);
    expect(dimensionTitle('hour')).toContain('UTC');
  });

  it('are found by name, and nothing else is', () => {
    expect(dimensionOf('regime')).toBe('regime');
    for (const name of ['__proto__', 'Regime', '', null]) expect(dimensionOf(name)).toBeNull();
  });
});
