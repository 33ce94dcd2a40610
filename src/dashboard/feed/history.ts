/** A symbol over time: points with numbers in columns, the oldest dropped first. */
import { ALL_HISTORY_POINTS, HISTORY_POINTS, MIN_HISTORY_POINTS } from './bounds.ts';

/** Points each series may have where so many symbols have some. */
export function pointsFor(symbols: number): number {
  const share = Math.floor(ALL_HISTORY_POINTS / Math.max(1, symbols));
  return Math.max(MIN_HISTORY_POINTS, Math.min(HISTORY_POINTS, share));
}

/** NaN stands for what is not known. */
export class Series {
  #times: number[] = [];
  #columns: number[][];

  constructor(width: number) {
    this.#columns = Array.from({ length: width }, () => []);
  }

  /**
   * Adds a point; one of the same moment completes the newest: what is known is not forgotten. One that is older is dropped, and
   * so is one that says nothing new within `quietSec`.
   */
  add(ts: number, values: readonly number[], most: number, quietSec = 0): void {
    const last = this.#times.length - 1;
    const lastTs = this.#times[last];
    if (lastTs !== undefined && ts < lastTs) return;
    if (lastTs === ts) {
      this.#columns.forEach((column, i) => {
        if (!Number.isNaN(values[i]!)) column[last] = values[i]!;
      });
      return;
    }
    if (lastTs !== undefined && ts - lastTs < quietSec && this.#isSame(last, values)) return;
    this.#times.push(ts);
    this.#columns.forEach((column, i) => column.push(values[i]!));
    if (this.#times.length < most + Math.ceil(most / 4)) return;
    this.#times = this.#times.slice(-most);
    this.#columns = this.#columns.map((column) => column.slice(-most));
  }

  /** Oldest first. */
  points<Point>(make: (ts: number, values: (column: number) => number) => Point): Point[] {
    return this.#times.map((ts, i) => make(ts, (column) => this.#columns[column]![i]!));
  }

  #isSame(at: number, values: readonly number[]): boolean {
    return this.#columns.every((column, i) => Object.is(column[at], values[i]));
  }
}
