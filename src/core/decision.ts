/**
 * What the engine decides, with the field names of spec/contract.md, numbers as they are (none rounded), an unknown
 * one null. `decisions.jsonl`, the hashes and the streams are encodings of these.
 */
import type { Mode } from './settings.ts';
import type { BlockReason, GateName } from './governor/reasons.ts';

export type Contributions = ReadonlyMap<string, number>;

export interface AttributionDecision {
  readonly type: 'attribution';
  readonly tick: number;
  readonly symbol: string;
  readonly alpha_score: number;
  readonly performance_factor: number;
  readonly confidence: number;
  readonly window: number;
  readonly ts_utc: number;
  readonly ts: number;
  readonly source: 'live' | 'LKG';
  readonly mode: Mode;
  readonly regime_contrib: Contributions;
  readonly cluster_contrib: Contributions;
  readonly signal_contrib: Contributions;
  readonly time_contrib: Contributions;
  readonly pf_range: '-1_1';
  readonly last_exec_ts: number;
}

export interface BudgetDecision {
  readonly type: 'budget';
  readonly tick: number;
  readonly symbol: string;
  readonly budget_usd: number;
  readonly stress_factor: number;
  readonly equity_usd: number;
  readonly portfolio_heat: number;
  readonly cluster_stress: number;
  readonly vol_regime: number;
  readonly mode: Mode;
  readonly timestamp: number;
  readonly base_risk_pct: number;
}

export type DrawdownZone = 'LOW' | 'MID' | 'HIGH' | 'UNKNOWN';

export interface AllocationDecision {
  readonly type: 'allocation';
  readonly tick: number;
  readonly symbol: string;
  readonly target_usd: number;
  readonly base_target_usd: number;
  readonly weight: number;
  readonly cluster_id: string;
  readonly regime: string;
  readonly drawdown_zone: DrawdownZone;
  readonly confidence: number;
  readonly timestamp: number;
  readonly ts: number;
  readonly mode: Mode;
  readonly base_budget_usd: number;
  readonly regime_factor: number;
  readonly cluster_factor: number;
  readonly drawdown_factor: number;
  readonly performance_factor: number;
  readonly performance_source: 'P3.0' | 'fallback';
  readonly caps: string;
}

/** What a score asks of a symbol's capital. */
export const PRESSURES = ['INCREASE', 'HOLD', 'DECREASE'] as const;
export type CapitalPressure = (typeof PRESSURES)[number];

export interface EfficiencyDecision {
  readonly type: 'efficiency';
  readonly tick: number;
  readonly symbol: string;
  readonly efficiency_score: number;
  readonly efficiency_raw: number;
  readonly efficiency_ewma: number;
  readonly capital_pressure: CapitalPressure;
  readonly reallocation_weight: number;
  readonly confidence: number;
  readonly inputs_ok: 0 | 1;
  readonly stale_flags: string;
  readonly p30_perf: number;
  readonly p30_conf: number;
  readonly p29_target_usd: number;
  readonly volatility_ewma: number;
  readonly dd_proxy: number;
  readonly volatility_ratio: number;
  readonly dd_ratio: number;
  readonly hold_time_penalty: number;
  readonly ts: number;
  readonly mode: Mode;
  readonly version: 'p31_v1';
}

export type EfficiencyReason = 'ok' | 'missing_eff' | 'stale_eff' | 'low_conf' | 'redis_error';

export interface ProposalDecision {
  readonly type: 'proposal';
  readonly tick: number;
  readonly symbol: string;
  readonly ts_epoch: number;
  readonly base_target: number;
  readonly proposed_target: number;
  readonly multiplier: number;
  readonly eff_score: number | null;
  readonly eff_confidence: number | null;
  readonly eff_stale: 0 | 1;
  readonly reason: EfficiencyReason;
  readonly mode: 'shadow';
}

/** What one gate saw of one plan. */
export interface GateTrace {
  readonly gate: GateName;
  readonly enforced: boolean;
  readonly outcome: 'pass' | 'block' | 'would_block' | 'not_evaluated';
  readonly reason: BlockReason | null;
  readonly value: number | null;
  readonly limit: number | null;
  /** The setting that armed it. */
  readonly setting: string | null;
  /** Why it passed without comparing, in a word or two. */
  readonly note: string | null;
}

export interface PermitDecision {
  readonly type: 'permit';
  readonly ts: number;
  readonly granted: true;
  readonly plan_id: string;
  readonly symbol: string;
  readonly side: string | null;
  readonly action: string;
  readonly reduce_only: boolean;
  readonly close_fraction: number | null;
  readonly bot: string | null;
  readonly apply_mode: string;
  readonly decision: 'EXECUTE';
  readonly requested_qty: number | null;
  readonly computed_qty: number | null;
  readonly computed_notional: number | null;
  readonly qty_scale: number;
  readonly created_at: number;
  readonly expires_at: number;
  readonly eff_score: number | null;
  readonly eff_confidence: number | null;
  readonly eff_stale: 0 | 1;
  readonly eff_factor: number;
  readonly eff_action: 'NONE' | 'DOWNSIZE';
  readonly eff_reason: EfficiencyReason;
  readonly downsize_factor: number;
  readonly extra_cooldown_sec: number;
  readonly gates: readonly GateTrace[];
}

export interface BlockDecision {
  readonly type: 'block';
  readonly ts: number;
  readonly plan_id: string;
  readonly symbol: string;
  readonly bot: string | null;
  readonly reason: BlockReason;
  readonly gate: GateName;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  readonly gates: readonly GateTrace[];
}

export interface DisarmDecision {
  readonly type: 'disarm';
  readonly ts: number;
  readonly plan_id: string;
  readonly symbol: string;
  readonly reason: BlockReason;
  readonly scope: 'symbol' | 'all';
}

export type TickDecision =
  AttributionDecision | BudgetDecision | AllocationDecision | EfficiencyDecision | ProposalDecision;
export type GovernorDecision = PermitDecision | BlockDecision | DisarmDecision;
export type Decision = TickDecision | GovernorDecision;
