/** What was decided last about each symbol's capital, in the order the tables show it, and what these tables share. */
import { markup, NOTHING } from './markup.ts';
import { count, fixed } from './numbers.ts';
import type { Cell, Column, Row } from './table.ts';
import type {
  AllocationDecision,
  BudgetDecision,
  CapitalPressure,
  EfficiencyDecision,
  ProposalDecision,
} from '../../core/decision.ts';
import type { Facts } from './facts.ts';

/** Symbols shown one by one; the others are summed up. */
export const MOST_SYMBOLS = 30;

export interface Capital {
  readonly symbol: string;
  readonly profitUsd: number;
  readonly overBudgetUsd: number;
  readonly budget: BudgetDecision | null;
  readonly allocation: AllocationDecision | null;
  readonly efficiency: EfficiencyDecision | null;
  readonly proposal: ProposalDecision | null;
}

/** The symbols a table shows, those it sums up, and the words that say so. */
export interface CapitalRows {
  readonly shown: readonly Capital[];
  readonly rest: readonly Capital[];
  readonly note: { readonly note?: string };
}

/** Largest target first, then by profit, then by name. */
export function capitalOf({ outcome, bySymbol }: Facts): Capital[] {
  const { pipeline } = outcome;
  const { symbols } = pipeline.engine;
  const profits = new Map(bySymbol.rows.map((row) => [row.names[0], row.profitUsd]));
  const all = [...pipeline.final()].map(([symbol, decisions]): Capital => {
    return {
      symbol,
      profitUsd: profits.get(symbol) ?? 0,
      overBudgetUsd: pipeline.engine.overBudgetUsd(symbols.id(symbol)),
      budget: decisions.budget as BudgetDecision | null,
      allocation: decisions.allocation as AllocationDecision | null,
      efficiency: decisions.efficiency as EfficiencyDecision | null,
      proposal: decisions.proposal as ProposalDecision | null,
    };
  });
  const target = ({ allocation }: Capital): number => allocation?.target_usd ?? -1;
  // Symbols come in code-unit order, and sorting keeps it among equals.
  return all.sort((a, b) => target(b) - target(a) || b.profitUsd - a.profitUsd);
}

/** How many symbols are under which pressure. */
export function pressureCounts(all: readonly Capital[]): Map<CapitalPressure, number> {
  const counts = new Map<CapitalPressure, number>([
    ['INCREASE', 0],
    ['HOLD', 0],
    ['DECREASE', 0],
  ]);
  for (const { efficiency } of all)
    if (efficiency !== null)
      counts.set(efficiency.capital_pressure, (counts.get(efficiency.capital_pressure) ?? 0) + 1);
  return counts;
}

export function numberColumn(head: string): Column {
  return { head, kind: 'number' };
}

const FACTOR_DIGITS = 3;
/** So near to one a factor is not worth a colour. */
const CALM = 0.01;

/** A factor, and in small type what it rests on. */
export function factorCell(factor: number, because: string): Cell {
  const shown = fixed(factor, FACTOR_DIGITS);
  const tone = Math.abs(factor - 1) < CALM ? '' : factor > 1 ? 'gain' : 'loss';
  const text = because === '' || because === 'UNKNOWN' ? NOTHING : markup` <small>${because}</small>`;
  return { text: markup`${shown}${text}`, tone };
}

/** The symbols that are not shown, as one row. */
export function restRow(
  rest: readonly Capital[],
  columns: readonly Column[],
  sums: (rest: readonly Capital[]) => ReadonlyMap<string, Cell | string>,
): Row[] {
  if (rest.length === 0) return [];
  const found = sums(rest);
  return [
    {
      cells: [`${count(rest.length)} others`, ...columns.slice(1).map(({ head }) => found.get(head) ?? '')],
      kind: 'rest',
    },
  ];
}

export function sum(all: readonly Capital[], of: (one: Capital) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
