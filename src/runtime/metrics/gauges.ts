/**
 * Gauges: figures as they last were. One never set, or set to a value that is not finite, is absent. Of the symbols
 * without a slot only sums are shown under `_other` (dollars and counts add up; a mean score of strangers says nothing).
 */
import { OTHER_SLOT, type LabelSlots } from './labels.ts';
import { NO_LABELS, roomFor, type Sample, type Series } from './series.ts';

export class PlainGauge implements Series {
  #value = Number.NaN;

  set(value: number): void {
    this.#value = value;
  }

  samples(): Sample[] {
    return Number.isFinite(this.#value) ? [{ suffix: '', labels: NO_LABELS, value: this.#value }] : [];
  }
}

export class LabelGauge implements Series {
  readonly #name: string;
  readonly #slots: LabelSlots;
  readonly #ofSymbols: boolean;
  readonly #sumsOthers: boolean;
  /** By slot. */
  #values: Float64Array = new Float64Array(0);
  /** By id: the last values of symbols without a slot, kept where they are summed. */
  #others: Float64Array = new Float64Array(0);

  constructor(
    name: string,
    slots: LabelSlots,
    { ofSymbols, sumsOthers }: { readonly ofSymbols: boolean; readonly sumsOthers: boolean },
  ) {
    this.#name = name;
    this.#slots = slots;
    this.#ofSymbols = ofSymbols;
    this.#sumsOthers = sumsOthers;
  }

  /** A value without a slot is not shown; of symbols by id sums are. */
  set(label: string, value: number): void {
    const slot = this.#slots.of(label);
    if (slot !== OTHER_SLOT) this.#put(slot, value);
  }

  setAt(id: number, value: number): void {
    const slot = this.#slots.ofId(id);
    if (slot !== OTHER_SLOT) this.#put(slot, value);
    else if (this.#sumsOthers) {
      this.#others = roomFor(this.#others, id, Number.NaN);
      this.#others[id] = value;
    }
  }

  samples(): Sample[] {
    const samples: Sample[] = [];
    const name = this.#name;
    for (const [slot, value] of this.#values.entries()) {
      if (!Number.isFinite(value)) continue;
      samples.push({ suffix: '', labels: { [name]: this.#slots.label(slot)! }, value });
    }
    const sum = this.#sumOfOthers();
    if (sum !== null) {
      samples.push({ suffix: '', labels: { [name]: this.#slots.label(OTHER_SLOT)! }, value: sum });
    }
    return samples;
  }

  forgetSymbol(slot: number | null, id: number | null): void {
    if (!this.#ofSymbols) return;
    if (slot !== null && slot < this.#values.length) this.#values[slot] = Number.NaN;
    if (id !== null && id < this.#others.length) this.#others[id] = Number.NaN;
  }

  renumber(): void {
    this.#others = new Float64Array(0);
  }

  #put(slot: number, value: number): void {
    if (slot >= this.#values.length) this.#values = roomFor(this.#values, slot, Number.NaN);
    this.#values[slot] = value;
  }

  /** Null where there is nobody to sum. A symbol that got a slot meanwhile is not among the others. */
  #sumOfOthers(): number | null {
    let sum: number | null = null;
    for (const [id, value] of this.#others.entries()) {
      if (Number.isFinite(value) && this.#slots.ofId(id) === OTHER_SLOT) sum = (sum ?? 0) + value;
    }
    return sum;
  }
}
