/** One stream of the memory store: entries in the order of their ids, which the clock gives and which only rise. */
import {
  compareIds,
  idMs,
  type EntryId,
  type FlatFields,
  type StreamEntry,
  type StreamFacts,
} from '../store.ts';

/** A stream as a snapshot keeps it. */
export interface StreamCopy {
  readonly added: number;
  readonly lastId: EntryId;
  readonly entries: readonly StreamEntry[];
}

export class StreamLog {
  #entries: StreamEntry[];
  /** Entries before it were removed: moving the rest at each removal would make adding slow. */
  #first = 0;
  #added: number;
  #lastId: EntryId;

  constructor(copy: StreamCopy = { added: 0, lastId: '0-0', entries: [] }) {
    this.#entries = [...copy.entries];
    this.#added = copy.added;
    this.#lastId = copy.lastId;
  }

  /** Keeps exactly `maxLength` entries, or all where it is null. */
  add(nowMs: number, fields: FlatFields, maxLength: number | null): EntryId {
    this.#lastId = nextId(this.#lastId, nowMs);
    this.#entries.push({ id: this.#lastId, fields: [...fields] });
    this.#added++;
    if (maxLength !== null) this.#keep(maxLength);
    return this.#lastId;
  }

  /** The oldest `count` entries after `id`. */
  after(id: EntryId, count: number): StreamEntry[] {
    if (compareIds(id, this.#lastId) >= 0) return [];
    let from = this.#first;
    let to = this.#entries.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compareIds(this.#entries[middle]!.id, id) > 0) to = middle;
      else from = middle + 1;
    }
    return this.#entries.slice(from, from + Math.max(0, count));
  }

  facts(): StreamFacts {
    return {
      length: this.#entries.length - this.#first,
      added: this.#added,
      firstId: this.#entries[this.#first]?.id ?? null,
      lastId: this.#lastId,
    };
  }

  /** As it is now, whatever is added or removed later. */
  copy(): StreamCopy {
    return { added: this.#added, lastId: this.#lastId, entries: this.#entries.slice(this.#first) };
  }

  #keep(maxLength: number): void {
    const first = this.#entries.length - Math.max(0, maxLength);
    if (first <= this.#first) return;
    // What is removed is let go at once, its place when there is enough of it.
    this.#entries.fill(GONE, this.#first, first);
    this.#first = first;
    if (this.#first < 64 || this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}

const GONE: StreamEntry = { id: '0-0', fields: [] };

/** The clock's millisecond, or the last id's where the clock is behind it or the same. */
function nextId(lastId: EntryId, nowMs: number): EntryId {
  const lastMs = idMs(lastId);
  if (nowMs > lastMs) return `${nowMs}-0`;
  return `${lastMs}-${Number(lastId.slice(lastId.indexOf('-') + 1)) + 1}`;
}
