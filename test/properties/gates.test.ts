/** The judge under numbers nobody should send: it never throws, never grants over a limit, and never stops an exit for them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GATES_IN_ORDER } from '../../src/core/governor/gates.ts';
import { judge, type Granted } from '../../src/core/governor/judge.ts';
import { plan, T0 } from '../support/engine-events.ts';
import { testSettings } from '../support/engine-run.ts';
import type { PlanEvent } from '../../src/core/event.ts';
import type { ApplyMode, Mode, Settings } from '../../src/core/settings.ts';
import type { EnforcedRecord, JudgeView } from '../../src/core/governor/view.ts';

const odd = fc.constantFrom(
  0,
  -0,
  5e-324,
  -5e-324,
  1e308,
  -1e308,
  Number.MAX_VALUE,
  Infinity,
  -Infinity,
  -1,
  2 ** 53,
);
/** Mostly what people have, now and then what nobody has. */
const mostly = (...usual: readonly number[]): fc.Arbitrary<number> =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: odd });
const orNaN = (number: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof({ weight: 12, arbitrary: number }, { weight: 1, arbitrary: fc.constant(NaN) });
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 2, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });

const planNumber = (...usual: readonly number[]) => orNull(orNaN(mostly(...usual)));
const planOf = (actions: readonly string[]): fc.Arbitrary<PlanEvent> =>
  fc
    .record({
      action: fc.constantFrom(...actions),
      side: fc.constantFrom(null, 'BUY', 'SELL', 'up'),
      reduceOnly: fc.constant(false),
      qty: planNumber(0.5, 1, 40, 60),
      price: planNumber(99, 100, 101),
      notionalUsd: planNumber(50, 4000, 5000, 5000.000001, 1e10),
      killScore: planNumber(0, 0.5, 0.7, 0.799999, 0.8, 1),
      confidence: planNumber(0, 0.5, 1),
      regimeFlip: planNumber(0, 1),
      madeAt: planNumber(T0, T0 - 29, T0 - 31),
    })
    .map((changed) => plan(T0, 'p', changed));
const openings = planOf(['OPEN_PROPOSED', 'HOLD', '']);
const exits = fc
  .tuple(planOf(['FULL_CLOSE_PROPOSED', 'PARTIAL_25', 'OPEN_PROPOSED']), fc.boolean())
  .map(([one, only]): PlanEvent => ({ ...one, reduceOnly: only || one.action === 'OPEN_PROPOSED' }));

/** `wrap`: whether numbers of the view may be no numbers at all. */
function viewOf(wrap: (number: fc.Arbitrary<number>) => fc.Arbitrary<number>): fc.Arbitrary<JudgeView> {
  const number = (...usual: readonly number[]) => wrap(mostly(...usual));
  const record = fc.record({
    usd: number(0, 500, 1e5),
    ageSec: number(0, 60, 61, Infinity),
    lifeSec: number(300, 30),
  });
  return fc.record({
    state: fc.constant<'ACTIVE'>('ACTIVE'),
    disarmed: fc.constant(false),
    position: orNull(
      fc.record({
        amount: number(0, 1, -3, 20),
        markUsd: orNull(number(100)),
        notionalUsd: orNull(number(200, -200)),
        ts: number(T0, T0 - 100, T0 - 301),
      }),
    ),
    markUsd: orNull(number(100, 102)),
    reservedQty: number(0, 0, 1, 20),
    equityUsd: orNull(number(100_000, 100_000, 1, 1e9)),
    budget: record,
    target: record,
    efficiency: fc.record({
      score: number(0.2, 0.9),
      confidence: number(0, 1),
      ageSec: number(0, 700),
      lifeSec: number(600),
    }),
    reservedMicro: number(0, 1e9),
    allReservedMicro: number(0, 1e9, 9.8e10),
    grossPositionUsd: number(0, 1000, 95_000),
    openSymbols: number(0, 9, 10),
    lossUsd: number(0, -100, 4000, 6000),
    permitsLastHour: number(0, 2, 3),
    permitsLast5Min: number(0, 1, 2),
    sinceLastOpeningSec: number(Infinity, 60, 59),
    permittedDayMicro: number(0, 4.6e10, 5e10),
  });
}
const soundViews = viewOf((number) => number);
const brokenViews = viewOf(orNaN);

const fixed = fc.constantFrom(null, null, 0, 300, 4000);
const limits: fc.Arbitrary<Partial<Settings>> = fc.record({
  GOV_MAX_NOTIONAL_PER_TRADE_USD: fixed,
  GOV_MAX_TOTAL_NOTIONAL_USD: fixed,
  GOV_MAX_NOTIONAL_PER_DAY_USD: fixed,
  GOV_MAX_EXEC_PER_HOUR: fc.constantFrom(0, 3),
  GOV_ARMED_GATES: fc.constantFrom('open', 'closed'),
});
const anyModes: fc.Arbitrary<Partial<Settings>> = fc.record({
  APPLY_MODE: fc.constantFrom<ApplyMode>('dry_run', 'testnet', 'production'),
  GOV_GATE_MODES: fc
    .dictionary(
      fc.constantFrom(...GATES_IN_ORDER.map(({ name }) => name)),
      fc.constantFrom<Mode>('shadow', 'enforce'),
    )
    .map((modes) => new Map(Object.entries(modes))),
  GOV_EXITS_EXEMPT: fc.boolean(),
});

describe('numbers nobody should send', () => {
  it('never make the judge throw, nor a permit of no finite quantity and notional', () => {
    let granted = 0;
    fc.assert(
      fc.property(fc.oneof(openings, exits), brokenViews, limits, anyModes, (one, view, changed, modes) => {
        const verdict = judge(one, view, testSettings({ ...changed, ...modes }));
        if (!verdict.granted) return;
        granted++;
        if (verdict.reading.reducing) return;
        for (const number of [verdict.qty, verdict.notionalUsd, verdict.qtyScale])
          if (number !== null) expect(number).toSatisfy((value: number) => value >= 0 && value < Infinity);
      }),
      { numRuns: 5000 },
    );
    expect(granted).toBeGreaterThan(100);
  });

  it('never get an opening past a limit in production', () => {
    let granted = 0;
    fc.assert(
      fc.property(openings, soundViews, limits, (one, view, changed) => {
        const settings = testSettings({ ...changed, APPLY_MODE: 'production' });
        const verdict = judge(one, view, settings);
        if (!verdict.granted) return;
        granted++;
        expect(exceeded(one, view, settings, verdict)).toEqual([]);
      }),
      { numRuns: 20_000 },
    );
    expect(granted).toBeGreaterThan(20);
  });

  it('never stop an exit that can be read, but while trading is halted', () => {
    const reasons = new Set<string>();
    let granted = 0;
    fc.assert(
      fc.property(
        exits,
        brokenViews,
        fc.constantFrom<Partial<JudgeView>>({}, { state: 'REDUCING' }, { disarmed: true }),
        limits,
        anyModes,
        (one, view, state, changed, modes) => {
          const settings = testSettings({ ...changed, ...modes, GOV_EXITS_EXEMPT: true });
          const verdict = judge(one, { ...view, ...state }, settings);
          if (verdict.granted) granted++;
          else reasons.add(verdict.reason);
        },
      ),
      { numRuns: 5000 },
    );
    expect(granted).toBeGreaterThan(500);
    expect([...reasons].sort()).toEqual(['invalid_plan', 'nothing_to_close', 'stale_plan', 'would_increase']);
  });
});

/** The limits that a permit is over, by plain arithmetic: more than a micro-USD, or than the last digits of large numbers. */
function exceeded(one: PlanEvent, view: JudgeView, settings: Settings, granted: Granted): string[] {
  const over = (value: number, limit: number): boolean =>
    !(Math.min(value, Number.MAX_VALUE) <= limit + 1e-6 + Math.abs(limit) * 1e-12);
  const notional = granted.notionalUsd ?? NaN;
  const equity = view.equityUsd ?? NaN;
  const limitOf = (share: number, usd: number | null): number =>
    Math.min(share * Math.max(equity, 0), usd ?? Infinity);
  const position = view.position;
  const size = position === null ? 0 : (position.notionalUsd ?? position.amount * (position.markUsd ?? 0));
  const held =
    position === null ? 0 : Math.sign(position.amount) * Math.min(Math.abs(size), Number.MAX_VALUE);
  const side = granted.reading.side;
  const exposure =
    (side === 0 ? Math.abs(held) + notional : Math.abs(held + side * notional)) + view.reservedMicro / 1e6;
  const isCurrent = ({ ageSec, lifeSec }: EnforcedRecord, maxAgeSec: number): boolean =>
    ageSec <= maxAgeSec && ageSec <= lifeSec;
  const isOpen = position !== null && position.amount !== 0;
  const loss = view.lossUsd;
  const checks: Record<string, boolean> = {
    notional: !(notional > 0),
    equity: Number.isNaN(equity),
    budget: isCurrent(view.budget, 60) && over(exposure, view.budget.usd),
    target: isCurrent(view.target, 300) && over(exposure, view.target.usd),
    score:
      one.killScore !== null && !(one.killScore >= 0 && one.killScore < settings.GOV_KILL_SCORE_CRITICAL),
    loss: loss > 1e-6 && loss - 1e-6 > settings.GOV_MAX_DAILY_LOSS_PCT * (equity + loss),
    hourly: !(view.permitsLastHour < settings.GOV_MAX_EXEC_PER_HOUR),
    burst: !(view.permitsLast5Min < settings.GOV_MAX_EXEC_PER_5MIN),
    cooldown: !(view.sinceLastOpeningSec >= settings.GOV_SYMBOL_COOLDOWN_SECONDS),
    positions: !isOpen && !(view.openSymbols < settings.GOV_MAX_OPEN_POSITIONS),
    trade: over(
      notional,
      limitOf(settings.GOV_MAX_NOTIONAL_PER_TRADE_PCT, settings.GOV_MAX_NOTIONAL_PER_TRADE_USD),
    ),
    total: over(
      view.grossPositionUsd + view.allReservedMicro / 1e6 + notional,
      limitOf(settings.GOV_MAX_TOTAL_NOTIONAL_PCT, settings.GOV_MAX_TOTAL_NOTIONAL_USD),
    ),
    day: over(
      view.permittedDayMicro / 1e6 + notional,
      limitOf(settings.GOV_MAX_NOTIONAL_PER_DAY_PCT, settings.GOV_MAX_NOTIONAL_PER_DAY_USD),
    ),
  };
  return Object.entries(checks).flatMap(([name, isOver]) => (isOver ? [name] : []));
}
