/**
 * Finds profits that look typed in rather than traded: the same whole number of cents for one symbol, again and again.
 *
 * The rule compares with chance. Were profits of a size `p` spread evenly over the cents from -p to p, `rows` of
 * them would hit one value rows / (2 × cents) times. A value seen at least three times and ten times as often as
 * that is a placeholder. So 123.45 three times stands out at once, 0.05 does not. Only bare rows come here (no id,
 * percentage, gross, quantity, price or holding time), because a fixed profit target on a fixed stake repeats too.
 */

const MIN_SEEN = 3;
const TIMES_CHANCE = 10;
/** When all four ways of a value are taken, the least seen of them makes room, but never a known placeholder first. */
const SLOTS = 4096;
const WAYS = 4;
/** A slot: scope, symbolId, cents, rows seen, earlier rows still counted as unflagged, 1 if a placeholder. */
const FIELDS = 6;
const SYMBOL = 1;
const CENTS = 2;
const SEEN = 3;
const PENDING = 4;
const KNOWN = 5;
/** Counts of bare rows: scope, symbolId, rows. */
const ROW_SLOTS = 4096;
const ROW_FIELDS = 3;

export interface PlaceholderState {
  /** Occupied slots as [slot, scope, symbolId, cents, seen, pending, 1 if a placeholder]. */
  readonly values: readonly (readonly number[])[];
  /** Occupied slots as [slot, scope, symbolId, count]. */
  readonly rows: readonly (readonly number[])[];
}

export class PlaceholderTable {
  readonly #values = new Float64Array(SLOTS * FIELDS);
  readonly #rows = new Float64Array(ROW_SLOTS * ROW_FIELDS);

  /**
   * Takes a bare row with non-zero profit. Returns -1 if it is no placeholder, else how many earlier rows have
   * just turned out to be placeholders too (0 if all were known). `isUnflagged`: the caller would not flag this row.
   */
  observe(scope: number, symbolId: number, pnlUsd: number, isUnflagged: boolean): number {
    const rows = this.#countRow(scope, symbolId);
    const cents = Math.round(pnlUsd * 100);
    if (cents / 100 !== pnlUsd) return -1;
    const values = this.#values;
    const at = this.#find(scope, symbolId, cents);
    const seen = (values[at + SEEN] as number) + 1;
    values[at + SEEN] = seen;
    const byChance = rows / (2 * Math.abs(cents));
    if (values[at + KNOWN] === 0 && (seen < MIN_SEEN || seen < TIMES_CHANCE * byChance)) {
      if (isUnflagged) values[at + PENDING] = (values[at + PENDING] as number) + 1;
      return -1;
    }
    const late = values[at + PENDING] as number;
    values[at + KNOWN] = 1;
    values[at + PENDING] = 0;
    return late;
  }

  /** Marks a value as known from an earlier pass. */
  learn(scope: number, symbolId: number, cents: number): void {
    this.#values[this.#find(scope, symbolId, cents) + KNOWN] = 1;
  }

  known(): [scope: number, symbolId: number, cents: number][] {
    return this.save()
      .values.filter((fields) => fields[KNOWN + 1] === 1)
      .map(([, scope = 0, symbolId = 0, cents = 0]) => [scope, symbolId, cents]);
  }

  /** The rows of a scope that were pending got another flag. */
  forgetPending(scope: number): void {
    for (let at = 0; at < this.#values.length; at += FIELDS) {
      if (this.#values[at] === scope) this.#values[at + PENDING] = 0;
    }
  }

  save(): PlaceholderState {
    return {
      values: occupied(this.#values, FIELDS, (fields) => fields[SEEN] !== 0 || fields[KNOWN] !== 0),
      rows: occupied(this.#rows, ROW_FIELDS, (fields) => fields[2] !== 0),
    };
  }

  static load(state: PlaceholderState): PlaceholderTable {
    const table = new PlaceholderTable();
    for (const [slot = 0, ...fields] of state.values) table.#values.set(fields, slot * FIELDS);
    for (const [slot = 0, ...fields] of state.rows) table.#rows.set(fields, slot * ROW_FIELDS);
    return table;
  }

  /** Bare rows of a symbol so far. Two symbols that meet in a slot take turns; the count then starts again. */
  #countRow(scope: number, symbolId: number): number {
    const rows = this.#rows;
    const at = ((Math.imul(scope, 0x85ebca6b) + symbolId) & (ROW_SLOTS - 1)) * ROW_FIELDS;
    if (rows[at] !== scope || rows[at + 1] !== symbolId) {
      rows[at] = scope;
      rows[at + 1] = symbolId;
      rows[at + 2] = 0;
    }
    const count = (rows[at + 2] as number) + 1;
    rows[at + 2] = count;
    return count;
  }

  /** Where a value lies, given an empty slot if it has none yet. */
  #find(scope: number, symbolId: number, cents: number): number {
    const values = this.#values;
    const mixed = Math.imul(Math.imul(symbolId, 0x9e3779b1) ^ (cents | 0), 0x85ebca6b) + scope;
    const first = ((mixed ^ (mixed >>> 15)) & (SLOTS / WAYS - 1)) * WAYS * FIELDS;
    let least = first;
    let leastSeen = Infinity;
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if (values[at + CENTS] === cents && values[at + SYMBOL] === symbolId && values[at] === scope) return at;
      const seen = values[at + KNOWN] === 1 ? Number.MAX_VALUE : (values[at + SEEN] as number);
      if (seen < leastSeen) {
        leastSeen = seen;
        least = at;
      }
    }
    values.fill(0, least, least + FIELDS);
    values[least] = scope;
    values[least + SYMBOL] = symbolId;
    values[least + CENTS] = cents;
    return least;
  }
}

function occupied(
  table: Float64Array,
  stride: number,
  isUsed: (fields: readonly number[]) => boolean,
): number[][] {
  const slots: number[][] = [];
  for (let at = 0; at < table.length; at += stride) {
    const fields = Array.from(table.subarray(at, at + stride));
    if (isUsed(fields)) slots.push([at / stride, ...fields]);
  }
  return slots;
}
