/** What several parts of the page need: the outcome, its settings, and the breakdowns that more than one shows. */
import { breakdown, type Breakdown, type BreakdownRow, type LedgerNames } from '../report/breakdown.ts';
import type { Settings } from '../../core/settings.ts';
import type { ReplayOutcome } from '../outcome.ts';

export interface Facts {
  readonly outcome: ReplayOutcome;
  readonly settings: Settings;
  readonly names: LedgerNames;
  readonly total: BreakdownRow;
  readonly bySymbol: Breakdown;
  /** Fewer executions than this are weak evidence: the attribution's window, at which its confidence is full. */
  readonly weakBelow: number;
}

export function factsOf(outcome: ReplayOutcome, settings: Settings): Facts {
  const names = { symbols: outcome.pipeline.engine.symbols.names, labels: outcome.record.labels };
  const bySymbol = breakdown(outcome.record.ledger, ['symbol'], names);
  return {
    outcome,
    settings,
    names,
    total: bySymbol.total,
    bySymbol,
    weakBelow: settings.P30_LOOKBACK_WINDOW,
  };
}
