/**
 * Cases of the governor's gates, told once: what is set, what the store holds and what is planned, just below a limit and
 * just above it. `viewOf` and `planOf` say the same to the pure judge without asking the governor's memory.
 */
import { plan as planEvent } from './engine-events.ts';
import { PEACE } from './engine-view.ts';
import type { PlanEvent, TradingState } from '../../src/core/event.ts';
import type { BlockReason } from '../../src/core/governor/reasons.ts';
import type { JudgeView } from '../../src/core/governor/view.ts';
import type { Settings } from '../../src/core/settings.ts';

export const SYMBOL = 'BTCUSDT';

/** An amount that says how old it is. */
interface Aged {
  readonly usd: number;
  readonly ageSec?: number;
}

export interface Planned extends Partial<
  Pick<
    PlanEvent,
    | 'action'
    | 'side'
    | 'reduceOnly'
    | 'symbol'
    | 'qty'
    | 'price'
    | 'notionalUsd'
    | 'killScore'
    | 'confidence'
    | 'regimeFlip'
  >
> {
  readonly madeAgoSec?: number;
}

/** A permit that was given before: of an opening, or of an exit by quantity. */
interface Earlier {
  readonly symbol?: string;
  readonly qty: number;
  readonly price: number;
  readonly exits?: true;
}

export interface Situation {
  readonly settings?: Partial<Settings>;
  readonly state?: TradingState;
  readonly disarmed?: true;
  /** 100,000 USD, just written, unless said. */
  readonly equity?: Aged;
  readonly positions?: Readonly<Record<string, { readonly amount: number; readonly markUsd: number }>>;
  readonly markUsd?: number;
  readonly budget?: Aged;
  readonly target?: Aged;
  readonly efficiency?: { readonly score: number; readonly confidence: number };
  /** Of an execution that just came in. */
  readonly lossUsd?: number;
  readonly earlier?: readonly Earlier[];
  /** Between the earlier permits and the plan. */
  readonly waitSec?: number;
  /** A buy of 1 at 100 USD unless said. */
  readonly plan?: Planned;
}

export interface GateCase {
  readonly name: string;
  readonly reason: BlockReason;
  readonly both?: Situation;
  readonly below: Situation;
  readonly above: Situation;
}

/** Limits that do not get in the way of what is looked at. */
const LOOSE = {
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  GOV_MAX_EXEC_PER_HOUR: 50,
  GOV_MAX_EXEC_PER_5MIN: 50,
} as const;
export const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' } as const;
const HELD = { [SYMBOL]: { amount: 8, markUsd: 100 } };
const FLAT = { [SYMBOL]: { amount: 0, markUsd: 100 } };
const OTHERS = { ETHUSDT: { amount: 2, markUsd: 50 }, SOLUSDT: { amount: -4, markUsd: 25 } };
const ONE = { qty: 1, price: 100 };

/** Every reason has one; the first of each gate is what is looked at in other modes too. */
export const GATE_CASES: readonly GateCase[] = [
  {
    name: 'a flag that halts',
    reason: 'kill_switch_active',
    below: { state: 'ACTIVE' },
    above: { state: 'HALTED' },
  },
  {
    name: 'a flag that lets only exits pass',
    reason: 'kill_switch_reducing',
    below: { state: 'ACTIVE' },
    above: { state: 'REDUCING' },
  },
  { name: 'a symbol that is disarmed', reason: 'symbol_disarmed', below: {}, above: { disarmed: true } },
  {
    name: 'a quantity above 0',
    reason: 'invalid_plan',
    below: { plan: { qty: 1e-6 } },
    above: { plan: { qty: 0 } },
  },
  {
    name: 'a confidence of at most 1',
    reason: 'invalid_plan',
    below: { plan: { confidence: 1 } },
    above: { plan: { confidence: 1.000001 } },
  },
  {
    name: 'a notional of at most 9e9 USD',
    reason: 'invalid_plan',
    both: { equity: { usd: 1e12 } },
    below: { plan: { qty: 90e6 } },
    above: { plan: { qty: 90e6 + 1 } },
  },
  {
    name: 'the quantity an exit needs',
    reason: 'invalid_plan',
    both: { positions: HELD },
    below: { plan: { action: 'HOLD', side: 'SELL', reduceOnly: true, qty: 1e-6 } },
    above: { plan: { action: 'HOLD', side: 'SELL', reduceOnly: true, qty: 0 } },
  },
  {
    name: 'the age of an opening',
    reason: 'stale_plan',
    below: { plan: { madeAgoSec: 20 } },
    above: { plan: { madeAgoSec: 30.5 } },
  },
  {
    name: 'the age of an exit',
    reason: 'stale_plan',
    both: { positions: HELD },
    below: { plan: { ...EXIT, madeAgoSec: 290 } },
    above: { plan: { ...EXIT, madeAgoSec: 300.5 } },
  },
  {
    name: 'the side of an exit',
    reason: 'would_increase',
    both: { positions: HELD },
    below: { plan: EXIT },
    above: { plan: { ...EXIT, side: 'BUY' } },
  },
  {
    name: 'an exit of a flat position',
    reason: 'nothing_to_close',
    both: { plan: EXIT },
    below: { positions: HELD },
    above: { positions: FLAT },
  },
  {
    name: 'an exit of what another may close',
    reason: 'nothing_to_close',
    both: { positions: HELD, plan: EXIT },
    below: { earlier: [{ qty: 7.5, price: 100, exits: true }] },
    above: { earlier: [{ qty: 8, price: 100, exits: true }] },
  },
  {
    name: 'a notional that is not quantity times price',
    reason: 'notional_mismatch',
    below: { plan: { qty: 10, price: 95, notionalUsd: 1000 } },
    above: { plan: { qty: 10, price: 94.99, notionalUsd: 1000 } },
  },
  {
    name: 'a price away from the mark',
    reason: 'price_out_of_range',
    both: { markUsd: 100 },
    below: { plan: { price: 105 } },
    above: { plan: { price: 105.01 } },
  },
  {
    name: 'position, reservations and plan against the budget',
    reason: 'p28_budget_violation',
    both: { settings: LOOSE, positions: HELD, earlier: [ONE] },
    below: { budget: { usd: 1000 } },
    above: { budget: { usd: 999.99 } },
  },
  {
    name: 'the age of a budget',
    reason: 'p28_budget_violation',
    below: { budget: { usd: 1, ageSec: 61 } },
    above: { budget: { usd: 1, ageSec: 40 } },
  },
  {
    name: 'a budget that was lost, where that blocks',
    reason: 'p28_budget_violation',
    both: { settings: { GOV_ARMED_GATES: 'closed' } },
    below: { budget: { usd: 1, ageSec: 880 } },
    above: { budget: { usd: 5000, ageSec: 901 } },
  },
  {
    name: 'position and plan against the target, on the other side',
    reason: 'p29_allocation_cap',
    both: { positions: HELD, plan: { side: 'SELL', qty: 16.5 } },
    below: { target: { usd: 850 } },
    above: { target: { usd: 849.99 } },
  },
  {
    name: 'the age of a target',
    reason: 'p29_allocation_cap',
    below: { target: { usd: 1, ageSec: 301 } },
    above: { target: { usd: 1, ageSec: 280 } },
  },
  {
    name: 'the kill score',
    reason: 'kill_score_critical_non_close',
    below: { plan: { killScore: 0.7999, confidence: 0.9, regimeFlip: 1 } },
    above: { plan: { killScore: 0.8 } },
  },
  {
    name: 'the loss of a day',
    reason: 'daily_loss_limit',
    both: { equity: { usd: 95_000 } },
    below: { lossUsd: 4999.99 },
    above: { lossUsd: 5000 },
  },
  {
    name: 'permits of an hour',
    reason: 'hourly_limit_exceeded',
    both: { settings: { ...LOOSE, GOV_MAX_EXEC_PER_HOUR: 2 } },
    below: { earlier: [ONE, { ...ONE, symbol: 'ETHUSDT' }] },
    above: { earlier: [ONE, ONE] },
  },
  {
    name: 'permits of an hour, exits counted',
    reason: 'hourly_limit_exceeded',
    both: {
      settings: { ...LOOSE, GOV_MAX_EXEC_PER_HOUR: 2, GOV_EXITS_EXEMPT: false },
      positions: HELD,
      plan: EXIT,
    },
    below: { earlier: [ONE] },
    above: { earlier: [ONE, { ...ONE, exits: true }] },
  },
  {
    name: 'permits of five minutes',
    reason: 'burst_limit_exceeded',
    both: { settings: { ...LOOSE, GOV_MAX_EXEC_PER_5MIN: 2 } },
    below: { earlier: [ONE, { ...ONE, symbol: 'ETHUSDT' }] },
    above: { earlier: [ONE, ONE] },
  },
  {
    name: 'the time since the last opening',
    reason: 'symbol_cooldown',
    both: { earlier: [ONE] },
    below: { settings: { GOV_SYMBOL_COOLDOWN_SECONDS: 0.3 }, waitSec: 0.35 },
    above: { settings: { GOV_SYMBOL_COOLDOWN_SECONDS: 60 } },
  },
  {
    name: 'open positions, and this is none of them',
    reason: 'max_positions_reached',
    both: { positions: OTHERS },
    below: { settings: { GOV_MAX_OPEN_POSITIONS: 3 } },
    above: { settings: { GOV_MAX_OPEN_POSITIONS: 2 } },
  },
  {
    name: 'open positions, and this may be one of them',
    reason: 'max_positions_reached',
    both: { settings: { GOV_MAX_OPEN_POSITIONS: 2 } },
    below: { positions: { ...OTHERS, ...HELD } },
    above: { positions: { ...OTHERS, ...FLAT } },
  },
  {
    name: 'a notional that nobody knows',
    reason: 'notional_unknown',
    both: { plan: { price: null } },
    below: { markUsd: 100 },
    above: {},
  },
  {
    name: 'an equity that is too old',
    reason: 'equity_unknown',
    below: { equity: { usd: 100_000, ageSec: 880 } },
    above: { equity: { usd: 100_000, ageSec: 901 } },
  },
  {
    name: 'a trade in shares of equity',
    reason: 'notional_per_trade_exceeded',
    below: { plan: { qty: 50 } },
    above: { plan: { qty: 50.0001 } },
  },
  {
    name: 'a trade in USD, by the mark where that is more',
    reason: 'notional_per_trade_exceeded',
    both: { settings: { GOV_MAX_NOTIONAL_PER_TRADE_USD: 102 }, plan: { price: 100 } },
    below: { markUsd: 102 },
    above: { markUsd: 102.01 },
  },
  {
    name: 'all positions, reservations and the plan in USD',
    reason: 'total_notional_exceeded',
    both: {
      settings: { ...LOOSE, GOV_MAX_TOTAL_NOTIONAL_USD: 1250 },
      positions: { ...HELD, ...OTHERS },
      earlier: [
        { qty: 0.5, price: 100, symbol: 'ETHUSDT' },
        { qty: 0.25, price: 100 },
      ],
    },
    below: { plan: { qty: 1.75 } },
    above: { plan: { qty: 1.7501 } },
  },
  {
    name: 'all positions and the plan in shares of equity',
    reason: 'total_notional_exceeded',
    both: { equity: { usd: 2000 }, positions: { ETHUSDT: { amount: -10, markUsd: 190 } } },
    below: { plan: { qty: 1 } },
    above: { plan: { qty: 1, price: 100.001 }, settings: { GOV_MAX_NOTIONAL_PER_TRADE_PCT: 1 } },
  },
  {
    name: 'the notional of a day in USD',
    reason: 'daily_limit_exceeded',
    both: {
      settings: { ...LOOSE, GOV_MAX_NOTIONAL_PER_DAY_USD: 300 },
      earlier: [ONE, { ...ONE, symbol: 'ETHUSDT' }, { qty: 0.5, price: 100 }],
    },
    below: { plan: { qty: 1.5 } },
    above: { plan: { qty: 1.5001 } },
  },
  {
    name: 'the notional of a day in shares of equity',
    reason: 'daily_limit_exceeded',
    both: { settings: { ...LOOSE, GOV_MAX_NOTIONAL_PER_DAY_PCT: 0.002 }, earlier: [ONE] },
    below: { plan: { qty: 1 } },
    above: { plan: { qty: 1.0001 } },
  },
  {
    name: 'a worth that is none',
    reason: 'evaluation_error',
    below: { plan: { qty: 1e-100, price: 1e-100 } },
    above: { plan: { qty: 1e-200, price: 1e-200 } },
  },
  {
    name: 'an efficiency that only hints, before a trade that is too large',
    reason: 'notional_per_trade_exceeded',
    both: { efficiency: { score: 0.2, confidence: 0.9 } },
    below: { plan: { qty: 50 } },
    above: { plan: { qty: 50.0001 } },
  },
];

export function joined(one: Situation | undefined, other: Situation): Situation {
  return {
    ...one,
    ...other,
    settings: { ...one?.settings, ...other.settings },
    plan: { ...one?.plan, ...other.plan },
  };
}

/** The plan as the judge gets it. */
export function planOf({ plan = {} }: Situation, nowSec: number): PlanEvent {
  const { madeAgoSec, ...rest } = plan;
  const madeAt = madeAgoSec === undefined ? null : nowSec - madeAgoSec;
  return planEvent(nowSec, 'judged', { symbol: SYMBOL, side: 'BUY', ...ONE, ...rest, madeAt });
}

/** What the governor should know at that moment. */
export function viewOf(situation: Situation, nowSec: number): JudgeView {
  const { positions = {}, earlier = [], equity = EQUITY, settings = {}, lossUsd } = situation;
  const here = positions[SYMBOL];
  const openings = earlier.filter(({ exits }) => exits === undefined);
  const ours = (one: Earlier): boolean => (one.symbol ?? SYMBOL) === SYMBOL;
  const counted = (settings.GOV_EXITS_EXEMPT === false ? earlier : openings).filter(ours);
  const worthMicro = (some: readonly Earlier[]): number =>
    some.reduce((sum, { qty, price }) => sum + Math.round(qty * price * 1e6), 0);
  const all = Object.values(positions);
  return {
    ...PEACE,
    state: situation.state ?? 'ACTIVE',
    disarmed: situation.disarmed ?? false,
    position:
      here === undefined
        ? null
        : {
            amount: here.amount,
            markUsd: here.markUsd,
            notionalUsd: Math.abs(here.amount) * here.markUsd,
            ts: nowSec,
          },
    markUsd: situation.markUsd ?? null,
    equityUsd: (equity.ageSec ?? 0) > 900 ? null : equity.usd,
    budget: recordOf(situation.budget),
    target: recordOf(situation.target),
    efficiency:
      situation.efficiency === undefined
        ? PEACE.efficiency
        : { ...situation.efficiency, ageSec: 0, lifeSec: 600 },
    reservedQty: earlier.filter(({ exits }) => exits === true).reduce((sum, { qty }) => sum + qty, 0),
    reservedMicro: worthMicro(openings.filter(ours)),
    allReservedMicro: worthMicro(openings),
    grossPositionUsd: all.reduce((sum, { amount, markUsd }) => sum + Math.abs(amount) * markUsd, 0),
    openSymbols: all.filter(({ amount }) => amount !== 0).length,
    lossUsd: lossUsd ?? 0,
    permitsLastHour: counted.length,
    permitsLast5Min: counted.length,
    sinceLastOpeningSec: openings.some(ours) ? (situation.waitSec ?? 0) : Infinity,
    permittedDayMicro: worthMicro(counted),
  };
}

export const EQUITY: Aged = { usd: 100_000 };

function recordOf(record: Aged | undefined): JudgeView['budget'] {
  return record === undefined ? PEACE.budget : { usd: record.usd, ageSec: record.ageSec ?? 0, lifeSec: 1e9 };
}
