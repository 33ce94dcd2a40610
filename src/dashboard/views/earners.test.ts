import { describe, expect, it } from 'vitest';
import { earnersOf } from './earners.ts';
import type { SymbolRow } from '../wire.ts';

/** Only what is read. */
const row = (symbol: string, profit_usd: number, executions = 1): SymbolRow =>
  ({ symbol, profit_usd, executions }) as SymbolRow;

describe('where money is earned and lost', () => {
  const rows = [row('A', 5), row('B', -20), row('C', 10), row('D', -1), row('E', 1), row('F', 99, 0)];

  it('is the largest gains first, then the worst losses, each as a share of the largest', () => {
    const { earning, losing } = earnersOf(rows, 2);
    expect(earning.map(({ symbol, share }) => [symbol, share])).toEqual([
      ['C', 0.5],
      ['A', 0.25],
    ]);
    expect(losing.map(({ symbol, share }) => [symbol, share])).toEqual([
      ['B', -1],
      ['D', -0.05],
    ]);
  });

  it('sums up the others, without what was never traded', () => {
    expect(earnersOf(rows, 1)).toMatchObject({ others: 3, othersUsd: 5 });
    expect(earnersOf(rows, 5)).toMatchObject({ others: 0, othersUsd: 0 });
  });

  it('names no symbol twice, and divides by nothing where nothing was earned', () => {
    expect(earnersOf([row('A', 0)], 3)).toEqual({
      earning: [{ symbol: 'A', profitUsd: 0, executions: 1, share: 0 }],
      losing: [],
      others: 0,
      othersUsd: 0,
    });
    expect(earnersOf([], 3)).toMatchObject({ earning: [], losing: [] });
  });
});
