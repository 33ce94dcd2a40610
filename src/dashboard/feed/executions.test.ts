import { describe, expect, it } from 'vitest';
import { MAX_EXECUTIONS, PROFIT_POINTS, SPARK_POINTS } from './bounds.ts';
import { Executions } from './executions.ts';
import type { StreamEntry } from '../../store/store.ts';

const T0 = 1_780_304_400;
const names = { aliases: new Map<string, string>(), clusters: new Map([['A', 'majors']]) };
let count = 0;
const entry = (fields: Readonly<Record<string, string>>): StreamEntry => ({
  id: `${T0 * 1000 + count++}-0`,
  fields: Object.entries({ timestamp: String(T0), ...fields }).flat(),
});
const applied = (...entries: readonly StreamEntry[]): Executions => {
  const executions = new Executions();
  executions.apply(entries, names, new Set());
  return executions;
};

describe('executions', () => {
  it('add up by symbol, and the spark ends with all of the profit', () => {
    const known = applied(
      ...[0.1, 0.2, -0.05].map((usd) => entry({ symbol: 'BTC/USDT', realized_pnl: String(usd) })),
      entry({ symbol: 'A', pnl: '7' }),
    );
    expect(known.stand('BTCUSDT')).toMatchObject({
      profitUsd: 0.25,
      count: 3,
      lastTs: T0,
      spark: [0.1, 0.3, 0.25],
    });
    expect([known.profitUsd, known.count, known.since]).toEqual([7.25, 4, T0]);
    expect(known.profit('BTCUSDT').at(-1)).toEqual([T0, 0.25]);
    expect([...known.symbols()]).toEqual(['BTCUSDT', 'A']);
  });

  it('that come twice count once', () => {
    const known = applied(
      ...Array.from({ length: 3 }, () => entry({ symbol: 'A', pnl: '1', execution_id: 'x' })),
      entry({ symbol: 'A', pnl: '1' }),
      entry({ symbol: 'A', pnl: '1' }),
    );
    expect(known.stand('A')).toMatchObject({ profitUsd: 3, count: 3 });
    expect(known.bad).toBe(0);
  });

  it('that cannot be used are counted and skipped', () => {
    const hostile = { symbol: '<script>', pnl: '1' };
    const known = applied(
      entry(hostile),
      entry({ symbol: 'A' }),
      entry({ pnl: '1' }),
      entry({ symbol: 'A', pnl: 'NaN' }),
    );
    expect([known.bad, known.count]).toEqual([4, 0]);
  });

  it('that open earn nothing, but tell when and in which cluster', () => {
    const known = applied(entry({ symbol: 'B', kind: 'open', cluster: 'alts', timestamp: String(T0 + 5) }));
    expect(known.stand('B')).toEqual({ profitUsd: 0, count: 0, lastTs: T0 + 5, cluster: 'alts', spark: [] });
  });

  it('take the configured cluster where they name none', () => {
    const known = applied(entry({ symbol: 'A', pnl: '1' }), entry({ symbol: 'A', pnl: '1', cluster: 'own' }));
    expect(known.known.map(({ cluster, bot }) => [cluster, bot])).toEqual([
      ['majors', 'UNKNOWN'],
      ['own', 'UNKNOWN'],
    ]);
  });

  it('past the most that are kept the oldest count no more, nowhere', () => {
    const executions = new Executions();
    const touched = new Set<string>();
    executions.apply(
      [entry({ symbol: 'OLD', pnl: '5' }), entry({ symbol: 'OLD', pnl: '1' })],
      names,
      touched,
    );
    const more = Array.from({ length: 2 * MAX_EXECUTIONS + 10 }, () => entry({ symbol: 'A', pnl: '0.1' }));
    executions.apply(more.slice(0, MAX_EXECUTIONS - 1), names, touched);
    expect(executions.stand('OLD')).toMatchObject({ profitUsd: 1, count: 1, spark: [1] });
    executions.apply(more.slice(MAX_EXECUTIONS - 1), names, touched);
    expect(executions.stand('OLD')).toMatchObject({ profitUsd: 0, count: 0, spark: [] });
    expect(executions.profitUsd).toBe(MAX_EXECUTIONS / 10);
    expect(executions.known).toHaveLength(MAX_EXECUTIONS);
    expect(executions.profit('A')).toHaveLength(PROFIT_POINTS);
    expect(executions.stand('A').spark).toHaveLength(SPARK_POINTS);
    expect(touched).toEqual(new Set(['OLD', 'A']));
  });

  it('with a profit beyond all reason leave sums finite', () => {
    const known = applied(...['1e300', '-1e300', '1e300'].map((pnl) => entry({ symbol: 'A', pnl })));
    expect(Number.isFinite(known.stand('A').profitUsd)).toBe(true);
  });
});
