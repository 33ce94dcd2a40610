/**
 * Streams read on as they grow, a bounded piece of each at a time. What was trimmed before it was read, or made anew, is found
 * and said; a stream that cannot be read does not keep the others from being read.
 */
import { inspect, START, type Position } from '../../runtime/positions.ts';
import {
  compareIds,
  type EntryId,
  type Store,
  type StreamAnswer,
  type StreamEntry,
  type StreamFacts,
} from '../../store/store.ts';
import { FIRST_PAGES, LOST_EVERY_MS, PAGE_ENTRIES, PAGES_A_ROUND, READING_MS } from './bounds.ts';
import { walkBack } from './walk-back.ts';
import type { Clock } from '../../runtime/clock.ts';

export interface TailedStream {
  readonly key: string;
  /** How far back it is read when it begins; 0: only what it says about itself is wanted. */
  readonly newest: number;
  readonly apply: (entries: readonly StreamEntry[]) => void;
}

interface Tailed {
  readonly stream: TailedStream;
  position: Position;
  facts: StreamFacts | null;
  /** Why it cannot be read; null: it can. */
  error: string | null;
  /** Entries that were lost and not told of yet, and when some were told of last. */
  lost: number;
  toldMs: number;
}

export interface TailOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

export class StreamTail {
  readonly #options: TailOptions;
  readonly #all: readonly Tailed[];
  #hasBegun = false;
  #hasRead = false;

  constructor(streams: readonly TailedStream[], options: TailOptions) {
    this.#options = options;
    this.#all = streams.map((stream) => ({
      ...{ stream, position: START, facts: null, error: null, lost: 0, toldMs: -Infinity },
    }));
  }

  /** What a stream said about itself last; null: there is none. */
  facts(key: string): StreamFacts | null {
    return this.#all.find(({ stream }) => stream.key === key)?.facts ?? null;
  }

  /** Whether a stream was read up to that entry, or to its end. */
  hasRead(key: string, id: EntryId): boolean {
    const tailed = this.#all.find(({ stream }) => stream.key === key);
    if (tailed === undefined || tailed.facts === null) return true;
    const { position, facts } = tailed;
    // A stream that was made anew has no such entry.
    return compareIds(position.after, id) >= 0 || compareIds(facts.lastId, position.after) <= 0;
  }

  /** Reads what is new; what is more than a round's worth is read in the next. Returns the store's clock before it read. */
  async round(): Promise<number> {
    if (!this.#hasBegun) await this.#begin();
    let open = this.#all;
    let nowMs: number | null = null;
    const { store, clock } = this.#options;
    const beganMs = clock.monotonicMs();
    // What was read is told before the rest is: on a busy machine too.
    const [pages, forMs] = this.#hasRead ? [PAGES_A_ROUND, READING_MS] : [FIRST_PAGES, Infinity];
    for (let page = 0; page < pages && open.length > 0; page++) {
      if (page > 0) await clock.breathe();
      if (page > 0 && clock.monotonicMs() - beganMs > forMs) break;
      const reading = await store.read(
        open.map(({ stream: { key, newest }, position: { after } }) => ({
          stream: key,
          after,
          count: newest === 0 ? 1 : PAGE_ENTRIES,
        })),
      );
      nowMs ??= reading.nowMs;
      open = open.filter((tailed, i) => this.#take(tailed, reading.streams[i]!));
    }
    this.#hasRead = true;
    for (const tailed of this.#all) this.#tellLost(tailed);
    return nowMs!;
  }

  /** Of a long stream the newest entries; shorter ones are read from their beginning. */
  async #begin(): Promise<void> {
    const { store, clock } = this.#options;
    const positions = this.#all.map(({ stream }) => ({ stream: stream.key, after: '0-0', count: 1 }));
    const { streams } = await store.read(positions);
    for (const [i, tailed] of this.#all.entries()) {
      const { facts } = streams[i]!;
      const { key, newest, apply } = tailed.stream;
      if (facts === null || facts.length <= newest || tailed.position !== START) continue;
      const entries = newest === 0 ? [] : await walkBack(store, key, facts, newest, clock);
      for (let from = 0; from < entries.length; from += PAGE_ENTRIES) {
        apply(entries.slice(from, from + PAGE_ENTRIES));
        await clock.breathe();
      }
      tailed.position = { after: entries.at(-1)?.id ?? facts.lastId, count: null };
    }
    this.#hasBegun = true;
  }

  /** Returns whether there is more to read at once. */
  #take(tailed: Tailed, { facts, entries, error }: StreamAnswer): boolean {
    this.#noteError(tailed, error);
    if (error !== null || facts === null) {
      tailed.facts = error === null ? facts : null;
      return false;
    }
    tailed.facts = facts;
    const { stream, position } = tailed;
    if (stream.newest === 0) {
      tailed.position = { after: facts.lastId, count: facts.added };
      return false;
    }
    // Read from its beginning all is counted; else its place is known once its end was reached.
    const isPlaced = position.count !== null || position.after === START.after;
    const { position: from, gap } = isPlaced ? inspect(position, facts) : { position, gap: null };
    if (gap?.kind === 'trimmed') tailed.lost += gap.lost;
    if (gap?.kind === 'recreated') {
      this.#options.log(`${stream.key} was deleted and made anew: the dashboard reads it from its beginning`);
      tailed.position = from;
      return true;
    }
    stream.apply(entries);
    const after = entries.at(-1)?.id ?? from.after;
    tailed.position = { after, count: countAt(from, after, entries, facts) };
    return entries.length === PAGE_ENTRIES;
  }

  /** Whoever cannot keep up loses some in every round. */
  #tellLost(tailed: Tailed): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (tailed.lost === 0 || nowMs - tailed.toldMs < LOST_EVERY_MS) return;
    this.#options.log(
      `${tailed.lost} entries of ${tailed.stream.key} were removed before the dashboard read them`,
    );
    tailed.lost = 0;
    tailed.toldMs = nowMs;
  }

  #noteError(tailed: Tailed, error: string | null): void {
    if (error === tailed.error) return;
    tailed.error = error;
    const { key } = tailed.stream;
    this.#options.log(
      error === null ? `${key} can be read again` : `the dashboard cannot read ${key}: ${error}`,
    );
  }
}

/** How many entries the stream was ever given up to the last one read; null: not known yet. */
function countAt(
  from: Position,
  after: string,
  entries: readonly StreamEntry[],
  facts: StreamFacts,
): number | null {
  if (from.count !== null) return from.count + entries.length;
  if (compareIds(after, facts.lastId) < 0) return null;
  // Some may have come between what it said about itself and what was read.
  return facts.added + entries.filter(({ id }) => compareIds(id, facts.lastId) > 0).length;
}
