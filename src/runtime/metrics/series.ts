/** What the registry asks a metric for at a scrape, and columns of figures by slot. */

export interface Sample {
  /** After the metric's name, as `_bucket`. */
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric's figures. */
export interface Series {
  samples(): Sample[];
  /** The symbol of this slot and id is gone. `slot` null: it had none of its own. */
  forgetSymbol?(slot: number | null, id: number | null): void;
  /** Ids of symbols mean others from now on. */
  renumber?(): void;
}

export const NO_LABELS: Readonly<Record<string, string>> = {};

/** A column long enough for `index`: itself, or a longer copy filled up with `blank`. */
export function roomFor(column: Float64Array, index: number, blank: number): Float64Array {
  if (index < column.length) return column;
  const grown = new Float64Array(Math.max(16, index + 1, column.length * 2)).fill(blank, column.length);
  grown.set(column);
  return grown;
}
