/**
 * The permits of the last 24 hours: which plans had one, what they reserve, and what they count against the limits.
 * Sums are kept in whole micro-USD as permits come and go. Source: spec/model.md, Reservations.
 */
import { Heap } from '../heap.ts';
import { exactSum, isContained, isOutstanding, microOf, reservedUntil, type PermitRecord } from './permit.ts';
import type { JudgeView } from './view.ts';

export type { PermitRecord };

/** What the book says of a symbol, as the judge sees it. */
export type BookView = Pick<
  JudgeView,
  | 'reservedQty'
  | 'reservedMicro'
  | 'allReservedMicro'
  | 'permitsLastHour'
  | 'permitsLast5Min'
  | 'sinceLastOpeningSec'
  | 'permittedDayMicro'
>;

/** The windows permits are counted in. */
export const BURST_SEC = 300;
export const HOUR_SEC = 3600;
export const DAY_SEC = 86_400;

/** So many permits are looked at one by one for what is only told beside a block: no more, however many there are. */
const MOST_FOLLOWED = 500;

interface SymbolBook {
  /** Counted permits of the last 24 h in order of issue. */
  counted: PermitRecord[];
  dayMicro: number;
  openReservedMicro: number;
  /** Openings whose notional is reserved. */
  opening: Set<PermitRecord>;
  /** Reducing permits whose quantity is reserved, in order of issue: float sums depend on it. */
  reducing: PermitRecord[];
  snapshotTs: number;
}

export class PermitBook {
  readonly #byPlan = new Map<string, PermitRecord>();
  readonly #books = new Map<number, SymbolBook>();
  readonly #reservationEnds = new Heap<PermitRecord>();
  /** Permits neither taken nor dead, for the kill switch. */
  readonly #outstanding = new Set<PermitRecord>();
  #allReservedMicro = 0;
  /** Openings that reserve now. */
  #openReservations = 0;

  /** Forgets what is older than 24 h and ends the reservations whose time is over at `now`. */
  advance(now: number): void {
    for (
      let end = this.#reservationEnds.peek();
      end !== null && end.key < now;
      end = this.#reservationEnds.peek()
    ) {
      this.#reservationEnds.pop();
      if (end.item.reserved && reservedUntil(end.item) < now) this.#release(end.item);
    }
    for (const [planId, record] of this.#byPlan) {
      if (now - record.issuedAt <= DAY_SEC || record.reserved) break;
      this.#byPlan.delete(planId);
    }
    for (const record of this.#outstanding) {
      if (record.expiresAt >= now) break;
      this.#outstanding.delete(record);
    }
  }

  /** The permit a plan had within 24 h, or null. */
  find(planId: string, now: number): PermitRecord | null {
    const record = this.#byPlan.get(planId);
    return record === undefined || now - record.issuedAt > DAY_SEC ? null : record;
  }

  /** Adds a permit and whatever it reserves. Replaces an older one of the same plan, which is returned. */
  issue(record: PermitRecord): PermitRecord | null {
    const before = this.#byPlan.get(record.planId) ?? null;
    this.#replace(record);
    this.#outstanding.add(record);
    if (record.counted) {
      const book = this.#book(record.symbol);
      book.counted.push(record);
      book.dayMicro += microOf(record);
    }
    this.#reserve(record);
    return before;
  }

  /** The permit was not issued after all: as if `issue` had not been called, and `before` were the plan's permit again. */
  withdraw(record: PermitRecord, before: PermitRecord | null): void {
    this.#outstanding.delete(record);
    this.#byPlan.delete(record.planId);
    this.#uncount(record);
    if (record.reserved) this.#release(record);
    if (before !== null) this.#byPlan.set(before.planId, before);
  }

  /** Permits neither taken nor dead, in order of issue; some may be over since the last `advance`. */
  outstanding(): Iterable<PermitRecord> {
    return this.#outstanding;
  }

  /** A permit is used up; unknown, dead or untakeable ones stay as they are. Returns whether it was taken. */
  take(planId: string, now: number): boolean {
    const record = this.#byPlan.get(planId);
    if (record === undefined || !isOutstanding(record, now) || !record.takeable) return false;
    record.takenAt = now;
    this.#outstanding.delete(record);
    this.#reconsider(record, now);
    return true;
  }

  /** What became of a permitted plan. The first result that says it failed is the last word. */
  result(planId: string, executed: boolean, now: number): void {
    const record = this.#byPlan.get(planId);
    if (record === undefined || record.failed) return;
    if (executed) {
      record.executedAt ??= now;
    } else {
      record.failed = true;
      this.#outstanding.delete(record);
      this.#uncount(record);
    }
    this.#reconsider(record, now);
  }

  /** A position snapshot: what is known to be taken or executed before it is contained in it. */
  snapshot(symbol: number, snapshotTs: number): void {
    const book = this.#book(symbol);
    book.snapshotTs = Math.max(book.snapshotTs, snapshotTs);
    for (const record of [...book.reducing, ...book.opening])
      if (isContained(record, book.snapshotTs)) this.#release(record);
  }

  /** Voids outstanding permits: all of them, or only those of openings. */
  void(openingsOnly: boolean, now: number): void {
    for (const record of [...this.#outstanding]) {
      if (!isOutstanding(record, now) || (openingsOnly && record.reducing)) continue;
      record.voided = true;
      this.#outstanding.delete(record);
      this.#reconsider(record, now);
    }
  }

  /** Whether a plan that had this permit may be judged anew: reducing, and the permit came to nothing. */
  mayReturn(record: PermitRecord, now: number): boolean {
    if (!record.reducing) return false;
    if (record.failed) return true;
    return record.takenAt === null && record.executedAt === null && (record.voided || now > record.expiresAt);
  }

  get allReservedMicro(): number {
    return this.#allReservedMicro;
  }

  reservedMicro(symbol: number): number {
    return this.#books.get(symbol)?.openReservedMicro ?? 0;
  }

  /** Quantity open reducing reservations of the symbol hold. */
  reservedQty(symbol: number): number {
    let sum = 0;
    for (const record of this.#books.get(symbol)?.reducing ?? []) sum += record.qty ?? 0;
    return sum;
  }

  /** Counted permits of the symbol issued less than `withinSec` ago. */
  count(symbol: number, withinSec: number, now: number): number {
    const counted = this.#books.get(symbol)?.counted ?? [];
    let low = 0;
    let high = counted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (now - counted[middle]!.issuedAt < withinSec) high = middle;
      else low = middle + 1;
    }
    return counted.length - low;
  }

  /** Notional of the symbol's counted permits of the last 24 h, micro-USD. */
  dayMicro(symbol: number, now: number): number {
    const book = this.#books.get(symbol);
    if (book === undefined) return 0;
    let old = 0;
    while (old < book.counted.length && now - book.counted[old]!.issuedAt >= DAY_SEC)
      book.dayMicro -= microOf(book.counted[old++]!);
    if (old > 0) book.counted.splice(0, old);
    return book.dayMicro;
  }

  /** Seconds since the symbol's last opening permit of the last 24 h; Infinity where there is none. */
  sinceLastOpeningSec(symbol: number, now: number): number {
    const counted = this.#books.get(symbol)?.counted ?? [];
    for (let i = counted.length - 1; i >= 0; i--)
      if (!counted[i]!.reducing) return now - counted[i]!.issuedAt;
    return Infinity;
  }

  /** What the book will say at `at`, not before the last `advance`, if nothing happens until then. Changes nothing. */
  ahead(symbol: number, at: number): BookView {
    const own = this.#books.get(symbol);
    let permittedDayMicro = own?.dayMicro ?? 0;
    for (const record of own?.counted ?? []) {
      if (at - record.issuedAt < DAY_SEC) break;
      permittedDayMicro -= microOf(record);
    }
    let reservedMicro = own?.openReservedMicro ?? 0;
    let allReservedMicro = this.#allReservedMicro;
    for (const record of this.#openingsToFollow(symbol)) {
      if (reservedUntil(record) >= at) continue;
      allReservedMicro -= microOf(record);
      if (record.symbol === symbol) reservedMicro -= microOf(record);
    }
    let reservedQty = 0;
    for (const record of own?.reducing ?? []) if (reservedUntil(record) >= at) reservedQty += record.qty ?? 0;
    return {
      reservedQty,
      reservedMicro,
      allReservedMicro,
      permitsLastHour: this.count(symbol, HOUR_SEC, at),
      permitsLast5Min: this.count(symbol, BURST_SEC, at),
      sinceLastOpeningSec: this.sinceLastOpeningSec(symbol, at),
      permittedDayMicro,
    };
  }

  /**
   * When something a plan of the symbol is held against runs out by time alone: a counted permit leaves a window of so
   * many seconds, or a reservation ends. Moments after `now` in whole milliseconds, ascending, each once.
   */
  runsOut(symbol: number, now: number, windowsSec: readonly number[]): readonly number[] {
    const own = this.#books.get(symbol);
    const moments = new Set<number>();
    const newest = (own?.counted ?? []).slice(-MOST_FOLLOWED).toReversed();
    for (const windowSec of windowsSec)
      for (const { issuedAt } of newest) {
        if (now - issuedAt >= windowSec) break;
        moments.add(firstMilli(issuedAt + windowSec, (at) => at - issuedAt >= windowSec));
      }
    for (const record of [...this.#openingsToFollow(symbol), ...(own?.reducing ?? [])]) {
      const until = reservedUntil(record);
      if (until >= now) moments.add(firstMilli(until, (at) => at > until));
    }
    return [...moments].sort((a, b) => a - b);
  }

  /** Openings that reserve now, of every symbol; where there are very many, of this one: the rest count as they stand. */
  #openingsToFollow(symbol: number): PermitRecord[] {
    const own = this.#books.get(symbol)?.opening ?? [];
    if (this.#openReservations > MOST_FOLLOWED) return [...own].slice(0, MOST_FOLLOWED);
    return [...this.#books.values()].flatMap((book) => [...book.opening]);
  }

  /** The micro-USD sums afresh and unrounded, for the numbers a block shows. */
  exactReservedUsd(symbol: number): number {
    return exactSum(this.#books.get(symbol)?.opening ?? []);
  }

  exactAllReservedUsd(): number {
    if (this.#openReservations > MOST_FOLLOWED) return this.#allReservedMicro / 1e6;
    return exactSum([...this.#books.values()].flatMap((book) => [...book.opening]));
  }

  exactDayUsd(symbol: number): number {
    return exactSum(this.#books.get(symbol)?.counted ?? []);
  }

  /** In order of issue: those of the plans, and older ones of the same plans that still count or reserve. */
  save(): PermitRecord[] {
    const books = [...this.#books.values()];
    const older = books.flatMap((book) => [...book.counted, ...book.opening, ...book.reducing]);
    const all = [...new Set([...this.#byPlan.values(), ...older])];
    return all.sort((a, b) => a.sequence - b.sequence).map((record) => ({ ...record }));
  }

  load(records: readonly PermitRecord[], snapshots: ReadonlyMap<number, number>): void {
    for (const [symbol, ts] of snapshots) this.#book(symbol).snapshotTs = ts;
    for (const saved of records) {
      const record = { ...saved };
      this.#replace(record);
      if (!record.voided && !record.failed && record.takenAt === null) this.#outstanding.add(record);
      const book = this.#book(record.symbol);
      if (record.counted) {
        book.counted.push(record);
        book.dayMicro += microOf(record);
      }
      if (!record.reserved) continue;
      record.reserved = false;
      this.#reserve(record);
    }
  }

  /** Makes a permit the newest of its plan, at the end of the order. */
  #replace(record: PermitRecord): void {
    const before = this.#byPlan.get(record.planId);
    if (before !== undefined) this.#outstanding.delete(before);
    this.#byPlan.delete(record.planId);
    this.#byPlan.set(record.planId, record);
  }

  #book(symbol: number): SymbolBook {
    const known = this.#books.get(symbol);
    if (known !== undefined) return known;
    const book = {
      counted: [],
      dayMicro: 0,
      openReservedMicro: 0,
      opening: new Set<PermitRecord>(),
      reducing: [],
      snapshotTs: 0,
    };
    this.#books.set(symbol, book);
    return book;
  }

  /** Opens or ends a reservation after something became known about its permit. */
  #reconsider(record: PermitRecord, now: number): void {
    const holds = reservedUntil(record) >= now && !isContained(record, this.#book(record.symbol).snapshotTs);
    if (record.reserved && !holds) this.#release(record);
    else if (!record.reserved && holds) this.#reserve(record);
    else if (record.reserved) this.#reservationEnds.push(reservedUntil(record), record);
  }

  #reserve(record: PermitRecord): void {
    if (record.reducing && record.qty === null) return;
    const book = this.#book(record.symbol);
    record.reserved = true;
    this.#reservationEnds.push(reservedUntil(record), record);
    if (record.reducing) {
      const after = book.reducing.findIndex((other) => other.sequence > record.sequence);
      book.reducing.splice(after < 0 ? book.reducing.length : after, 0, record);
      return;
    }
    book.opening.add(record);
    this.#openReservations++;
    book.openReservedMicro += microOf(record);
    this.#allReservedMicro += microOf(record);
  }

  #release(record: PermitRecord): void {
    const book = this.#book(record.symbol);
    record.reserved = false;
    if (record.reducing) {
      book.reducing.splice(book.reducing.indexOf(record), 1);
      return;
    }
    book.opening.delete(record);
    this.#openReservations--;
    book.openReservedMicro -= microOf(record);
    this.#allReservedMicro -= microOf(record);
  }

  #uncount(record: PermitRecord): void {
    if (!record.counted) return;
    record.counted = false;
    const book = this.#book(record.symbol);
    const at = book.counted.lastIndexOf(record);
    if (at < 0) return;
    book.counted.splice(at, 1);
    book.dayMicro -= microOf(record);
  }
}

/** The first moment in whole milliseconds about `sec` at which something is over: rounding may put it a step later. */
function firstMilli(sec: number, isOver: (at: number) => boolean): number {
  const milli = Math.floor(sec * 1000);
  for (const at of [milli / 1000, (milli + 1) / 1000]) if (isOver(at)) return at;
  return (milli + 2) / 1000;
}
