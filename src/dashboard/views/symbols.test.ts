import { describe, expect, it } from 'vitest';
import type { SymbolRow } from '../wire.ts';
import {
  arrangeSymbols,
  clustersOf,
  nextSort,
  NO_FILTER,
  partAges,
  shadowParts,
  sumSymbols,
  SYMBOL_COLUMNS,
  worstAge,
} from './symbols.ts';
import { symbolRow as row } from '../../../test/support/symbol-row.ts';

const NOW = 10_000;
const names = (rows: readonly SymbolRow[]): string[] => rows.map(({ symbol }) => symbol);

describe('the order of symbols', () => {
  const rows = [
    row('A', { efficiency: 0.5, profit_usd: 1 }),
    row('B', { efficiency: null, profit_usd: -5 }),
    row('C', { efficiency: 0.9, profit_usd: 1 }),
    row('D', { efficiency: null, profit_usd: 7 }),
    row('E', { efficiency: 0.1, profit_usd: 1 }),
  ];
  const sorted = (column: (typeof SYMBOL_COLUMNS)[number]['key'], direction: 'ascending' | 'descending') =>
    names(arrangeSymbols(rows, NO_FILTER, { column, direction }, NOW));

  it('has what is not known last in either direction', () => {
    expect(sorted('efficiency', 'ascending')).toEqual(['E', 'A', 'C', 'B', 'D']);
    expect(sorted('efficiency', 'descending')).toEqual(['C', 'A', 'E', 'B', 'D']);
  });

  it('keeps equals as they came, in either direction', () => {
    expect(sorted('profit', 'ascending')).toEqual(['B', 'A', 'C', 'E', 'D']);
    expect(sorted('profit', 'descending')).toEqual(['D', 'A', 'C', 'E', 'B']);
  });

  it('is by code units for names, whatever they hold', () => {
    const odd = [row('b'), row('<img src=x>'), row('A'), row('é'), row('__proto__')];
    expect(names(arrangeSymbols(odd, NO_FILTER, { column: 'symbol', direction: 'ascending' }, NOW))).toEqual([
      '<img src=x>',
      'A',
      '__proto__',
      'b',
      'é',
    ]);
  });

  it('is by size for positions, whichever way they go', () => {
    const positions = [row('A', { position_usd: -900 }), row('B', { position_usd: 100 }), row('C')];
    const sort = { column: 'position', direction: 'descending' } as const;
    expect(names(arrangeSymbols(positions, NO_FILTER, sort, NOW))).toEqual(['A', 'B', 'C']);
  });

  it('is by the oldest number for ages, and does not change while time passes', () => {
    const aged = [
      row('A', { budget_ts: 9990, position_ts: 9000 }),
      row('B', { budget_ts: 9950 }),
      row('C', { budget_ts: 9999 }),
      row('D'),
    ];
    const sort = { column: 'age', direction: 'descending' } as const;
    expect(names(arrangeSymbols(aged, NO_FILTER, sort, NOW))).toEqual(['A', 'B', 'C', 'D']);
    expect(names(arrangeSymbols(aged, NO_FILTER, sort, NOW + 5000))).toEqual(['A', 'B', 'C', 'D']);
  });

  it('can be by every column', () => {
    for (const { key } of SYMBOL_COLUMNS) expect(sorted(key, 'descending')).toHaveLength(5);
  });

  it('leaves the rows it was given as they were', () => {
    const given = [row('B'), row('A')];
    arrangeSymbols(given, NO_FILTER, { column: 'symbol', direction: 'ascending' }, NOW);
    expect(names(given)).toEqual(['B', 'A']);
  });

  it('turns round on a second click, and begins with the largest number or the first name', () => {
    expect(nextSort({ column: 'profit', direction: 'descending' }, 'profit').direction).toBe('ascending');
    expect(nextSort({ column: 'profit', direction: 'ascending' }, 'profit').direction).toBe('descending');
    expect(nextSort({ column: 'symbol', direction: 'ascending' }, 'budget')).toEqual({
      column: 'budget',
      direction: 'descending',
    });
    expect(nextSort({ column: 'budget', direction: 'descending' }, 'symbol').direction).toBe('ascending');
  });
});

describe('the filter of symbols', () => {
  const rows = [
    row('BTCUSDT', { cluster: 'majors', regime: 'TREND', pressure: 'INCREASE' }),
    row('ETHUSDT', { cluster: 'majors', regime: 'CHOP', pressure: 'HOLD' }),
    row('DOGEUSDT', { cluster: 'memes', disarmed: { reason: 'burst', since: 1 }, budget_ts: 1 }),
    row('ODD', { cluster: null, pressure: null }),
  ];
  const filtered = (filter: Partial<typeof NO_FILTER>): string[] =>
    names(
      arrangeSymbols(rows, { ...NO_FILTER, ...filter }, { column: 'symbol', direction: 'ascending' }, NOW),
    );

  it('finds parts of names of symbols, clusters and regimes in any case, all words of them', () => {
    expect(filtered({ text: 'eth' })).toEqual(['ETHUSDT']);
    expect(filtered({ text: 'MAJ' })).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(filtered({ text: ' majors  chop ' })).toEqual(['ETHUSDT']);
    expect(filtered({ text: 'nothing like it' })).toEqual([]);
    expect(filtered({ text: '.*' })).toEqual([]);
  });

  it('is by pressure, cluster, disarmed and stale, all together', () => {
    expect(filtered({ pressure: 'INCREASE' })).toEqual(['BTCUSDT']);
    expect(filtered({ cluster: 'memes' })).toEqual(['DOGEUSDT']);
    expect(filtered({ isDisarmedOnly: true })).toEqual(['DOGEUSDT']);
    expect(filtered({ isStaleOnly: true })).toEqual(['DOGEUSDT']);
    expect(filtered({ isDisarmedOnly: true, cluster: 'majors' })).toEqual([]);
  });

  it('knows the clusters there are', () => {
    expect(clustersOf(rows)).toEqual(['majors', 'memes']);
    expect(clustersOf([])).toEqual([]);
  });
});

describe('the age of a row', () => {
  it('is that of its oldest number', () => {
    const age = worstAge(row('A', { budget_ts: NOW - 20, target_ts: NOW - 30, position_ts: NOW - 40 }), NOW);
    expect(age).toMatchObject({ part: 'position', ageSec: 40, isStale: false });
  });

  it('is that of what is furthest beyond its limit, even when something fresh is older', () => {
    const age = worstAge(row('A', { budget_ts: NOW - 90, efficiency_ts: NOW - 500 }), NOW);
    expect(age).toMatchObject({ part: 'budget', ageSec: 90, limitSec: 60, isStale: true });
    const both = worstAge(row('A', { budget_ts: NOW - 90, efficiency_ts: NOW - 6000 }), NOW);
    expect(both).toMatchObject({ part: 'efficiency', isStale: true });
  });

  it('is none where nothing has a time, and never negative', () => {
    expect(worstAge(row('A'), NOW)).toBeNull();
    expect(worstAge(row('A', { budget_ts: NOW + 3 }), NOW)?.ageSec).toBe(0);
  });

  it('is stale only beyond the limit of its part', () => {
    const isStale = (known: Partial<SymbolRow>): boolean | undefined =>
      worstAge(row('A', known), NOW)?.isStale;
    expect(isStale({ target_ts: NOW - 60 })).toBe(false);
    expect(isStale({ target_ts: NOW - 61 })).toBe(true);
    expect(isStale({ position_ts: NOW - 300 })).toBe(false);
    expect(isStale({ efficiency_ts: NOW - 601 })).toBe(true);
  });

  it('is told for each part that has one', () => {
    const ages = partAges(row('A', { performance_ts: NOW - 1, proposed_ts: NOW - 2 }), NOW);
    expect(ages.map(({ part, ageSec }) => [part, ageSec])).toEqual([
      ['attribution', 1],
      ['proposal', 2],
    ]);
  });
});

describe('the sums of symbols', () => {
  it('leave out what is not known, and are not known where nothing is', () => {
    const sums = sumSymbols(
      [
        row('A', { profit_usd: 10, executions: 3, target_usd: 100, position_usd: -50 }),
        row('B', { profit_usd: -4, executions: 1, target_usd: null, position_usd: 70, budget_ts: 1 }),
        row('C', { disarmed: { reason: null, since: null } }),
      ],
      NOW,
    );
    expect(sums).toEqual({
      ...{ symbols: 3, profitUsd: 6, executions: 4, budgetUsd: null, targetUsd: 100, proposedUsd: null },
      ...{ grossUsd: 120, netUsd: 20, stale: 1, disarmed: 1 },
    });
  });

  it('of no rows are zero and not known', () => {
    expect(sumSymbols([], NOW)).toMatchObject({ symbols: 0, profitUsd: 0, targetUsd: null, grossUsd: null });
  });
});

it('what was decided in shadow is named', () => {
  expect(shadowParts(row('A', { target_mode: 'shadow', efficiency_mode: 'enforce' }))).toEqual(['target']);
  expect(shadowParts(row('A'))).toEqual([]);
});
