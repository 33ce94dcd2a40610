/** The keys of the memory store: values of four types, lives, and a walk over all keys in bounded steps. */
import { StoreError } from '../store.ts';
import { StreamLog } from './stream-log.ts';

export interface HashValue {
  readonly type: 'hash';
  readonly fields: Map<string, string>;
  /** It is gone from then on; null: it stays. */
  expiresMs: number | null;
}
export interface StreamValue {
  readonly type: 'stream';
  readonly log: StreamLog;
}
export interface ListValue {
  readonly type: 'list';
  readonly items: string[];
}
export interface SetValue {
  readonly type: 'set';
  readonly members: Set<string>;
}
export type Value = HashValue | StreamValue | ListValue | SetValue;
export type ValueType = Value['type'];
export type ValueOf<Type extends ValueType> = Extract<Value, { readonly type: Type }>;

/** Keys a step of a walk looks at. */
const STEP = 200;
/** Keys looked at for lives that are over, with each change. */
const SWEEP = 100;

export class KeySpace {
  readonly #values = new Map<string, Placed>();
  /** Keys in the order they came, so that a walk can stop and go on: each keeps its serial as long as it lives. */
  #places: Placed[] = [];
  #serial = 0;
  #removed = 0;
  #swept = 0;

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
  need<Type extends ValueType>(key: string, type: Type, nowMs: number): ValueOf<Type> {
    const found = this.find(key, type, nowMs);
    if (found !== undefined) return found;
    const made = EMPTY[type]();
    this.set(key, made);
    return made;
  }

  set(key: string, value: Value): void {
    const place = this.#values.get(key);
    if (place !== undefined) {
      place.value = value;
      return;
    }
    const added: Placed = { serial: ++this.#serial, key, value, isGone: false };
    this.#values.set(key, added);
    this.#places.push(added);
  }

  delete(key: string): void {
    const place = this.#values.get(key);
    if (place === undefined) return;
    this.#values.delete(key);
    place.isGone = true;
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

  /** Removes some of those whose life is over: what nobody asks for again must not stay for ever. */
  sweep(nowMs: number): void {
    if (this.#swept >= this.#places.length) this.#swept = 0;
    const to = Math.min(this.#swept + SWEEP, this.#places.length);
    const over = this.#places
      .slice(this.#swept, to)
      .filter(({ isGone, value }) => !isGone && isOver(value, nowMs));
    this.#swept = to;
    for (const { key } of over) this.delete(key);
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
}

const EMPTY: { readonly [Type in ValueType]: () => ValueOf<Type> } = {
  hash: () => ({ type: 'hash', fields: new Map(), expiresMs: null }),
  stream: () => ({ type: 'stream', log: new StreamLog() }),
  list: () => ({ type: 'list', items: [] }),
  set: () => ({ type: 'set', members: new Set() }),
};

function isOver(value: Value, nowMs: number): boolean {
  return value.type === 'hash' && value.expiresMs !== null && value.expiresMs <= nowMs;
}
