/** Which breakdowns of a period a report shows, and the same as plain data for `--json`. */
import {
  breakdown,
  type Breakdown,
  type BreakdownRow,
  type By,
  type Dimension,
  type LedgerNames,
} from './breakdown.ts';
import type { PeriodLedger } from './ledger.ts';

/** What is shown when nothing is asked, as far as it says something. */
const DEFAULT_DIMENSIONS: readonly Dimension[] = ['symbol', 'signal', 'regime', 'cluster', 'hour_bucket'];
/** The name of label 0, which also stands for "not given". */
const UNKNOWN = 'UNKNOWN';

/**
 * The breakdowns to show: the one asked for by `--by`, else by symbol, signal, regime, cluster and hours of the day,
 * leaving out a dimension whose only value is unknown.
 */
export function attributionBreakdowns(ledger: PeriodLedger, names: LedgerNames, by: By | null): Breakdown[] {
  if (by !== null) return [breakdown(ledger, by, names)];
  return DEFAULT_DIMENSIONS.map((dimension) => breakdown(ledger, [dimension], names)).filter(({ rows }) =>
    rows.some((row) => row.names[0] !== UNKNOWN),
  );
}

export interface AttributionJson {
  /** False past 9e9 USD, where the sums are rounded. */
  readonly exact: boolean;
  readonly total: RowJson;
  readonly breakdowns: readonly { readonly by: readonly string[]; readonly rows: readonly NamedRowJson[] }[];
}

/** Fields in the contract's manner; unknown is null. */
export interface RowJson {
  readonly count: number;
  readonly wins: number;
  readonly losses: number;
  readonly profit_usd: number;
  readonly profit_micro_usd: number;
  readonly win_rate: number;
  readonly average_win_usd: number | null;
  readonly average_loss_usd: number | null;
  readonly profit_factor: number | null;
  readonly expectancy_usd: number;
  readonly share_of_total: number | null;
}

export interface NamedRowJson extends RowJson {
  readonly names: readonly string[];
}

/** What the tables show, not rounded. */
export function attributionJson(ledger: PeriodLedger, names: LedgerNames, by: By | null): AttributionJson {
  const total = breakdown(ledger, ['weekday'], names).total;
  return {
    exact: ledger.exact,
    total: rowJson(total),
    breakdowns: attributionBreakdowns(ledger, names, by).map((found) => ({
      by: [...found.by],
      rows: found.rows.map((row) => ({ names: row.names, ...rowJson(row) })),
    })),
  };
}

function rowJson(row: BreakdownRow): RowJson {
  return {
    count: row.count,
    wins: row.wins,
    losses: row.losses,
    profit_usd: row.profitUsd,
    profit_micro_usd: row.profitMicroUsd,
    win_rate: row.winRate,
    average_win_usd: row.averageWinUsd,
    average_loss_usd: row.averageLossUsd,
    profit_factor: row.profitFactor,
    expectancy_usd: row.expectancyUsd,
    share_of_total: row.shareOfTotal,
  };
}
