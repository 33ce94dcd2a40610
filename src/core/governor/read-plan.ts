/**
 * Reading a plan: what it would do, how much of it, and whether it can be judged at all. Source: spec/model.md, "Reading the plan".
 */
import { saturate } from '../num.ts';
import type { PlanEvent, PlanNumber } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { BlockReason } from './reasons.ts';

/** What the governor knows of a plan's symbol and the account at the moment it judges. */
export interface SymbolView {
  /** The newest position snapshot; null when there never was one. */
  readonly position: Position | null;
  /** The market's mark price where it is fresh, else null. */
  readonly markUsd: number | null;
  /** Quantity held by open reducing reservations of the symbol. */
  readonly reservedQty: number;
}

export interface Position {
  /** Signed quantity. */
  readonly amount: number;
  readonly markUsd: number | null;
  readonly notionalUsd: number | null;
  /** Unix seconds. */
  readonly ts: number;
}

export interface PlanReading {
  readonly reducing: boolean;
  /** +1, −1, or 0 where the plan does not say. */
  readonly side: -1 | 0 | 1;
  readonly requestedQty: number | null;
  /** Quantity and notional before `qty_scale`. */
  readonly qty: number | null;
  readonly notionalUsd: number | null;
  /** Share of the position a reducing plan closes; null for an opening. */
  readonly closeFraction: number | null;
  readonly problem: PlanProblem | null;
}

export interface PlanProblem {
  readonly reason: BlockReason;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
}

const CLOSE_SHARES: ReadonlyMap<string, number> = new Map([
  ['FULL_CLOSE_PROPOSED', 1],
  ['PARTIAL_75', 0.75],
  ['PARTIAL_50', 0.5],
  ['PARTIAL_25', 0.25],
]);

/** Whether a plan reduces a position: its action closes, or it says `reduceOnly`. Everything else opens. */
export function reduces(plan: PlanEvent): boolean {
  return plan.reduceOnly || CLOSE_SHARES.has(plan.action);
}

export function readPlan(plan: PlanEvent, view: SymbolView, settings: Settings): PlanReading {
  return reduces(plan) ? readReducing(plan, view, settings) : readOpening(plan, view, settings);
}

function readReducing(plan: PlanEvent, view: SymbolView, settings: Settings): PlanReading {
  const side = sideOf(plan.side);
  const share = CLOSE_SHARES.get(plan.action) ?? null;
  const known = knownPosition(plan.ts, view.position, settings);
  const needsQty = share === null || known === null;
  const price = usable(plan.price) ?? view.markUsd ?? known?.markUsd ?? null;
  const base = { reducing: true, side, requestedQty: asGiven(plan.qty), closeFraction: share ?? 1 } as const;
  const nothing = { qty: null, notionalUsd: null };
  const refuse = (problem: PlanProblem): PlanReading => ({ ...base, ...nothing, problem });

  if (!plan.namesValid || (needsQty && isUnusable(plan.qty)) || isNaNTime(plan))
    return refuse(problemOf('invalid_plan'));
  const stale = staleness(plan, settings.GOV_EXIT_MAX_AGE_SEC, 'GOV_EXIT_MAX_AGE_SEC');
  if (stale !== null) return refuse(stale);
  if (known === null) {
    const qty = plan.qty;
    return { ...base, qty, notionalUsd: asGiven(times(qty, price)), problem: null };
  }
  const direction = Math.sign(known.amount);
  if (side !== 0 && direction !== 0 && side === direction) return refuse(problemOf('would_increase'));
  const held = Math.abs(known.amount);
  const available = held - view.reservedQty;
  if (held === 0 || available <= held * DUST) return refuse(problemOf('nothing_to_close'));
  const wanted = share !== null ? share * held : (plan.qty ?? held);
  const qty = asGiven(Math.min(wanted, available));
  return { ...base, qty, notionalUsd: asGiven(times(qty, price)), problem: null };
}

/** Money is counted in whole micro-USD, exact up to here; a plan beyond it is a mistake. */
const MAX_NOTIONAL_USD = 9e9;

/** What is left of a position after subtracting its parts may be float noise: less than this share of it is nothing. */
const DUST = 1e-12;

function readOpening(plan: PlanEvent, view: SymbolView, settings: Settings): PlanReading {
  const side = sideOf(plan.side);
  const { qty, price, notionalUsd } = plan;
  const mark = view.markUsd;
  const base = { reducing: false, side, requestedQty: asGiven(qty), closeFraction: null } as const;
  const refuse = (problem: PlanProblem): PlanReading => ({ ...base, qty: null, notionalUsd: null, problem });

  const unusable = isUnusable(qty) || isUnusable(price) || isUnusable(notionalUsd);
  const badScore =
    isOutside01(plan.killScore) || isOutside01(plan.confidence) || Number.isNaN(plan.regimeFlip);
  const byPrice = times(qty, price);
  const byMark = times(qty, mark);
  const largest = larger(larger(notionalUsd, byPrice), byMark);
  const overflow = largest !== null && largest > MAX_NOTIONAL_USD;
  if (!plan.namesValid || unusable || badScore || overflow || isNaNTime(plan))
    return refuse(problemOf('invalid_plan'));
  const stale = staleness(plan, settings.GOV_PLAN_MAX_AGE_SEC, 'GOV_PLAN_MAX_AGE_SEC');
  if (stale !== null) return refuse(stale);
  if (notionalUsd !== null && byPrice !== null) {
    const apart = Math.abs(notionalUsd - byPrice);
    if (apart > settings.GOV_MAX_NOTIONAL_MISMATCH_PCT * Math.max(notionalUsd, byPrice))
      return refuse({
        reason: 'notional_mismatch',
        value: notionalUsd,
        limit: byPrice,
        setting: 'GOV_MAX_NOTIONAL_MISMATCH_PCT',
      });
  }
  if (price !== null && mark !== null && Math.abs(price - mark) > settings.GOV_MAX_PRICE_DEVIATION_PCT * mark)
    return refuse({
      reason: 'price_out_of_range',
      value: price,
      limit: mark,
      setting: 'GOV_MAX_PRICE_DEVIATION_PCT',
    });

  const untied = qty !== null && notionalUsd !== null && price === null && mark === null;
  const anyPrice = price ?? mark ?? knownPosition(plan.ts, view.position, settings)?.markUsd ?? null;
  const byNotional = notionalUsd !== null && anyPrice !== null ? saturate(notionalUsd / anyPrice) : null;
  return {
    reducing: false,
    side,
    requestedQty: base.requestedQty,
    closeFraction: null,
    qty: qty ?? byNotional,
    notionalUsd: untied ? null : largest,
    problem: null,
  };
}

function larger(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.max(one, other);
}

/** The newest snapshot where it is at most `GOV_POSITION_STALE_SEC` old and its quantity is one. */
function knownPosition(now: number, position: Position | null, settings: Settings): Position | null {
  if (position === null || !Number.isFinite(position.amount)) return null;
  return now - position.ts <= settings.GOV_POSITION_STALE_SEC ? position : null;
}

function sideOf(side: string | null): -1 | 0 | 1 {
  switch (side?.toUpperCase()) {
    case 'BUY':
    case 'LONG':
      return 1;
    case 'SELL':
    case 'SHORT':
      return -1;
    default:
      return 0;
  }
}

/** Signed USD value of a position: by its notional, else by the snapshot's own mark; 0 where neither is known. */
export function signedNotionalUsd(position: Position): number {
  const size = position.notionalUsd ?? Math.abs(position.amount) * (position.markUsd ?? 0);
  return Math.sign(position.amount) * Math.abs(saturate(size));
}

function staleness(plan: PlanEvent, limitSec: number, setting: string): PlanProblem | null {
  if (plan.madeAt === null) return null;
  const ageSec = plan.ts - plan.madeAt;
  return ageSec > limitSec ? { reason: 'stale_plan', value: ageSec, limit: limitSec, setting } : null;
}

function problemOf(reason: BlockReason): PlanProblem {
  return { reason, value: null, limit: null, setting: null };
}

/** There, but not a finite number above zero. */
function isUnusable(value: PlanNumber): boolean {
  return value !== null && !(value > 0 && value < Infinity);
}

function usable(value: PlanNumber): number | null {
  return isUnusable(value) ? null : value;
}

/** What the plan says, even where it is of no use; null where it is no number. */
function asGiven(value: PlanNumber): number | null {
  return Number.isNaN(value) ? null : value;
}

function isOutside01(value: PlanNumber): boolean {
  return value !== null && !(value >= 0 && value <= 1);
}

function isNaNTime(plan: PlanEvent): boolean {
  return Number.isNaN(plan.madeAt);
}

function times(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : saturate(a * b);
}
