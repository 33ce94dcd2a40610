/** Arbitrary settings and sequences of events for the properties of the engine: sparse, with gaps, late and early times. */
import fc from 'fast-check';
import * as make from './engine-events.ts';
import { testSettings } from './engine-run.ts';
import type { InputEvent, Regime, TradingState } from '../../src/core/event.ts';
import type { Mode, Settings } from '../../src/core/settings.ts';

const SYMBOLS = ['BTC', 'ETH', 'A.B-C', '__proto__'];
const CLUSTERS = ['L1', 'MEME', 'UNKNOWN', 'constructor'];
const PLANS = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];

const symbol = fc.constantFrom(...SYMBOLS);
const planId = fc.constantFrom(...PLANS);
const label = fc.option(fc.constantFrom('UNKNOWN', 'TREND', '__proto__', 'breakout'));
const fraction = fc.constantFrom(0, 0.05, 0.2, 0.33, 0.5, 0.9, 1);

/** Profits of every size people have, zero and the extremes. */
export const anyProfit = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -500, max: 500, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, -1, 100, -100, 1e-9, 12_345.678) },
  { weight: 1, arbitrary: fc.constantFrom(1e300, -1e300, 1e10, -1e10, 5e-324) },
);
const profit = fc.double({ min: -500, max: 500, noNaN: true });

/** Seconds from one event to the next: at once, around the age limits, hours. */
const gap = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 0.001, 1, 4.999, 5, 7, 9.9999998, 10) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 90, noNaN: true }) },
  { weight: 3, arbitrary: fc.constantFrom(55, 60, 61, 65, 120, 290, 300, 310, 600, 900, 905) },
  { weight: 2, arbitrary: fc.integer({ min: 1000, max: 9000 }) },
);
/** Days apart, for runs that can afford them. */
export const longGap = fc.oneof(gap, fc.integer({ min: 4000, max: 200_000 }));

/** Seconds an event's own time lies before its arrival: fresh, old, up to 60 s in the future. */
const lateness = fc.constantFrom(0, 0, 0, 0.5, 30, 59, 60, 400, -10, -60, 100_000);

type Draft = (ts: number, stateTs: number) => InputEvent;

function drafts(pnl: fc.Arbitrary<number>, money: fc.Arbitrary<number>): fc.Arbitrary<Draft> {
  const executions: fc.Arbitrary<Draft> = fc
    .record({
      symbol,
      pnlUsd: fc.option(pnl, { freq: 6 }),
      regime: label,
      cluster: fc.option(fc.constantFrom(...CLUSTERS)),
      signal: label,
      executionId: fc.option(fc.constantFrom('x1', 'x2', 'x3'), { freq: 3 }),
    })
    .map(
      ({ symbol, pnlUsd, ...rest }) =>
        (ts, stateTs) =>
          make.execution(ts, symbol, pnlUsd, { ...rest, eventTs: stateTs }),
    );
  const worlds: fc.Arbitrary<Draft> = fc.oneof(
    fc.record({ equityUsd: money, drawdown: fc.option(fraction), heat: fc.option(fraction) }).map(
      ({ equityUsd, ...rest }): Draft =>
        (ts, stateTs) =>
          make.portfolio(ts, equityUsd, { ...rest, stateTs }),
    ),
    fc
      .record({
        symbol,
        markPrice: fc.option(fc.constantFrom(1, 100, 20_000)),
        volRegime: fc.option(fc.constantFrom('LOW_VOL', 'EXTREME_VOL', 'odd')),
        sigma: fc.option(fc.constantFrom(0.001, 0.005, 0.02, 0.025, 0.04)),
      })
      .map(
        ({ symbol, ...rest }): Draft =>
          (ts, stateTs) =>
            make.market(ts, symbol, { ...rest, stateTs }),
      ),
    fc
      .record({
        regime: fc.constantFrom<Regime>('TREND', 'MEAN_REVERSION', 'CHOP'),
        confidence: fc.option(fraction),
        symbol: fc.option(symbol),
      })
      .map(
        ({ regime, ...rest }): Draft =>
          (ts, stateTs) =>
            make.regime(ts, regime, { ...rest, stateTs }),
      ),
    fc.tuple(symbol, fc.constantFrom(...CLUSTERS)).map(
      ([symbol, name]): Draft =>
        (ts) =>
          make.cluster(ts, symbol, name),
    ),
    fc.tuple(fc.constantFrom(...CLUSTERS), fraction).map(
      ([name, stress]): Draft =>
        (ts, stateTs) =>
          make.clusterStress(ts, name, stress, { stateTs }),
    ),
    fc
      .record({
        symbol,
        amount: fc.constantFrom(0, 1, -1, 0.3, -250),
        markPrice: fc.option(fc.constantFrom(1, 100, 20_000)),
        notionalUsd: fc.option(fc.constantFrom(100, -5000, 40_000)),
      })
      .map(
        ({ symbol, amount, ...rest }): Draft =>
          (ts, stateTs) =>
            make.position(ts, symbol, amount, { ...rest, stateTs }),
      ),
    money.map(
      (amountUsd): Draft =>
        (ts) =>
          make.cashflow(ts, amountUsd),
    ),
  );
  return fc.oneof(
    { weight: 5, arbitrary: executions },
    { weight: 4, arbitrary: worlds },
    { weight: 4, arbitrary: governorDrafts() },
  );
}

function governorDrafts(): fc.Arbitrary<Draft> {
  const plans: fc.Arbitrary<Draft> = fc
    .record({
      planId,
      symbol,
      action: fc.constantFrom('OPEN_PROPOSED', 'FULL_CLOSE_PROPOSED', 'PARTIAL_50', 'PARTIAL_25', 'other'),
      side: fc.option(fc.constantFrom('BUY', 'SELL', 'long', 'odd')),
      reduceOnly: fc.boolean(),
      qty: fc.option(fc.constantFrom(1, 0.1, 50, NaN, -1)),
      price: fc.option(fc.constantFrom(100, 101, 20_000, 0)),
      notionalUsd: fc.option(fc.constantFrom(10, 100, 2000, 5000, 9000)),
      killScore: fc.option(fc.constantFrom(0, 0.6, 0.7, 0.79, 0.8, 1, 2)),
      confidence: fc.option(fraction),
      regimeFlip: fc.option(fraction),
    })
    .map(
      ({ planId, ...rest }): Draft =>
        (ts, stateTs) =>
          make.plan(ts, planId, { ...rest, madeAt: ts - stateTs > 1000 ? null : Math.min(stateTs, ts) }),
    );
  return fc.oneof(
    { weight: 6, arbitrary: plans },
    {
      weight: 2,
      arbitrary: planId.map(
        (id): Draft =>
          (ts) =>
            make.take(ts, id),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(planId, fc.boolean()).map(
        ([id, executed]): Draft =>
          (ts) =>
            make.result(ts, id, executed),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<TradingState>('ACTIVE', 'ACTIVE', 'REDUCING', 'HALTED').map(
        (state): Draft =>
          (ts) =>
            make.kill(ts, state),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.option(symbol).map(
        (one): Draft =>
          (ts) =>
            make.rearm(ts, one),
      ),
    },
  );
}

/** Events in order of arrival from a little after `T0` on. `extreme`: profits and equities up to 1e300 too. */
export function eventSequences(
  maxLength: number,
  gaps: fc.Arbitrary<number> = gap,
  extreme = false,
): fc.Arbitrary<InputEvent[]> {
  const pnl = extreme ? anyProfit : profit;
  const usual = fc.constantFrom(100_000, 25_000, 1000, 0, -500);
  const money = extreme ? fc.oneof(usual, fc.constantFrom(1e300, -1e300, 1e-250)) : usual;
  return fc
    .array(fc.tuple(drafts(pnl, money), gaps, lateness), { minLength: 1, maxLength, size: 'max' })
    .map((steps) => {
      let ts = make.T0 + 1.25;
      return steps.map(([draft, gapSec, lateSec]) => {
        ts += gapSec;
        return draft(ts, ts - lateSec);
      });
    });
}

const mode = fc.constantFrom<Mode>('enforce', 'enforce', 'shadow');
const interval = fc.constantFrom(5, 5, 5, 7, 10, 13, 15, 30, 45);
const maybe = <Value>(value: fc.Arbitrary<Value>, usual: Value): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: value });

/** Settings within their ranges that change what ticks do: intervals, modes, lives, smoothing. */
export const tickSettings: fc.Arbitrary<Settings> = fc
  .record({
    P28_MODE: mode,
    P29_MODE: mode,
    P30_MODE: mode,
    P31_MODE: mode,
    P28_INTERVAL_SEC: interval,
    P29_INTERVAL_SEC: interval,
    P30_INTERVAL_SEC: interval,
    P31_LOOP_SEC: interval,
    LOOP_INTERVAL_SEC: fc.constantFrom(10, 15, 5, 7, 30),
    P31_HOLD_BASIS: fc.constantFrom<Settings['P31_HOLD_BASIS']>('since_exec', 'trade_rate'),
    P31_HOLD_PENALTY_MAX_SEC: maybe(fc.constantFrom(60, 300), 3600),
    PROPOSER_EWMA_ALPHA: fc.constantFrom(1, 0.5, 0.1),
    P29_APPLY_PROPOSED: fc.boolean(),
    P31_SCORE_ALPHA: maybe(fc.constantFrom(1, 0.9), 0.25),
    P31_MIN_CONF: fc.constantFrom(0.65, 0.05, 0.5),
    P30_LOOKBACK_WINDOW: fc.constantFrom(20, 1, 3),
    STALE_DATA_SEC: maybe(fc.constantFrom(31, 400), 60),
    P30_ATTRIBUTION_TTL_SEC: maybe(fc.constantFrom(100, 700), 300),
    TARGET_TTL_SEC: maybe(fc.constantFrom(50, 700), 300),
    P31_STALE_SEC_P29: maybe(fc.constantFrom(80), 300),
    P31_KEY_TTL_SEC: maybe(fc.constantFrom(50), 600),
    P31_STALE_SEC: maybe(fc.constantFrom(35), 600),
    P30_PNL_SCALE: fc.constantFrom<Settings['P30_PNL_SCALE']>(
      { kind: 'usd', value: 100 },
      { kind: 'equity', value: 0.001 },
    ),
  })
  .map(testSettings);

/** Settings that change how the governor judges. */
export const governorSettings: fc.Arbitrary<Partial<Settings>> = fc.record({
  APPLY_MODE: fc.constantFrom<Settings['APPLY_MODE']>('production', 'testnet', 'dry_run'),
  GOV_EXITS_EXEMPT: fc.boolean(),
  GOV_ARMED_GATES: fc.constantFrom<Settings['GOV_ARMED_GATES']>('open', 'closed'),
  GOV_SYMBOL_COOLDOWN_SECONDS: fc.constantFrom(60, 0),
  GOV_MAX_EXEC_PER_5MIN: fc.constantFrom(2, 3),
  GOV_PERMIT_TTL_SEC: fc.constantFrom(60, 200, 5),
  GOV_RESERVE_SEC: fc.constantFrom(120, 10, 1000),
});
