/** The keys of the memory store: values of five types, lives, and a walk over all keys in bounded steps. */
import { Heap } from '../../core/heap.ts';
import { StoreError, type EntryId, type FlatFields } from '../store.ts';
import { Arrivals } from './arrivals.ts';
import { StreamLog } from './stream-log.ts';

/** It is gone from then on; null: it stays. */
interface Mortal {
  expiresMs: number | null;
}
export interface HashValue extends Mortal {
  readonly type: 'hash';
  readonly fields: Map<string, string>;
}
export interface StringValue extends Mortal {
  readonly type: 'string';
  readonly text: string;
}
export interface StreamValue {
  readonly type: 'stream';
  readonly log: StreamLog;
}
export interface ListValue extends Mortal {
  readonly type: 'list';
  readonly items: string[];
}
export interface SetValue {
  readonly type: 'set';
  readonly members: Set<string>;
}
export type Value = HashValue | StringValue | StreamValue | ListValue | SetValue;
export type ValueType = Value['type'];
export type ValueOf<Type extends ValueType> = Extract<Value, { readonly type: Type }>;

/** Keys a step of a walk looks at. */
const STEP = 200;
/** Keys whose life may be over that are looked at with each change, besides as many as it may add. */
const SWEEP = 100;

export class KeySpace {
  readonly #values = new Map<string, Placed>();
  /** Keys in the order they came, so that a walk can stop and go on: each keeps its serial as long as it lives. */
  #places: Placed[] = [];
  #serial = 0;
  #removed = 0;
  /** Every key that ever had a life, once, by the end it had when it came or was looked at last. */
  readonly #ends = new Heap<Placed>();
  /** Whoever waits for entries and items of these keys. */
  readonly arrivals = new Arrivals();

  get size(): number {
    return this.#values.size;
  }

  /** The value of any type, unless its life is over. */
  get(key: string, nowMs: number): Value | undefined {
    const place = this.#values.get(key);
    if (place === undefined) return undefined;
    if (!isOver(place.value, nowMs)) return place.value;
    this.delete(key);
    return undefined;
  }

  /** The value of that type; throws `WRONGTYPE` where it is of another. */
  find<Type extends ValueType>(key: string, type: Type, nowMs: number): ValueOf<Type> | undefined {
    const value = this.get(key, nowMs);
    if (value === undefined) return undefined;
    if (value.type !== type)
      throw new StoreError('refused', 'WRONGTYPE', `WRONGTYPE ${key} is a ${value.type}, not a ${type}`);
    return value as ValueOf<Type>;
  }

  /** The value of that type, a new one where there is none. */
  need<Type extends Exclude<ValueType, 'string'>>(key: string, type: Type, nowMs: number): ValueOf<Type> {
    const found = this.find(key, type, nowMs);
    if (found !== undefined) return found;
    const made = EMPTY[type]();
    this.set(key, made);
    return made;
  }

  set(key: string, value: Value): void {
    let place = this.#values.get(key);
    if (place === undefined) {
      place = { serial: ++this.#serial, key, value, isGone: false, isMortal: false };
      this.#values.set(key, place);
      this.#places.push(place);
    } else {
      place.value = value;
    }
    this.#expect(place);
  }

  setText(key: string, text: string, expiresMs: number | null): void {
    this.set(key, { type: 'string', text, expiresMs });
  }

  /** Gives a hash or a list that is there another end. */
  setEnd(key: string, expiresMs: number): void {
    const place = this.#values.get(key)!;
    const { value } = place;
    if (!('expiresMs' in value)) throw new Error(`${key} is a ${value.type}: it stays`);
    value.expiresMs = expiresMs;
    this.#expect(place);
  }

  /** Adds an entry to a stream, and notes it for those who wait. */
  addEntry(stream: string, fields: FlatFields, maxLength: number | null, nowMs: number): EntryId {
    this.arrivals.note(stream);
    return this.need(stream, 'stream', nowMs).log.add(nowMs, fields, maxLength);
  }

  delete(key: string): void {
    const place = this.#values.get(key);
    if (place === undefined) return;
    this.#values.delete(key);
    place.isGone = true;
    // It may be expected to end for a long time yet.
    place.value = NOTHING;
    this.#removed++;
    if (this.#removed < 1000 || this.#removed * 2 < this.#places.length) return;
    this.#places = this.#places.filter(({ isGone }) => !isGone);
    this.#removed = 0;
  }

  /** Keys of a walk from `cursor`; the walk is round where the next cursor is 0. A key's serial never changes: none is left out. */
  scan(prefix: string, cursor: number, nowMs: number): { cursor: number; keys: string[] } {
    const from = this.#placeOf(cursor);
    const step = this.#places.slice(from, from + STEP);
    const keys = step.filter(
      ({ isGone, key, value }) => !isGone && key.startsWith(prefix) && !isOver(value, nowMs),
    );
    const next = this.#places[from + STEP];
    return { cursor: next?.serial ?? 0, keys: keys.map(({ key }) => key) };
  }

  *entries(): Iterable<readonly [key: string, value: Value]> {
    for (const [key, { value }] of this.#values) yield [key, value];
  }

  /**
   * Removes those whose life is over, at most some more than the change before which it is called may add (`adding`): what
   * nobody asks for again must not stay for ever.
   */
  sweep(nowMs: number, adding = 0): void {
    for (let left = SWEEP + 2 * adding; left > 0; left--) {
      const first = this.#ends.peek();
      if (first === null || first.key > nowMs) return;
      this.#ends.pop();
      const place = first.item;
      place.isMortal = false;
      if (place.isGone) continue;
      if (isOver(place.value, nowMs)) this.delete(place.key);
      else this.#expect(place);
    }
  }

  /** A key is expected to end once, however often it gets another end: it is looked at again then. */
  #expect(place: Placed): void {
    const { value } = place;
    if (place.isMortal || !('expiresMs' in value) || value.expiresMs === null) return;
    place.isMortal = true;
    this.#ends.push(value.expiresMs, place);
  }

  /** Where the first key of that serial or a later one is. */
  #placeOf(serial: number): number {
    let from = 0;
    let to = this.#places.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#places[middle]!.serial < serial) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

interface Placed {
  readonly serial: number;
  readonly key: string;
  value: Value;
  isGone: boolean;
  /** It is among those expected to end. */
  isMortal: boolean;
}

const NOTHING: Value = { type: 'string', text: '', expiresMs: null };

const EMPTY: { readonly [Type in Exclude<ValueType, 'string'>]: () => ValueOf<Type> } = {
  hash: () => ({ type: 'hash', fields: new Map(), expiresMs: null }),
  stream: () => ({ type: 'stream', log: new StreamLog() }),
  list: () => ({ type: 'list', items: [], expiresMs: null }),
  set: () => ({ type: 'set', members: new Set() }),
};

function isOver(value: Value, nowMs: number): boolean {
  return 'expiresMs' in value && value.expiresMs !== null && value.expiresMs <= nowMs;
}
