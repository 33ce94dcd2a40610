/** Positions over their budget: an entry when one begins or changes, at least every minute while it lasts. */
import { keyOf, KEYS } from '../contract/keys.ts';
import { encodeBudgetViolation, type BudgetViolation } from '../contract/records.ts';
import type { Engine } from '../core/pipeline/engine.ts';
import type { Mode } from '../core/settings.ts';
import type { Output } from '../store/store.ts';

const ENTRY_EVERY_SEC = 60;

export interface FoundViolation {
  readonly symbol: number;
  readonly violation: BudgetViolation;
  readonly output: Output;
}

export class Violations {
  readonly #engine: Engine;
  readonly #key: string;
  /** Symbol → what was said last, and when. */
  readonly #said = new Map<number, { readonly text: string; readonly tick: number }>();

  constructor(engine: Engine, namespace: string) {
    this.#engine = engine;
    this.#key = keyOf(namespace, 'budgetViolations');
  }

  /** Those to be said at a tick of the budget. */
  at(tick: number, mode: Mode): FoundViolation[] {
    const found: FoundViolation[] = [];
    const { symbols, budget } = this.#engine;
    for (const symbol of symbols.known()) {
      const overUsd = budget.columns.ts.data[symbol] === tick ? this.#engine.overBudgetUsd(symbol) : 0;
      if (overUsd <= 0) {
        this.#said.delete(symbol);
        continue;
      }
      const budgetUsd = budget.columns.budgetUsd.data[symbol]!;
      const positionUsd = this.#engine.governor.positionNotionalUsd(symbol)!;
      const last = this.#said.get(symbol);
      const text = `${positionUsd} ${budgetUsd} ${mode}`;
      if (last?.text === text && tick - last.tick < ENTRY_EVERY_SEC) continue;
      this.#said.set(symbol, { text, tick });
      const violation: BudgetViolation = {
        symbol: symbols.name(symbol),
        position_notional_usd: positionUsd,
        budget_usd: budgetUsd,
        over_budget: overUsd,
        mode,
        timestamp: tick,
      };
      const fields = encodeBudgetViolation(violation).flat();
      const maxLength = KEYS.budgetViolations.maxLength;
      found.push({
        symbol,
        violation,
        output: { kind: 'append', key: this.#key, fields, maxLength },
      });
    }
    return found;
  }
}
