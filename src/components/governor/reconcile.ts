/**
 * Executions held against permits: what was traded without one, or beyond it. Pure; the desk asks it for every execution
 * that arrives after the governor judged its first plan. Source: spec/model.md, Reconciliation.
 */
import type { KeptPermit } from '../../contract/kept-permit.ts';
import type { ExecutionEvent } from '../../core/event.ts';

export const UNPERMITTED_REASONS = [
  /** The execution names no plan. */
  'no_plan',
  /** The plan never had a permit, as far as 24 hours back. */
  'no_permit',
  /** There was a permit, and nobody took it. */
  'not_taken',
  'other_symbol',
  'other_side',
  /** More was filled than the permit allowed. */
  'exceeded',
] as const;
export type UnpermittedReason = (typeof UNPERMITTED_REASONS)[number];

export interface Unpermitted {
  readonly reason: UnpermittedReason;
  readonly planId: string | null;
  readonly symbol: string;
  readonly executionId: string | null;
  readonly orderId: string | null;
  readonly bot: string | null;
  /** Of `exceeded`: what was filled in all, and what was allowed. */
  readonly value: number | null;
  readonly limit: number | null;
}

/** Filled quantities are sums of rounded ones: so much more than permitted is no excess. */
const TOLERANCE = 1e-6;

/** What of a permit an execution is held against. */
export type Permitted = Pick<KeptPermit, 'symbol' | 'side' | 'qty' | 'reducing'>;

/**
 * Null: the execution is covered. `permit`: that of its plan, null where there is none; `isTaken` as far as is known;
 * `filledQty` of its kind (opening fills, or those that realise profit), with this execution.
 */
export function unpermitted(
  execution: ExecutionEvent,
  permit: Permitted | null,
  isTaken: boolean,
  filledQty: number,
): Unpermitted | null {
  const found = (reason: UnpermittedReason, value: number | null = null, limit: number | null = null) => ({
    reason,
    planId: execution.planId,
    symbol: execution.symbol,
    executionId: execution.executionId,
    orderId: execution.orderId,
    bot: execution.bot,
    value,
    limit,
  });
  if (execution.planId === null) return found('no_plan');
  if (permit === null) return found('no_permit');
  if (!isTaken) return found('not_taken');
  if (permit.symbol !== execution.symbol) return found('other_symbol');
  // A position opened under a plan may be closed under it too (a stop at the exchange), on the other side.
  const isOwnKind = (execution.pnlUsd === null) !== permit.reducing;
  if (isOwnKind && isOpposite(permit.side, execution.side)) return found('other_side');
  if (permit.qty !== null && filledQty > permit.qty * (1 + TOLERANCE))
    return found('exceeded', filledQty, permit.qty);
  return null;
}

const SIGNS: ReadonlyMap<string, number> = new Map([
  ['BUY', 1],
  ['LONG', 1],
  ['SELL', -1],
  ['SHORT', -1],
]);

function isOpposite(permitted: string | null, executed: string | null): boolean {
  const [one, two] = [SIGNS.get(permitted?.toUpperCase() ?? ''), SIGNS.get(executed?.toUpperCase() ?? '')];
  return one !== undefined && two !== undefined && one !== two;
}
