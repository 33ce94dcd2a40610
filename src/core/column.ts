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

/** Columns that grow together; the base of a component's per-symbol state. Saved by name. */
export class Columns<Name extends string> {
  readonly #columns: ReadonlyMap<Name, Column>;

  constructor(initial: Readonly<Record<Name, number>>) {
    this.#columns = new Map((Object.keys(initial) as Name[]).map((name) => [name, new Column(initial[name])]));
  }

  column(name: Name): Column {
    return this.#columns.get(name)!;
  }

  ensure(count: number): void {
    for (const column of this.#columns.values()) column.ensure(count);
  }

  save(count: number): Record<string, number[]> {
    return Object.fromEntries([...this.#columns].map(([name, column]) => [name, column.save(count)]));
  }

  load(saved: Readonly<Record<string, readonly number[]>>): void {
    for (const [name, column] of this.#columns) column.load(saved[name] ?? []);
  }
}
