/** Which rows of a long table are in the page, where the keyboard goes, and the small bullet bar of a row. */
import type { SymbolRow } from '../wire.ts';

/** Rows drawn beyond what is seen, so that a quick scroll does not show a gap. */
const OVERSCAN = 8;

export interface RowWindow {
  /** Of the rows drawn: first, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** What stands above and below them, in pixels. */
  readonly aboveHeight: number;
  readonly belowHeight: number;
}

/** The rows to draw of a table whose rows are all as high; `viewTop` is how far its first row is scrolled out. */
export function rowWindow(count: number, rowHeight: number, viewTop: number, viewHeight: number): RowWindow {
  const first = Math.floor(Math.max(0, viewTop) / rowHeight) - OVERSCAN;
  const last = Math.ceil(Math.max(0, viewTop + viewHeight) / rowHeight) + OVERSCAN;
  const to = Math.max(0, Math.min(count, last));
  const from = Math.max(0, Math.min(to, first));
  return { from, to, aboveHeight: from * rowHeight, belowHeight: (count - to) * rowHeight };
}

/** The row a key goes to; null: the key means nothing here. */
export function rowAfterKey(key: string, row: number, count: number, pageRows: number): number | null {
  if (count === 0) return null;
  const page = Math.max(1, pageRows - 1);
  const steps = new Map([
    ['ArrowDown', row + 1],
    ['ArrowUp', row - 1],
    ['PageDown', row + page],
    ['PageUp', row - page],
    ['Home', 0],
    ['End', count - 1],
  ]);
  const next = steps.get(key);
  return next === undefined ? null : Math.max(0, Math.min(count - 1, next));
}

/** Where things lie in a bar, 0..1 of its width; null: not known. */
export interface Bullet {
  readonly position: number | null;
  readonly isShort: boolean;
  /** The position goes on beyond the bar's end. */
  readonly isClipped: boolean;
  readonly target: number | null;
  readonly proposed: number | null;
  readonly budget: number | null;
  /** The position is larger than the target. */
  readonly isOver: boolean;
}

/** How much of the bar the target takes: the same in every row, so that an eye going down sees which positions cross it. */
const TARGET_AT = 0.6;

/** A row's position against its target, proposal and budget. Without a target the largest of them takes most of the bar. */
export function bullet(
  row: Pick<SymbolRow, 'position_usd' | 'target_usd' | 'proposed_usd' | 'budget_usd'>,
): Bullet {
  const size = row.position_usd === null ? null : Math.abs(row.position_usd);
  const largest = Math.max(size ?? 0, row.proposed_usd ?? 0, row.budget_usd ?? 0);
  const unit = row.target_usd !== null && row.target_usd > 0 ? row.target_usd : largest;
  const place = (value: number | null): number | null => {
    if (value === null) return null;
    return unit <= 0 ? 0 : Math.max(0, Math.min(1, (value / unit) * TARGET_AT));
  };
  return {
    position: place(size),
    isShort: row.position_usd !== null && row.position_usd < 0,
    isClipped: size !== null && unit > 0 && (size / unit) * TARGET_AT > 1,
    target: place(row.target_usd),
    proposed: place(row.proposed_usd),
    budget: place(row.budget_usd),
    isOver: size !== null && row.target_usd !== null && size > row.target_usd,
  };
}
