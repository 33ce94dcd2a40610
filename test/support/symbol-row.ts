/** A row of the dashboard's snapshot in which nothing is known but what a test says. */
import type { SymbolRow } from '../../src/dashboard/wire.ts';

export function symbolRow(symbol: string, known: Partial<SymbolRow> = {}): SymbolRow {
  return {
    ...{
      symbol,
      cluster: null,
      regime: null,
      profit_usd: 0,
      executions: 0,
      last_execution_ts: null,
      spark: [],
    },
    ...{ performance_factor: null, alpha_score: null, performance_confidence: null },
    ...{ performance_ts: null, performance_mode: null, budget_usd: null, budget_ts: null },
    ...{
      target_usd: null,
      base_target_usd: null,
      target_confidence: null,
      target_ts: null,
      target_mode: null,
    },
    ...{ shadow_target_usd: null, shadow_target_ts: null, proposed_usd: null, multiplier: null },
    ...{ proposed_reason: null, proposed_ts: null, efficiency: null, efficiency_ewma: null, pressure: null },
    ...{ reallocation_weight: null, efficiency_confidence: null, stale_flags: '', efficiency_ts: null },
    ...{ efficiency_mode: null, position_amt: null, position_usd: null, position_ts: null, mark_price: null },
    ...{ mark_ts: null, disarmed: null },
    ...known,
  };
}
