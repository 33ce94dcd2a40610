/** A histogram without labels: counts by upper bound, their number and their sum. */
import { NO_LABELS, type Sample, type Series } from './series.ts';

export class Histogram implements Series {
  readonly #bounds: readonly number[];
  /** One a bound, and one for what lies above the last. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** A duration below 0, as after a clock was set back, counts as 0: the sum may not fall. Throws `RangeError` where it is no number. */
  observe(seconds: number): void {
    if (!(seconds < Infinity)) throw new RangeError(`a duration cannot be ${seconds}`);
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > this.#bounds[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += Math.max(0, seconds);
  }

  samples(): Sample[] {
    let count = 0;
    const samples = [...this.#counts].map((inBucket, bucket): Sample => {
      count += inBucket;
      const bound = this.#bounds[bucket];
      return {
        suffix: '_bucket',
        labels: { le: bound === undefined ? '+Inf' : String(bound) },
        value: count,
      };
    });
    return [
      ...samples,
      { suffix: '_sum', labels: NO_LABELS, value: this.#sum },
      { suffix: '_count', labels: NO_LABELS, value: count },
    ];
  }
}
