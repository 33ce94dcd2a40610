/** Entries a minute of streams, from how many each was ever given. */
interface Sample {
  readonly ms: number;
  readonly added: number;
}

const MINUTE_MS = 60_000;
/** Closer ones say nothing more. */
const LEAST_MS = 1000;

export class Pace {
  /** Oldest first: the last but the first are within a minute. */
  #samples: Sample[] = [];

  /** `lastMinute`: how many came in the minute before, asked for when it is seen first. */
  note(nowMs: number, added: number, lastMinute: () => number): void {
    const last = this.#samples.at(-1);
    // Another stream of the same name: it begins anew.
    if (last !== undefined && added < last.added) this.#samples = [];
    if (this.#samples.length === 0)
      this.#samples.push({ ms: nowMs - MINUTE_MS, added: Math.max(0, added - lastMinute()) });
    const before = this.#samples.at(-1)!;
    if (nowMs - before.ms >= LEAST_MS) this.#samples.push({ ms: nowMs, added });
    else if (nowMs >= before.ms && this.#samples.length > 1)
      this.#samples[this.#samples.length - 1] = { ms: before.ms, added };
    while (this.#samples.length > 2 && this.#samples[1]!.ms <= nowMs - MINUTE_MS) this.#samples.shift();
  }

  perMinute(nowMs: number): number {
    const last = this.#samples.at(-1);
    return last === undefined ? 0 : Math.round(last.added - this.#addedAt(nowMs - MINUTE_MS));
  }

  /** As if they had come evenly between two samples. */
  #addedAt(ms: number): number {
    const after = this.#samples.findIndex((sample) => sample.ms >= ms);
    const [before, next] = [this.#samples[after - 1], this.#samples[after]];
    if (next === undefined) return this.#samples.at(-1)!.added;
    if (before === undefined) return next.added;
    return before.added + ((ms - before.ms) / (next.ms - before.ms)) * (next.added - before.added);
  }
}
