/** A table of the page: a caption, headings with their scope, and cells by kind. Wide ones scroll on their own. */
import { markup, NOTHING, type Markup, type Piece } from './markup.ts';

export interface Column {
  readonly head: string;
  /** `number` is right aligned, `word` is never broken; `bar` is a drawing beside a number, told to nobody who listens. */
  readonly kind: 'name' | 'text' | 'word' | 'number' | 'bar';
}

/** What a cell says, and how it is coloured; colour only repeats a sign that is written. */
export interface Cell {
  readonly text: Piece;
  readonly tone?: string;
}

export interface Row {
  readonly cells: readonly (Cell | string)[];
  readonly kind?: 'weak' | 'rest' | 'total';
}

export interface TableContent {
  readonly caption: string;
  /** A few words after the caption. */
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly total?: Row;
  /** Columns at the same places in every table of this class, so that the eye finds them again. */
  readonly layout?: string;
}

/** Tables of so few rows stay on one sheet. */
const SHORT_ROWS = 26;

export function table(content: TableContent): Markup {
  const { caption, note, columns, rows, total, layout = '' } = withoutEmpty(content);
  const heads = columns.map(({ head, kind }) =>
    kind === 'bar'
      ? markup`<td class="bar" aria-hidden="true"></td>`
      : markup`<th scope="col" class="${kind}">${head}</th>`,
  );
  const isShort = rows.length <= SHORT_ROWS;
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table class="${`${isShort ? 'short' : 'long'} ${layout}`.trim()}">
<caption>${caption}${note === undefined ? NOTHING : markup` <span class="note">${note}</span>`}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((row) => rowOf(row, columns))}</tbody>
${total === undefined ? NOTHING : markup`<tfoot>${rowOf({ ...total, kind: 'total' }, columns)}</tfoot>`}
</table></div>
`;
}

/** A column of remarks that nothing has one for is left out. */
function withoutEmpty(content: TableContent): TableContent {
  const { columns, rows, total } = content;
  const isKept = columns.map(
    ({ kind }, index) =>
      kind !== 'text' || rows.length === 0 || rows.some(({ cells }) => cells[index] !== ''),
  );
  const kept = (row: Row): Row => ({ ...row, cells: row.cells.filter((_, index) => isKept[index]) });
  return {
    ...content,
    columns: columns.filter((_, index) => isKept[index]),
    rows: rows.map(kept),
    ...(total === undefined ? {} : { total: kept(total) }),
  };
}

/** Coloured by its sign, which the text says too. */
export function toned(text: string, value: number | null): Cell {
  return value === null || value === 0 ? { text } : { text, tone: value > 0 ? 'gain' : 'loss' };
}

function rowOf({ cells, kind }: Row, columns: readonly Column[]): Markup {
  const written = cells.map((cell, index) => {
    const { text, tone } = typeof cell === 'string' ? { text: cell, tone: undefined } : cell;
    const column = columns[index]!;
    const style = [column.kind, ...(tone === undefined || tone === '' ? [] : [tone])].join(' ');
    if (column.kind === 'bar') return markup`<td class="bar" aria-hidden="true">${text}</td>`;
    return index === 0
      ? markup`<th scope="row" class="${style}">${text}</th>`
      : markup`<td class="${style}">${text}</td>`;
  });
  return kind === undefined ? markup`<tr>${written}</tr>\n` : markup`<tr class="${kind}">${written}</tr>\n`;
}
