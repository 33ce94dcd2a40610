/**
 * Several sources as one sequence of events by time; equal times in the order of the arguments, then of the lines.
 * Sources already in order are streamed. One that is not is said so by `OutOfOrder`; then everything is read and sorted.
 */
import type { LocatedEvent, RejectedLine } from './formats/format.ts';

type Batch = (LocatedEvent | RejectedLine)[];

/** A source is not in order of time: run again with `sortEvents`. */
export class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder';
}

/** Batches in order of time. Refused lines come as they are met. Throws `OutOfOrder` where a source goes back in time. */
export async function* mergeEvents(sources: readonly AsyncIterable<Batch>[]): AsyncGenerator<Batch> {
  if (sources.length === 1) {
    let newest = -Infinity;
    for await (const batch of sources[0]!) {
      newest = checkOrder(batch, newest);
      yield batch;
    }
    return;
  }
  const cursors = sources.map((source) => new Cursor(source));
  for (const cursor of cursors) yield await cursor.advance();
  for (;;) {
    const cursor = earliest(cursors);
    if (cursor === null) return;
    const horizon = Math.min(...cursors.map((other) => (other === cursor ? Infinity : other.ts)));
    const next = cursors.findIndex((other) => other !== cursor && other.ts === horizon);
    const isFirst = next < 0 || next > cursors.indexOf(cursor);
    yield cursor.takeUntil(horizon, isFirst);
    if (cursor.isEmpty) yield await cursor.advance();
  }
}

/** Everything in memory, sorted; for sources that are not in order. */
export async function* sortEvents(sources: readonly AsyncIterable<Batch>[]): AsyncGenerator<Batch> {
  const events: LocatedEvent[] = [];
  for (const source of sources) {
    for await (const batch of source) {
      const rejected: Batch = [];
      for (const item of batch) {
        if (item.event === null) rejected.push(item);
        else events.push(item);
      }
      if (rejected.length > 0) yield rejected;
    }
  }
  events.sort((a, b) => a.event.ts - b.event.ts);
  yield events;
}

/** One source's events that wait for their turn. */
class Cursor {
  readonly #iterator: AsyncIterator<Batch>;
  #waiting: LocatedEvent[] = [];
  #at = 0;
  #newest = -Infinity;
  /** Time of the next event; Infinity at the end. */
  ts = -Infinity;

  constructor(source: AsyncIterable<Batch>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  get isEmpty(): boolean {
    return this.#at >= this.#waiting.length;
  }

  /** Reads on until there is an event or the end; returns the refusals met. */
  async advance(): Promise<Batch> {
    const rejected: Batch = [];
    while (this.isEmpty) {
      const next = await this.#iterator.next();
      if (next.done === true) {
        this.ts = Infinity;
        return rejected;
      }
      this.#newest = checkOrder(next.value, this.#newest);
      for (const item of next.value) if (item.event === null) rejected.push(item);
      this.#waiting = next.value.filter((item) => item.event !== null);
      this.#at = 0;
    }
    this.ts = this.#waiting[this.#at]!.event.ts;
    return rejected;
  }

  /** Takes the events before `horizon`, or those at it too. */
  takeUntil(horizon: number, inclusive: boolean): LocatedEvent[] {
    const from = this.#at;
    while (this.#at < this.#waiting.length) {
      const { ts } = this.#waiting[this.#at]!.event;
      if (ts > horizon || (ts === horizon && !inclusive)) break;
      this.#at++;
    }
    this.ts = this.isEmpty ? -Infinity : this.#waiting[this.#at]!.event.ts;
    return this.#waiting.slice(from, this.#at);
  }
}

/** The cursor whose next event comes first; null where all are at their end. */
function earliest(cursors: readonly Cursor[]): Cursor | null {
  let found: Cursor | null = null;
  for (const cursor of cursors) if (cursor.ts < (found?.ts ?? Infinity)) found = cursor;
  return found;
}

function checkOrder(batch: Batch, newest: number): number {
  let last = newest;
  for (const { event } of batch) {
    if (event === null) continue;
    if (event.ts < last) throw new OutOfOrder(`an event at ${event.ts} comes after one at ${last}`);
    last = event.ts;
  }
  return last;
}
