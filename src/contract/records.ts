/**
 * The hashes and stream entries of the components that tick, with the contract's field names in its order
 * (spec/contract.md, Outputs). The governor's are in governor-records.ts and permit-record.ts.
 */
import {
  contributions,
  decimal,
  encodeRecord,
  fixed,
  oneOf,
  orEmpty,
  text,
  type FieldCodec,
  type FieldList,
  type RecordCodec,
} from './record-codec.ts';
import type {
  AllocationDecision,
  AttributionDecision,
  BudgetDecision,
  EfficiencyDecision,
  EfficiencyReason,
  ProposalDecision,
} from '../core/decision.ts';
import type { Mode } from '../core/settings.ts';

type Row<Decision, Except extends string = never> = Omit<Decision, 'type' | 'tick' | Except>;
const mode: FieldCodec<Mode> = oneOf<Mode>('shadow', 'enforce');

/** Another program's factor may lie in 0..1 and says so. */
export type AttributionRow = Row<AttributionDecision, 'symbol' | 'pf_range'> & {
  readonly pf_range: '-1_1' | '0_1';
};

export const ATTRIBUTION: RecordCodec<AttributionRow> = {
  alpha_score: decimal,
  performance_factor: decimal,
  confidence: decimal,
  window: decimal,
  ts_utc: decimal,
  ts: decimal,
  source: oneOf('live', 'LKG'),
  mode,
  regime_contrib: contributions,
  cluster_contrib: contributions,
  signal_contrib: contributions,
  time_contrib: contributions,
  pf_range: oneOf('-1_1', '0_1'),
  last_exec_ts: decimal,
};
export const ATTRIBUTION_ENTRY: RecordCodec<AttributionRow & { readonly symbol: string }> = {
  ...ATTRIBUTION,
  symbol: text,
};

export const BUDGET: RecordCodec<Row<BudgetDecision>> = {
  symbol: text,
  budget_usd: decimal,
  stress_factor: decimal,
  equity_usd: decimal,
  portfolio_heat: decimal,
  cluster_stress: decimal,
  vol_regime: decimal,
  mode,
  timestamp: decimal,
  base_risk_pct: decimal,
};

/** A position larger than its budget. */
export interface BudgetViolation {
  readonly symbol: string;
  readonly position_notional_usd: number;
  readonly budget_usd: number;
  /** USD by which the position exceeds the budget. */
  readonly over_budget: number;
  readonly mode: Mode;
  readonly timestamp: number;
}
export const BUDGET_VIOLATION: RecordCodec<BudgetViolation> = {
  symbol: text,
  position_notional_usd: decimal,
  budget_usd: decimal,
  over_budget: decimal,
  mode,
  timestamp: decimal,
};

type StreamOnly =
  | 'symbol'
  | 'base_budget_usd'
  | 'regime_factor'
  | 'cluster_factor'
  | 'drawdown_factor'
  | 'performance_factor'
  | 'performance_source'
  | 'caps';
export const TARGET: RecordCodec<Row<AllocationDecision, StreamOnly>> = {
  target_usd: decimal,
  base_target_usd: decimal,
  weight: decimal,
  cluster_id: text,
  regime: text,
  drawdown_zone: oneOf('LOW', 'MID', 'HIGH', 'UNKNOWN'),
  confidence: decimal,
  timestamp: decimal,
  ts: decimal,
  mode,
};
export const ALLOCATION_ENTRY: RecordCodec<Row<AllocationDecision>> = {
  ...TARGET,
  symbol: text,
  base_budget_usd: decimal,
  regime_factor: decimal,
  cluster_factor: decimal,
  drawdown_factor: decimal,
  performance_factor: decimal,
  performance_source: oneOf('P3.0', 'fallback'),
  caps: text,
};

export const EFFICIENCY: RecordCodec<Row<EfficiencyDecision, 'symbol'>> = {
  efficiency_score: decimal,
  efficiency_raw: decimal,
  efficiency_ewma: decimal,
  capital_pressure: oneOf('INCREASE', 'HOLD', 'DECREASE'),
  reallocation_weight: decimal,
  confidence: decimal,
  inputs_ok: oneOf<0 | 1>(0, 1),
  stale_flags: text,
  p30_perf: decimal,
  p30_conf: decimal,
  p29_target_usd: decimal,
  volatility_ewma: decimal,
  dd_proxy: decimal,
  volatility_ratio: decimal,
  dd_ratio: decimal,
  hold_time_penalty: decimal,
  ts: decimal,
  mode,
  version: oneOf('p31_v1'),
};

type EfficiencyEntry = Pick<
  EfficiencyDecision,
  | 'symbol'
  | 'efficiency_score'
  | 'capital_pressure'
  | 'reallocation_weight'
  | 'confidence'
  | 'stale_flags'
  | 'ts'
  | 'mode'
  | 'efficiency_raw'
  | 'efficiency_ewma'
  | 'p30_perf'
  | 'p29_target_usd'
  | 'volatility_ratio'
  | 'dd_ratio'
  | 'hold_time_penalty'
> & { readonly trace: string };
export const EFFICIENCY_ENTRY: RecordCodec<EfficiencyEntry> = {
  symbol: text,
  efficiency_score: decimal,
  capital_pressure: EFFICIENCY.capital_pressure,
  reallocation_weight: decimal,
  confidence: decimal,
  stale_flags: text,
  ts: decimal,
  mode,
  trace: text,
  efficiency_raw: decimal,
  efficiency_ewma: decimal,
  p30_perf: decimal,
  p29_target_usd: decimal,
  volatility_ratio: decimal,
  dd_ratio: decimal,
  hold_time_penalty: decimal,
};

export const PROPOSAL_ENTRY: RecordCodec<Row<ProposalDecision>> = {
  ts_epoch: decimal,
  symbol: text,
  base_target: decimal,
  proposed_target: decimal,
  multiplier: fixed(4),
  eff_score: orEmpty(decimal),
  eff_confidence: orEmpty(decimal),
  eff_stale: oneOf<0 | 1>(0, 1),
  reason: oneOf<EfficiencyReason>('ok', 'missing_eff', 'stale_eff', 'low_conf', 'redis_error'),
  mode: oneOf('shadow'),
};
export const PROPOSAL: RecordCodec<Row<ProposalDecision> & { readonly last_update_ts_epoch: number }> = {
  ...PROPOSAL_ENTRY,
  last_update_ts_epoch: decimal,
};

/** The hash `alpha:attribution:{symbol}`. */
export function encodeAttribution(decision: AttributionDecision): FieldList {
  return encodeRecord(ATTRIBUTION, decision);
}

/** An entry of the stream `alpha.attribution`. */
export function encodeAttributionEntry(decision: AttributionDecision): FieldList {
  return encodeRecord(ATTRIBUTION_ENTRY, decision);
}

/** The hash `portfolio:budget:{symbol}`. */
export function encodeBudget(decision: BudgetDecision): FieldList {
  return encodeRecord(BUDGET, decision);
}

/** An entry of the stream `budget.violation`. */
export function encodeBudgetViolation(violation: BudgetViolation): FieldList {
  return encodeRecord(BUDGET_VIOLATION, violation);
}

/** The hash `allocation:target:{symbol}`. */
export function encodeTarget(decision: AllocationDecision): FieldList {
  return encodeRecord(TARGET, decision);
}

/** An entry of the stream `allocation.decision`. */
export function encodeAllocationEntry(decision: AllocationDecision): FieldList {
  return encodeRecord(ALLOCATION_ENTRY, decision);
}

/** The hash `capital:efficiency:{symbol}`. */
export function encodeEfficiency(decision: EfficiencyDecision): FieldList {
  return encodeRecord(EFFICIENCY, decision);
}

/** An entry of the stream `capital.efficiency.decision`. */
export function encodeEfficiencyEntry(decision: EfficiencyDecision): FieldList {
  const { p30_conf, p29_target_usd, inputs_ok } = decision;
  const [confidence, targetUsd] = [fixed(2).format(p30_conf), fixed(0).format(p29_target_usd)];
  const trace = `p30_conf=${confidence},p29_tgt=${targetUsd},inputs_ok=${inputs_ok}`;
  return encodeRecord(EFFICIENCY_ENTRY, { ...decision, trace });
}

/** An entry of the stream `allocation.target.proposed`. */
export function encodeProposalEntry(decision: ProposalDecision): FieldList {
  return encodeRecord(PROPOSAL_ENTRY, decision);
}

/** The hash `allocation:target:proposed:{symbol}`. */
export function encodeProposal(decision: ProposalDecision): FieldList {
  return encodeRecord(PROPOSAL, { ...decision, last_update_ts_epoch: decision.tick });
}
