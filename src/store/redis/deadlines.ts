/**
 * One deadline for every call, kept by one timer: the client's own timers cost more than the calls, and never cover a
 * command that was already sent.
 */
export interface Waiting {
  dueMs: number;
  readonly expire: () => void;
  /** It was due once already when the process itself had been held up. */
  excused: boolean;
}

const SWEEP_MS = 20;
/** A sweep so late says that the process was busy: answers may lie unread, commands unsent. So long they get then. */
const HELD_UP_MS = 100;

export class Deadlines {
  /** In the order in which they fall due, since all have the same time. */
  readonly #waiting = new Set<Waiting>();
  readonly #deadlineMs: number;
  #timer: NodeJS.Timeout | null = null;
  #sweptMs = 0;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls `expire` unless `done` comes first. */
  start(expire: () => void): Waiting {
    const nowMs = performance.now();
    const waiting: Waiting = { dueMs: nowMs + this.#deadlineMs, expire, excused: false };
    this.#waiting.add(waiting);
    if (this.#timer === null) {
      this.#sweptMs = nowMs;
      this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
    }
    return waiting;
  }

  done(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  #sweep(): void {
    const nowMs = performance.now();
    const heldUp = nowMs - this.#sweptMs > SWEEP_MS + HELD_UP_MS;
    this.#sweptMs = nowMs;
    for (const waiting of this.#waiting) {
      if (waiting.dueMs > nowMs) break;
      // The loop reads and writes sockets only after its timers. Those behind it wait as long, which is no harm.
      if (heldUp && !waiting.excused) {
        waiting.excused = true;
        waiting.dueMs = nowMs + HELD_UP_MS;
        continue;
      }
      this.#waiting.delete(waiting);
      waiting.expire();
    }
    if (this.#waiting.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
