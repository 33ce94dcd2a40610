/**
 * What is told beside a block: when the same plan could pass, and how much of it would pass now. Both are found by asking
 * the judge again, so that they never say what it would not. Source: spec/contract.md, `governor:block`.
 */
import { GATES_IN_ORDER, isEnforced } from './gates.ts';
import { judge, type Blocked } from './judge.ts';
import { BURST_SEC, DAY_SEC, HOUR_SEC, type BookView } from './permit-book.ts';
import { readPlan, reduces } from './read-plan.ts';
import type { PlanEvent } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { BlockReason, GateName } from './reasons.ts';
import type { JudgeView } from './view.ts';

export interface BlockAdvice {
  /**
   * The first moment, Unix seconds in whole milliseconds, at which the same plan, made anew then, would be granted if
   * nothing but time passed; null: time alone does not help.
   */
  readonly nextEligibleAt: number | null;
  /** The largest `qty` that would be granted now, less than was asked; null: none would, it is not known, or size is not why. */
  readonly maxQty: number | null;
}

/** What the governor knows and will know about the plan's symbol. Each is asked only where it can help. */
export interface Outlook {
  /** The view the plan was blocked under. */
  readonly view: () => JudgeView;
  /** `PermitBook.ahead` of the symbol. */
  readonly at: (atSec: number) => BookView;
  /** `PermitBook.runsOut` of the symbol from now on. */
  readonly runsOut: (windowsSec: readonly number[]) => readonly number[];
}

/** `settings` are those the plan was blocked under. */
export function adviceFor(
  plan: PlanEvent,
  blocked: Blocked,
  outlook: Outlook,
  settings: Settings,
): BlockAdvice {
  if (!HELPED_BY_TIME.has(blocked.reason) && !HELPED_BY_SIZE.has(blocked.reason))
    return { nextEligibleAt: null, maxQty: null };
  const view = outlook.view();
  return {
    nextEligibleAt: nextEligibleAt(plan, blocked, view, outlook, settings),
    maxQty: maxQty(plan, blocked, view, settings),
  };
}

/** Reasons that compare the plan's notional with a limit: a smaller one may pass. */
const HELPED_BY_SIZE: ReadonlySet<BlockReason> = new Set<BlockReason>([
  'p28_budget_violation',
  'p29_allocation_cap',
  'notional_per_trade_exceeded',
  'total_notional_exceeded',
  'daily_limit_exceeded',
]);

/** Reasons in which something of the permit book is counted. */
const HELPED_BY_TIME: ReadonlySet<BlockReason> = new Set<BlockReason>([
  'nothing_to_close',
  'p28_budget_violation',
  'p29_allocation_cap',
  'hourly_limit_exceeded',
  'burst_limit_exceeded',
  'symbol_cooldown',
  'total_notional_exceeded',
  'daily_limit_exceeded',
]);

/**
 * Judged with what the book will say then and everything else as it is now: ages count back from the plan's own moment,
 * so a plan made anew later, on records as fresh, is this plan. Whatever runs out only helps, so a search by halves finds
 * the first moment.
 */
function nextEligibleAt(
  plan: PlanEvent,
  { reason }: Blocked,
  view: JudgeView,
  outlook: Outlook,
  settings: Settings,
): number | null {
  if (!HELPED_BY_TIME.has(reason) || staysDisarmed(plan, reason, settings)) return null;
  const moments = outlook.runsOut(enforcedWindowsSec(settings));
  const passesAt = (at: number): boolean => judge(plan, { ...view, ...outlook.at(at) }, settings).granted;
  const last = moments.at(-1);
  if (last === undefined || !passesAt(last)) return null;
  let low = 0;
  let high = moments.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passesAt(moments[middle]!)) high = middle;
    else low = middle + 1;
  }
  return moments[low]!;
}

/** A burst breach disarms the symbol for good; that stops its openings only. */
function staysDisarmed(plan: PlanEvent, reason: BlockReason, settings: Settings): boolean {
  const { GOV_ENABLE_AUTO_DISARM, GOV_DISARM_ON_BURST_BREACH } = settings;
  const disarms = reason === 'burst_limit_exceeded' && GOV_ENABLE_AUTO_DISARM && GOV_DISARM_ON_BURST_BREACH;
  return disarms && !reduces(plan);
}

/** How long permits count in the gates that can block. */
function enforcedWindowsSec(settings: Settings): number[] {
  const windowsSec: ReadonlyMap<GateName, number> = new Map([
    ['hourly', HOUR_SEC],
    ['burst', BURST_SEC],
    ['caps', settings.GOV_SYMBOL_COOLDOWN_SECONDS],
    ['daily', DAY_SEC],
  ]);
  return GATES_IN_ORDER.flatMap((gate) => {
    const windowSec = windowsSec.get(gate.name);
    return windowSec !== undefined && isEnforced(gate, settings) ? [windowSec] : [];
  });
}

/** One try for each limit that may bind, and a few for what rounding leaves. */
const MAX_TRIES = 9;

/**
 * Each block says by how much it is over its limit: the plan is cut by that and judged again, until it passes or something else
 * blocks. Never more than was asked: where a position would have to be turned further to get under a limit, there is no answer.
 */
function maxQty(plan: PlanEvent, blocked: Blocked, view: JudgeView, settings: Settings): number | null {
  if (reduces(plan) || !HELPED_BY_SIZE.has(blocked.reason)) return null;
  const { qty } = readPlan(plan, view, settings);
  if (qty === null) return null;
  let share = 1;
  let verdict = blocked;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    share = Math.min(share * shareThatFits(verdict), share * (1 - Number.EPSILON));
    if (!(qty * share > 0)) return null;
    const next = judge(withQty(plan, qty * share, share, view), view, settings);
    if (next.granted) return qty * share;
    if (!HELPED_BY_SIZE.has(next.reason)) return null;
    verdict = next;
  }
  return null;
}

/** The part of a blocked notional that is left without what is over the limit; NaN where it is not known. */
function shareThatFits({ value, limit, notionalUsd }: Blocked): number {
  if (value === null || limit === null || notionalUsd === null) return NaN;
  return (notionalUsd - (value - limit)) / notionalUsd;
}

/** The plan with another quantity; one without gets it where a price ties it to the notional. */
function withQty(plan: PlanEvent, qty: number, share: number, view: JudgeView): PlanEvent {
  const tied = plan.qty !== null || plan.price !== null || view.markUsd !== null;
  const notionalUsd = plan.notionalUsd === null ? null : plan.notionalUsd * share;
  return { ...plan, qty: tied ? qty : null, notionalUsd };
}
