/** Plans, views and settings to judge: what people have, and numbers nobody should send. */
import fc from 'fast-check';
import { GATES_IN_ORDER } from '../../src/core/governor/gates.ts';
import { plan, T0 } from './engine-events.ts';
import { PEACE } from './engine-view.ts';
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
export const openings = planOf({ notionalUsd: 1000 }, ['OPEN_PROPOSED', 'HOLD', '']);
export const exits = fc.oneof(
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
export const views = viewOf(NaN, NaN, NaN);

const fixed = fc.constantFrom(null, null, null, 0, 300, 4000);
export const limits: fc.Arbitrary<Partial<Settings>> = fc.record({
  GOV_MAX_NOTIONAL_PER_TRADE_USD: fixed,
  GOV_MAX_TOTAL_NOTIONAL_USD: fixed,
  GOV_MAX_NOTIONAL_PER_DAY_USD: fixed,
  GOV_MAX_EXEC_PER_HOUR: fc.constantFrom(0, 3, 3, 3, 3),
  GOV_ARMED_GATES: fc.constantFrom('open', 'closed'),
});
export const anyModes: fc.Arbitrary<Partial<Settings>> = fc.record({
  APPLY_MODE: fc.constantFrom<ApplyMode>('dry_run', 'testnet', 'production'),
  GOV_GATE_MODES: fc
    .dictionary(
      fc.constantFrom(...GATES_IN_ORDER.map(({ name }) => name)),
      fc.constantFrom<Mode>('shadow', 'enforce'),
    )
    .map((modes) => new Map(Object.entries(modes))),
  GOV_EXITS_EXEMPT: fc.boolean(),
});
