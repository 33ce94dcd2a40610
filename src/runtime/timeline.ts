/**
 * Several streams as one line of time: entries by arrival, those of the same millisecond in the order of the streams.
 * What comes out does not depend on how many entries were read at a time: an entry waits while one before it may be missing.
 */
import { idMs, type StreamAnswer, type StreamEntry } from '../store/store.ts';

export interface Arrival {
  /** Number of the stream. */
  readonly input: number;
  readonly entry: StreamEntry;
  /** Unix milliseconds. */
  readonly ms: number;
}

interface Queue {
  entries: readonly StreamEntry[];
  next: number;
  /** The milliseconds of the next entry's id; NaN: not looked at yet. */
  nextMs: number;
  /** The store had no more than these. */
  isComplete: boolean;
}

export class Timeline {
  readonly #queues: Queue[];
  #nowMs = 0;
  #lastMs = 0;
  #ahead = 0;

  constructor(streams: number) {
    this.#queues = Array.from({ length: streams }, () => ({
      entries: [],
      next: 0,
      nextMs: NaN,
      isComplete: false,
    }));
  }

  /** What was read of a stream after what is here of it, and the store's clock at that time. */
  add(input: number, answer: Pick<StreamAnswer, 'entries'>, asked: number, nowMs: number): void {
    const queue = this.#queues[input]!;
    const rest = queue.next === 0 ? queue.entries : queue.entries.slice(queue.next);
    queue.entries = rest.length === 0 ? answer.entries : [...rest, ...answer.entries];
    queue.next = 0;
    queue.nextMs = NaN;
    queue.isComplete = answer.entries.length < asked;
    this.#nowMs = nowMs;
  }

  /** Entries read and not yet taken. */
  waiting(input: number): number {
    const queue = this.#queues[input]!;
    return queue.entries.length - queue.next;
  }

  /** The newest entry that was read of a stream and waits; null: none. */
  newest(input: number): StreamEntry | null {
    const { entries, next } = this.#queues[input]!;
    return entries.length > next ? entries.at(-1)! : null;
  }

  /** When the oldest entry that waits arrived, Unix milliseconds; null: none waits. */
  oldestMs(input: number): number | null {
    const { entries, next } = this.#queues[input]!;
    const oldest = entries[next];
    return oldest === undefined ? null : idMs(oldest.id);
  }

  /** Whether the store had more of some stream than was asked for. */
  get isMoreThere(): boolean {
    return this.#queues.some(({ isComplete }) => !isComplete);
  }

  /** Whether more has to be read before the next entry is known. */
  get isStarved(): boolean {
    for (const { entries, next, isComplete } of this.#queues)
      if (next === entries.length && !isComplete) return true;
    return false;
  }

  /**
   * The next entry that arrived before the clock, or null. One whose id is ahead of the clock arrived now: whoever chose
   * the id cannot move time (`ahead` counts them). A stream whose next entry is not `isWanted` has none.
   */
  peek(isWanted: ((input: number, entry: StreamEntry) => boolean) | null = null): Arrival | null {
    let found: Arrival | null = null;
    for (let input = 0; input < this.#queues.length; input++) {
      const queue = this.#queues[input]!;
      const entry = queue.entries[queue.next];
      if (entry === undefined || isWanted?.(input, entry) === false) continue;
      if (Number.isNaN(queue.nextMs)) queue.nextMs = idMs(entry.id);
      const ms = this.#arrivalMs(queue.nextMs);
      if (found === null || ms < found.ms) found = { input, entry, ms };
    }
    return found !== null && found.ms < this.#nowMs ? found : null;
  }

  /** Whether an entry that `isWanted` comes next in its stream, now or once the clock is past it. */
  holds(isWanted: (input: number, entry: StreamEntry) => boolean): boolean {
    return this.#queues.some(({ entries, next }, input) => {
      const entry = entries[next];
      return entry !== undefined && isWanted(input, entry);
    });
  }

  take(arrival: Arrival): void {
    const queue = this.#queues[arrival.input]!;
    if (queue.nextMs > this.#nowMs) this.#ahead++;
    queue.next++;
    queue.nextMs = NaN;
    this.#lastMs = arrival.ms;
  }

  /** Entries taken whose id was ahead of the clock. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Forgets what was read of a stream: it is another one now. */
  clear(input: number): void {
    this.#queues[input] = { entries: [], next: 0, nextMs: NaN, isComplete: false };
  }

  /** The store's clock was set back: time goes on from here. */
  resync(nowMs: number): void {
    this.#lastMs = Math.min(this.#lastMs, nowMs);
  }

  /** Never before the last one taken: ids of two streams are of one clock, ids someone chose need not be. */
  #arrivalMs(ms: number): number {
    // A millisecond back, so that it counts as before the clock.
    return Math.max(ms > this.#nowMs + AHEAD_MS ? this.#nowMs - 1 : ms, this.#lastMs);
  }
}

/** Ids ahead by less than this simply wait: a store's clock may be set back a little. */
const AHEAD_MS = 1000;
