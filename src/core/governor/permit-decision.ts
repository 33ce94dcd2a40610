/** A granted plan as the decision that is written and recorded, with the contract's field names. */
import type { Granted } from './judge.ts';
import type { PermitDecision } from '../decision.ts';
import type { PlanEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

export function permitDecision(
  plan: PlanEvent,
  verdict: Granted,
  expiresAt: number,
  settings: Settings,
): PermitDecision {
  const { reading, downsize } = verdict;
  return {
    type: 'permit',
    ts: plan.ts,
    granted: true,
    plan_id: plan.planId,
    symbol: plan.symbol,
    side: plan.side,
    action: plan.action,
    reduce_only: reading.reducing,
    close_fraction: reading.closeFraction,
    bot: plan.bot,
    apply_mode: settings.APPLY_MODE,
    decision: 'EXECUTE',
    requested_qty: reading.requestedQty,
    computed_qty: verdict.qty,
    computed_notional: verdict.notionalUsd,
    qty_scale: verdict.qtyScale,
    created_at: plan.ts,
    expires_at: expiresAt,
    eff_score: downsize.score,
    eff_confidence: downsize.confidence,
    eff_stale: downsize.stale,
    eff_factor: downsize.factor,
    eff_action: downsize.action,
    eff_reason: downsize.reason,
    downsize_factor: downsize.factor,
    extra_cooldown_sec: downsize.extraCooldownSec,
    gates: verdict.trace,
  };
}
