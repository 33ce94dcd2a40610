/** From budget to target: the factors that each symbol's budget is multiplied by, and the caps that bound. */
import { factorCell, numberColumn, restRow, sum, type Capital, type CapitalRows } from './capital.ts';
import { markup, type Markup } from './markup.ts';
import { fixed, percent, usd } from './numbers.ts';
import { table, type Column, type Row } from './table.ts';
import type { AllocationDecision } from '../../core/decision.ts';

export function targetTable({ shown, rest, note }: CapitalRows): Markup {
  const columns: Column[] = [
    { head: 'Symbol', kind: 'name' },
    numberColumn('budget'),
    numberColumn('×\u00a0regime'),
    numberColumn('×\u00a0cluster'),
    numberColumn('×\u00a0drawdown'),
    numberColumn('×\u00a0performance'),
    { head: 'caps', kind: 'text' },
    numberColumn('target'),
    numberColumn('weight'),
    numberColumn('confidence'),
  ];
  const rows = shown.map(({ symbol, budget, allocation }): Row => {
    const budgetText = usd(allocation?.base_budget_usd ?? budget?.budget_usd);
    if (allocation === null) return { cells: [symbol, budgetText, ...columns.slice(2).map(() => '–')] };
    return {
      cells: [
        symbol,
        budgetText,
        factorCell(allocation.regime_factor, allocation.regime),
        factorCell(allocation.cluster_factor, allocation.cluster_id),
        factorCell(allocation.drawdown_factor, allocation.drawdown_zone),
        factorCell(
          allocation.performance_factor,
          allocation.performance_source === 'P3.0' ? '' : allocation.performance_source,
        ),
        allocation.caps === '' ? '' : allocation.caps.replaceAll(',', ', '),
        { text: markup`<b>${usd(allocation.target_usd)}</b>` },
        percent(allocation.weight, 2),
        fixed(allocation.confidence, 2),
      ],
    };
  });
  const total = (of: (allocation: AllocationDecision) => number, among: readonly Capital[]): number =>
    sum(among, ({ allocation }) => (allocation === null ? 0 : of(allocation)));
  const sums = (among: readonly Capital[]): ReadonlyMap<string, string> =>
    new Map([
      ['budget', usd(total((one) => one.base_budget_usd, among))],
      ['target', usd(total((one) => one.target_usd, among))],
      [
        'weight',
        percent(
          total((one) => one.weight, among),
          2,
        ),
      ],
    ]);
  const totals = sums([...shown, ...rest]);
  return table({
    caption: 'Targets: from budget to target',
    ...note,
    columns,
    rows: [...rows, ...restRow(rest, columns, sums)],
    total: { cells: ['Total', ...columns.slice(1).map(({ head }) => totals.get(head) ?? '')] },
  });
}
