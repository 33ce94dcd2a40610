import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import { attributionBreakdowns, attributionJson } from './attribution-tables.ts';
import { PeriodLedger } from './ledger.ts';

const names = { symbols: new Names(['BTC', 'ETH']), labels: new Names(['UNKNOWN', 'TREND', 'ema']) };

describe('attributionBreakdowns', () => {
  test('leaves out a dimension of which nothing is known', () => {
    const shown = attributionBreakdowns(ledger(), names, null).map(({ by }) => by.join());
    expect(shown).toEqual(['symbol', 'signal', 'regime', 'hour_bucket']);
  });

  test('shows only what was asked, known or not', () => {
    const [only, ...more] = attributionBreakdowns(ledger(), names, ['cluster', 'symbol']);
    expect(more).toEqual([]);
    expect(only?.rows.map((row) => row.names)).toEqual([
      ['UNKNOWN', 'BTC'],
      ['UNKNOWN', 'ETH'],
    ]);
  });
});

describe('attributionJson', () => {
  test('holds the same, not rounded, with the total once', () => {
    const json = attributionJson(ledger(), names, ['symbol']);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json.exact).toBe(true);
    expect(json.total).toMatchObject({ count: 3, profit_usd: 7.123456, profit_micro_usd: 7_123_456 });
    expect(json.breakdowns).toHaveLength(1);
    expect(json.breakdowns[0]?.by).toEqual(['symbol']);
    expect(json.breakdowns[0]?.rows[1]).toEqual({
      names: ['ETH'],
      count: 1,
      wins: 0,
      losses: 1,
      profit_usd: -3,
      profit_micro_usd: -3_000_000,
      win_rate: 0,
      average_win_usd: null,
      average_loss_usd: -3,
      profit_factor: 0,
      expectancy_usd: -3,
      share_of_total: -3 / 7.123456,
    });
  });
});

function ledger(): PeriodLedger {
  const made = new PeriodLedger();
  made.add(0, 0, 2, 1, 0, 0, 0, 0, 10);
  made.add(0, 0, 0, 0, 0, 0, 0, 0, 0.123456);
  made.add(1, 0, 2, 1, 0, 0, 0, 0, -3);
  return made;
}
