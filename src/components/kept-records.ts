/**
 * A component's records as they were committed last, and those that differ now. One of these a component: it knows which
 * symbols' rows have to be written, and puts rows in place after a restart.
 */
import { decodeRow, encodeRow } from './record-text.ts';
import { readRow, writeRow, type RowLayout } from './rows.ts';
import type { Engine } from '../core/pipeline/engine.ts';

/** What a symbol has besides its row: the attribution's window. Its numbers and names follow the row's. */
export interface RowTail {
  readonly numbers: readonly number[];
  readonly names: readonly string[];
}

export interface TailKeeper {
  read(symbol: number): RowTail;
  write(symbol: number, tail: RowTail): void;
}

export class KeptRecords {
  readonly #engine: Engine;
  readonly #layout: RowLayout;
  readonly #tail: TailKeeper | null;
  #rows = new Float64Array(0);
  #isKept = new Uint8Array(0);
  readonly #scratch: Float64Array;

  constructor(engine: Engine, layout: RowLayout, tail: TailKeeper | null) {
    this.#engine = engine;
    this.#layout = layout;
    this.#tail = tail;
    this.#scratch = new Float64Array(layout.columns.length);
  }

  /** Symbols and texts, in turns, of the rows that changed since the last call; `touched` are those whose tail did. */
  changed(tick: number, touched: ReadonlySet<number>): string[] {
    const count = this.#engine.symbols.size;
    this.#reserve(count);
    const width = this.#layout.columns.length;
    const changes: string[] = [];
    for (let symbol = 0; symbol < count; symbol++) {
      if (this.#layout.isEmpty(symbol)) continue;
      readRow(this.#layout, symbol, tick, this.#scratch);
      const isTailNew = this.#tail !== null && touched.has(symbol);
      if (this.#isKept[symbol] === 1 && !isTailNew && this.#isSame(symbol * width)) continue;
      this.#rows.set(this.#scratch, symbol * width);
      this.#isKept[symbol] = 1;
      changes.push(this.#engine.symbols.name(symbol), this.#encode(symbol));
    }
    return changes;
  }

  /** Every symbol's record as it would be committed now, in the order symbols were met. */
  *all(tick: number): Iterable<[symbol: string, text: string]> {
    for (let symbol = 0; symbol < this.#engine.symbols.size; symbol++) {
      if (this.#layout.isEmpty(symbol)) continue;
      readRow(this.#layout, symbol, tick, this.#scratch);
      yield [this.#engine.symbols.name(symbol), this.#encode(symbol)];
    }
  }

  /** Puts back what was committed. Throws `RangeError` where a text is unreadable or of another shape. */
  restore(records: ReadonlyMap<string, string>, tick: number): void {
    const width = this.#layout.columns.length;
    const clusters = this.#layout.clusters;
    for (const [name, text] of records) {
      const { numbers, names } = decodeRow(text);
      if (numbers.length < width || names.length < clusters)
        throw new RangeError(`the committed row of ${name} has ${numbers.length} numbers, not ${width}`);
      const symbol = this.#engine.symbolId(name);
      const row = numbers.slice(0, width);
      for (let i = 0; i < clusters; i++)
        row[width - clusters + i] = this.#engine.context.clusterId(names[i] || 'UNKNOWN');
      writeRow(this.#layout, symbol, tick, row);
      this.#tail?.write(symbol, {
        numbers: Array.from(numbers.subarray(width)),
        names: names.slice(clusters),
      });
      this.#reserve(this.#engine.symbols.size);
      this.#rows.set(row, symbol * width);
      this.#isKept[symbol] = 1;
    }
  }

  /**
   * Clusters have other numbers now: `moved` gives each old one's new. Rows that were committed still say the same. Comes
   * right after `changed`, so that every cluster of a row is in use.
   */
  moveClusters(moved: Int32Array): void {
    const width = this.#layout.columns.length;
    for (let symbol = 0; symbol < this.#isKept.length; symbol++) {
      if (this.#isKept[symbol] === 0) continue;
      for (let i = (symbol + 1) * width - this.#layout.clusters; i < (symbol + 1) * width; i++)
        if (this.#rows[i]! >= 0) this.#rows[i] = moved[this.#rows[i]!]!;
    }
  }

  #encode(symbol: number): string {
    const { columns, clusters } = this.#layout;
    const row = this.#scratch.slice();
    const names: string[] = [];
    for (let i = columns.length - clusters; i < columns.length; i++) {
      const cluster = row[i]!;
      names.push(cluster < 0 ? '' : this.#engine.context.clusterName(cluster));
      // The number is this process's own: with it the same state would have another text after every restart.
      row[i] = 0;
    }
    const tail = this.#tail?.read(symbol);
    if (tail === undefined) return encodeRow(row, names);
    return encodeRow(Float64Array.from([...row, ...tail.numbers]), [...names, ...tail.names]);
  }

  #isSame(at: number): boolean {
    for (let i = 0; i < this.#scratch.length; i++) if (this.#scratch[i] !== this.#rows[at + i]) return false;
    return true;
  }

  #reserve(count: number): void {
    const width = this.#layout.columns.length;
    if (this.#isKept.length >= count) return;
    const room = Math.max(count, this.#isKept.length * 2, 64);
    const rows = new Float64Array(room * width);
    rows.set(this.#rows);
    this.#rows = rows;
    const isKept = new Uint8Array(room);
    isKept.set(this.#isKept);
    this.#isKept = isKept;
  }
}
