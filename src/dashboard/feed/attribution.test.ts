import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeriodLedger } from '../../replay/report/ledger.ts';
import { breakdown, DIMENSIONS } from '../../replay/report/breakdown.ts';
import { Names } from '../../core/names.ts';
import { ATTRIBUTION_DIMENSIONS, attributionSchema } from '../wire.ts';
import { attributionOf } from './attribution.ts';
import type { KnownExecution } from './executions.ts';

const MONDAY_9 = 1_780_304_400; // 2026-06-01 09:00 UTC
const execution = (known: Partial<KnownExecution>): KnownExecution => ({
  ...{ id: '1-0', ts: MONDAY_9, microUsd: 1_000_000, symbol: 'A', bot: 'b', signal: 's', regime: 'TREND' },
  ...{ cluster: 'UNKNOWN', exitReason: 'UNKNOWN', side: 'BUY' },
  ...known,
});

describe('attribution', () => {
  it('of nothing is empty and says so', () => {
    const nothing = attributionOf([], 'symbol', 'hour', null);
    expect(nothing).toMatchObject({
      from: null,
      to: null,
      executions: 0,
      profit_usd: 0,
      cells: [],
      x_names: [],
    });
    expect(attributionSchema.parse(nothing)).toEqual(nothing);
  });

  it('crosses two dimensions, names by profit and hours in their order', () => {
    const found = attributionOf(
      [
        execution({ regime: 'CHOP', microUsd: -500_000, ts: MONDAY_9 + 3600 }),
        execution({ regime: 'TREND', microUsd: 2_000_000 }),
        execution({ regime: 'CHOP', microUsd: 100_000 }),
      ],
      'regime',
      'hour',
      null,
    );
    expect(found.x_names).toEqual(['TREND', 'CHOP']);
    expect(found.y_names).toEqual(['09', '10']);
    expect(found.cells).toEqual([
      { x: 'TREND', y: '09', profit_usd: 2, count: 1, wins: 1 },
      { x: 'CHOP', y: '09', profit_usd: 0.1, count: 1, wins: 1 },
      { x: 'CHOP', y: '10', profit_usd: -0.5, count: 1, wins: 0 },
    ]);
    expect(found).toMatchObject({ from: MONDAY_9, to: MONDAY_9 + 3600, executions: 3, profit_usd: 1.6 });
  });

  it('of one symbol leaves the others out', () => {
    const both = [execution({}), execution({ symbol: 'B', microUsd: 7 })];
    expect(attributionOf(both, 'bot', 'side', 'B')).toMatchObject({ executions: 1, profit_usd: 0.000007 });
  });

  it('takes hostile names as names', () => {
    const found = attributionOf([execution({ bot: '__proto__', signal: '<b>' })], 'bot', 'signal', null);
    expect(found.cells).toEqual([{ x: '__proto__', y: '<b>', profit_usd: 1, count: 1, wins: 1 }]);
  });

  const some = fc.array(
    fc.record({
      microUsd: fc.integer({ min: -1e12, max: 1e12 }),
      ts: fc.integer({ min: MONDAY_9, max: MONDAY_9 + 14 * 86_400 }),
      bot: fc.constantFrom('x', 'y', 'UNKNOWN'),
      signal: fc.constantFrom('p', 'q'),
      regime: fc.constantFrom('TREND', 'CHOP'),
    }),
    { maxLength: 60 },
  );
  const dimension = fc.constantFrom(...ATTRIBUTION_DIMENSIONS);

  it('has cells that add up to every total exactly', () => {
    fc.assert(
      fc.property(some, dimension, dimension, (known, x, y) => {
        const found = attributionOf(known.map(execution), x, y, null);
        const micro = (cells: readonly { readonly profit_usd: number }[]): number =>
          cells.reduce((sum, cell) => sum + Math.round(cell.profit_usd * 1e6), 0);
        const all = known.reduce((sum, { microUsd }) => sum + microUsd, 0);
        expect(micro(found.cells)).toBe(all);
        expect([micro(found.x_totals), micro(found.y_totals)]).toEqual([all, all]);
        for (const { name, profit_usd: usd } of found.x_totals)
          expect(micro(found.cells.filter((cell) => cell.x === name))).toBe(Math.round(usd * 1e6));
      }),
    );
  });

  it('says what the breakdown of a replay says', () => {
    expect([...ATTRIBUTION_DIMENSIONS]).toEqual([...DIMENSIONS]);
    fc.assert(
      fc.property(some, dimension, dimension, (known, x, y) => {
        const [symbols, labels] = [new Names(), new Names(['UNKNOWN'])];
        const ledger = new PeriodLedger();
        const executions = known.map(execution);
        for (const one of executions)
          ledger.add(
            symbols.id(one.symbol),
            ...([one.bot, one.signal, one.regime, one.cluster, one.exitReason, one.side].map((name) =>
              labels.id(name),
            ) as [number, number, number, number, number, number]),
            one.ts,
            one.microUsd / 1e6,
          );
        const rows = breakdown(ledger, [x, y], { symbols, labels }).rows;
        const text = (parts: readonly unknown[]): string => JSON.stringify(parts);
        expect(
          attributionOf(executions, x, y, null)
            .cells.map((cell) => text([cell.x, cell.y, cell.profit_usd, cell.count, cell.wins]))
            .toSorted(),
        ).toEqual(rows.map((row) => text([...row.names, row.profitUsd, row.count, row.wins])).toSorted());
      }),
    );
  });
});
