/**
 * P3.1 capital efficiency: how well a symbol used its capital, from what it earned, how rough the way was and how
 * long the capital has lain idle. Formulas: spec/model.md, P3.1.
 */
import { Column, ensureColumns } from '../column.ts';
import { clamp, clamp01, saturate } from '../num.ts';
import { isAlive } from '../proposer/proposer.ts';
import type { CapitalPressure } from '../decision.ts';
import type { Settings } from '../settings.ts';

export const PRESSURES: readonly CapitalPressure[] = ['HOLD', 'INCREASE', 'DECREASE'];
const P30_MISSING = 1;
const P30_STALE = 2;
const P29_MISSING = 4;
const P29_STALE = 8;
/** Factor and target taken before any input was ever there. */
const NEUTRAL_TARGET_USD = 100;

/** What the efficiency reads of P3.0 and P2.9: columns by symbol, `ts` 0 for never, and the lives of the records. */
export interface EfficiencyInputs {
  readonly attributionTs: Float64Array;
  readonly performanceFactor: Float64Array;
  readonly performanceConfidence: Float64Array;
  readonly attributionLifeSec: number;
  readonly targetTs: Float64Array;
  readonly baseTargetUsd: Float64Array;
  readonly targetConfidence: Float64Array;
  readonly targetLifeSec: number;
}

export class Efficiency {
  /** State (vol, dd, gap, last execution, EWMA, last good inputs) and the newest score of each symbol. */
  readonly columns = {
    volUsd: new Column(),
    ddUsd: new Column(),
    lastExecTs: new Column(),
    /** EWMA of the time between executions, seconds; -1 before there were two. */
    gapSec: new Column(-1),
    ewma: new Column(0.5),
    goodFactor: new Column(),
    goodTargetUsd: new Column(NEUTRAL_TARGET_USD),
    ts: new Column(),
    score: new Column(),
    raw: new Column(),
    pressure: new Column(),
    weight: new Column(),
    confidence: new Column(),
    flags: new Column(),
    factorConfidence: new Column(),
    hold: new Column(),
    scoredVolUsd: new Column(),
    scoredDdUsd: new Column(),
  };

  ensure(count: number): void {
    ensureColumns(this.columns, count);
  }

  /** One step of vol and dd for a realised profit in USD. */
  applyProfit(symbol: number, pnlUsd: number, settings: Settings): void {
    const { volUsd, ddUsd } = this.columns;
    const vol = settings.P31_VOL_ALPHA;
    const dd = settings.P31_DD_ALPHA;
    volUsd.data[symbol] = saturate(vol * Math.abs(pnlUsd) + (1 - vol) * volUsd.data[symbol]!);
    ddUsd.data[symbol] = saturate(dd * Math.max(-pnlUsd, 0) + (1 - dd) * ddUsd.data[symbol]!);
  }

  /** Any execution, an opening fill too: moves the newest event time and the mean gap between executions. */
  noteExecution(symbol: number, eventTs: number): void {
    const last = this.columns.lastExecTs.data;
    const gaps = this.columns.gapSec.data;
    const before = last[symbol]!;
    if (eventTs <= before) return;
    if (before > 0) {
      const gapSec = eventTs - before;
      gaps[symbol] = gaps[symbol]! < 0 ? gapSec : 0.2 * gapSec + 0.8 * gaps[symbol]!;
    }
    last[symbol] = eventTs;
  }

  /** One tick of every one of `symbols` that has an execution or an attribution. Returns whether any score moved. */
  tick(
    tick: number,
    symbols: Int32Array,
    inputs: EfficiencyInputs,
    settingsOf: readonly Settings[],
  ): boolean {
    let moved = false;
    for (const symbol of symbols) {
      if (!this.isKnown(symbol, inputs)) continue;
      this.readInputs(tick, symbol, inputs, settingsOf[symbol]!);
      if (this.step(tick, symbol, settingsOf[symbol]!)) moved = true;
    }
    return moved;
  }

  isKnown(symbol: number, inputs: EfficiencyInputs): boolean {
    return this.columns.lastExecTs.data[symbol]! > 0 || inputs.attributionTs[symbol]! > 0;
  }

  /** Whether more ticks on the same inputs leave the hold penalty as it is. */
  isHoldConstant(symbol: number): boolean {
    return this.columns.hold.data[symbol] === 1 || this.columns.lastExecTs.data[symbol]! <= 0;
  }

  /** Takes the inputs as they are at `tick`: last good values, confidence and flags. */
  readInputs(tick: number, symbol: number, inputs: EfficiencyInputs, settings: Settings): void {
    const columns = this.columns;
    let flags = 0;
    let factorConfidence = 0;
    let confidence = 0;
    const attributionTs = inputs.attributionTs[symbol]!;
    if (isAlive(attributionTs, tick, inputs.attributionLifeSec)) {
      columns.goodFactor.data[symbol] = inputs.performanceFactor[symbol]!;
      factorConfidence = inputs.performanceConfidence[symbol]!;
      if (tick - attributionTs > settings.P31_STALE_SEC_P30) flags |= P30_STALE;
    } else flags |= P30_MISSING;
    const targetTs = inputs.targetTs[symbol]!;
    if (isAlive(targetTs, tick, inputs.targetLifeSec)) {
      columns.goodTargetUsd.data[symbol] = inputs.baseTargetUsd[symbol]!;
      confidence = Math.min(factorConfidence, inputs.targetConfidence[symbol]!);
      if (tick - targetTs > settings.P31_STALE_SEC_P29) flags |= P29_STALE;
    } else flags |= P29_MISSING;
    if ((flags & (P30_STALE | P29_STALE)) !== 0) confidence /= 2;
    columns.flags.data[symbol] = flags;
    columns.factorConfidence.data[symbol] = factorConfidence;
    columns.confidence.data[symbol] = (flags & (P30_MISSING | P29_MISSING)) !== 0 ? 0 : confidence;
  }

  /** One tick of the score on the inputs read last. Returns whether the score or its EWMA changed. */
  step(tick: number, symbol: number, settings: Settings): boolean {
    const columns = this.columns;
    const factor = columns.goodFactor.data[symbol]!;
    const target = Math.max(columns.goodTargetUsd.data[symbol]!, 1);
    const performance = settings.P31_PF_RANGE === '0_1' ? clamp01(factor) : clamp01((factor + 1) / 2);
    const volUsd = columns.volUsd.data[symbol]!;
    const ddUsd = columns.ddUsd.data[symbol]!;
    const volRatio = volUsd / target;
    const ddRatio = ddUsd / target;
    const hold = this.holdPenalty(tick, symbol, settings);
    const raw =
      performance /
      (1 + settings.P31_W_VOL * volRatio + settings.P31_W_DD * ddRatio + settings.P31_W_HOLD * hold);
    const score = clamp01(raw);
    const before = columns.ewma.data[symbol]!;
    const ewma = settings.P31_SCORE_ALPHA * score + (1 - settings.P31_SCORE_ALPHA) * before;
    const confidence = columns.confidence.data[symbol]!;
    const changed =
      ewma !== before || score !== columns.score.data[symbol]! || hold !== columns.hold.data[symbol]!;
    columns.ts.data[symbol] = tick;
    columns.raw.data[symbol] = raw;
    columns.score.data[symbol] = score;
    columns.ewma.data[symbol] = ewma;
    columns.hold.data[symbol] = hold;
    columns.scoredVolUsd.data[symbol] = volUsd;
    columns.scoredDdUsd.data[symbol] = ddUsd;
    columns.pressure.data[symbol] = pressure(ewma, confidence, ddRatio, settings);
    columns.weight.data[symbol] = clamp(2 * (ewma - 0.5), -1, 1) * confidence;
    return changed;
  }

  /** Share of the longest idle time that has passed since the last execution, 0..1; 0 before any. */
  holdPenalty(tick: number, symbol: number, settings: Settings): number {
    const last = this.columns.lastExecTs.data[symbol]!;
    if (last <= 0) return 0;
    const gapSec = this.columns.gapSec.data[symbol]!;
    const fullSec =
      settings.P31_HOLD_BASIS === 'trade_rate'
        ? Math.max(settings.P31_HOLD_PENALTY_MAX_SEC, 3 * gapSec)
        : settings.P31_HOLD_PENALTY_MAX_SEC;
    return clamp01((tick - last) / fullSec);
  }
}

function pressure(ewma: number, confidence: number, ddRatio: number, settings: Settings): number {
  if (ewma >= settings.P31_PRESSURE_UP && confidence > settings.P31_PRESSURE_MIN_CONF) return 1;
  return ewma <= settings.P31_PRESSURE_DOWN || ddRatio > settings.P31_PRESSURE_MAX_DD ? 2 : 0;
}

/** `P30_MISSING`, `P30_STALE`, `P29_MISSING`, `P29_STALE`: those set, comma-separated. */
export function flagNames(flags: number): string {
  return ['P30_MISSING', 'P30_STALE', 'P29_MISSING', 'P29_STALE']
    .filter((_name, bit) => (flags & (1 << bit)) !== 0)
    .join(',');
}

export function inputsOk(flags: number): 0 | 1 {
  return (flags & (P30_MISSING | P29_MISSING)) === 0 ? 1 : 0;
}
