/** P2.9 through whole runs: each factor, what is stale or missing, the caps, and proposals applied. */
import { describe, expect, it } from 'vitest';
import {
  cluster,
  clusterStress,
  execution,
  market,
  portfolio,
  regime,
  T0,
} from '../../../test/support/engine-events.ts';
import { newest, runEvents, testSettings } from '../../../test/support/engine-run.ts';
import { Allocation, type AllocationInputs } from './allocation.ts';
import { Context } from '../context/context.ts';
import type { AllocationDecision } from '../decision.ts';
import type { InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

/** The target of BTC at `tick`, which an opening fill makes the last of the run; null where there was none. */
function targetAt(
  tick: number,
  events: readonly InputEvent[],
  settings: Partial<Settings> = {},
): AllocationDecision | null {
  const run = runEvents(testSettings(settings), [...events, execution(tick, 'BTC', null)], 'all');
  const found = run.decisions.find(
    (decision) => decision.type === 'allocation' && decision.tick === tick && decision.symbol === 'BTC',
  );
  return found?.type === 'allocation' ? found : null;
}

const fed = portfolio(T0, 100_000, { drawdown: 0 });

describe('the regime factor', () => {
  it.each([
    ['TREND', 1.2],
    ['MEAN_REVERSION', 1],
    ['CHOP', 0.6],
  ] as const)('of %s is %s', (name, factor) => {
    expect(targetAt(T0, [regime(T0, name, { confidence: 0.9 })])).toMatchObject({
      regime: name,
      regime_factor: factor,
    });
  });

  it.each([
    ['TREND', 1],
    ['CHOP', 0.6],
  ] as const)('of a %s older than 60 s is %s, its name UNKNOWN', (name, factor) => {
    expect(targetAt(T0 + 60, [regime(T0, name)])).toMatchObject({ regime: name });
    expect(targetAt(T0 + 65, [regime(T0, name)])).toMatchObject({ regime: 'UNKNOWN', regime_factor: factor });
  });

  it('is 1 where no regime was ever known', () => {
    expect(targetAt(T0, [])).toMatchObject({ regime: 'UNKNOWN', regime_factor: 1 });
  });

  it('is of the symbol’s own regime while that is fresh, else of the general one', () => {
    const own = regime(T0, 'CHOP', { symbol: 'BTC' });
    const general = (ts: number) => regime(ts, 'TREND');
    expect(targetAt(T0, [own, general(T0)])).toMatchObject({ regime: 'CHOP', regime_factor: 0.6 });
    expect(targetAt(T0 + 65, [own, general(T0 + 60)])).toMatchObject({ regime: 'TREND', regime_factor: 1.2 });
    expect(targetAt(T0 + 65, [own, general(T0)])).toMatchObject({ regime: 'UNKNOWN', regime_factor: 1 });
    const other = regime(T0, 'CHOP', { symbol: 'ETH' });
    expect(targetAt(T0, [other])).toMatchObject({ regime: 'UNKNOWN', regime_factor: 1 });
  });
});

describe('the cluster factor', () => {
  const stressed = (stress: number, ts = T0) => [cluster(T0, 'BTC', 'L1'), clusterStress(ts, 'L1', stress)];

  it.each([
    [0, 1],
    [0.25, 0.75],
    [0.7, 0.3],
    [0.9, 0.3],
    [1, 0.3],
  ])('of stress %s is %s', (stress, factor) => {
    expect(targetAt(T0, stressed(stress))?.cluster_factor).toBeCloseTo(factor, 12);
  });

  it('of an old stress is at most 1, of an unknown one 1; the cluster keeps its name', () => {
    expect(targetAt(T0 + 60, stressed(0.25))).toMatchObject({ cluster_factor: 0.75, cluster_id: 'L1' });
    const wide = { CLUSTER_STRESS_MIN: 1, CLUSTER_STRESS_MAX: 1.5, BETA_CLUSTER: 0 };
    expect(targetAt(T0 + 65, stressed(0.25))).toMatchObject({ cluster_factor: 0.75, cluster_id: 'L1' });
    expect(targetAt(T0 + 65, stressed(0), wide)?.cluster_factor).toBe(1);
    expect(targetAt(T0, [cluster(T0, 'BTC', 'L1')])).toMatchObject({ cluster_factor: 1, cluster_id: 'L1' });
  });

  it('is of the configured cluster, else of that of the newest execution that names one', () => {
    const named = [
      execution(T0, 'BTC', 1, { cluster: 'OLD' }),
      execution(T0, 'BTC', 1, { cluster: 'NEW' }),
      execution(T0, 'BTC', 1),
    ];
    expect(targetAt(T0, named)?.cluster_id).toBe('NEW');
    expect(targetAt(T0, [cluster(T0, 'BTC', 'SET'), ...named])?.cluster_id).toBe('SET');
    expect(targetAt(T0, [])?.cluster_id).toBe('UNKNOWN');
  });
});

describe('the drawdown factor', () => {
  it.each([
    [0, 'LOW', 1],
    [0.04999, 'LOW', 1],
    [0.05, 'MID', 0.7],
    [0.1499, 'MID', 0.7],
    [0.15, 'HIGH', 0.4],
    [1, 'HIGH', 0.4],
  ])('of a drawdown of %s is in the zone %s', (drawdown, zone, factor) => {
    expect(targetAt(T0, [portfolio(T0, 1e5, { drawdown })])).toMatchObject({
      drawdown_zone: zone,
      drawdown_factor: factor,
    });
  });
});

describe('the performance factor', () => {
  const won = (count: number, usd: number) => Array.from({ length: count }, () => execution(T0, 'BTC', usd));

  it('is 1 plus factor times confidence, from 0.5 to 1.5', () => {
    const run = runEvents(testSettings(), won(10, 100));
    const { performance_factor: factor } = newest(run, 'attribution', 'BTC');
    expect(newest(run, 'allocation', 'BTC')).toMatchObject({
      performance_factor: 1 + factor * 0.5,
      performance_source: 'P3.0',
    });
    expect(targetAt(T0, won(20, 1e6))?.performance_factor).toBe(1.5);
    expect(targetAt(T0, won(20, -1e6))?.performance_factor).toBe(0.5);
  });

  it('is 1 and a fallback where there is no attribution', () => {
    expect(targetAt(T0, [])).toMatchObject({ performance_factor: 1, performance_source: 'fallback' });
    expect(targetAt(T0, won(20, 1e6), { P30_MODE: 'shadow' })).toMatchObject({
      performance_factor: 1,
      performance_source: 'fallback',
    });
    const bothShadow = { P30_MODE: 'shadow', P29_MODE: 'shadow' } as const;
    expect(targetAt(T0, won(20, 1e6), bothShadow)).toMatchObject({ performance_source: 'P3.0' });
  });

  it('is a fallback where the life of the attribution is over before its next tick', () => {
    const slow = { P30_INTERVAL_SEC: 50, P30_ATTRIBUTION_TTL_SEC: 30 };
    expect(targetAt(T0 + 30, won(20, 1e6), slow)).toMatchObject({ performance_source: 'P3.0' });
    expect(targetAt(T0 + 35, won(20, 1e6), slow)).toMatchObject({ performance_source: 'fallback' });
  });
});

describe('the target', () => {
  it('is the budget times the four factors', () => {
    const decision = targetAt(T0, [
      portfolio(T0, 100_000, { drawdown: 0.1 }),
      cluster(T0, 'BTC', 'L1'),
      clusterStress(T0, 'L1', 0.2),
      regime(T0, 'TREND', { confidence: 0.8 }),
      execution(T0, 'BTC', 40),
    ])!;
    const { base_budget_usd: base, performance_factor: performance } = decision;
    expect(decision.target_usd).toBeCloseTo(base * 1.2 * 0.8 * 0.7 * performance, 9);
    expect(decision.base_target_usd).toBe(decision.target_usd);
    expect(decision.weight).toBe(decision.target_usd / 100_000);
    expect(decision.confidence).toBeCloseTo((1 + 1 + 0.8 + 1 + 0.05) / 5, 12);
  });

  it('counts 0.5 for what is unknown in its confidence', () => {
    expect(targetAt(T0, [])?.confidence).toBeCloseTo((1 + 1 + 0.5 + 0.5 + 0.5) / 5, 12);
    expect(targetAt(T0, [regime(T0, 'TREND')])?.confidence).toBeCloseTo(0.7, 12);
  });

  it('is not made on a portfolio older than 60 s', () => {
    expect(targetAt(T0 + 60, [fed])).not.toBeNull();
    expect(targetAt(T0 + 65, [fed])).toBeNull();
  });

  it('is not made without a budget it may read', () => {
    expect(targetAt(T0, [], { P28_MODE: 'shadow' })).toBeNull();
    expect(targetAt(T0, [], { P28_MODE: 'shadow', P29_MODE: 'shadow' })).not.toBeNull();
    expect(targetAt(T0 + 295, [execution(T0, 'BTC', 1)], { P28_INTERVAL_SEC: 1000 })).not.toBeNull();
    expect(targetAt(T0 + 305, [execution(T0, 'BTC', 1)], { P28_INTERVAL_SEC: 1000 })).toBeNull();
  });

  it('has the weight 0 where there is no equity', () => {
    for (const equity of [0, -100])
      expect(targetAt(T0, [portfolio(T0, equity)])).toMatchObject({ target_usd: 0, weight: 0 });
  });
});

describe('a budget older than 60 s', () => {
  const slow = { P28_INTERVAL_SEC: 1000 };
  const first = [execution(T0, 'BTC', 100), regime(T0, 'CHOP')];

  it('gives the smaller of the last target and the budget, all factors 1', () => {
    const last = targetAt(T0 + 60, first, slow)!;
    expect(last.regime_factor).toBe(0.6);
    expect(targetAt(T0 + 65, first, slow)).toMatchObject({
      target_usd: last.target_usd,
      regime_factor: 1,
      cluster_factor: 1,
      drawdown_factor: 1,
      performance_factor: 1,
      performance_source: 'fallback',
      regime: 'UNKNOWN',
      drawdown_zone: 'UNKNOWN',
      confidence: 0.5,
    });
    const high = [...first, ...[30, 60].map((sec) => regime(T0 + sec, 'TREND'))];
    const above = targetAt(T0 + 60, high, slow)!;
    expect(above.target_usd).toBeGreaterThan(above.base_budget_usd);
    expect(targetAt(T0 + 65, high, slow)?.target_usd).toBe(above.base_budget_usd);
  });

  it('does not shrink the base target again at every tick where proposals are applied', () => {
    const applied = { ...slow, P29_APPLY_PROPOSED: true, P31_MIN_CONF: 0 };
    const losing = [execution(T0, 'BTC', -400)];
    const early = targetAt(T0 + 70, losing, applied)!;
    const late = targetAt(T0 + 200, losing, applied)!;
    const unproposed = targetAt(T0 + 200, losing, slow)!;
    expect(late.base_target_usd).toBe(early.base_target_usd);
    expect(late.base_target_usd).toBe(unproposed.target_usd);
  });
});

describe('the caps', () => {
  const rich = { MIN_BUDGET_USD: 0, MAX_BUDGET_USD: 1e9, BASE_RISK_PCT: 1, GAMMA_VOL: 0 };
  const trade = (symbol: string, name?: string) =>
    execution(T0, symbol, null, name === undefined ? {} : { cluster: name });
  const targets = (events: readonly InputEvent[], settings: Partial<Settings>) => {
    const { pipeline } = runEvents(testSettings({ ...rich, ...settings }), events);
    return [...pipeline.final()].map(([symbol, { allocation }]) => {
      if (allocation?.type !== 'allocation') throw new Error('no target');
      return [symbol, allocation.target_usd, allocation.caps];
    });
  };

  it('bind in their order: the symbol, its cluster, all together', () => {
    expect(targets([trade('A')], { MAX_SYMBOL_PCT: 0.4 })).toEqual([['A', 40_000, '']]);
    const trend = [regime(T0, 'TREND')];
    expect(targets([...trend, trade('A')], {})).toEqual([['A', 40_000, 'symbol']]);
    const two = [...trend, trade('A', 'X'), trade('B', 'X')];
    expect(targets(two, {})).toEqual([
      ['A', 30_000, 'symbol,cluster'],
      ['B', 30_000, 'symbol,cluster'],
    ]);
    const three = [...two, trade('C', 'Y'), trade('D', 'Z')];
    const found = targets(three, {});
    expect(found.map(([, , caps]) => caps)).toEqual([
      'symbol,cluster,gross',
      'symbol,cluster,gross',
      'symbol,gross',
      'symbol,gross',
    ]);
    expect(found.reduce((sum, [, usd]) => sum + Number(usd), 0)).toBeLessThanOrEqual(100_000);
  });

  it('do not take UNKNOWN for a cluster', () => {
    const events = [trade('A', 'UNKNOWN'), trade('B', 'UNKNOWN')];
    expect(targets(events, {})).toEqual([
      ['A', 40_000, ''],
      ['B', 40_000, ''],
    ]);
  });
});

describe('applied proposals', () => {
  const inputs = (ageSec: number, reason: number): AllocationInputs => ({
    portfolio: { equityUsd: 100_000, drawdown: 0, heat: 0, ageSec: 0 },
    context: contextOf(1),
    budgetTs: Float64Array.of(T0),
    budgetUsd: Float64Array.of(30_000),
    attributionTs: Float64Array.of(0),
    performanceFactor: Float64Array.of(0),
    performanceConfidence: Float64Array.of(0),
    factorRange: null,
    attributionLifeSec: 300,
    proposals: {
      ts: Float64Array.of(T0 - ageSec),
      multiplier: Float64Array.of(1.5),
      reason: Float64Array.of(reason),
    },
  });

  function contextOf(count: number): Context {
    const context = new Context();
    context.ensure(count);
    return context;
  }

  function allocate(ageSec: number, reason: number): Allocation['columns'] {
    const allocation = new Allocation();
    allocation.ensure(1);
    allocation.tick(T0, Int32Array.of(0), inputs(ageSec, reason), testSettings());
    return allocation.columns;
  }

  it('multiply the target before the caps, and leave the base as if there were none', () => {
    const columns = allocate(0, 0);
    expect(columns.targetUsd.get(0)).toBe(40_000);
    expect(columns.baseTargetUsd.get(0)).toBe(30_000);
  });

  it('count only while fresh and ok', () => {
    expect(allocate(60, 0).targetUsd.get(0)).toBe(40_000);
    expect(allocate(61, 0).targetUsd.get(0)).toBe(30_000);
    for (const reason of [1, 2, 3]) expect(allocate(0, reason).targetUsd.get(0)).toBe(30_000);
  });

  it('count only while their own life lasts', () => {
    const settings = {
      P29_APPLY_PROPOSED: true,
      P31_MIN_CONF: 0,
      LOOP_INTERVAL_SEC: 50,
      PROPOSE_KEY_TTL: 20,
    };
    const events = [execution(T0, 'BTC', -400)];
    const alive = targetAt(T0 + 20, events, settings)!;
    expect(alive.target_usd).not.toBe(alive.base_target_usd);
    const dead = targetAt(T0 + 25, events, settings)!;
    expect(dead.target_usd).toBe(dead.base_target_usd);
  });

  it('have no effect on the market’s own stress', () => {
    expect(targetAt(T0, [market(T0, 'BTC', { volRegime: 'EXTREME_VOL' })])?.base_budget_usd).toBeCloseTo(
      1600,
      9,
    );
  });
});
