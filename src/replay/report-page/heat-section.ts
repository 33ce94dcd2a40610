/** Crossings of two dimensions as tables whose cells are shaded by profit; the sign and the count are written too. */
import { shadeOf } from './bar-geometry.ts';
import { breakdown, type BreakdownRow, type Dimension } from '../report/breakdown.ts';
import { heatMap, type HeatMap } from './heat-map.ts';
import { markup, NOTHING, type Markup } from './markup.ts';
import { DIMENSION_TITLES, spoken } from './meanings.ts';
import { count, shortUsd } from './numbers.ts';
import { table, type Cell, type Column, type Row } from './table.ts';
import type { Facts } from './facts.ts';

const UNKNOWN = 'UNKNOWN';

export function heatSection(facts: Facts): Markup {
  const crossings = [
    crossing(facts, 'hour', 'regime', { rows: 24, columns: 9 }),
    crossing(facts, 'symbol', 'signal', { rows: 22, columns: 9 }),
  ];
  const missing = crossings.filter((one) => typeof one === 'string');
  const tables = crossings.filter((one) => typeof one !== 'string');
  return markup`<section id="crossings">
<h2>Two at a time</h2>
${
  tables.length === 0
    ? NOTHING
    : markup`<p class="lead">Profit in USD, and in small type how many executions it came from; a † again where they are fewer than ${count(facts.weakBelow)}. The deeper the shade, the more was won or lost.</p>`
}
${missing.length === 0 ? NOTHING : markup`<p class="empty">${missing.join(' ')}</p>`}
${tables}
</section>
`;
}

/** A table, or why there is none. */
function crossing(
  { outcome, names, weakBelow }: Facts,
  down: Dimension,
  across: Dimension,
  most: { readonly rows: number; readonly columns: number },
): Markup | string {
  const caption = `${DIMENSION_TITLES[across]} × ${spoken(down)}`;
  const found = breakdown(outcome.record.ledger, [down, across], names);
  if (found.rows.every((row) => row.names[1] === UNKNOWN))
    return `${caption} is left out: the files name no ${spoken(across)}.`;
  const map = heatMap(found, most, down === 'hour');
  return table({
    caption,
    layout: 'heads',
    ...noteOf(map),
    columns: [
      { head: DIMENSION_TITLES[down], kind: 'name' },
      ...map.columns.map((name): Column => ({ head: name ?? others(map.otherColumns), kind: 'number' })),
      { head: 'all', kind: 'number' },
    ],
    rows: map.rows.map((name, index): Row => {
      const cells = (map.cells[index] ?? []).map((cell) => cellOf(cell, map.largestUsd, weakBelow));
      return {
        cells: [name ?? others(map.otherRows), ...cells, cellOf(map.rowTotals[index] ?? null, 0, 0)],
        ...(name === null ? { kind: 'rest' as const } : {}),
      };
    }),
    total: {
      cells: ['All', ...map.columnTotals.map((cell) => cellOf(cell, 0, 0)), cellOf(found.total, 0, 0)],
    },
  });
}

function noteOf({ otherRows, otherColumns }: HeatMap): { note?: string } {
  return otherRows + otherColumns === 0
    ? {}
    : { note: 'those with the most won or lost, the rest summed up' };
}

function others(hidden: number): string {
  return `${count(hidden)} others`;
}

function cellOf(row: BreakdownRow | null, largestUsd: number, weakBelow: number): Cell {
  if (row === null || row.count === 0) return { text: '', tone: 'heat' };
  const { profitUsd, count: executions } = row;
  const dagger = executions < weakBelow ? markup`<span class="dagger">†</span>` : NOTHING;
  return {
    text: markup`${shortUsd(profitUsd)} <small>${count(executions)}${dagger}</small>`,
    tone: `heat ${shadeOf(profitUsd, largestUsd)}`.trim(),
  };
}
