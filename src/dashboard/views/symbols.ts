/**
 * The table of all symbols: its columns, which rows are shown in what order, how old what they say is, and their sums.
 * `now` is the store's clock.
 */
import type { SymbolRow } from '../wire.ts';

/** How old a number of each component may be, in seconds, before what reads it calls it stale. */
export const AGE_LIMITS_SEC = {
  attribution: 60,
  budget: 60,
  target: 60,
  efficiency: 600,
  proposal: 600,
  position: 300,
} as const;
export type AgedPart = keyof typeof AGE_LIMITS_SEC;

export const SYMBOL_COLUMNS = [
  { key: 'symbol', title: 'Symbol', isText: true },
  { key: 'profit', title: 'Profit', isText: false },
  { key: 'executions', title: 'Executions', isText: false },
  { key: 'efficiency', title: 'Efficiency', isText: false },
  { key: 'pressure', title: 'Pressure', isText: true },
  { key: 'confidence', title: 'Confidence', isText: false },
  { key: 'budget', title: 'Budget', isText: false },
  { key: 'target', title: 'Target', isText: false },
  { key: 'proposed', title: 'Proposed', isText: false },
  { key: 'position', title: 'Position', isText: false },
  { key: 'age', title: 'Age', isText: false },
] as const;
export type SymbolColumn = (typeof SYMBOL_COLUMNS)[number]['key'];

export interface SymbolSort {
  readonly column: SymbolColumn;
  readonly direction: 'ascending' | 'descending';
}

export interface SymbolFilter {
  /** Part of a symbol's, cluster's or regime's name, in any case; words apart by spaces have to be there all. */
  readonly text: string;
  /** Null: any. */
  readonly pressure: string | null;
  readonly cluster: string | null;
  readonly isDisarmedOnly: boolean;
  readonly isStaleOnly: boolean;
}

export const NO_FILTER: SymbolFilter = {
  text: '',
  pressure: null,
  cluster: null,
  isDisarmedOnly: false,
  isStaleOnly: false,
};

export interface PartAge {
  readonly part: AgedPart;
  readonly ts: number;
  readonly ageSec: number;
  readonly limitSec: number;
  readonly isStale: boolean;
}

/** The rows a filter lets through, sorted. What is not known stands last in either direction; equals keep the order they came in. */
export function arrangeSymbols(
  rows: readonly SymbolRow[],
  filter: SymbolFilter,
  sort: SymbolSort,
  now: number,
): readonly SymbolRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const keyed = rows
    .filter((row) => passes(row, filter, words, now))
    .map((row) => ({ row, value: sortValue(row, sort.column) }));
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return keyed.toSorted((a, b) => compareValues(a.value, b.value, sign)).map(({ row }) => row);
}

/** How a click on a header changes the sort: the other way round, or a new column, numbers from the largest. */
export function nextSort(sort: SymbolSort, column: SymbolColumn): SymbolSort {
  if (sort.column === column)
    return { column, direction: sort.direction === 'ascending' ? 'descending' : 'ascending' };
  const isText = SYMBOL_COLUMNS.find(({ key }) => key === column)?.isText ?? false;
  return { column, direction: isText ? 'ascending' : 'descending' };
}

/** Everything of a row that has an age, in the order of the columns. */
export function partAges(row: SymbolRow, now: number): readonly PartAge[] {
  const times: readonly [AgedPart, number | null][] = [
    ['attribution', row.performance_ts],
    ['efficiency', row.efficiency_ts],
    ['budget', row.budget_ts],
    ['target', row.target_ts],
    ['proposal', row.proposed_ts],
    ['position', row.position_ts],
  ];
  return times.flatMap(([part, ts]) => {
    if (ts === null) return [];
    const limitSec = AGE_LIMITS_SEC[part];
    const ageSec = Math.max(0, now - ts);
    return [{ part, ts, ageSec, limitSec, isStale: ageSec > limitSec }];
  });
}

/** The age to show for a row: what is furthest beyond its limit, else the oldest; null: nothing has an age. */
export function worstAge(row: SymbolRow, now: number): PartAge | null {
  let worst: PartAge | null = null;
  for (const age of partAges(row, now)) if (worst === null || isWorse(age, worst)) worst = age;
  return worst;
}

/** The clusters there are, in order of their names. */
export function clustersOf(rows: readonly SymbolRow[]): readonly string[] {
  const names = new Set<string>();
  for (const { cluster } of rows) if (cluster !== null) names.add(cluster);
  return [...names].toSorted(compareText);
}

export interface SymbolSums {
  readonly symbols: number;
  readonly profitUsd: number;
  readonly executions: number;
  /** Null: none of the rows has it. */
  readonly budgetUsd: number | null;
  readonly targetUsd: number | null;
  readonly proposedUsd: number | null;
  /** Of the positions' sizes, whichever way they go; `netUsd` with their signs. */
  readonly grossUsd: number | null;
  readonly netUsd: number | null;
  readonly stale: number;
  readonly disarmed: number;
}

export function sumSymbols(rows: readonly SymbolRow[], now: number): SymbolSums {
  return {
    symbols: rows.length,
    profitUsd: rows.reduce((sum, { profit_usd }) => sum + profit_usd, 0),
    executions: rows.reduce((sum, { executions }) => sum + executions, 0),
    budgetUsd: sumOf(rows, ({ budget_usd }) => budget_usd),
    targetUsd: sumOf(rows, ({ target_usd }) => target_usd),
    proposedUsd: sumOf(rows, ({ proposed_usd }) => proposed_usd),
    grossUsd: sumOf(rows, ({ position_usd }) => (position_usd === null ? null : Math.abs(position_usd))),
    netUsd: sumOf(rows, ({ position_usd }) => position_usd),
    stale: rows.filter((row) => worstAge(row, now)?.isStale === true).length,
    disarmed: rows.filter(({ disarmed }) => disarmed !== null).length,
  };
}

/** The components that decided this row in shadow: what they say does not act. */
export function shadowParts(row: SymbolRow): readonly string[] {
  const modes = [
    ['attribution', row.performance_mode],
    ['efficiency', row.efficiency_mode],
    ['target', row.target_mode],
  ] as const;
  return modes.flatMap(([part, mode]) => (mode === 'shadow' ? [part] : []));
}

function passes(row: SymbolRow, filter: SymbolFilter, words: readonly string[], now: number): boolean {
  if (filter.pressure !== null && row.pressure !== filter.pressure) return false;
  if (filter.cluster !== null && row.cluster !== filter.cluster) return false;
  if (filter.isDisarmedOnly && row.disarmed === null) return false;
  if (filter.isStaleOnly && worstAge(row, now)?.isStale !== true) return false;
  if (words.length === 0) return true;
  const text = `${row.symbol} ${row.cluster ?? ''} ${row.regime ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function sortValue(row: SymbolRow, column: SymbolColumn): number | string | null {
  switch (column) {
    case 'symbol':
      return row.symbol;
    case 'profit':
      return row.profit_usd;
    case 'executions':
      return row.executions;
    case 'efficiency':
      return row.efficiency;
    case 'pressure':
      return row.pressure;
    case 'confidence':
      return row.efficiency_confidence;
    case 'budget':
      return row.budget_usd;
    case 'target':
      return row.target_usd;
    case 'proposed':
      return row.proposed_usd;
    case 'position':
      return row.position_usd === null ? null : Math.abs(row.position_usd);
    case 'age':
      return worstAgeValue(row);
  }
}

/** By when the oldest was decided, so that the order does not change while time passes. */
function worstAgeValue(row: SymbolRow): number | null {
  const ages = partAges(row, 0).map(({ ts }) => -ts);
  return ages.length === 0 ? null : Math.max(...ages);
}

function compareValues(a: number | string | null, b: number | string | null, sign: 1 | -1): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : sign * (a < b ? -1 : 1);
  return sign * compareText(String(a), String(b));
}

/** In code-unit order, as symbols are everywhere else. */
function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function isWorse(age: PartAge, than: PartAge): boolean {
  if (age.isStale !== than.isStale) return age.isStale;
  return age.isStale ? age.ageSec / age.limitSec > than.ageSec / than.limitSec : age.ageSec > than.ageSec;
}

function sumOf(rows: readonly SymbolRow[], read: (row: SymbolRow) => number | null): number | null {
  let sum: number | null = null;
  for (const row of rows) {
    const value = read(row);
    if (value !== null) sum = (sum ?? 0) + value;
  }
  return sum;
}
