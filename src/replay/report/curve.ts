/**
 * An equity curve of at most 512 points from any number of samples, with the deepest drawdowns of all of them.
 * Keeps every 2^k-th sample; when full, every second point goes and k grows. The same samples give the same points.
 */

import { saturate } from '../../core/num.ts';

export interface CurvePoint {
  readonly tsSec: number;
  readonly equityUsd: number;
}

/** A fall below the highest equity before it. `fraction` is of that peak, null while the peak was not above zero. */
export interface Drawdown {
  readonly maxUsd: number;
  /** When `maxUsd` was reached; null while there was none. */
  readonly maxUsdSec: number | null;
  readonly maxFraction: number | null;
  readonly maxFractionSec: number | null;
}

export interface CurveState {
  readonly samples: number;
  readonly stride: number;
  readonly tsSec: readonly number[];
  readonly equityUsd: readonly number[];
  readonly last: CurvePoint | null;
  readonly peakUsd: number | null;
  readonly drawdown: Drawdown;
}

const MAX_POINTS = 512;

export class EquityCurve {
  #samples = 0;
  #stride = 1;
  #untilKept = 0;
  #tsSec: number[] = [];
  #equityUsd: number[] = [];
  #lastSec = 0;
  #lastUsd = 0;
  #peakUsd = -Infinity;
  #maxUsd = 0;
  #maxUsdSec: number | null = null;
  #maxFraction: number | null = null;
  #maxFractionSec: number | null = null;

  /** Takes one sample. Throws `RangeError` if equity is not a finite number. */
  add(tsSec: number, equityUsd: number): void {
    if (equityUsd - equityUsd !== 0) throw new RangeError(`equity ${equityUsd} is not a finite number`);
    if (this.#untilKept === 0) this.#keep(tsSec, equityUsd);
    this.#untilKept -= 1;
    this.#samples += 1;
    this.#lastSec = tsSec;
    this.#lastUsd = equityUsd;
    if (equityUsd >= this.#peakUsd) this.#peakUsd = equityUsd;
    else this.#fall(tsSec, Math.min(this.#peakUsd - equityUsd, Number.MAX_VALUE));
  }

  /** A deposit or withdrawal is neither gain nor fall: the curve is as if it had been there from the start. */
  shift(amountUsd: number): void {
    if (this.#samples === 0) return;
    this.#peakUsd = saturate(this.#peakUsd + amountUsd);
    this.#lastUsd = saturate(this.#lastUsd + amountUsd);
    this.#equityUsd = this.#equityUsd.map((usd) => saturate(usd + amountUsd));
  }

  /** At most 512 points in order of arrival; the newest sample is always the last of them. */
  points(): CurvePoint[] {
    const points = this.#tsSec.map((tsSec, index) => ({ tsSec, equityUsd: this.#equityUsd[index] ?? 0 }));
    const newestIsKept = this.#untilKept === this.#stride - 1;
    if (this.#samples > 0 && !newestIsKept) points.push({ tsSec: this.#lastSec, equityUsd: this.#lastUsd });
    return points;
  }

  drawdown(): Drawdown {
    return {
      maxUsd: this.#maxUsd,
      maxUsdSec: this.#maxUsdSec,
      maxFraction: this.#maxFraction,
      maxFractionSec: this.#maxFractionSec,
    };
  }

  save(): CurveState {
    const some = this.#samples > 0;
    return {
      samples: this.#samples,
      stride: this.#stride,
      tsSec: [...this.#tsSec],
      equityUsd: [...this.#equityUsd],
      last: some ? { tsSec: this.#lastSec, equityUsd: this.#lastUsd } : null,
      peakUsd: some ? this.#peakUsd : null,
      drawdown: this.drawdown(),
    };
  }

  static load(state: CurveState): EquityCurve {
    const curve = new EquityCurve();
    curve.#samples = state.samples;
    curve.#stride = state.stride;
    curve.#untilKept = (state.stride - (state.samples % state.stride)) % state.stride;
    curve.#tsSec = [...state.tsSec];
    curve.#equityUsd = [...state.equityUsd];
    curve.#lastSec = state.last?.tsSec ?? 0;
    curve.#lastUsd = state.last?.equityUsd ?? 0;
    curve.#peakUsd = state.peakUsd ?? -Infinity;
    curve.#maxUsd = state.drawdown.maxUsd;
    curve.#maxUsdSec = state.drawdown.maxUsdSec;
    curve.#maxFraction = state.drawdown.maxFraction;
    curve.#maxFractionSec = state.drawdown.maxFractionSec;
    return curve;
  }

  #keep(tsSec: number, equityUsd: number): void {
    // One place stays free for the newest sample.
    if (this.#tsSec.length === MAX_POINTS - 1) {
      this.#tsSec = this.#tsSec.filter((_, index) => index % 2 === 0);
      this.#equityUsd = this.#equityUsd.filter((_, index) => index % 2 === 0);
      this.#stride *= 2;
    }
    this.#untilKept = this.#stride;
    if (this.#samples % this.#stride === 0) {
      this.#tsSec.push(tsSec);
      this.#equityUsd.push(equityUsd);
    } else {
      this.#untilKept -= this.#samples % this.#stride;
    }
  }

  #fall(tsSec: number, fallUsd: number): void {
    if (fallUsd > this.#maxUsd) {
      this.#maxUsd = fallUsd;
      this.#maxUsdSec = tsSec;
    }
    if (this.#peakUsd <= 0) return;
    const fraction = Math.min(fallUsd / this.#peakUsd, Number.MAX_VALUE);
    if (fraction > (this.#maxFraction ?? 0)) {
      this.#maxFraction = fraction;
      this.#maxFractionSec = tsSec;
    }
  }
}
