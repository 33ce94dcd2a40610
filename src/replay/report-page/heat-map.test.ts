import { describe, expect, it } from 'vitest';
import { Names } from '../../core/names.ts';
import { breakdown, type Breakdown, type By } from '../report/breakdown.ts';
import { PeriodLedger } from '../report/ledger.ts';
import { heatMap } from './heat-map.ts';

const MIDNIGHT = 1_700_006_400;

/** Executions as [symbol, signal, hour, profit]. */
function crossed(by: By, executions: readonly (readonly [string, string, number, number])[]): Breakdown {
  const ledger = new PeriodLedger();
  const names = { symbols: new Names(), labels: new Names(['UNKNOWN']) };
  for (const [symbol, signal, hour, pnl] of executions)
    ledger.add(
      ...([names.symbols.id(symbol), 0, names.labels.id(signal)] as const),
      ...([0, 0, 0, 0, MIDNIGHT + hour * 3600, pnl] as const),
    );
  return breakdown(ledger, by, names);
}

describe('a heat map', () => {
  it('has a cell for each pair that traded, and totals both ways', () => {
    const found = crossed(
      ['symbol', 'signal'],
      [
        ['A', 'up', 1, 5],
        ['A', 'down', 1, -2],
        ['B', 'up', 2, -9],
        ['A', 'up', 3, 1],
      ],
    );
    const map = heatMap(found, { rows: 10, columns: 10 }, false);
    expect([map.rows, map.columns]).toEqual([
      ['A', 'B'],
      ['down', 'up'],
    ]);
    expect(map.cells.map((line) => line.map((cell) => cell?.profitUsd ?? null))).toEqual([
      [-2, 6],
      [null, -9],
    ]);
    expect(map.rowTotals.map((row) => row.profitUsd)).toEqual([4, -9]);
    expect(map.columnTotals.map((row) => [row.profitUsd, row.count])).toEqual([
      [-2, 1],
      [-3, 3],
    ]);
    expect(map.largestUsd).toBe(9);
  });

  it('keeps the names with the most at stake and sums up the others', () => {
    const many = Array.from({ length: 30 }, (_, n) => [`S${n}`, `g${n % 7}`, 0, n - 15] as const);
    const found = crossed(['symbol', 'signal'], many);
    const map = heatMap(found, { rows: 4, columns: 6 }, false);
    expect(map.rows).toEqual(['S29', 'S2', 'S1', 'S0', null]);
    expect([map.otherRows, map.otherColumns, map.columns.length]).toEqual([26, 0, 7]);
    const sum = (rows: readonly { profitMicroUsd: number }[]): number =>
      rows.reduce((total, row) => total + row.profitMicroUsd, 0);
    expect(sum(map.rowTotals)).toBe(found.total.profitMicroUsd);
    expect(sum(map.columnTotals)).toBe(found.total.profitMicroUsd);
  });

  it('has hours in their order', () => {
    const found = crossed(
      ['hour', 'signal'],
      [
        ['A', 'x', 23, 9],
        ['A', 'x', 4, 1],
        ['A', 'x', 10, 5],
      ],
    );
    expect(heatMap(found, { rows: 24, columns: 8 }, true).rows).toEqual(['04', '10', '23']);
  });

  it('of nothing is empty', () => {
    const map = heatMap(crossed(['symbol', 'signal'], []), { rows: 4, columns: 4 }, false);
    expect(map).toMatchObject({ rows: [], columns: [], largestUsd: 0 });
  });
});
