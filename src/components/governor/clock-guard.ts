/**
 * Holds the store's clock against one that nobody sets: where they move apart by more than a second, ages and windows
 * cannot be trusted for a while. Pure.
 */

/** A step up to this is not noticed: clocks are slewed, answers wait. */
export const TOLERANCE_MS = 1000;
/** For so long the clocks have to agree again. */
export const STEADY_MS = 60_000;

export class ClockGuard {
  /** Where the store's clock lies before ours, at the least and at the most. */
  #least = -Infinity;
  #most = Infinity;
  #trippedMs = -Infinity;
  /** By how much the store's clock stepped, milliseconds, while what was outstanding then is not voided yet; 0: nothing is to be voided. */
  owedMs = 0;

  /**
   * The store said `nowMs` somewhere between `sentMs` and `heardMs` of our clock. Returns by how much its clock stepped,
   * milliseconds; 0: it did not.
   */
  note(nowMs: number, sentMs: number, heardMs: number): number {
    const least = nowMs - heardMs;
    const most = nowMs - sentMs;
    const step =
      least > this.#most + TOLERANCE_MS
        ? least - this.#most
        : most < this.#least - TOLERANCE_MS
          ? most - this.#least
          : 0;
    if (step !== 0) {
      this.trip(step, heardMs);
      this.#least = least;
      this.#most = most;
    } else if (most - least <= TOLERANCE_MS) {
      // The newest good look counts: two clocks never run alike for weeks.
      this.#least = least;
      this.#most = most;
    }
    return step;
  }

  /** The store's clock stepped by so much, as was found out at that moment of ours. */
  trip(byMs: number, atMs: number): void {
    this.#trippedMs = atMs;
    this.owedMs = byMs;
  }

  /** Whether the clocks stepped apart less than `STEADY_MS` ago. */
  isTripped(nowMs: number): boolean {
    return nowMs - this.#trippedMs < STEADY_MS;
  }
}
