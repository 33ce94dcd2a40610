/** Of each reason to block: what could have been different, and how far it may go. */
import { REASON_GATES } from '../reasons.ts';
import { reduces } from '../read-plan.ts';
import { INPUTS, withMode, type Case, type InputName, type Value } from './inputs.ts';
import type { Blocked } from '../judge.ts';

/** One input, moved as little as it takes. */
export interface Lever {
  readonly input: InputName;
  /** Numbers to move towards, the nearest first, or values to try, the likeliest first. */
  readonly to: readonly Value[];
  /** Where to begin where the input is not known: the end at which it does not help. */
  readonly from?: number;
  /** The values are taken as they are: the least that helps is nothing anyone would mean. */
  readonly isExact?: true;
  /** What stands there is of no use: it begins at `from` all the same. */
  readonly isAnew?: true;
}

/** Amounts nobody has; the last only where even that is too little. */
const MUCH_USD = [1e12, Number.MAX_VALUE];
const FEW_CENTS = 0.01;
/** What a plan may be worth at all. */
export const MAX_NOTIONAL_USD = 9e9;
const MAX_COUNT = 1_000_000;
const DAY_SEC = 86_400;

/** What answers a block, and what does where none of that helps. */
export interface Levers {
  readonly usual: readonly Lever[];
  readonly last: readonly Lever[];
}

export function leversFor(blocked: Blocked, one: Case): Levers {
  const usual =
    blocked.reason === 'evaluation_error' ? forError(blocked, one) : BY_REASON[blocked.reason](one, blocked);
  return { usual, last: lastResort(blocked, one) };
}

const lever = (input: InputName, ...to: readonly Value[]): Lever => ({ input, to });
const exactly = (input: InputName, ...to: readonly Value[]): Lever => ({ input, to, isExact: true });
const upFrom0 = (input: InputName): Lever => ({ input, to: MUCH_USD, from: 0 });

type Answer = (one: Case, blocked: Blocked) => readonly Lever[];

const BY_REASON: Readonly<Record<keyof typeof REASON_GATES, Answer>> = {
  kill_switch_active: ({ judged }) => [
    lever('trading_state', ...(reduces(judged.plan) ? ['REDUCING'] : []), 'ACTIVE'),
  ],
  kill_switch_reducing: () => [lever('trading_state', 'ACTIVE')],
  symbol_disarmed: () => [lever('symbol_disarmed', false)],
  invalid_plan: forInvalid,
  stale_plan: (_, { setting }) => [lever('age_sec', 0), lever(setting as InputName, DAY_SEC)],
  would_increase: ({ judged }) => [lever('side', otherSide(judged.plan.side), null)],
  nothing_to_close: forNothingToClose,
  notional_mismatch: ({ judged: { plan } }) => [
    lever('price', quotient(plan.notionalUsd, plan.qty)),
    lever('qty', quotient(plan.notionalUsd, plan.price)),
    lever('GOV_MAX_NOTIONAL_MISMATCH_PCT', 1),
  ],
  price_out_of_range: ({ judged }) => [
    lever('price', judged.view.markUsd),
    lever('GOV_MAX_PRICE_DEVIATION_PCT', 100),
  ],
  p28_budget_violation: (one) => [...forExposure(one), upFrom0('budget_usd')],
  p29_allocation_cap: (one) => [...forExposure(one), upFrom0('target_usd')],
  kill_score_critical_non_close: () => [lever('kill_score', 0), lever('GOV_KILL_SCORE_CRITICAL', 1)],
  daily_loss_limit: () => [lever('loss_usd', 0), upFrom0('equity_usd'), lever('GOV_MAX_DAILY_LOSS_PCT', 1)],
  hourly_limit_exceeded: () => [lever('permits_last_hour', 0), lever('GOV_MAX_EXEC_PER_HOUR', MAX_COUNT)],
  burst_limit_exceeded: () => [lever('permits_last_5min', 0), lever('GOV_MAX_EXEC_PER_5MIN', MAX_COUNT)],
  symbol_cooldown: () => [lever('since_last_opening_sec', DAY_SEC), lever('GOV_SYMBOL_COOLDOWN_SECONDS', 0)],
  max_positions_reached: () => [lever('open_positions', 0), lever('GOV_MAX_OPEN_POSITIONS', MAX_COUNT)],
  notional_unknown: forUnknownNotional,
  equity_unknown: () => [upFrom0('equity_usd')],
  notional_per_trade_exceeded: (_, blocked) => [lever('notional_usd', FEW_CENTS), ...forLimit(blocked)],
  total_notional_exceeded: (_, blocked) => [
    lever('notional_usd', FEW_CENTS),
    lever('gross_position_usd', 0),
    lever('all_reserved_usd', 0),
    ...forLimit(blocked),
  ],
  daily_limit_exceeded: (_, blocked) => [
    lever('notional_usd', FEW_CENTS),
    lever('permitted_day_usd', 0),
    ...forLimit(blocked),
  ],
};

/** The setting that binds, and the equity it is a share of. */
function forLimit({ setting }: Blocked): readonly Lever[] {
  const name = setting as InputName;
  return setting?.endsWith('_PCT') === true
    ? [lever(name, 100), upFrom0('equity_usd')]
    : [lever(name, MAX_NOTIONAL_USD)];
}

/** Less of it; where it turns a position around, or makes it smaller, more of it, or the other side. */
function forExposure({ judged }: Case): readonly Lever[] {
  const { position } = judged.view;
  const heldUsd = Math.abs(
    position === null ? 0 : (position.notionalUsd ?? position.amount * (position.markUsd ?? 0)),
  );
  return [
    lever('notional_usd', FEW_CENTS, ...(heldUsd > 0 ? [heldUsd] : [])),
    ...(judged.plan.side === null ? [] : [lever('side', otherSide(judged.plan.side))]),
    lever('reserved_usd', 0),
  ];
}

function forUnknownNotional({ judged: { plan } }: Case): readonly Lever[] {
  const { qty, notionalUsd } = plan;
  if (qty === null) return [{ input: 'notional_usd', to: [FEW_CENTS], from: MAX_NOTIONAL_USD }];
  return notionalUsd === null
    ? [{ input: 'price', to: [FEW_CENTS / qty], from: MAX_NOTIONAL_USD / qty }]
    : [exactly('price', quotient(notionalUsd, qty))];
}

function forNothingToClose({ judged: { plan, view } }: Case): readonly Lever[] {
  const amount = view.position?.amount ?? 0;
  const reserved = Number.isFinite(view.reservedQty) ? Math.max(0, view.reservedQty) : 0;
  const wanted = plan.qty !== null && plan.qty > 0 && plan.qty < Infinity ? plan.qty : 1;
  const closes = sideSign(plan.side) === 1 ? -1 : 1;
  if (amount === 0)
    return [exactly('position_amt', closes * (reserved + wanted), closes * (reserved * 2 + 1))];
  return [lever('reserved_qty', 0), lever('position_amt', Math.sign(amount) * (reserved * 2 + 1))];
}

/** What stands in the plan and cannot be used is left out, or made what it has to be. */
export function invalidInputs({ judged: { plan } }: Case): InputName[] {
  const isUnusable = (value: number | null): boolean => value !== null && !isUsable(value);
  const isOutside01 = (value: number | null): boolean => value !== null && !(value >= 0 && value <= 1);
  const found: (readonly [InputName, boolean])[] = [
    ['names_valid', !plan.namesValid],
    ['qty', isUnusable(plan.qty)],
    ['price', isUnusable(plan.price)],
    ['stated_notional_usd', isUnusable(plan.notionalUsd)],
    ['kill_score', isOutside01(plan.killScore)],
    ['confidence', isOutside01(plan.confidence)],
    ['k_regime_flip', Number.isNaN(plan.regimeFlip)],
    ['made_at', Number.isNaN(plan.madeAt)],
  ];
  return found.flatMap(([input, isInvalid]) => (isInvalid ? [input] : []));
}

function forInvalid(one: Case): readonly Lever[] {
  const invalid = invalidInputs(one);
  if (invalid.length === 0) return [lever('notional_usd', FEW_CENTS)];
  const to = new Map<InputName, Value>([
    ['names_valid', true],
    ['made_at', one.judged.plan.ts],
  ]);
  // Any one of them: the others are the next blocks.
  return invalid.flatMap((input) =>
    input === 'qty' ? forInvalidQty(one) : [exactly(input, to.get(input) ?? null)],
  );
}

/** The largest that passes of what may have been meant: it without its sign, else whatever a plan may be worth. */
function forInvalidQty({ judged: { plan, view } }: Case): readonly Lever[] {
  const given = Math.abs(plan.qty ?? 0);
  const price = Math.max(isUsable(plan.price) ? plan.price! : 0, view.markUsd ?? 0);
  const most = price > 0 ? MAX_NOTIONAL_USD / price : MAX_NOTIONAL_USD;
  const isMeant = given > 0 && given <= most;
  const meant = isMeant ? given : price > 0 ? most : 1;
  const without = exactly('qty', null);
  // An exit closes all there is without one, a plan with a notional asks for that.
  if (reduces(plan)) return [without];
  if (!isUsable(meant)) return [without];
  return [
    { input: 'qty', to: [Math.min(meant, price > 0 ? FEW_CENTS / price : meant)], from: meant, isAnew: true },
    // Where none passes as it is: as it was meant, and what else that takes.
    exactly('qty', isMeant ? meant : Math.max(FEW_CENTS / Math.max(price, FEW_CENTS), 1e-8)),
    ...(isUsable(plan.notionalUsd) ? [without] : []),
  ];
}

function isUsable(value: number | null): boolean {
  return value !== null && value > 0 && value < Infinity;
}

/** What may not be infinite and is, or is no number, with what it would be in peace. */
const NEUTRAL: readonly (readonly [InputName, Value])[] = [
  ['equity_usd', null],
  ['loss_usd', 0],
  ['permits_last_hour', 0],
  ['permits_last_5min', 0],
  ['since_last_opening_sec', DAY_SEC],
  ['open_positions', 0],
  ['gross_position_usd', 0],
  ['reserved_usd', 0],
  ['all_reserved_usd', 0],
  ['permitted_day_usd', 0],
];

export function brokenInputs(one: Case): InputName[] {
  return NEUTRAL.flatMap(([input]) => {
    const value = INPUTS[input].read(one);
    const isBroken = typeof value === 'number' && !Number.isFinite(value);
    return isBroken && !(input === 'since_last_opening_sec' && value === Infinity) ? [input] : [];
  });
}

function forError({ gate }: Blocked, one: Case): readonly Lever[] {
  const { plan, view, doubt } = one.judged;
  if (doubt !== null && !reduces(plan)) return [lever('doubt', null)];
  if (gate !== 'plan') {
    const broken = brokenInputs(one);
    return NEUTRAL.flatMap(([input, to]) => (broken.includes(input) ? [lever(input, to)] : []));
  }
  // It is worth nothing.
  return [
    ...(view.markUsd !== null && !(view.markUsd > 0) ? [lever('mark_usd', null)] : []),
    ...(plan.price === null ? [] : [exactly('qty', quotient(1, plan.price))]),
    ...(plan.qty === null ? [] : [exactly('price', quotient(1, plan.qty))]),
    lever('mark_usd', null),
  ];
}

/** Where nothing else helps: what the plan says besides is left out, and the gate does not count. */
function lastResort({ gate, reason }: Blocked, { judged: { plan }, settings }: Case): readonly Lever[] {
  if (gate === 'kill') return [];
  if (gate === 'plan') {
    return reason === 'notional_mismatch'
      ? [lever('stated_notional_usd', null), lever('price', null)]
      : [lever('price', null), lever('mark_usd', null), lever('qty', null)];
  }
  return [
    ...(reduces(plan) && !settings.GOV_EXITS_EXEMPT ? [lever('GOV_EXITS_EXEMPT', true)] : []),
    ...(settings.GOV_ARMED_GATES === 'closed' ? [lever('GOV_ARMED_GATES', 'open')] : []),
    lever('GOV_GATE_MODES', withMode(settings.GOV_GATE_MODES, [gate], 'shadow')),
  ];
}

function quotient(a: number | null, b: number | null): number | null {
  if (a === null || b === null || !(b > 0)) return null;
  return Math.min(a / b, Number.MAX_VALUE);
}

function sideSign(side: string | null): -1 | 0 | 1 {
  const name = side?.toUpperCase();
  return name === 'BUY' || name === 'LONG' ? 1 : name === 'SELL' || name === 'SHORT' ? -1 : 0;
}

export function otherSide(side: string | null): string {
  return sideSign(side) === 1 ? 'SELL' : 'BUY';
}
