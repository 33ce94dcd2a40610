/**
 * How many counted permits each symbol has within the last hour and the last 5 minutes, between permits too, so that
 * gauges fall as time passes. Never too low: of what is not known here it is taken that it still counts.
 */
import { Names } from '../../core/names.ts';
import { BURST_SEC, HOUR_SEC } from '../../core/governor/permit-book.ts';

/** Times kept of a symbol. With more permits than this in a window, its count falls late. */
const MAX_TIMES = 100;
/** Symbols beyond this are not counted: no governor has so many. */
const MAX_SYMBOLS = 100_000;

interface Told {
  /** Of the newest counted permits, a ring. */
  readonly times: number[];
  next: number;
  /** Of the last permit, counted or not, and what was counted as of then. */
  ts: number;
  lastHour: number;
  last5Min: number;
}

export class PermitCounts {
  readonly #names = new Names();
  readonly #told: Told[] = [];

  name(id: number): string {
    return this.#names.name(id);
  }

  /** A permit at `ts` (Unix seconds), and what was counted as of after it. */
  tell(symbol: string, ts: number, isCounted: boolean, lastHour: number, last5Min: number): void {
    if (this.#names.size >= MAX_SYMBOLS && !this.#names.has(symbol)) return;
    const id = this.#names.id(symbol);
    const told = (this.#told[id] ??= { times: [], next: 0, ts, lastHour, last5Min });
    told.ts = ts;
    told.lastHour = lastHour;
    told.last5Min = last5Min;
    if (!isCounted) return;
    told.times[told.next] = ts;
    told.next = (told.next + 1) % MAX_TIMES;
  }

  /** Every symbol that had a permit, with its counts at `nowSec`. */
  each(nowSec: number, show: (id: number, lastHour: number, last5Min: number) => void): void {
    this.#told.forEach((told, id) => {
      show(id, within(HOUR_SEC, told, told.lastHour, nowSec), within(BURST_SEC, told, told.last5Min, nowSec));
    });
  }

  /** What was counted is of no interest any more. */
  clear(): void {
    this.#told.length = 0;
  }
}

/** `count` permits were counted in the window when the last one was given; how many are at `nowSec`? */
function within(windowSec: number, { times, ts }: Told, count: number, nowSec: number): number {
  if (nowSec - ts >= windowSec) return 0;
  let known = 0;
  let left = 0;
  for (const time of times) {
    if (ts - time < windowSec) known++;
    if (nowSec - time < windowSec) left++;
  }
  return Math.min(count, left + Math.max(0, count - known));
}
