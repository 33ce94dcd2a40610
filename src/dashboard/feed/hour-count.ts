/** How often something happened within the last hour, minute by minute. */
const MINUTES = 60;

export class HourCount {
  readonly #counts = new Float64Array(MINUTES);
  /** Of which minute since 1970 each count is. */
  readonly #minutes = new Float64Array(MINUTES).fill(-1);

  add(sec: number): void {
    const minute = Math.floor(sec / 60);
    const slot = minute % MINUTES;
    if (this.#minutes[slot]! > minute) return;
    if (this.#minutes[slot] !== minute) {
      this.#minutes[slot] = minute;
      this.#counts[slot] = 0;
    }
    this.#counts[slot]!++;
  }

  at(nowSec: number): number {
    const oldest = Math.floor(nowSec / 60) - MINUTES;
    let sum = 0;
    for (let slot = 0; slot < MINUTES; slot++) if (this.#minutes[slot]! > oldest) sum += this.#counts[slot]!;
    return sum;
  }
}
