/** The lines that say what an engine published: written while it runs, and made again by whoever checks it. */
import { encode } from '../../contract/encode.ts';
import type { Engine } from '../../core/pipeline/engine.ts';

/** A position over its budget, as of the budget's newest tick. */
export function violationLine(engine: Engine, symbol: number): string {
  const { budget, governor, symbols } = engine;
  return encode({
    type: 'violation',
    tick: budget.columns.ts.get(symbol),
    symbol: symbols.name(symbol),
    position_notional_usd: governor.positionNotionalUsd(symbol),
    budget_usd: budget.columns.budgetUsd.get(symbol),
    over_budget: engine.overBudgetUsd(symbol),
  });
}

/** A checksum of lines as a tick names it. */
export function checksumText(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
