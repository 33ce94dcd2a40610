/**
 * Net profit of the executions that arrived within the last 24 hours, for the daily loss limit. A ring of (arrival,
 * profit), one entry per distinct arrival; the sum is kept in whole micro-USD and a small rest, so that it never drifts.
 */
import { microUsd, saturate } from '../num.ts';

const WINDOW_SEC = 86_400;
/** Above this a profit is no longer exact in micro-USD and goes into the rest whole. */
const MAX_EXACT_USD = 9e9;

export class RollingLoss {
  #times = new Float64Array(1024);
  #profits = new Float64Array(1024);
  #first = 0;
  #count = 0;
  #micro = 0;
  #rest = 0;

  add(arrivalTs: number, pnlUsd: number): void {
    this.#forget(arrivalTs);
    const mask = this.#times.length - 1;
    const newest = (this.#first + this.#count - 1) & mask;
    if (this.#count > 0 && this.#times[newest] === arrivalTs) {
      const before = this.#profits[newest]!;
      const together = saturate(before + pnlUsd);
      this.#subtract(before);
      this.#profits[newest] = together;
      this.#addToSum(together);
      return;
    }
    if (this.#count === this.#times.length) this.#grow();
    const at = (this.#first + this.#count) & (this.#times.length - 1);
    this.#times[at] = arrivalTs;
    this.#profits[at] = pnlUsd;
    this.#count++;
    this.#addToSum(pnlUsd);
  }

  /** The net loss in USD at `now`: positive is loss. */
  lossUsd(now: number): number {
    this.#forget(now);
    return saturate(0 - (this.#micro / 1e6 + this.#rest));
  }

  #forget(now: number): void {
    const mask = this.#times.length - 1;
    let wasHuge = false;
    while (this.#count > 0 && now - this.#times[this.#first]! >= WINDOW_SEC) {
      const profit = this.#profits[this.#first]!;
      wasHuge ||= Math.abs(profit) > MAX_EXACT_USD;
      this.#subtract(profit);
      this.#first = (this.#first + 1) & mask;
      this.#count--;
    }
    if (wasHuge || this.#count === 0) this.#sumAfresh();
  }

  /** A huge profit swallows small ones beside it: when it leaves, only a new sum brings them back. */
  #sumAfresh(): void {
    const mask = this.#times.length - 1;
    this.#micro = 0;
    this.#rest = 0;
    for (let i = 0; i < this.#count; i++) this.#addToSum(this.#profits[(this.#first + i) & mask]!);
  }

  #addToSum(pnlUsd: number): void {
    const micro = exactMicro(pnlUsd);
    this.#micro += micro;
    this.#rest = saturate(this.#rest + (pnlUsd - micro / 1e6));
  }

  #subtract(pnlUsd: number): void {
    const micro = exactMicro(pnlUsd);
    this.#micro -= micro;
    this.#rest = saturate(this.#rest - (pnlUsd - micro / 1e6));
  }

  #grow(): void {
    const { times, profits } = this.#inOrder();
    this.#times = new Float64Array(times.length * 2);
    this.#profits = new Float64Array(times.length * 2);
    this.#times.set(times);
    this.#profits.set(profits);
    this.#first = 0;
  }

  #inOrder(): { times: Float64Array; profits: Float64Array } {
    const times = new Float64Array(this.#count);
    const profits = new Float64Array(this.#count);
    const mask = this.#times.length - 1;
    for (let i = 0; i < this.#count; i++) {
      times[i] = this.#times[(this.#first + i) & mask]!;
      profits[i] = this.#profits[(this.#first + i) & mask]!;
    }
    return { times, profits };
  }

  save(): { times: number[]; profits: number[]; micro: number; rest: number } {
    const { times, profits } = this.#inOrder();
    return { times: Array.from(times), profits: Array.from(profits), micro: this.#micro, rest: this.#rest };
  }

  load(saved: { times: readonly number[]; profits: readonly number[]; micro: number; rest: number }): void {
    while (this.#times.length < saved.times.length) {
      this.#times = new Float64Array(this.#times.length * 2);
      this.#profits = new Float64Array(this.#profits.length * 2);
    }
    this.#times.set(saved.times);
    this.#profits.set(saved.profits);
    this.#count = saved.times.length;
    this.#first = 0;
    this.#micro = saved.micro;
    this.#rest = saved.rest;
  }
}

function exactMicro(pnlUsd: number): number {
  return Math.abs(pnlUsd) <= MAX_EXACT_USD ? microUsd(pnlUsd) : 0;
}
