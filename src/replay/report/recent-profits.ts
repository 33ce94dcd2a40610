/**
 * Remembers recent non-zero profits by symbol, to notice one that comes again. Two rows are told apart by any field
 * that both have and that differs. Without that, equal profit within a minute looks like a repeat; with an equal
 * percentage as well, two numbers agreeing to the last digit, within an hour.
 */

interface ProfitSeen {
  readonly symbolId: number;
  readonly eventSec: number;
  readonly pnlUsd: number;
  readonly botId?: number | undefined;
  readonly signalId?: number | undefined;
}

/** One entry for each set in use; its rows in the order of their places, what is unknown null. */
export type RecentProfitsState = readonly {
  readonly set: number;
  /** The place that makes room next. */
  readonly next: number;
  /** [symbolId, pnlUsd, eventSec, botId, signalId, pnlPct, qty, price, holdSec] */
  readonly rows: readonly (readonly (number | null)[])[];
}[];

const WITHIN_SEC = 60;
const WITHIN_SEC_WITH_PERCENT = 3600;
/** A profit belongs to one set and lies in one of its places; the longest written of them makes room. */
const SETS = 512;
const PLACES = 7;
/** A set's fingerprints and, last, its next place: together half a cache line, all that most rows need to read. */
const SET_STRIDE = PLACES + 1;
const FIELDS = 9;
const SYMBOL = 0;
const PNL = 1;
const TIME = 2;
const BOT = 3;
const SIGNAL = 4;
const PERCENT = 5;
const QTY = 6;
const PRICE = 7;
const HOLD = 8;

export class RecentProfits {
  readonly #sets = new Int32Array(SETS * SET_STRIDE);
  readonly #rows = new Float64Array(SETS * PLACES * FIELDS);
  readonly #bits = new Float64Array(1);
  readonly #words = new Int32Array(this.#bits.buffer);

  /** Whether a row looks like a repeat of one seen shortly before; remembers it. NaN and bot or signal 0: unknown. */
  isRepeat(seen: ProfitSeen, pnlPct: number, qty: number, price: number, holdSec: number): boolean {
    const { symbolId, pnlUsd, eventSec } = seen;
    const botId = seen.botId ?? 0;
    const signalId = seen.signalId ?? 0;
    const fingerprint = this.#fingerprint(symbolId, pnlUsd);
    const set = fingerprint >>> 23;
    const head = set * SET_STRIDE;
    const sets = this.#sets;
    const rows = this.#rows;
    let place = -1;
    for (let candidate = 0; candidate < PLACES && place < 0; candidate += 1) {
      if (sets[head + candidate] !== fingerprint) continue;
      const at = (set * PLACES + candidate) * FIELDS;
      if (rows[at + SYMBOL] !== symbolId || rows[at + PNL] !== pnlUsd) continue;
      const withinSec = rows[at + PERCENT] === pnlPct ? WITHIN_SEC_WITH_PERCENT : WITHIN_SEC;
      const isRepeat =
        Math.abs(eventSec - (rows[at + TIME] as number)) <= withinSec &&
        !differ(rows[at + BOT] || NaN, botId || NaN) &&
        !differ(rows[at + SIGNAL] || NaN, signalId || NaN) &&
        !differ(rows[at + PERCENT] as number, pnlPct) &&
        !differ(rows[at + QTY] as number, qty) &&
        !differ(rows[at + PRICE] as number, price) &&
        !differ(rows[at + HOLD] as number, holdSec);
      if (isRepeat) place = candidate;
    }
    const isRepeat = place >= 0;
    if (!isRepeat) {
      place = sets[head + PLACES] as number;
      sets[head + PLACES] = place + 1 === PLACES ? 0 : place + 1;
      sets[head + place] = fingerprint;
    }
    const at = (set * PLACES + place) * FIELDS;
    rows[at + SYMBOL] = symbolId;
    rows[at + PNL] = pnlUsd;
    rows[at + TIME] = eventSec;
    rows[at + BOT] = botId;
    rows[at + SIGNAL] = signalId;
    rows[at + PERCENT] = pnlPct;
    rows[at + QTY] = qty;
    rows[at + PRICE] = price;
    rows[at + HOLD] = holdSec;
    return isRepeat;
  }

  save(): RecentProfitsState {
    const state: RecentProfitsState[number][] = [];
    for (let set = 0; set < SETS; set += 1) {
      const rows: (number | null)[][] = [];
      for (let place = 0; place < PLACES; place += 1) {
        if (this.#sets[set * SET_STRIDE + place] === 0) break;
        const at = (set * PLACES + place) * FIELDS;
        rows.push(Array.from(this.#rows.subarray(at, at + FIELDS), (n) => (Number.isNaN(n) ? null : n)));
      }
      if (rows.length > 0) state.push({ set, next: this.#sets[set * SET_STRIDE + PLACES] ?? 0, rows });
    }
    return state;
  }

  static load(state: RecentProfitsState): RecentProfits {
    const recent = new RecentProfits();
    for (const { set, next, rows } of state) {
      for (const [place, row] of rows.entries()) {
        const fields = row.map((field) => field ?? NaN);
        const [symbolId = 0, pnlUsd = 0] = fields;
        recent.#sets[set * SET_STRIDE + place] = recent.#fingerprint(symbolId, pnlUsd);
        recent.#rows.set(fields, (set * PLACES + place) * FIELDS);
      }
      recent.#sets[set * SET_STRIDE + PLACES] = next;
    }
    return recent;
  }

  /** 32 bits, never 0; the highest nine are the set. */
  #fingerprint(symbolId: number, pnlUsd: number): number {
    this.#bits[0] = pnlUsd;
    const low = this.#words[0] as number;
    const high = this.#words[1] as number;
    let mixed = Math.imul(symbolId, 0x9e3779b1) + Math.imul(low, 0x85ebca6b) + Math.imul(high, 0xc2b2ae35);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
    return mixed | 1;
  }
}

/** Both known and not the same. */
function differ(a: number, b: number): boolean {
  return a < b || a > b;
}
