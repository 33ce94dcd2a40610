/**
 * How much one call may do, so that it holds Redis for about a millisecond: learnt from how long calls took. The hard limit
 * stands where nothing was learnt, or a server does not tell (its clock stands still during a call from 7.2 on).
 */
const AIM_MICROS = 800;
const MOST_COST = 700;
const LEAST_COST = 100;
const WEIGHT = 0.1;

export class Pace {
  #microsPerCost = 1;

  /** The cost of one call, at most. */
  get limit(): number {
    return Math.max(LEAST_COST, Math.min(MOST_COST, AIM_MICROS / this.#microsPerCost));
  }

  learn(cost: number, micros: number): void {
    // Small calls are mostly checks; a zero is a clock that stands still.
    if (cost < LEAST_COST || micros <= 0) return;
    // One hiccup of the machine must not cut every chunk that follows.
    const seen = Math.min(micros / cost, 4 * this.#microsPerCost);
    this.#microsPerCost += WEIGHT * (seen - this.#microsPerCost);
  }
}
