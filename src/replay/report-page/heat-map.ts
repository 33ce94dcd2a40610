/** Two dimensions crossed, small enough to look at: the names that matter most, the rest of each summed up. */
import { sumOf } from './fold.ts';
import type { Breakdown, BreakdownRow } from '../report/breakdown.ts';

export interface HeatMap {
  /** Names down and across; null stands for all others together. */
  readonly rows: readonly (string | null)[];
  readonly columns: readonly (string | null)[];
  /** By row, then by column; null where nothing happened. */
  readonly cells: readonly (readonly (BreakdownRow | null)[])[];
  readonly rowTotals: readonly BreakdownRow[];
  readonly columnTotals: readonly BreakdownRow[];
  readonly otherRows: number;
  readonly otherColumns: number;
  /** The largest profit or loss of a cell, USD. */
  readonly largestUsd: number;
}

/** Keeps the `most` names with the largest profit or loss on each side, in the order of `orderOf`. */
export function heatMap(
  { rows }: Breakdown,
  most: { readonly rows: number; readonly columns: number },
  isNaturalRow: boolean,
): HeatMap {
  const down = axisOf(rows, 0, most.rows, isNaturalRow);
  const across = axisOf(rows, 1, most.columns, false);
  const groups = down.names.map(() => across.names.map((): BreakdownRow[] => []));
  for (const row of rows)
    groups[down.placeOf(row.names[0] ?? '')]?.[across.placeOf(row.names[1] ?? '')]?.push(row);
  const cells = groups.map((line) => line.map((group) => (group.length === 0 ? null : sumOf(group))));
  return {
    rows: down.names,
    columns: across.names,
    cells,
    rowTotals: groups.map((line) => sumOf(line.flat())),
    columnTotals: across.names.map((_, column) => sumOf(groups.flatMap((line) => line[column] ?? []))),
    otherRows: down.others,
    otherColumns: across.others,
    largestUsd: Math.max(0, ...cells.flat().map((cell) => Math.abs(cell?.profitUsd ?? 0))),
  };
}

interface Axis {
  readonly names: readonly (string | null)[];
  readonly others: number;
  readonly placeOf: (name: string) => number;
}

function axisOf(rows: readonly BreakdownRow[], index: 0 | 1, most: number, isNatural: boolean): Axis {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = row.names[index] ?? '';
    sums.set(name, (sums.get(name) ?? 0) + row.profitMicroUsd);
  }
  const all = [...sums.keys()];
  const size = (name: string): number => Math.abs(sums.get(name) ?? 0);
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const kept = all.toSorted((a, b) => size(b) - size(a) || byName(a, b)).slice(0, fits(all.length, most));
  kept.sort(isNatural ? byName : (a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0) || byName(a, b));
  const others = all.length - kept.length;
  const places = new Map(kept.map((name, place) => [name, place]));
  return {
    names: others > 0 ? [...kept, null] : kept,
    others,
    placeOf: (name) => places.get(name) ?? kept.length,
  };
}

/** One name too many is shown rather than called "1 other". */
function fits(names: number, most: number): number {
  return names === most + 1 ? names : most;
}
