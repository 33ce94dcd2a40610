/**
 * P3.0 performance attribution: which regime, cluster, signal and hour earned a symbol's profit, and one score of it.
 * Per symbol the newest executions that realised profit, in a ring; alpha and its EWMA step once per execution.
 * Formulas: spec/model.md, P3.0.
 */
import { Column, ensureColumns, loadColumns, saveColumns } from '../column.ts';
import { exp, saturate } from '../num.ts';
import type { Names } from '../names.ts';
import type { Contributions } from '../decision.ts';
import type { PnlScale } from '../settings.ts';

export const TIME_BUCKETS = ['00-06', '06-12', '12-18', '18-24'] as const;

/** One execution that realised profit; labels are numbers in the engine's `labels`. */
export interface RealisedProfit {
  readonly pnlUsd: number;
  readonly regime: number;
  readonly cluster: number;
  readonly signal: number;
  /** Event time, Unix seconds: its UTC hour gives the time bucket. */
  readonly eventTs: number;
}

export interface AttributionState {
  window: number;
  columns: Record<string, number[]>;
  pnl: number[];
  labels: number[];
}

const DAY_SEC = 86_400;
const BUCKET_SEC = 21_600;
/** Labels a slot of the ring holds: regime, cluster, signal, time bucket. */
const LABELS = 4;

export class Attribution {
  readonly columns = {
    count: new Column(),
    next: new Column(),
    alpha: new Column(),
    factor: new Column(),
    confidence: new Column(),
    lastExecTs: new Column(),
    /** What was published at the last tick, and when (0: never). */
    ts: new Column(),
    publishedFactor: new Column(),
    publishedConfidence: new Column(),
  };
  readonly #window: number;
  #pnl: Float64Array;
  #labels: Int32Array;

  /** `window`: executions kept per symbol, 1 or more. */
  constructor(window: number) {
    this.#window = window;
    this.#pnl = new Float64Array(64 * window);
    this.#labels = new Int32Array(64 * window * LABELS);
  }

  ensure(count: number): void {
    ensureColumns(this.columns, count);
    const slots = this.columns.count.data.length * this.#window;
    if (slots <= this.#pnl.length) return;
    const pnl = new Float64Array(slots);
    pnl.set(this.#pnl);
    this.#pnl = pnl;
    const labels = new Int32Array(slots * LABELS);
    labels.set(this.#labels);
    this.#labels = labels;
  }

  /**
   * Takes in one realised profit: the window moves on, alpha is taken afresh over it and the factor makes one EWMA step.
   * `equityUsd` is the account's right after this execution, for a scale in shares of it.
   */
  apply(symbol: number, profit: RealisedProfit, scale: PnlScale, ewmaAlpha: number, equityUsd: number): void {
    const counts = this.columns.count.data;
    const nexts = this.columns.next.data;
    const window = this.#window;
    const slot = nexts[symbol]!;
    const at = symbol * window + slot;
    this.#put(at, profit);
    nexts[symbol] = slot + 1 === window ? 0 : slot + 1;
    const before = counts[symbol]!;
    const count = before < window ? before + 1 : window;
    counts[symbol] = count;
    this.columns.confidence.data[symbol] = Math.min(1, count / window);

    const average = this.windowPnlUsd(symbol) / count;
    const scaleUsd = scale.kind === 'usd' ? scale.value : scale.value * Math.max(equityUsd, 1);
    const alpha = alphaScore(average, scaleUsd);
    const factors = this.columns.factor.data;
    this.columns.alpha.data[symbol] = alpha;
    factors[symbol] = before === 0 ? alpha : ewmaAlpha * alpha + (1 - ewmaAlpha) * factors[symbol]!;
  }

  /** Moves the newest event time; an opening fill does only this. */
  noteExecution(symbol: number, eventTs: number): void {
    const last = this.columns.lastExecTs.data;
    if (eventTs > last[symbol]!) last[symbol] = eventTs;
  }

  /** Publishes, at `tick`, the factor of every one of `symbols` that has realised a profit. */
  tick(tick: number, symbols: Int32Array): void {
    const ts = this.columns.ts.data;
    const confidences = this.columns.confidence.data;
    const factors = this.columns.factor.data;
    const publishedFactors = this.columns.publishedFactor.data;
    const publishedConfidences = this.columns.publishedConfidence.data;
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      const confidence = confidences[symbol]!;
      if (confidence === 0) continue;
      ts[symbol] = tick;
      publishedFactors[symbol] = factors[symbol]!;
      publishedConfidences[symbol] = confidence;
    }
  }

  /** The window's profit in USD, summed afresh, oldest first. */
  windowPnlUsd(symbol: number): number {
    const count = this.columns.count.data[symbol]!;
    const base = symbol * this.#window;
    const oldest = count < this.#window ? 0 : this.columns.next.data[symbol]!;
    const pnl = this.#pnl;
    let sum = 0;
    for (let at = base + oldest, end = base + count; at < end; at++) sum += pnl[at]!;
    for (let at = base, end = base + oldest; at < end; at++) sum += pnl[at]!;
    return saturate(sum);
  }

  /** Profit of the window by name, names in order of first appearance, sums afresh and oldest first. */
  contributions(symbol: number, dimension: 'regime' | 'cluster' | 'signal', labels: Names): Contributions {
    const offset = dimension === 'regime' ? 0 : dimension === 'cluster' ? 1 : 2;
    return this.#sum(symbol, offset, (label) => labels.name(label));
  }

  timeContributions(symbol: number): Contributions {
    return this.#sum(symbol, 3, (label) => TIME_BUCKETS[label]!);
  }

  #sum(symbol: number, offset: number, nameOf: (label: number) => string): Contributions {
    const count = this.columns.count.data[symbol]!;
    const base = symbol * this.#window;
    const oldest = count < this.#window ? 0 : this.columns.next.data[symbol]!;
    const sums = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const at = base + ((oldest + i) % this.#window);
      const label = this.#labels[at * LABELS + offset]!;
      sums.set(label, saturate((sums.get(label) ?? 0) + this.#pnl[at]!));
    }
    return new Map([...sums].map(([label, usd]) => [nameOf(label), usd]));
  }

  /** The window, oldest first, for keeping it apart from the other symbols'. */
  windowOf(symbol: number): RealisedProfit[] {
    const count = this.columns.count.data[symbol]!;
    const base = symbol * this.#window;
    const oldest = count < this.#window ? 0 : this.columns.next.data[symbol]!;
    return Array.from({ length: count }, (_, i) => {
      const at = base + ((oldest + i) % this.#window);
      const [regime, cluster, signal, bucket] = this.#labels.subarray(at * LABELS, at * LABELS + LABELS);
      return {
        pnlUsd: this.#pnl[at]!,
        regime: regime!,
        cluster: cluster!,
        signal: signal!,
        eventTs: bucket! * BUCKET_SEC,
      };
    });
  }

  /** Puts a window back, oldest first: the newest that fit. Of the event times only the time bucket counts. */
  restoreWindow(symbol: number, profits: readonly RealisedProfit[]): void {
    const kept = profits.slice(-this.#window);
    kept.forEach((profit, slot) => this.#put(symbol * this.#window + slot, profit));
    this.columns.count.data[symbol] = kept.length;
    this.columns.next.data[symbol] = kept.length % this.#window;
    this.columns.confidence.data[symbol] = Math.min(1, kept.length / this.#window);
  }

  /** Marks, by its number, every label some window holds. */
  markLabels(marks: Uint8Array): void {
    this.#eachSlot((at) => {
      for (let i = 0; i < 3; i++) marks[this.#labels[at + i]!] = 1;
    });
  }

  /** Labels have other numbers now: `moved` gives each old one's new. */
  relabel(moved: Int32Array): void {
    this.#eachSlot((at) => {
      for (let i = 0; i < 3; i++) this.#labels[at + i] = moved[this.#labels[at + i]!]!;
    });
  }

  /** Where the labels of each taken slot begin. */
  #eachSlot(visit: (at: number) => void): void {
    const counts = this.columns.count.data;
    for (let symbol = 0; symbol < counts.length; symbol++)
      for (let slot = 0; slot < counts[symbol]!; slot++) visit((symbol * this.#window + slot) * LABELS);
  }

  #put(at: number, profit: RealisedProfit): void {
    this.#pnl[at] = profit.pnlUsd;
    this.#labels[at * LABELS] = profit.regime;
    this.#labels[at * LABELS + 1] = profit.cluster;
    this.#labels[at * LABELS + 2] = profit.signal;
    this.#labels[at * LABELS + 3] = Math.floor((profit.eventTs % DAY_SEC) / BUCKET_SEC);
  }

  save(count: number): AttributionState {
    return {
      window: this.#window,
      columns: saveColumns(this.columns, count),
      pnl: Array.from(this.#pnl.subarray(0, count * this.#window)),
      labels: Array.from(this.#labels.subarray(0, count * this.#window * LABELS)),
    };
  }

  /** Throws `RangeError` where the state was saved with another window length. */
  load(state: AttributionState, count: number): void {
    if (state.window !== this.#window)
      throw new RangeError(
        `the state holds windows of ${state.window} executions, P30_LOOKBACK_WINDOW is ${this.#window}`,
      );
    loadColumns(this.columns, state.columns);
    this.ensure(count);
    this.#pnl.set(state.pnl);
    this.#labels.set(state.labels);
  }
}

/**
 * 2 / (1 + exp(−average / scale)) − 1, in [−1, +1] for any finite average profit in USD; `scaleUsd` > 0.
 * Source: spec/model.md, P3.0.
 */
export function alphaScore(averagePnlUsd: number, scaleUsd: number): number {
  return 2 / (1 + exp(-averagePnlUsd / scaleUsd)) - 1;
}
