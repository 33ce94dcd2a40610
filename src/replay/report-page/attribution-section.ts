/** Where the profit came from: a table for every dimension, and two crossings as heat maps. */
import { barOf, zeroOf } from './bar-geometry.ts';
import { breakdown, DIMENSIONS, type Breakdown, type BreakdownRow } from '../report/breakdown.ts';
import { fold } from './fold.ts';
import { heatSection } from './heat-section.ts';
import { markup, NOTHING, type Markup } from './markup.ts';
import { DIMENSION_TITLES, spoken } from './meanings.ts';
import { count, counted, fixed, percent, signedUsd } from './numbers.ts';
import { table, toned, type Cell, type Column, type Row } from './table.ts';
import type { Facts } from './facts.ts';

/** Rows of a table by name: half the best, half the worst. */
const MOST_ROWS = 24;
/** The name of what no execution says. */
const UNKNOWN = 'UNKNOWN';

export function attributionSection(facts: Facts): Markup {
  if (facts.total.count === 0)
    return markup`<section id="attribution"><h2>Where the profit came from</h2>
<p class="empty">Nothing realised a profit or a loss in these files.</p></section>`;
  const { ledger } = facts.outcome.record;
  const found = DIMENSIONS.map((dimension) =>
    dimension === 'symbol' ? facts.bySymbol : breakdown(ledger, [dimension], facts.names),
  );
  const silent = found.filter(isSilent).map(({ by }) => spoken(by[0]));
  const single = found
    .filter((one) => isSingle(one))
    .map(({ by, rows }) => `${spoken(by[0])} ${rows[0]?.names[0] ?? ''}`);
  return markup`<section id="attribution">
<h2>Where the profit came from</h2>
<p class="lead">Every table adds up to the net profit${ledger.exact ? ', to the micro-dollar' : '; past 9e9 USD sums are rounded'}. Rows in grey with a † rest on fewer than ${count(facts.weakBelow)} executions: weak evidence, whatever they say.${
    silent.length > 0 ? ` The files do not say: ${silent.join(', ')}.` : ''
  }${single.length > 0 ? ` All executions have the same: ${single.join(', ')}.` : ''}</p>
${found.filter((one) => !isSilent(one) && !isSingle(one)).map((one) => dimensionTable(one, facts))}
</section>
${heatSection(facts)}`;
}

function isSilent({ rows }: Breakdown): boolean {
  return rows.every((row) => row.names[0] === UNKNOWN);
}

/** A table of one row would say nothing that the head of the page does not; that of the symbols is always there. */
function isSingle(found: Breakdown): boolean {
  return found.by[0] !== 'symbol' && found.rows.length === 1 && !isSilent(found);
}

const COLUMNS: readonly Column[] = [
  { head: 'profit', kind: 'number' },
  { head: '', kind: 'bar' },
  { head: 'share', kind: 'number' },
  { head: 'executions', kind: 'number' },
  { head: 'wins', kind: 'number' },
  { head: 'won', kind: 'number' },
  { head: 'average win', kind: 'number' },
  { head: 'average loss', kind: 'number' },
  { head: 'profit factor', kind: 'number' },
  { head: 'expectancy', kind: 'number' },
];

function dimensionTable({ by, rows, total }: Breakdown, { weakBelow }: Facts): Markup {
  const title = DIMENSION_TITLES[by[0]];
  const { top, rest, restCount, bottom } = by[0] === 'hour' ? whole(rows) : fold(rows, MOST_ROWS);
  const values = [...top, ...bottom].map((row) => row.profitUsd);
  const written = (row: BreakdownRow): Row => {
    const isWeak = row.count < weakBelow;
    const name = row.names[0] ?? '';
    return {
      cells: [{ text: name }, ...figuresOf(row, barMarkup(row.profitUsd, values), isWeak)],
      ...(isWeak ? { kind: 'weak' as const } : {}),
    };
  };
  const restRow: readonly Row[] =
    rest === null
      ? []
      : [
          {
            cells: [`${count(restCount)} others between`, ...figuresOf(rest, NOTHING, false)],
            kind: 'rest',
          },
        ];
  return table({
    caption: `By ${spoken(by[0])}`,
    layout: 'aligned',
    ...(restCount > 0
      ? {
          note: `the ${count(top.length)} best and ${count(bottom.length)} worst of ${counted(rows.length, 'name')}, the rest summed up`,
        }
      : {}),
    columns: [{ head: title, kind: 'name' }, ...COLUMNS],
    rows: [...top.map(written), ...restRow, ...bottom.map(written)],
    total: { cells: ['Total', ...figuresOf(total, NOTHING, false)] },
  });
}

function whole(rows: readonly BreakdownRow[]): ReturnType<typeof fold> {
  return { top: rows, rest: null, restCount: 0, bottom: [] };
}

function figuresOf(row: BreakdownRow, bar: Markup, isWeak: boolean): (Cell | string)[] {
  return [
    toned(signedUsd(row.profitUsd), row.profitUsd),
    { text: bar },
    percent(row.shareOfTotal),
    { text: isWeak ? markup`${count(row.count)}<span class="dagger">†</span>` : count(row.count) },
    count(row.wins),
    percent(row.winRate),
    signedUsd(row.averageWinUsd),
    signedUsd(row.averageLossUsd),
    fixed(row.profitFactor, 2),
    toned(signedUsd(row.expectancyUsd), row.expectancyUsd),
  ];
}

/** The number stands beside it. */
function barMarkup(value: number, values: readonly number[]): Markup {
  const { x, width } = barOf(value, values);
  const zero = zeroOf(values);
  const bar =
    width === 0
      ? NOTHING
      : markup`<rect class="${value > 0 ? 'gain' : 'loss'}" x="${x}%" y="2" width="${width}%" height="8"/>`;
  return markup`<svg width="100%" height="12">${bar}<line class="zero" x1="${zero}%" x2="${zero}%" y1="0" y2="12"/></svg>`;
}
