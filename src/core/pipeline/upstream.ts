/**
 * What a component reads of the ones before it when they need not be in this process: another program's records beside
 * our own. A reader sees the enforced record; one in shadow, where there is none, the shadow record (spec/model.md,
 * Shadow reads shadow).
 */
import { Column } from '../column.ts';
import { isAlive } from '../tick.ts';
import type { Mode } from '../settings.ts';
import type { Ticking } from './ticking.ts';

/** How many values a reader takes of each component's record, in the order of `OwnRecords.values`. */
export const RECORD_VALUES: { readonly [Name in Ticking]: number } = {
  /** budget */
  budget: 1,
  /** factor, confidence, range (1: the factor lies in 0..1) */
  attribution: 3,
  /** base target, confidence */
  allocation: 2,
  /** score, confidence */
  efficiency: 2,
  /** multiplier, reason */
  proposal: 2,
};

/** Records as columns: when each was published (Unix seconds, 0: there is none) and its values. */
export interface Records {
  readonly ts: Float64Array;
  readonly values: readonly Float64Array[];
}

/** What a component of this process published, and whether others may act on it. */
export interface OwnRecords extends Records {
  readonly mode: Mode;
  /** Seconds a record lives after it was published. */
  readonly lifeSec: number;
}

class RecordColumns {
  readonly ts = new Column();
  readonly values: readonly Column[];

  constructor(values: number) {
    this.values = Array.from({ length: values }, () => new Column());
  }

  ensure(count: number): void {
    this.ts.ensure(count);
    for (const column of this.values) column.ensure(count);
  }

  /** Returns whether anything changed. */
  set(symbol: number, ts: number, values: readonly number[]): boolean {
    let isOther = this.ts.data[symbol] !== ts;
    this.ts.data[symbol] = ts;
    for (let i = 0; i < this.values.length; i++) {
      const column = this.values[i]!.data;
      if (column[symbol] !== values[i]!) isOther = true;
      column[symbol] = values[i]!;
    }
    return isOther;
  }

  copyTo(target: RecordColumns, symbol: number): void {
    target.ts.data[symbol] = this.ts.data[symbol]!;
    for (let i = 0; i < this.values.length; i++)
      target.values[i]!.data[symbol] = this.values[i]!.data[symbol]!;
  }
}

/** The records of one component as others published them, and what a reader sees of them and of ours together. */
export class Upstream {
  readonly #enforced: RecordColumns;
  readonly #shadow: RecordColumns;
  readonly #seen: { readonly [Reader in Mode]: RecordColumns };
  #count = 0;

  constructor(component: Ticking) {
    const columns = (): RecordColumns => new RecordColumns(RECORD_VALUES[component]);
    this.#enforced = columns();
    this.#shadow = columns();
    this.#seen = { enforce: columns(), shadow: columns() };
  }

  ensure(count: number): void {
    this.#count = Math.max(this.#count, count);
    for (const columns of [this.#enforced, this.#shadow, this.#seen.enforce, this.#seen.shadow])
      columns.ensure(count);
  }

  /** A record as found just now; `ts` 0: it is gone. Returns whether it is another than before. */
  set(symbol: number, mode: Mode, ts: number, values: readonly number[]): boolean {
    return (mode === 'enforce' ? this.#enforced : this.#shadow).set(symbol, ts, values);
  }

  /** What a reader sees at `now`; `own` null: the component does not run in this process. */
  seen(reader: Mode, own: OwnRecords | null, now: number): Records {
    const seen = this.#seen[reader];
    const ownColumns = own === null ? null : own.ts;
    for (let symbol = 0; symbol < this.#count; symbol++) {
      const isOwn =
        own !== null && ownColumns![symbol]! > 0 && isAlive(ownColumns![symbol]!, now, own.lifeSec);
      // The enforced key is ours then: what someone else wrote there before is gone.
      if (own?.mode === 'enforce') {
        if (isOwn) copyOwn(own, seen, symbol);
        else seen.ts.data[symbol] = 0;
      } else if (this.#enforced.ts.data[symbol]! > 0) this.#enforced.copyTo(seen, symbol);
      else if (reader === 'enforce') seen.ts.data[symbol] = 0;
      else if (isOwn) copyOwn(own, seen, symbol);
      else this.#shadow.copyTo(seen, symbol);
    }
    return { ts: seen.ts.data, values: seen.values.map((column) => column.data) };
  }
}

function copyOwn(own: OwnRecords, seen: RecordColumns, symbol: number): void {
  seen.ts.data[symbol] = own.ts[symbol]!;
  for (let i = 0; i < seen.values.length; i++) seen.values[i]!.data[symbol] = own.values[i]?.[symbol] ?? 0;
}
