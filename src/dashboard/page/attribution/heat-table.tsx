/**
 * The heat map is a table: each cell says its number, and its colour only repeats it. One cell takes the focus, arrows move it.
 */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { countText, decimalText, percentText, usdText } from '../../views/format.ts';
import {
  cellAfterKey,
  dimensionTitle,
  type HeatCell,
  type Heatmap,
  type HeatTotal,
} from '../../views/heatmap.ts';
import type { AttributionDimension } from '../../wire.ts';
import { Money } from '../ui/figures.tsx';

export function HeatTable({
  view,
  x,
  y,
}: {
  readonly view: Heatmap;
  readonly x: AttributionDimension;
  readonly y: AttributionDimension;
}): preact.JSX.Element {
  const table = useRef<HTMLTableElement>(null);
  const focus = useSignal({ row: 0, column: 0 });
  const { rows, columns } = view;
  const at = {
    row: Math.min(focus.value.row, rows.length - 1),
    column: Math.min(focus.value.column, columns.length - 1),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = cellAfterKey(event.key, event.ctrlKey, at, rows.length, columns.length);
    if (next === null) return;
    event.preventDefault();
    focus.value = next;
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.row}-${next.column}"]`)?.focus();
  };
  return (
    <div class="heat-scroll">
      <table
        ref={table}
        class={`heat${columns.length > 14 ? ' is-dense' : ''}`}
        role="grid"
        onKeyDown={onKeyDown}
      >
        <caption class="sr-only">
          Profit in USD and executions by {dimensionTitle(y)} (rows) and {dimensionTitle(x)} (columns)
        </caption>
        <thead>
          <tr>
            <th scope="col" class="heat-corner">
              {dimensionTitle(y)} <span aria-hidden="true">↓</span> {dimensionTitle(x)}{' '}
              <span aria-hidden="true">→</span>
            </th>
            {columns.map(({ name }) => (
              <th key={name} scope="col" class="heat-name" title={name}>
                {name}
              </th>
            ))}
            <th scope="col" class="heat-total">
              Sum
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, rowIndex) => (
            <tr key={row.name}>
              <th scope="row" class="heat-name" title={row.name}>
                {row.name}
              </th>
              {row.cells.map((cell, column) => (
                <Cell
                  key={columns[column]?.name ?? column}
                  cell={cell}
                  place={`${rowIndex}-${column}`}
                  names={`${row.name}, ${columns[column]?.name ?? ''}`}
                  isFocusable={rowIndex === at.row && column === at.column}
                  focus={() => {
                    focus.value = { row: rowIndex, column };
                  }}
                />
              ))}
              <Total total={row} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Sum</th>
            {columns.map((column) => (
              <Total key={column.name} total={column} />
            ))}
            <Total total={{ name: 'all', profitUsd: view.profitUsd, count: view.executions, level: 0 }} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function Cell({
  cell,
  place,
  names,
  isFocusable,
  focus,
}: {
  readonly cell: HeatCell | null;
  readonly place: string;
  readonly names: string;
  readonly isFocusable: boolean;
  readonly focus: () => void;
}): preact.JSX.Element {
  const shared = { 'data-cell': place, tabIndex: isFocusable ? 0 : -1, onFocus: focus };
  if (cell === null)
    return (
      <td class="heat-cell is-none" title={`${names}: no execution`} {...shared}>
        <span aria-hidden="true">·</span>
        <span class="sr-only">no execution</span>
      </td>
    );
  const wins = `${percentText(cell.winShare, 0)} of them won`;
  const title = `${names}: ${usdText(cell.profitUsd, true)} USD from ${countText(cell.count, 'execution')}, ${wins}${cell.isFew ? '; too few to tell' : ''}`;
  return (
    <td
      class={`heat-cell heat-${levelName(cell.level)}${cell.isFew ? ' is-few' : ''}`}
      title={title}
      {...shared}
    >
      <span class="heat-value">{shortUsd(cell.profitUsd)}</span>
      <small>
        {cell.isFew && <span aria-hidden="true">○</span>}
        {decimalText(cell.count, 0)}
        <span class="sr-only">
          {' '}
          {cell.count === 1 ? 'execution' : 'executions'}
          {cell.isFew ? ', too few to tell' : ''}
        </span>
      </small>
    </td>
  );
}

function Total({ total }: { readonly total: HeatTotal }): preact.JSX.Element {
  return (
    <td
      class="heat-total"
      title={`${usdText(total.profitUsd, true)} USD from ${countText(total.count, 'execution')}`}
    >
      <Money usd={total.profitUsd} isSigned digits={Math.abs(total.profitUsd) < 10 ? 2 : 0} />
      <small class="soft">
        {decimalText(total.count, 0)}
        <span class="sr-only"> {total.count === 1 ? 'execution' : 'executions'}</span>
      </small>
    </td>
  );
}

/** Short, for a small cell; the title has the cents. */
function shortUsd(usd: number): string {
  const size = Math.abs(usd);
  if (size >= 1e6) return `${decimalText(usd / 1e6, 1, true)}M`;
  if (size >= 10_000) return `${decimalText(usd / 1000, 0, true)}k`;
  return decimalText(usd, size < 10 ? 1 : 0, true);
}

const levelName = (level: number): string =>
  level === 0 ? 'zero' : `${level > 0 ? 'gain' : 'loss'}-${Math.abs(level)}`;
