/** Holds simulated time back so that it passes a given number of times as fast as real time. Decides nothing. */
import { setTimeout } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';

/** Shorter waits cost more than they are worth. */
const SHORTEST_WAIT_MS = 8;
/** So that a speed that was reached once does not have to be caught up for ever after a pause of the computer. */
const MOST_BEHIND_MS = 500;

export class Pace {
  /** Simulated seconds a real second; null: as fast as it goes. */
  readonly #speed: number | null;
  readonly #signal: AbortSignal;
  readonly #beganMs = performance.now();
  /** Real time at which simulated time 0 would have been, had it always kept up. */
  #originMs = this.#beganMs;

  constructor(speed: number | null, signal: AbortSignal) {
    this.#speed = speed;
    this.#signal = signal;
  }

  /** Waits until so much simulated time may have passed since the beginning; null: it may at once. */
  before(simulatedMs: number): Promise<void> | null {
    if (this.#speed === null || this.#signal.aborted) return null;
    const dueMs = this.#originMs + simulatedMs / this.#speed;
    const nowMs = performance.now();
    const earlyMs = dueMs - nowMs;
    if (earlyMs < -MOST_BEHIND_MS) this.#originMs += -earlyMs - MOST_BEHIND_MS;
    return earlyMs < SHORTEST_WAIT_MS ? null : this.#wait(earlyMs);
  }

  /** Simulated seconds a real second so far. */
  reached(simulatedSec: number): number {
    const realSec = (performance.now() - this.#beganMs) / 1000;
    return realSec > 0 ? simulatedSec / realSec : 0;
  }

  async #wait(ms: number): Promise<void> {
    try {
      await setTimeout(ms, undefined, { signal: this.#signal });
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }
}
