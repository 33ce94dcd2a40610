/** Long breakdowns made short: the best and the worst rows, and all between them as one. */
import type { BreakdownRow } from '../report/breakdown.ts';

export interface Folded {
  readonly top: readonly BreakdownRow[];
  /** The rows between as one; null where nothing was folded. */
  readonly rest: BreakdownRow | null;
  readonly restCount: number;
  readonly bottom: readonly BreakdownRow[];
}

/** Keeps at most `most` rows: half from the beginning, half from the end. One row is never folded alone. */
export function fold(rows: readonly BreakdownRow[], most: number): Folded {
  if (rows.length <= most + 1) return { top: rows, rest: null, restCount: 0, bottom: [] };
  const head = Math.ceil(most / 2);
  const tail = rows.length - Math.floor(most / 2);
  const between = rows.slice(head, tail);
  return {
    top: rows.slice(0, head),
    rest: sumOf(between),
    restCount: between.length,
    bottom: rows.slice(tail),
  };
}

/** Rows of the same breakdown as one. */
export function sumOf(rows: readonly BreakdownRow[]): BreakdownRow {
  const total = (of: (row: BreakdownRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const counted = total((row) => row.count);
  const wins = total((row) => row.wins);
  const losses = total((row) => row.losses);
  const profitMicroUsd = total((row) => row.profitMicroUsd);
  const winUsd = total((row) => (row.averageWinUsd ?? 0) * row.wins);
  const lossUsd = total((row) => (row.averageLossUsd ?? 0) * row.losses);
  const shares = rows.map((row) => row.shareOfTotal);
  return {
    names: [],
    count: counted,
    wins,
    losses,
    profitUsd: profitMicroUsd / 1e6,
    profitMicroUsd,
    winRate: counted === 0 ? 0 : wins / counted,
    averageWinUsd: wins === 0 ? null : winUsd / wins,
    averageLossUsd: losses === 0 ? null : lossUsd / losses,
    profitFactor: lossUsd === 0 ? null : winUsd / -lossUsd,
    expectancyUsd: counted === 0 ? 0 : profitMicroUsd / 1e6 / counted,
    shareOfTotal: shares.includes(null) ? null : total((row) => row.shareOfTotal ?? 0),
  };
}
