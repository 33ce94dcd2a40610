/**
 * From base budget to target as steps that multiply: what the allocation computed with, in its order (budget, regime, cluster, drawdown,
 * performance, then caps, then an applied proposal). Pure: from one recorded decision.
 */
import { exactFactors } from './exact-factor.ts';
import type { AllocationDecision } from '../../core/decision.ts';
import type { Waterfall, WaterfallStep } from './explanation.ts';

/** What an entry of `stream:allocation.decision` holds. */
export type AllocationRow = Omit<AllocationDecision, 'type' | 'tick'>;

/** Null: no factors lead from this budget to this target, as no allocation of ours decides it. */
export function waterfallOf(row: AllocationRow): Waterfall | null {
  const steps: WaterfallStep[] = [];
  let at = row.base_budget_usd;
  const multiply = (name: WaterfallStep['name'], factor: number, because: string): void => {
    const after = at * factor;
    steps.push({ name, factor, before_usd: at, after_usd: after, because });
    at = after;
  };
  /** Whatever it takes to get there. */
  const reach = (name: WaterfallStep['name'], to: number, because: string): boolean => {
    if (at === to) return true;
    const factors = exactFactors(at, to);
    if (factors === null) return false;
    factors.forEach((factor, i) =>
      multiply(i === 0 ? name : 'rounding', factor, i === 0 ? because : ROUNDING),
    );
    return true;
  };
  multiply('regime', row.regime_factor, row.regime);
  multiply('cluster', row.cluster_factor, row.cluster_id);
  multiply('drawdown', row.drawdown_factor, row.drawdown_zone);
  multiply('performance', row.performance_factor, row.performance_source);
  const isProposed = row.target_usd !== row.base_target_usd;
  // On a stale budget the target may not rise above the last one; what caps did besides cannot be told from it.
  const isOnStale = row.drawdown_zone === 'UNKNOWN';
  const isReached =
    isOnStale && row.caps === ''
      ? reach('last_target', row.base_target_usd, 'the budget was stale')
      : reach('caps', row.base_target_usd, isProposed ? 'before the proposal' : row.caps);
  if (
    !isReached ||
    !reach('proposal', row.target_usd, row.caps === '' ? 'applied' : `applied, then caps: ${row.caps}`)
  )
    return null;
  const { symbol, ts, mode, base_budget_usd, target_usd, confidence } = row;
  return { symbol, ts, mode, base_budget_usd, steps, target_usd, confidence };
}

const ROUNDING = 'the last bit: no double factor gives the step before it exactly';
