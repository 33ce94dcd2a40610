/** Waits before trying the store again: a little at first, twice as long each time, never longer than a second. */
import type { Clock } from './clock.ts';

const FIRST_MS = 50;
export const LONGEST_RETRY_MS = 1000;

export class Backoff {
  readonly #clock: Clock;
  #nextMs = FIRST_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after the wait, or as soon as `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(this.#nextMs, signal);
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_RETRY_MS);
  }

  /** It worked: the next wait is a short one again. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
