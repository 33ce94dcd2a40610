/**
 * The lines operators search logs for, one a decision: `BTCUSDT: alpha=0.1234 perf=0.5678 conf=0.900 window=20
 * source=live`. Their form is part of what other programs see.
 */
import type {
  AllocationDecision,
  AttributionDecision,
  BudgetDecision,
  EfficiencyDecision,
  ProposalDecision,
} from '../../core/decision.ts';
import { word } from './printable.ts';

/** Names in a line about many symbols. */
const MAX_NAMES = 20;

export function efficiencyLine(decision: EfficiencyDecision): string {
  const { symbol, efficiency_score, efficiency_ewma, capital_pressure, confidence, stale_flags } = decision;
  const scores = `eff=${fixed(efficiency_score, 3)} ewma=${fixed(efficiency_ewma, 3)}`;
  const flags = stale_flags === '' ? 'OK' : stale_flags;
  return `${symbol}: ${scores} pressure=${capital_pressure} conf=${fixed(confidence, 2)} flags=${flags}`;
}

export function attributionLine(decision: AttributionDecision): string {
  const { symbol, alpha_score, performance_factor, confidence, window, source } = decision;
  const scores = `alpha=${fixed(alpha_score, 4)} perf=${fixed(performance_factor, 4)}`;
  return `${symbol}: ${scores} conf=${fixed(confidence, 3)} window=${window} source=${source}`;
}

export function budgetLine({ symbol, budget_usd, stress_factor, equity_usd, mode }: BudgetDecision): string {
  const stress = fixed(stress_factor, 3);
  return `${symbol}: budget=${fixed(budget_usd, 2)} stress=${stress} equity=${fixed(equity_usd, 2)} mode=${mode}`;
}

export function allocationLine(decision: AllocationDecision): string {
  const { symbol, target_usd, base_target_usd, confidence, mode, drawdown_zone } = decision;
  const targets = `target=${fixed(target_usd, 2)} base=${fixed(base_target_usd, 2)}`;
  const why = `regime=${word(decision.regime)} cluster=${word(decision.cluster_id)} dd=${drawdown_zone}`;
  return `${symbol}: ${targets} ${why} conf=${fixed(confidence, 3)} mode=${mode}`;
}

export function proposalLine(decision: ProposalDecision): string {
  const { symbol, base_target, proposed_target, multiplier, reason } = decision;
  const targets = `base=${fixed(base_target, 2)} proposed=${fixed(proposed_target, 2)}`;
  return `${symbol}: ${targets} mult=${fixed(multiplier, 4)} reason=${reason}`;
}

export function processingLine(symbols: readonly string[]): string {
  const more = symbols.length - MAX_NAMES;
  const names = symbols.slice(0, MAX_NAMES).join(', ');
  return `Processing ${symbols.length} symbols: ${names}${more > 0 ? `, ... and ${more} more` : ''}`;
}

/** So many decimals; what rounds to zero has no sign. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.startsWith('-') && Number(text) === 0 ? text.slice(1) : text;
}
