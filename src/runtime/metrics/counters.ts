/**
 * Counters: figures that only rise. What has no slot of its own is counted under `_other`, so that sums stay right.
 * A counter of one label shows 0 for each of its values; one of two labels only the pairs that occurred.
 */
import { OTHER_SLOT, type LabelSlots } from './labels.ts';
import { NO_LABELS, roomFor, type Sample, type Series } from './series.ts';

export class PlainCounter implements Series {
  #total = 0;

  add(by = 1): void {
    this.#total += risen(by);
  }

  samples(): Sample[] {
    return [{ suffix: '', labels: NO_LABELS, value: this.#total }];
  }
}

export class LabelCounter implements Series {
  readonly #name: string;
  readonly #slots: LabelSlots;
  readonly #ofSymbols: boolean;
  #totals: Float64Array = new Float64Array(0);

  constructor(name: string, slots: LabelSlots, ofSymbols: boolean) {
    this.#name = name;
    this.#slots = slots;
    this.#ofSymbols = ofSymbols;
  }

  add(value: string, by = 1): void {
    this.#add(this.#slots.of(value), by);
  }

  addAt(id: number, by = 1): void {
    this.#add(this.#slots.ofId(id), by);
  }

  samples(): Sample[] {
    const samples: Sample[] = [];
    for (let slot = 0; slot < this.#slots.size; slot++) {
      const label = this.#slots.label(slot);
      const value = this.#totals[slot] ?? 0;
      if (label === undefined || (slot === OTHER_SLOT && value === 0)) continue;
      samples.push({ suffix: '', labels: { [this.#name]: label }, value });
    }
    return samples;
  }

  forgetSymbol(slot: number | null): void {
    if (this.#ofSymbols && slot !== null && slot < this.#totals.length) this.#totals[slot] = 0;
  }

  #add(slot: number, by: number): void {
    if (slot >= this.#totals.length) this.#totals = roomFor(this.#totals, slot, 0);
    this.#totals[slot]! += risen(by);
  }
}

/** Two labels, the first of them often the symbol. */
export class PairCounter implements Series {
  readonly #names: readonly [first: string, second: string];
  readonly #first: LabelSlots;
  readonly #second: LabelSlots;
  readonly #ofSymbols: boolean;
  readonly #maxPairs: number;
  /** Pairs that occurred, those of `_other` apart. */
  #pairs = 0;
  /** By the second label's slot, then the first's. */
  readonly #totals: Float64Array[] = [];

  /** Past `maxPairs` pairs, a new one counts under `_other` and its second label. */
  constructor(
    names: readonly [first: string, second: string],
    first: LabelSlots,
    second: LabelSlots,
    { ofSymbols, maxPairs }: { readonly ofSymbols: boolean; readonly maxPairs: number },
  ) {
    this.#names = names;
    this.#first = first;
    this.#second = second;
    this.#ofSymbols = ofSymbols;
    this.#maxPairs = maxPairs;
  }

  add(first: string, second: string, by = 1): void {
    this.#add(this.#first.of(first), this.#second.of(second), by);
  }

  addAt(id: number, second: string, by = 1): void {
    this.#add(this.#first.ofId(id), this.#second.of(second), by);
  }

  /** Counts under `_other`, for a first value that may not have a slot. */
  addOther(second: string, by = 1): void {
    this.#add(OTHER_SLOT, this.#second.of(second), by);
  }

  samples(): Sample[] {
    const samples: Sample[] = [];
    const [firstName, secondName] = this.#names;
    for (const [column, totals] of this.#totals.entries()) {
      const second = this.#second.label(column)!;
      for (const [slot, value] of totals.entries()) {
        if (value === 0) continue;
        const labels = { [firstName]: this.#first.label(slot)!, [secondName]: second };
        samples.push({ suffix: '', labels, value });
      }
    }
    return samples;
  }

  forgetSymbol(slot: number | null): void {
    if (!this.#ofSymbols || slot === null) return;
    for (const totals of this.#totals) {
      if ((totals[slot] ?? 0) === 0) continue;
      totals[slot] = 0;
      this.#pairs--;
    }
  }

  #add(slot: number, column: number, by: number): void {
    if (risen(by) === 0) return;
    while (this.#totals.length <= column) this.#totals.push(new Float64Array(0));
    const isNew = slot !== OTHER_SLOT && (this.#totals[column]![slot] ?? 0) === 0;
    const row = isNew && this.#pairs >= this.#maxPairs ? OTHER_SLOT : slot;
    if (isNew && row === slot) this.#pairs++;
    const totals = roomFor(this.#totals[column]!, row, 0);
    totals[row]! += by;
    this.#totals[column] = totals;
  }
}

/** Throws `RangeError` where a counter would fall, or be no number ever after. */
function risen(by: number): number {
  if (!(by >= 0 && by < Infinity)) throw new RangeError(`a counter cannot go up by ${by}`);
  return by;
}
