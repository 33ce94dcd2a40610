import { describe, expect, it } from 'vitest';
import { backfill, isNewPoint } from './equity.ts';
import type { AccountReading } from './account.ts';
import type { KnownExecution } from './executions.ts';

const own = (equityUsd: number, peakUsd: number, executions: string | null = null): AccountReading => ({
  account: { equity_usd: equityUsd, peak_usd: peakUsd, drawdown: 0, source: 'own', ts: 100, stale: false },
  counted: { executions, cashflows: null },
});
const executions = (...profits: readonly number[]): KnownExecution[] =>
  profits.map((usd, i) => ({
    ...{ id: `${i + 1}-0`, ts: 1000 + i, microUsd: usd * 1e6, symbol: 'A', bot: '', signal: '', regime: '' },
    ...{ cluster: '', exitReason: '', side: '' },
  }));

describe('equity before the feed began', () => {
  it('goes back from the equity of now, profit by profit', () => {
    expect(backfill(own(130, 150), executions(50, -30, 10), [])).toEqual([
      [1000, 100, 0],
      [1000, 150, 0],
      [1001, 120, 0.2],
      [1002, 130, (150 - 130) / 150],
    ]);
  });

  it('has the peak of now before it where no point of it is as high', () => {
    expect(backfill(own(50, 200), executions(-100, 50), [])).toEqual([
      [1000, 100, 0.5],
      [1000, 0, 1],
      [1001, 50, 0.75],
    ]);
  });

  it('moves equity and peak by what was paid in', () => {
    const paid = [{ id: '1-5', ts: 1000.5, amountUsd: 1000 }];
    expect(backfill(own(1110, 1110), executions(5, 5), paid)).toEqual([
      [1000, 100, 0],
      [1000, 105, 0],
      [1000.5, 1105, 0],
      [1001, 1110, 0],
    ]);
  });

  it('leaves out what is not counted in it yet', () => {
    expect(backfill(own(105, 105, '1-0'), executions(5, 99), [])).toEqual([
      [1000, 100, 0],
      [1000, 105, 0],
    ]);
  });

  it('is not known where it is fed, or where nothing is known', () => {
    expect(backfill({ ...own(1, 1), counted: null }, executions(1), [])).toEqual([]);
    expect(backfill(own(1, 1), [], [])).toEqual([]);
  });
});

describe('a new point of equity', () => {
  const { account } = own(100, 100);

  it('is one that changed, or a minute later', () => {
    expect(isNewPoint(undefined, account, 5)).toBe(true);
    expect(isNewPoint([5, 100, 0], account, 6)).toBe(false);
    expect(isNewPoint([5, 99, 0], account, 6)).toBe(true);
    expect(isNewPoint([5, 100, 0.1], account, 6)).toBe(true);
    expect(isNewPoint([5, 100, 0], account, 65)).toBe(true);
  });

  it('never goes back in time', () => {
    expect(isNewPoint([5, 1, 0], account, 5)).toBe(false);
    expect(isNewPoint([5, 1, 0], account, 4)).toBe(false);
  });
});
