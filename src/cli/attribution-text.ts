/** The attribution of a whole period as printed tables. */
import type { Breakdown, BreakdownRow } from '../replay/report/breakdown.ts';
import { bold } from './colour.ts';
import { formatCount, formatPercent, formatRatio, formatUsd } from './figures.ts';
import { renderTable, type Cell, type Column, type TableOptions } from './table.ts';

const FIGURES: readonly { readonly column: Column; readonly cell: (row: BreakdownRow) => Cell }[] = [
  { column: right('trades', 5), cell: (row) => formatCount(row.count) },
  { column: right('profit', 9), cell: (row) => usd(row.profitUsd) },
  { column: right('share', 3), cell: (row) => formatPercent(row.shareOfTotal) },
  { column: right('won', 6), cell: (row) => formatPercent(row.winRate) },
  { column: right('avg win', 1), cell: (row) => usd(row.averageWinUsd) },
  { column: right('avg loss', 2), cell: (row) => usd(row.averageLossUsd) },
  { column: right('factor', 7), cell: (row) => formatRatio(row.profitFactor) },
  { column: right('per trade', 4), cell: (row) => usd(row.expectancyUsd) },
];
const NAME_IMPORTANCE = 9;

/** One section for each breakdown, each a heading and a table, to be printed with an empty line between. */
export function attributionText(breakdowns: readonly Breakdown[], options: TableOptions): string[] {
  return breakdowns.map((found) => {
    const heading = `Profit by ${found.by.map(spoken).join(' and ')}${found.exact ? '' : ' (rounded: past 9e9 USD)'}`;
    const named = found.by.map((dimension): Column => {
      return { header: spoken(dimension), align: 'left', importance: NAME_IMPORTANCE };
    });
    const labels = found.by.map((_, index) => (index === 0 ? 'total' : ''));
    const table = {
      columns: [...named, ...FIGURES.map(({ column }) => column)],
      rows: found.rows.map((row) => [...row.names, ...figuresOf(row)]),
      total: [...labels, ...figuresOf(found.total)],
    };
    return `${bold(heading, options)}\n${renderTable(table, options)}`;
  });
}

function figuresOf(row: BreakdownRow): Cell[] {
  return FIGURES.map(({ cell }) => cell(row));
}

function usd(value: number | null): Cell {
  return { text: formatUsd(value), sign: value ?? 0 };
}

function right(header: string, importance: number): Column {
  return { header, align: 'right', importance };
}

function spoken(dimension: string): string {
  return dimension === 'hour_bucket' ? 'hours (UTC)' : dimension.replaceAll('_', ' ');
}
