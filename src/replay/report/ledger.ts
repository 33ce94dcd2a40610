/**
 * Profit of a whole period by every dimension a person asks for, small enough to sit in the replay's hot path.
 *
 * Any one or two dimensions can be answered, never three. So the seven labels of an execution form one combination,
 * and each combination is counted by hour and by weekday but not by both: 31 cells instead of 168. Hour crossed
 * with weekday has its own small table. Sums are integer micro-USD and therefore add up exactly in any order.
 */

/** The labels of a combination, in the order of `add`'s arguments and of a saved row. */
export const LABEL_DIMENSIONS = [
  'symbol',
  'bot',
  'signal',
  'regime',
  'cluster',
  'exit_reason',
  'side',
] as const;
export type LabelDimension = (typeof LABEL_DIMENSIONS)[number];

/** What is known of a group of executions. `lossMicroUsd` is zero or negative. */
export interface Tally {
  count: number;
  wins: number;
  losses: number;
  winMicroUsd: number;
  lossMicroUsd: number;
}

/** A ledger as plain data. Cells are flat runs of [slot, count, wins, losses, winMicroUsd, lossMicroUsd]. */
export interface LedgerState {
  readonly exact: boolean;
  readonly combinations: readonly {
    readonly labels: readonly number[];
    readonly hours: readonly number[];
    readonly weekdays: readonly number[];
  }[];
  /** Slot: weekday × 24 + hour. */
  readonly week: readonly number[];
}

const HOURS = 24;
const WEEKDAYS = 7;
const LABELS = LABEL_DIMENSIONS.length;
/** Label ids of one combination, padded so that a combination is half a cache line. */
const KEY_STRIDE = 8;
/** A cell holds a sum in micro-USD and a count for each kind of execution, so that an execution touches one pair. */
const CELL = 6;
const WIN = 0;
const LOSS = 2;
const EVEN = 4;
const KIND_BITS = 3;
const HOUR_BITS = 5;
/** Cells are allocated for this many combinations at a time, and only for the hours and weekdays that occur. */
const CHUNK_BITS = 6;
const CHUNK = 1 << CHUNK_BITS;

const BATCH = 512;
/** Numbers of one cell in a saved run. */
const RUN = 6;

type Chunks = (Float64Array | undefined)[];

export class PeriodLedger {
  #slots = new Int32Array(1024);
  #keys = new Int32Array(512 * KEY_STRIDE);
  #size = 0;
  readonly #byHour: Chunks = [];
  readonly #byWeekday: Chunks = [];
  readonly #week = new Float64Array(WEEKDAYS * HOURS * CELL);
  #exact = true;
  /** Sums over everything, in a cell's places. */
  readonly #sums = new Float64Array(CELL);
  #hourStartSec = Number.NaN;
  /** Hour and weekday of that hour, shifted to make room for the kind. */
  #time = 0;
  /** Executions not yet in their cells: a tight loop over many lets the processor overlap its waits for memory. */
  #pending = 0;
  readonly #pendingKeys = new Int32Array(BATCH * KEY_STRIDE);
  readonly #pendingMicroUsd = new Float64Array(BATCH);
  readonly #pendingIds = new Int32Array(BATCH);

  /**
   * Counts one execution that realised profit. Ids come from two `Names`: one of symbols, one of all other labels.
   * Throws `RangeError` for a time or profit that is not finite, which decoding should have refused.
   */
  add(
    symbolId: number,
    botId: number,
    signalId: number,
    regimeId: number,
    clusterId: number,
    exitReasonId: number,
    sideId: number,
    eventSec: number,
    pnlUsd: number,
  ): void {
    const sinceHour = eventSec - this.#hourStartSec;
    if (!(sinceHour >= 0 && sinceHour < 3600)) this.#enterHour(eventSec);
    const kind = pnlUsd > 0 ? WIN : pnlUsd < 0 ? LOSS : EVEN;
    let microUsd = Math.round(pnlUsd * 1e6);
    const sumMicroUsd = (this.#sums[kind] as number) + microUsd;
    // No cell exceeds the sum over everything, so while that is a safe integer no cell needs a check.
    const isSafe = Math.abs(sumMicroUsd) <= Number.MAX_SAFE_INTEGER;
    if (!isSafe) microUsd = this.#leaveExact(pnlUsd);
    this.#sums[kind] = isSafe ? sumMicroUsd : saturatingAdd(this.#sums[kind] as number, microUsd);

    const from = this.#pending * KEY_STRIDE;
    const keys = this.#pendingKeys;
    keys[from] = symbolId;
    keys[from + 1] = botId;
    keys[from + 2] = signalId;
    keys[from + 3] = regimeId;
    keys[from + 4] = clusterId;
    keys[from + 5] = exitReasonId;
    keys[from + 6] = sideId;
    keys[from + 7] = this.#time + kind;
    this.#pendingMicroUsd[this.#pending] = microUsd;
    this.#pending += 1;
    if (this.#pending === BATCH) this.#settle();
  }

  /** Number of distinct combinations of labels; their ids count from 0 in order of first appearance. */
  get size(): number {
    this.#settle();
    return this.#size;
  }

  /** False once wins or losses together passed 9e9 USD: sums are then rounded, and saturate instead of overflowing. */
  get exact(): boolean {
    return this.#exact;
  }

  /** The id a combination has for a dimension. */
  label(combination: number, dimension: LabelDimension): number {
    return at(this.#keys, combination * KEY_STRIDE + LABEL_DIMENSIONS.indexOf(dimension));
  }

  /** Every non-empty cell by combination and UTC hour (0 to 23), in order. The tally is reused between calls. */
  eachHour(visit: (combination: number, hour: number, tally: Readonly<Tally>) => void): void {
    this.#each(this.#byHour, HOURS, visit);
  }

  /** Every non-empty cell by combination and UTC weekday (0 Monday to 6 Sunday), in order. The tally is reused. */
  eachWeekday(visit: (combination: number, weekday: number, tally: Readonly<Tally>) => void): void {
    this.#each(this.#byWeekday, WEEKDAYS, visit);
  }

  /** Every non-empty cell of weekday and hour, in order, all combinations together. The tally is reused. */
  eachHourOfWeek(visit: (weekday: number, hour: number, tally: Readonly<Tally>) => void): void {
    this.#settle();
    const tally = emptyTally();
    for (let slot = 0; slot < WEEKDAYS * HOURS; slot += 1) {
      if (readTally(this.#week, slot * CELL, tally)) visit(Math.floor(slot / HOURS), slot % HOURS, tally);
    }
  }

  save(): LedgerState {
    const combinations = Array.from({ length: this.size }, (_, id) => ({
      labels: Array.from(this.#keys.subarray(id * KEY_STRIDE, id * KEY_STRIDE + LABELS)),
      hours: [] as number[],
      weekdays: [] as number[],
    }));
    this.eachHour((id, hour, tally) => combinations[id]?.hours.push(hour, ...fields(tally)));
    this.eachWeekday((id, weekday, tally) => combinations[id]?.weekdays.push(weekday, ...fields(tally)));
    const week: number[] = [];
    this.eachHourOfWeek((weekday, hour, tally) => week.push(weekday * HOURS + hour, ...fields(tally)));
    return { exact: this.#exact, combinations, week };
  }

  /** A ledger that goes on as if it had never been saved. Throws `RangeError` if the state is damaged. */
  static load(state: LedgerState): PeriodLedger {
    const ledger = new PeriodLedger();
    for (const { labels, hours, weekdays } of state.combinations) {
      const expected = ledger.#size;
      if (labels.length !== LABELS || !labels.every(isId)) {
        throw new RangeError(`saved ledger: combination ${expected} is damaged`);
      }
      const id = ledger.#combination(Int32Array.from(labels), 0);
      if (id !== expected) throw new RangeError(`saved ledger: combination ${expected} repeats ${id}`);
      ledger.#restore(ledger.#byHour, id, HOURS, hours);
      ledger.#restore(ledger.#byWeekday, id, WEEKDAYS, weekdays);
    }
    readRuns(state.week, WEEKDAYS * HOURS, (slot, cell) => ledger.#week.set(cell, slot * CELL));
    ledger.eachHourOfWeek((_, __, tally) => {
      ledger.#sums[WIN] = saturatingAdd(at(ledger.#sums, WIN), tally.winMicroUsd);
      ledger.#sums[LOSS] = saturatingAdd(at(ledger.#sums, LOSS), tally.lossMicroUsd);
    });
    ledger.#exact = state.exact;
    return ledger;
  }

  #restore(chunks: Chunks, id: number, slots: number, runs: readonly number[]): void {
    readRuns(runs, slots, (slot, cell) => {
      chunkOf(chunks, (id >> CHUNK_BITS) * slots + slot).set(cell, (id & (CHUNK - 1)) * CELL);
    });
  }

  #each(chunks: Chunks, slots: number, visit: (id: number, slot: number, tally: Tally) => void): void {
    this.#settle();
    const tally = emptyTally();
    for (let id = 0; id < this.#size; id += 1) {
      for (let slot = 0; slot < slots; slot += 1) {
        const cells = chunks[(id >> CHUNK_BITS) * slots + slot];
        if (cells && readTally(cells, (id & (CHUNK - 1)) * CELL, tally)) visit(id, slot, tally);
      }
    }
  }

  /** Puts what is pending into its cells. */
  #settle(): void {
    const count = this.#pending;
    if (count === 0) return;
    this.#pending = 0;
    const { length } = this.#pendingKeys;
    for (let from = 0, index = 0; index < count && from < length; from += KEY_STRIDE, index += 1) {
      this.#pendingIds[index] = this.#combination(this.#pendingKeys, from);
    }
    for (let index = 0; index < count; index += 1) {
      const microUsd = this.#pendingMicroUsd[index] as number;
      const time = this.#pendingKeys[index * KEY_STRIDE + LABELS] as number;
      const kind = time & ((1 << KIND_BITS) - 1);
      const hour = (time >> KIND_BITS) & ((1 << HOUR_BITS) - 1);
      const weekday = time >> (KIND_BITS + HOUR_BITS);
      const id = this.#pendingIds[index] as number;
      const chunk = id >> CHUNK_BITS;
      const cell = (id & (CHUNK - 1)) * CELL + kind;
      addTo(chunkOf(this.#byHour, chunk * HOURS + hour), cell, microUsd, this.#exact);
      addTo(chunkOf(this.#byWeekday, chunk * WEEKDAYS + weekday), cell, microUsd, this.#exact);
      addTo(this.#week, (weekday * HOURS + hour) * CELL + kind, microUsd, this.#exact);
    }
  }

  /** Integers no longer suffice: profit as micro-USD, saturating. Throws `RangeError` for what is no finite number. */
  #leaveExact(pnlUsd: number): number {
    if (!Number.isFinite(pnlUsd)) throw new RangeError(`profit ${pnlUsd} is not a finite number`);
    this.#exact = false;
    return saturatingAdd(Math.round(pnlUsd * 1e6), 0);
  }

  #enterHour(eventSec: number): void {
    if (!Number.isFinite(eventSec)) throw new RangeError(`event time ${eventSec} is not a finite number`);
    // Whole seconds first: a fraction just before the hour would be rounded into the next by the division.
    const hours = Math.floor(Math.floor(eventSec) / 3600);
    const days = Math.floor(hours / HOURS);
    this.#hourStartSec = hours * 3600;
    // 1 January 1970 was a Thursday, the fourth day counted from Monday.
    const weekday = (((days + 3) % WEEKDAYS) + WEEKDAYS) % WEEKDAYS;
    this.#time = ((weekday << HOUR_BITS) | (hours - days * HOURS)) << KIND_BITS;
  }

  /** The id of the combination whose labels lie in `labels` from `from` on, given out anew when it is seen first. */
  #combination(labels: Int32Array, from: number): number {
    const keys = this.#keys;
    const mask = this.#slots.length - 1;
    let slot = hash(labels, from) & mask;
    for (;;) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0) return this.#insert(slot, labels, from);
      const key = id * KEY_STRIDE;
      if (
        keys[key] === labels[from] &&
        keys[key + 1] === labels[from + 1] &&
        keys[key + 2] === labels[from + 2] &&
        keys[key + 3] === labels[from + 3] &&
        keys[key + 4] === labels[from + 4] &&
        keys[key + 5] === labels[from + 5] &&
        keys[key + 6] === labels[from + 6]
      ) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
  }

  #insert(slot: number, labels: Int32Array, from: number): number {
    const id = this.#size;
    if ((id + 1) * KEY_STRIDE > this.#keys.length) {
      const larger = new Int32Array(this.#keys.length * 2);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys.set(labels.subarray(from, from + LABELS), id * KEY_STRIDE);
    this.#slots[slot] = id + 1;
    this.#size = id + 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    return id;
  }

  #rehash(length: number): void {
    const slots = new Int32Array(length);
    for (let id = 0; id < this.#size; id += 1) {
      let slot = hash(this.#keys, id * KEY_STRIDE) & (length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** A sum that stops at the largest double instead of becoming infinite. */
export function saturatingAdd(a: number, b: number): number {
  const sum = a + b;
  if (sum === Infinity) return Number.MAX_VALUE;
  return sum === -Infinity ? -Number.MAX_VALUE : sum;
}

function addTo(cells: Float64Array, at: number, microUsd: number, isExact: boolean): void {
  const sum = (cells[at] as number) + microUsd;
  cells[at] = isExact ? sum : saturatingAdd(sum, 0);
  cells[at + 1] = (cells[at + 1] as number) + 1;
}

function chunkOf(chunks: Chunks, index: number): Float64Array {
  const chunk = chunks[index];
  if (chunk !== undefined) return chunk;
  // Filled up in order, so that the list never turns into a dictionary.
  while (chunks.length < index) chunks.push(undefined);
  const cells = new Float64Array(CHUNK * CELL);
  chunks[index] = cells;
  return cells;
}

function hash(labels: Int32Array, from: number): number {
  // Products are independent of each other, so they overlap; the end mixes high bits down into the slot's.
  const h =
    Math.imul(labels[from] as number, 0x9e3779b1) +
    Math.imul(labels[from + 1] as number, 0x85ebca6b) +
    Math.imul(labels[from + 2] as number, 0xc2b2ae35) +
    Math.imul(labels[from + 3] as number, 0x27d4eb2f) +
    Math.imul(labels[from + 4] as number, 0x165667b1) +
    Math.imul(labels[from + 5] as number, 0xd3a2646d) +
    Math.imul(labels[from + 6] as number, 0xfd7046c5);
  const mixed = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  return mixed ^ (mixed >>> 15);
}

export function emptyTally(): Tally {
  return { count: 0, wins: 0, losses: 0, winMicroUsd: 0, lossMicroUsd: 0 };
}

function readTally(cells: Float64Array, from: number, into: Tally): boolean {
  into.winMicroUsd = at(cells, from + WIN);
  into.wins = at(cells, from + WIN + 1);
  into.lossMicroUsd = at(cells, from + LOSS);
  into.losses = at(cells, from + LOSS + 1);
  into.count = into.wins + into.losses + at(cells, from + EVEN + 1);
  return into.count > 0;
}

function fields(tally: Readonly<Tally>): number[] {
  return [tally.count, tally.wins, tally.losses, tally.winMicroUsd, tally.lossMicroUsd];
}

function readRuns(runs: readonly number[], slots: number, set: (slot: number, cell: number[]) => void): void {
  for (let from = 0; from < runs.length; from += RUN) {
    const [slot = -1, count = NaN, wins = NaN, losses = NaN, win = NaN, loss = NaN] = runs.slice(
      from,
      from + RUN,
    );
    const counts = [count, wins, losses, count - wins - losses];
    const isWhole = Number.isFinite(win) && Number.isFinite(loss) && counts.every((n) => n >= 0);
    if (!isWhole || !Number.isInteger(slot) || slot < 0 || slot >= slots) {
      throw new RangeError(`saved ledger: cell at ${from} is damaged`);
    }
    set(slot, [win, wins, loss, losses, 0, count - wins - losses]);
  }
}

function isId(value: number): boolean {
  return value >= 0 && value === (value | 0);
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`the ledger has nothing at ${index}`);
  return value;
}
