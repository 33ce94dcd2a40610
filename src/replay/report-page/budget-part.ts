/** Budgets and what stresses them. */
import { MOST_SYMBOLS, numberColumn, type Capital } from './capital.ts';
import { markup, type Markup } from './markup.ts';
import { count, fixed, usd } from './numbers.ts';
import { table } from './table.ts';
import type { BudgetDecision } from '../../core/decision.ts';

/** One sentence where stress is the same everywhere, else a table of those whose stress stands out. */
export function budgetPart(all: readonly Capital[]): Markup {
  const budgets = all.filter((one) => one.budget !== null) as (Capital & { budget: BudgetDecision })[];
  const [first] = budgets;
  if (first === undefined) return markup`<p class="empty">No budget was ever decided.</p>`;
  const parts = ({ budget }: { budget: BudgetDecision }): string =>
    `${budget.stress_factor} ${budget.portfolio_heat} ${budget.cluster_stress} ${budget.vol_regime}`;
  const over = budgets.filter(({ overBudgetUsd }) => overBudgetUsd > 0);
  if (over.length === 0 && budgets.every((one) => parts(one) === parts(first))) {
    const { stress_factor, portfolio_heat, cluster_stress, vol_regime, budget_usd } = first.budget;
    return markup`<p>Budgets: stress is ${fixed(stress_factor, 3)} for every symbol (heat ${fixed(portfolio_heat, 2)}, cluster stress ${fixed(cluster_stress, 2)}, volatility ${fixed(vol_regime, 2)}), which leaves ${usd(budget_usd)} USD each. No position is over its budget.</p>`;
  }
  const sorted = budgets.toSorted(
    (a, b) => b.overBudgetUsd - a.overBudgetUsd || b.budget.stress_factor - a.budget.stress_factor,
  );
  const shown = sorted.slice(0, MOST_SYMBOLS);
  return table({
    caption: 'Budgets and what stresses them',
    ...(shown.length < sorted.length
      ? { note: `the ${count(shown.length)} with the most stress of ${count(sorted.length)}` }
      : {}),
    columns: [
      { head: 'Symbol', kind: 'name' },
      ...['budget', 'stress', 'heat', 'cluster stress', 'volatility', 'over budget'].map(numberColumn),
    ],
    rows: shown.map(({ symbol, budget, overBudgetUsd }) => ({
      cells: [
        symbol,
        usd(budget.budget_usd),
        fixed(budget.stress_factor, 3),
        fixed(budget.portfolio_heat, 2),
        fixed(budget.cluster_stress, 2),
        fixed(budget.vol_regime, 2),
        overBudgetUsd > 0 ? { text: `▲ ${usd(overBudgetUsd)}`, tone: 'loss' } : '',
      ],
    })),
  });
}
