/** Growable arrays of numbers, one slot a symbol. The engine's per-symbol state lives in them so that a tick is a walk over flat memory. */

const FIRST_CAPACITY = 64;

export class Column {
  /** The slots; its length is the capacity, slots never written hold the initial value. Taken anew after `ensure`. */
  data: Float64Array;
  readonly #initial: number;

  constructor(initial = 0) {
    this.#initial = initial;
    this.data = new Float64Array(FIRST_CAPACITY).fill(initial);
  }

  /** Makes room for `count` slots. */
  ensure(count: number): void {
    if (count <= this.data.length) return;
    const grown = new Float64Array(Math.max(count, this.data.length * 2)).fill(this.#initial);
    grown.set(this.data);
    this.data = grown;
  }

  get(index: number): number {
    return this.data[index]!;
  }

  save(count: number): number[] {
    return Array.from(this.data.subarray(0, count));
  }

  load(values: readonly number[]): void {
    this.ensure(values.length);
    this.data.set(values);
  }
}

/** Columns that grow together: a component's per-symbol state, saved by name. */
export type Columns = Readonly<Record<string, Column>>;

export function ensureColumns(columns: Columns, count: number): void {
  for (const column of Object.values(columns)) column.ensure(count);
}

export function saveColumns(columns: Columns, count: number): Record<string, number[]> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.save(count)]));
}

/** Throws `RangeError` where a column is missing: the state is of another version. */
export function loadColumns(columns: Columns, saved: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, column] of Object.entries(columns)) {
    const values = saved[name];
    if (values === undefined) throw new RangeError(`the saved state has no column ${name}`);
    column.load(values);
  }
}
