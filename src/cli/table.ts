/** Aligned text tables that fit a terminal: the least important columns go first, then long texts are cut. */
import { bold, dim, signed, type Colouring } from './colour.ts';
import { cutToWidth, harmless, textWidth } from './text-width.ts';

export interface Column {
  readonly header: string;
  readonly align: 'left' | 'right';
  /** When the table is too wide, the column with the lowest goes first. Columns of the highest never go. */
  readonly importance: number;
}

/** Text alone, or text coloured by the sign of a value. */
export type Cell = string | { readonly text: string; readonly sign: number };

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** A last row, set apart by a line. */
  readonly total?: readonly Cell[];
}

export interface TableOptions extends Colouring {
  /** Columns of the terminal; Infinity: no limit. */
  readonly width: number;
  /** Draws the lines with `-`, for terminals without Unicode. */
  readonly ascii?: boolean;
}

const GAP = '  ';
/** Columns of at most this importance go before a name is cut. */
const MINOR = 4;
/** Left-aligned texts are not cut below this. */
const MIN_TEXT_WIDTH = 8;

/** Lines joined by `\n`, without one at the end. Numbers are never cut: a column is shown whole or left out. */
export function renderTable(table: Table, options: TableOptions): string {
  const all = table.columns.map((column, index) => {
    const header: Cell = column.header;
    const body = table.rows.map((row) => row[index] ?? '');
    const cells = [header, ...body, ...(table.total ? [table.total[index] ?? ''] : [])];
    const texts = cells.map((cell) => harmless(typeof cell === 'string' ? cell : cell.text));
    const signs = cells.map((cell) => (typeof cell === 'string' ? 0 : cell.sign));
    return {
      column,
      texts,
      signs,
      width: texts.reduce((widest, text) => Math.max(widest, textWidth(text)), 0),
    };
  });
  const shown = fit(all, options.width);
  const line = (row: number): string =>
    shown
      .map(({ column, texts, signs, width }) => {
        const text = cutToWidth(texts[row] ?? '', width);
        const space = ' '.repeat(width - textWidth(text));
        const coloured = signed(text, signs[row] ?? 0, options);
        return column.align === 'right' ? space + coloured : coloured + space;
      })
      .join(GAP)
      .trimEnd();
  const rule = dim(
    shown.map(({ width }) => (options.ascii === true ? '-' : '─').repeat(width)).join(GAP),
    options,
  );
  const rows = table.rows.map((_, index) => line(index + 1));
  const total = table.total ? [rule, bold(line(table.rows.length + 1), options)] : [];
  return [bold(line(0), options), rule, ...rows, ...total].join('\n');
}

interface Laid {
  readonly column: Column;
  readonly texts: readonly string[];
  readonly signs: readonly number[];
  readonly width: number;
}

function fit(columns: readonly Laid[], width: number): Laid[] {
  let shown = [...columns];
  const top = Math.max(...columns.map(({ column }) => column.importance));
  const isTooWide = (): boolean =>
    leastWidth(shown) > width ||
    (fullWidth(shown) > width && shown.some(({ column }) => column.importance <= MINOR));
  while (isTooWide()) {
    const droppable = shown.filter(({ column }) => column.importance < top);
    const least = Math.min(...droppable.map(({ column }) => column.importance));
    // Of several equally important ones the last goes first.
    const dropped = droppable.findLast(({ column }) => column.importance === least);
    if (dropped === undefined) break;
    shown = shown.filter((laid) => laid !== dropped);
  }
  for (let excess = fullWidth(shown) - width; excess > 0; excess = fullWidth(shown) - width) {
    const longest = shown.reduce<Laid | null>(
      (found, laid) => (shrinkable(laid) > (found ? shrinkable(found) : 0) ? laid : found),
      null,
    );
    if (longest === null) break;
    shown = shown.map((laid) => (laid === longest ? { ...laid, width: laid.width - 1 } : laid));
  }
  return shown;
}

function fullWidth(columns: readonly Laid[]): number {
  return columns.reduce((sum, { width }) => sum + width, GAP.length * (columns.length - 1));
}

function leastWidth(columns: readonly Laid[]): number {
  return fullWidth(columns) - columns.reduce((sum, laid) => sum + shrinkable(laid), 0);
}

function shrinkable({ column, width }: Laid): number {
  return column.align === 'left' ? Math.max(0, width - MIN_TEXT_WIDTH) : 0;
}
