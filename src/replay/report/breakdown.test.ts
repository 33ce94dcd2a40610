import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import { breakdown, DIMENSIONS, parseBy, type By } from './breakdown.ts';
import { executions, namesForExecutions } from '../../../test/support/arbitrary-executions.ts';
import { PeriodLedger } from './ledger.ts';

const ALL_BY: readonly By[] = [
  ...DIMENSIONS.map((dimension): By => [dimension]),
  ...DIMENSIONS.flatMap((first) =>
    DIMENSIONS.filter((second) => second !== first).map((second): By => [first, second]),
  ),
];
const HOUR = 3600;

describe('breakdown', () => {
  test('cells add up to the total exactly, by every dimension and every two of them', () => {
    fc.assert(
      fc.property(executions, fc.constantFrom(...ALL_BY), (all, by) => {
        const ledger = new PeriodLedger();
        for (const one of all) ledger.add(...one);
        const { rows, total, exact } = breakdown(ledger, by, namesForExecutions());
        const sum = (field: 'count' | 'wins' | 'losses' | 'profitMicroUsd'): number =>
          rows.reduce((so, row) => so + row[field], 0);
        expect(exact).toBe(true);
        expect(sum('count')).toBe(all.length);
        expect(total.count).toBe(all.length);
        expect([sum('wins'), sum('losses')]).toEqual([total.wins, total.losses]);
        expect(sum('profitMicroUsd')).toBe(total.profitMicroUsd);
        expect(total.profitMicroUsd).toBe(all.reduce((so, one) => so + Math.round(one[8] * 1e6), 0) + 0);
      }),
      { numRuns: 300 },
    );
  });

  test('agrees with grouping the executions one by one', () => {
    fc.assert(
      fc.property(executions, (all) => {
        const ledger = new PeriodLedger();
        for (const one of all) ledger.add(...one);
        const { symbols, labels } = namesForExecutions();
        const expected = new Map<string, number>();
        for (const one of all) {
          const bucket = Math.floor(new Date(Math.floor(one[7]) * 1000).getUTCHours() / 6);
          const key = `${labels.name(one[2])}|${['00-06', '06-12', '12-18', '18-24'][bucket]}`;
          expected.set(key, (expected.get(key) ?? 0) + Math.round(one[8] * 1e6));
        }
        const { rows } = breakdown(ledger, ['signal', 'hour_bucket'], { symbols, labels });
        const found = new Map(rows.map((row) => [row.names.join('|'), row.profitMicroUsd + 0]));
        expect(found).toEqual(new Map([...expected].map(([key, micro]) => [key, micro + 0])));
      }),
      { numRuns: 50 },
    );
  });

  test('states count, rates, averages, factor, expectancy and share', () => {
    const { ledger, names } = small();
    const { rows, total } = breakdown(ledger, ['symbol'], names);
    expect(rows[0]).toEqual({
      names: ['BTC'],
      count: 4,
      wins: 2,
      losses: 1,
      profitUsd: 20,
      profitMicroUsd: 20_000_000,
      winRate: 0.5,
      averageWinUsd: 15,
      averageLossUsd: -10,
      profitFactor: 3,
      expectancyUsd: 5,
      shareOfTotal: 20 / 16,
    });
    expect([total.names, total.profitUsd, total.shareOfTotal]).toEqual([[], 16, 1]);
  });

  test('has no factor without a loss, no average of nothing and no share of a total of zero', () => {
    const ledger = new PeriodLedger();
    ledger.add(0, 0, 0, 0, 0, 0, 0, 0, 5);
    ledger.add(1, 0, 0, 0, 0, 0, 0, 0, -5);
    const { rows, total } = breakdown(ledger, ['symbol'], namesForExecutions());
    expect(rows[0]).toMatchObject({ profitFactor: null, averageLossUsd: null, shareOfTotal: null });
    expect(rows[1]).toMatchObject({ profitFactor: 0, averageWinUsd: null, shareOfTotal: null });
    expect(total).toMatchObject({ profitFactor: 1, shareOfTotal: null, expectancyUsd: 0 });
  });

  test('an empty ledger has no rows and a total of zero', () => {
    const { rows, total } = breakdown(new PeriodLedger(), ['symbol', 'hour'], namesForExecutions());
    expect(rows).toEqual([]);
    expect(total).toMatchObject({ count: 0, profitUsd: 0, winRate: 0, expectancyUsd: 0, profitFactor: null });
  });

  test('sorts by profit, then by names in code-unit order', () => {
    const ledger = new PeriodLedger();
    for (const id of [2, 1, 0, 3]) ledger.add(id, 0, 0, 0, 0, 0, 0, 0, id === 3 ? 9 : 1);
    const names = { symbols: new Names(['é', 'a', 'Z', 'top']), labels: new Names(['UNKNOWN']) };
    expect(breakdown(ledger, ['symbol'], names).rows.map((row) => row.names[0])).toEqual([
      'top',
      'Z',
      'a',
      'é',
    ]);
  });

  test('keeps hours, their buckets and weekdays in natural order', () => {
    const { ledger, names } = small();
    const order = (by: By): string[] => breakdown(ledger, by, names).rows.map((row) => row.names.join(' '));
    expect(order(['weekday'])).toEqual(['Tue', 'Thu', 'Fri']);
    expect(order(['hour'])).toEqual(['00', '01', '13']);
    expect(order(['hour_bucket'])).toEqual(['00-06', '12-18']);
    expect(order(['weekday', 'hour'])).toEqual(['Tue 00', 'Thu 00', 'Thu 01', 'Fri 13']);
    expect(order(['hour_bucket', 'weekday'])).toEqual(['00-06 Tue', '00-06 Thu', '12-18 Fri']);
  });

  test('does not become infinite when sums saturate', () => {
    const ledger = new PeriodLedger();
    ledger.add(0, 0, 0, 0, 0, 0, 0, 0, 1e308);
    ledger.add(1, 0, 0, 0, 0, 0, 0, 0, 1e308);
    ledger.add(1, 0, 0, 0, 0, 0, 0, 0, -0.000001);
    const { rows, total, exact } = breakdown(ledger, ['symbol'], namesForExecutions());
    expect(exact).toBe(false);
    for (const row of [...rows, total]) {
      for (const value of Object.values(row)) {
        if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      }
    }
  });
});

describe('parseBy', () => {
  test('takes one dimension or two, with dashes, blanks and capitals', () => {
    expect(parseBy('signal')).toEqual(['signal']);
    expect(parseBy('signal,symbol')).toEqual(['signal', 'symbol']);
    expect(parseBy(' Exit-Reason , hour_bucket')).toEqual(['exit_reason', 'hour_bucket']);
  });

  test('says what is wrong and what is allowed', () => {
    expect(() => parseBy('colour')).toThrow(
      '--by "colour": "colour" is no dimension; allowed are symbol, bot,',
    );
    expect(() => parseBy('symbol,')).toThrow('names nothing');
    expect(() => parseBy('symbol,bot,side')).toThrow('one dimension or two, not 3');
    expect(() => parseBy('side,side')).toThrow('names side twice');
    expect(() => parseBy('__proto__')).toThrow('is no dimension');
  });
});

function small(): { ledger: PeriodLedger; names: ReturnType<typeof namesForExecutions> } {
  const ledger = new PeriodLedger();
  // 1 January 1970 was a Thursday.
  ledger.add(0, 0, 1, 0, 0, 0, 0, 0, 10);
  ledger.add(0, 0, 1, 0, 0, 0, 0, HOUR, 20);
  ledger.add(0, 0, 1, 0, 0, 0, 0, 37 * HOUR, -10);
  ledger.add(0, 0, 1, 0, 0, 0, 0, -48 * HOUR, 0);
  ledger.add(1, 0, 1, 0, 0, 0, 0, 0, -4);
  return { ledger, names: namesForExecutions() };
}
