import { describe, expect, it } from 'vitest';
import { Names } from '../../core/names.ts';
import { breakdown, type Breakdown } from '../report/breakdown.ts';
import { PeriodLedger } from '../report/ledger.ts';
import { fold, sumOf } from './fold.ts';

function bySymbol(symbols: number): Breakdown {
  const ledger = new PeriodLedger();
  const names = { symbols: new Names(), labels: new Names(['UNKNOWN']) };
  for (let n = 0; n < symbols; n++)
    for (const pnl of [n - symbols / 2 + 0.25, 0, -1.5])
      ledger.add(names.symbols.id(`S${n}`), 0, 0, 0, 0, 0, 0, 1_700_000_000, pnl);
  return breakdown(ledger, ['symbol'], names);
}

describe('folding', () => {
  it('keeps the best and the worst and sums up the rest', () => {
    const { rows } = bySymbol(100);
    const { top, rest, restCount, bottom } = fold(rows, 24);
    expect([top.length, restCount, bottom.length]).toEqual([12, 76, 12]);
    expect([...top, ...rows.slice(12, 88), ...bottom]).toEqual(rows);
    expect(rest).toEqual(sumOf(rows.slice(12, 88)));
  });

  it('leaves a short table whole, one row over included', () => {
    for (const symbols of [0, 1, 24, 25]) {
      const { rows } = bySymbol(symbols);
      expect(fold(rows, 24)).toEqual({ top: rows, rest: null, restCount: 0, bottom: [] });
    }
    expect(fold(bySymbol(26).rows, 24).restCount).toBe(2);
  });

  it('adds up to the total', () => {
    const { rows, total } = bySymbol(51);
    const sum = sumOf(rows);
    expect(sum.profitMicroUsd).toBe(total.profitMicroUsd);
    expect([sum.count, sum.wins, sum.losses]).toEqual([total.count, total.wins, total.losses]);
    expect(sum.averageWinUsd).toBeCloseTo(total.averageWinUsd!, 9);
    expect(sum.profitFactor).toBeCloseTo(total.profitFactor!, 9);
    expect(sum.shareOfTotal).toBeCloseTo(1, 9);
  });

  it('knows no averages of nothing', () => {
    expect(sumOf([])).toMatchObject({ count: 0, winRate: 0, averageWinUsd: null, profitFactor: null });
  });
});
