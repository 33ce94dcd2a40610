/** The judge under numbers nobody should send: it never throws, never grants over a limit, and never stops an exit for them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GATES_IN_ORDER } from '../../src/core/governor/gates.ts';
import { judge, type Granted } from '../../src/core/governor/judge.ts';
import { plan, T0 } from '../support/engine-events.ts';
import { testSettings } from '../support/engine-run.ts';
import { PEACE } from '../support/engine-view.ts';
import type { PlanEvent } from '../../src/core/event.ts';
import type { ApplyMode, Mode, Settings } from '../../src/core/settings.ts';
import type { Position } from '../../src/core/governor/read-plan.ts';
import type { EfficiencyRecord, EnforcedRecord, JudgeView } from '../../src/core/governor/view.ts';

const ODD = [0, -0, 5e-324, -5e-324, -1, 2 ** 53, 1e308, -1e308, Number.MAX_VALUE, Infinity, -Infinity];

type Changes<Thing> = { readonly [Key in keyof Thing]?: fc.Arbitrary<Thing[Key]> };

/** The thing with up to four of its fields changed. */
function varied<Thing extends object>(thing: Thing, changes: Changes<Thing>): fc.Arbitrary<Thing> {
  const each = Object.entries<fc.Arbitrary<unknown> | undefined>(changes).flatMap(([key, value]) =>
    value === undefined ? [] : [value.map((changed) => ({ [key]: changed }))],
  );
  return fc
    .array(fc.oneof(...each), { maxLength: 4 })
    .map((changed) => changed.reduce<Thing>((so, one) => ({ ...so, ...one }), thing));
}

/** What people have, half of the time; else what nobody has. */
function number(...usual: readonly number[]): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(...usual), fc.constantFrom(...ODD));
}
function planNumber(...usual: readonly number[]): fc.Arbitrary<number | null> {
  return fc.oneof(fc.constantFrom(...usual), fc.constantFrom(null, NaN, ...ODD));
}

function planOf(asked: Partial<PlanEvent>, actions: readonly string[]): fc.Arbitrary<PlanEvent> {
  return varied(plan(T0, 'p', asked), {
    action: fc.constantFrom(...actions),
    side: fc.constantFrom(null, 'BUY', 'SELL', 'up'),
    qty: planNumber(0.5, 40, 60),
    price: planNumber(99, 100, 101),
    notionalUsd: planNumber(50, 4000, 5000, 5000.000002, 1e10),
    killScore: planNumber(0.5, 0.7, 0.799999, 0.8, 1),
    confidence: planNumber(0.5, 1),
    regimeFlip: planNumber(0.5, 1),
    madeAt: planNumber(T0, T0 - 29, T0 - 31),
  });
}
const openings = planOf({ notionalUsd: 1000 }, ['OPEN_PROPOSED', 'HOLD', '']);
const exits = fc.oneof(
  planOf({ action: 'FULL_CLOSE_PROPOSED' }, ['PARTIAL_25', 'FULL_CLOSE_PROPOSED']),
  planOf({ reduceOnly: true, side: 'SELL' }, ['PARTIAL_25', 'OPEN_PROPOSED']),
);

/** `extra`: what may stand in any number of the view besides. */
function viewOf(...extra: readonly number[]): fc.Arbitrary<JudgeView> {
  const any = (...usual: readonly number[]): fc.Arbitrary<number> => number(...usual, ...extra);
  const orNull = (...usual: readonly number[]): fc.Arbitrary<number | null> =>
    fc.oneof({ weight: 5, arbitrary: any(...usual) }, { weight: 1, arbitrary: fc.constant(null) });
  const record = varied<EnforcedRecord>(
    { usd: 1500, ageSec: 0, lifeSec: 300 },
    { usd: any(999, 2000), ageSec: any(60, 61, 901), lifeSec: any(30) },
  );
  const position = varied<Position>(
    { amount: 3, markUsd: 100, notionalUsd: null, ts: T0 },
    { amount: any(-3), markUsd: orNull(99), notionalUsd: orNull(200, -200), ts: any(T0 - 301) },
  );
  return varied(PEACE, {
    position: fc.option(position, { freq: 8 }),
    markUsd: orNull(100, 102),
    reservedQty: any(1, 3),
    equityUsd: orNull(20_000, 19_999),
    budget: record,
    target: record,
    efficiency: varied<EfficiencyRecord>(
      { score: 0.2, confidence: 1, ageSec: 0, lifeSec: 600 },
      { score: any(0.9), confidence: any(0.1), ageSec: any(700), lifeSec: any(60) },
    ),
    reservedMicro: any(5e8, 5e8 + 2),
    allReservedMicro: any(1e9, 9.8e10, 9.9e10, 9.9e10 + 2),
    grossPositionUsd: any(1000, 99_000, 99_000.000002),
    openSymbols: any(9, 10),
    lossUsd: any(-100, 4000, 6000),
    permitsLastHour: any(2, 3),
    permitsLast5Min: any(1, 2),
    sinceLastOpeningSec: any(60, 59.999),
    permittedDayMicro: any(4.6e10, 4.9e10, 4.9e10 + 2),
  });
}
const views = viewOf(NaN, NaN, NaN);

const fixed = fc.constantFrom(null, null, null, 0, 300, 4000);
const limits: fc.Arbitrary<Partial<Settings>> = fc.record({
  GOV_MAX_NOTIONAL_PER_TRADE_USD: fixed,
  GOV_MAX_TOTAL_NOTIONAL_USD: fixed,
  GOV_MAX_NOTIONAL_PER_DAY_USD: fixed,
  GOV_MAX_EXEC_PER_HOUR: fc.constantFrom(0, 3, 3, 3, 3),
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
  it('never make the judge throw', () => {
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.oneof(openings, exits), views, limits, anyModes, (one, view, changed, modes) => {
        verdicts.add(judge(one, view, testSettings({ ...changed, ...modes })).granted);
      }),
      { numRuns: 5000 },
    );
    expect(verdicts).toEqual(new Set([true, false]));
  });

  it('never get an opening past a limit in production', () => {
    let granted = 0;
    fc.assert(
      fc.property(openings, views, limits, (one, view, changed) => {
        const settings = testSettings({ ...changed, APPLY_MODE: 'production' });
        const verdict = judge(one, view, settings);
        if (!verdict.granted) return;
        granted++;
        expect(exceeded(one, view, settings, verdict)).toEqual([]);
        expect([verdict.qty, verdict.notionalUsd, verdict.downsize.factor]).not.toContain(NaN);
      }),
      { numRuns: 10_000 },
    );
    expect(granted).toBeGreaterThan(500);
  });

  it('never stop an exit that can be read, but while trading is halted', () => {
    const reasons = new Set<string>();
    let granted = 0;
    fc.assert(
      fc.property(
        exits,
        views,
        fc.constantFrom<Partial<JudgeView>>({}, { state: 'REDUCING' }, { disarmed: true }),
        limits,
        anyModes,
        (one, view, state, changed, modes) => {
          const settings = testSettings({ ...changed, ...modes, GOV_EXITS_EXEMPT: true });
          const verdict = judge(one, { ...view, ...state }, settings);
          if (verdict.granted) {
            granted++;
            expect([verdict.qty, verdict.notionalUsd]).not.toContain(NaN);
          } else reasons.add(verdict.reason);
        },
      ),
      { numRuns: 5000 },
    );
    expect(granted).toBeGreaterThan(500);
    expect([...reasons].sort()).toEqual(['invalid_plan', 'nothing_to_close', 'stale_plan', 'would_increase']);
  });
});

/**
 * The limits that a permit is over, by plain arithmetic: more than a micro-USD, or than the last digits of large numbers.
 * A limit that is no number in micro-USD is none.
 */
function exceeded(one: PlanEvent, view: JudgeView, settings: Settings, granted: Granted): string[] {
  const over = (value: number, limit: number): boolean =>
    limit * 1e6 !== Infinity && !(value <= limit + 1e-6 + Math.abs(limit) * 1e-12);
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
  // Budget and target fail open: what cannot be compared passes.
  const isOver = ({ usd, ageSec, lifeSec }: EnforcedRecord, maxAgeSec: number): boolean =>
    ageSec <= maxAgeSec && ageSec <= lifeSec && !Number.isNaN(usd - exposure) && over(exposure, usd);
  const isOpen = position !== null && position.amount !== 0;
  const loss = view.lossUsd;
  const checks: Record<string, boolean> = {
    notional: !(notional >= 0),
    equity: Number.isNaN(equity),
    budget: isOver(view.budget, 60),
    target: isOver(view.target, 300),
    score:
      one.killScore !== null && !(one.killScore >= 0 && one.killScore < settings.GOV_KILL_SCORE_CRITICAL),
    loss:
      Number.isNaN(loss) || (loss > 1e-6 && loss - 1e-6 > settings.GOV_MAX_DAILY_LOSS_PCT * (equity + loss)),
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
  return Object.entries(checks).flatMap(([name, fails]) => (fails ? [name] : []));
}
