/**
 * P3.1 capital efficiency: how well a symbol used its capital, from what it earned, how rough the way was and how
 * long the capital has lain idle. Formulas: spec/model.md, P3.1.
 */
import { Column, ensureColumns } from '../column.ts';
import { clamp, clamp01, saturate } from '../num.ts';
import { isAlive } from '../tick.ts';
import type { CapitalPressure } from '../decision.ts';
import type { Settings } from '../settings.ts';

const P30_MISSING = 1;
const P30_STALE = 2;
const P29_MISSING = 4;
const P29_STALE = 8;
/** Factor and target taken before any input was ever there. */
const NEUTRAL_TARGET_USD = 100;

/** The settings of one symbol's score. */
export type EfficiencySettings = Pick<
  Settings,
  | 'P31_DD_ALPHA'
  | 'P31_HOLD_BASIS'
  | 'P31_HOLD_PENALTY_MAX_SEC'
  | 'P31_PF_RANGE'
  | 'P31_PRESSURE_DOWN'
  | 'P31_PRESSURE_MAX_DD'
  | 'P31_PRESSURE_MIN_CONF'
  | 'P31_PRESSURE_UP'
  | 'P31_SCORE_ALPHA'
  | 'P31_STALE_SEC_P29'
  | 'P31_STALE_SEC_P30'
  | 'P31_VOL_ALPHA'
  | 'P31_W_DD'
  | 'P31_W_HOLD'
  | 'P31_W_VOL'
>;

/** Written out, so that the engine keeps it as a plain record: reading a frozen table of a hundred settings costs more than the formula. */
export function efficiencySettings(settings: Settings): EfficiencySettings {
  return {
    P31_DD_ALPHA: settings.P31_DD_ALPHA,
    P31_HOLD_BASIS: settings.P31_HOLD_BASIS,
    P31_HOLD_PENALTY_MAX_SEC: settings.P31_HOLD_PENALTY_MAX_SEC,
    P31_PF_RANGE: settings.P31_PF_RANGE,
    P31_PRESSURE_DOWN: settings.P31_PRESSURE_DOWN,
    P31_PRESSURE_MAX_DD: settings.P31_PRESSURE_MAX_DD,
    P31_PRESSURE_MIN_CONF: settings.P31_PRESSURE_MIN_CONF,
    P31_PRESSURE_UP: settings.P31_PRESSURE_UP,
    P31_SCORE_ALPHA: settings.P31_SCORE_ALPHA,
    P31_STALE_SEC_P29: settings.P31_STALE_SEC_P29,
    P31_STALE_SEC_P30: settings.P31_STALE_SEC_P30,
    P31_VOL_ALPHA: settings.P31_VOL_ALPHA,
    P31_W_DD: settings.P31_W_DD,
    P31_W_HOLD: settings.P31_W_HOLD,
    P31_W_VOL: settings.P31_W_VOL,
  };
}

/** What the efficiency reads of P3.0 and P2.9: columns by symbol, `ts` 0 for never, and the lives of the records. */
export interface EfficiencyInputs {
  readonly attributionTs: Float64Array;
  readonly performanceFactor: Float64Array;
  readonly performanceConfidence: Float64Array;
  /** 1 where the factor of another program lies in 0..1 and is taken as it is; null: all are as `P31_PF_RANGE` says. */
  readonly factorRange: Float64Array | null;
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
    /** 1: the last good factor lies in 0..1. */
    goodRange: new Column(),
    goodTargetUsd: new Column(NEUTRAL_TARGET_USD),
    ts: new Column(),
    score: new Column(),
    confidence: new Column(),
    flags: new Column(),
    factorConfidence: new Column(),
    hold: new Column(),
  };

  ensure(count: number): void {
    ensureColumns(this.columns, count);
  }

  /** One step of vol and dd for a realised profit in USD. */
  applyProfit(symbol: number, pnlUsd: number, settings: EfficiencySettings): void {
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
    settingsOf: readonly EfficiencySettings[],
  ): boolean {
    const { attributionTs, performanceFactor, performanceConfidence, attributionLifeSec, factorRange } =
      inputs;
    const { targetTs, baseTargetUsd, targetConfidence, targetLifeSec } = inputs;
    const lastExecTs = this.columns.lastExecTs.data;
    const gaps = this.columns.gapSec.data;
    const factors = this.columns.goodFactor.data;
    const ranges = this.columns.goodRange.data;
    const factorConfidences = this.columns.factorConfidence.data;
    const targets = this.columns.goodTargetUsd.data;
    const vols = this.columns.volUsd.data;
    const dds = this.columns.ddUsd.data;
    const ewmas = this.columns.ewma.data;
    const scores = this.columns.score.data;
    const holds = this.columns.hold.data;
    const flagsOf = this.columns.flags.data;
    const confidences = this.columns.confidence.data;
    const ts = this.columns.ts.data;
    let moved = false;
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      const last = lastExecTs[symbol]!;
      const attributed = attributionTs[symbol]!;
      if (last <= 0 && attributed <= 0 && ts[symbol]! <= 0) continue;
      const settings = settingsOf[symbol]!;
      let flags = 0;
      let factorConfidence = 0;
      let targetSure = 0;
      if (isAlive(attributed, tick, attributionLifeSec)) {
        factors[symbol] = performanceFactor[symbol]!;
        if (factorRange !== null) ranges[symbol] = factorRange[symbol]!;
        factorConfidence = performanceConfidence[symbol]!;
        if (tick - attributed > settings.P31_STALE_SEC_P30) flags |= P30_STALE;
      } else flags |= P30_MISSING;
      const targeted = targetTs[symbol]!;
      if (isAlive(targeted, tick, targetLifeSec)) {
        targets[symbol] = baseTargetUsd[symbol]!;
        targetSure = targetConfidence[symbol]!;
        if (tick - targeted > settings.P31_STALE_SEC_P29) flags |= P29_STALE;
      } else flags |= P29_MISSING;
      flagsOf[symbol] = flags;
      factorConfidences[symbol] = factorConfidence;
      confidences[symbol] = confidenceOf(flags, factorConfidence, targetSure);

      const hold = holdOf(tick, last, gaps[symbol]!, settings);
      const performance = performanceOf(factors[symbol]!, ranges[symbol]!, settings);
      const score = scoreOf(performance, targets[symbol]!, vols[symbol]!, dds[symbol]!, hold, settings);
      const before = ewmas[symbol]!;
      const ewma = settings.P31_SCORE_ALPHA * score + (1 - settings.P31_SCORE_ALPHA) * before;
      if (ewma !== before || score !== scores[symbol]! || hold !== holds[symbol]!) moved = true;
      ts[symbol] = tick;
      scores[symbol] = score;
      ewmas[symbol] = ewma;
      holds[symbol] = hold;
    }
    return moved;
  }

  /** Whether more ticks on the same inputs leave the hold penalty as it is. */
  isHoldConstant(symbol: number): boolean {
    return this.columns.hold.data[symbol] === 1 || this.columns.lastExecTs.data[symbol]! <= 0;
  }

  /** One tick of the score on the inputs read last. Returns whether the score, its EWMA or the hold penalty changed. */
  step(tick: number, symbol: number, settings: EfficiencySettings): boolean {
    const columns = this.columns;
    const hold = holdOf(tick, columns.lastExecTs.data[symbol]!, columns.gapSec.data[symbol]!, settings);
    const score = scoreOf(
      performanceOf(columns.goodFactor.data[symbol]!, columns.goodRange.data[symbol]!, settings),
      columns.goodTargetUsd.data[symbol]!,
      columns.volUsd.data[symbol]!,
      columns.ddUsd.data[symbol]!,
      hold,
      settings,
    );
    const before = columns.ewma.data[symbol]!;
    const ewma = settings.P31_SCORE_ALPHA * score + (1 - settings.P31_SCORE_ALPHA) * before;
    const changed =
      ewma !== before || score !== columns.score.data[symbol]! || hold !== columns.hold.data[symbol]!;
    columns.ts.data[symbol] = tick;
    columns.score.data[symbol] = score;
    columns.ewma.data[symbol] = ewma;
    columns.hold.data[symbol] = hold;
    return changed;
  }

  /** What the newest score asks for. */
  pressure(symbol: number, settings: EfficiencySettings): CapitalPressure {
    const ewma = this.columns.ewma.get(symbol);
    if (
      ewma >= settings.P31_PRESSURE_UP &&
      this.columns.confidence.get(symbol) > settings.P31_PRESSURE_MIN_CONF
    )
      return 'INCREASE';
    const ddRatio = this.columns.ddUsd.get(symbol) / this.targetUsd(symbol);
    return ewma <= settings.P31_PRESSURE_DOWN || ddRatio > settings.P31_PRESSURE_MAX_DD ? 'DECREASE' : 'HOLD';
  }

  /** −1..1: how strongly capital should move to (or from) the symbol. */
  reallocationWeight(symbol: number): number {
    return clamp(2 * (this.columns.ewma.get(symbol) - 0.5), -1, 1) * this.columns.confidence.get(symbol);
  }

  /** The base target the ratios are taken of, USD, at least 1. */
  targetUsd(symbol: number): number {
    return Math.max(this.columns.goodTargetUsd.get(symbol), 1);
  }
}

/** The surer of the two inputs does not help: the lesser counts, half where one is stale, nothing where one is missing. */
function confidenceOf(flags: number, factorConfidence: number, targetConfidence: number): number {
  if ((flags & (P30_MISSING | P29_MISSING)) !== 0) return 0;
  const lesser = Math.min(factorConfidence, targetConfidence);
  return flags === 0 ? lesser : lesser / 2;
}

/** Share of the longest idle time that has passed since the last execution, 0..1; 0 before any. */
function holdOf(tick: number, lastExecTs: number, gapSec: number, settings: EfficiencySettings): number {
  if (lastExecTs <= 0) return 0;
  const fullSec =
    settings.P31_HOLD_BASIS === 'trade_rate'
      ? Math.max(settings.P31_HOLD_PENALTY_MAX_SEC, 3 * gapSec)
      : settings.P31_HOLD_PENALTY_MAX_SEC;
  return clamp01((tick - lastExecTs) / fullSec);
}

/** A performance factor as 0..1. Source: spec/model.md, P3.1, `pf01`. */
function performanceOf(factor: number, range: number, settings: EfficiencySettings): number {
  return range === 1 || settings.P31_PF_RANGE === '0_1' ? clamp01(factor) : clamp01((factor + 1) / 2);
}

/** What a performance of 0..1 is worth on the capital it took, 0..1. Source: spec/model.md, P3.1. */
function scoreOf(
  performance: number,
  targetUsd: number,
  volUsd: number,
  ddUsd: number,
  hold: number,
  settings: EfficiencySettings,
): number {
  const target = Math.max(targetUsd, 1);
  const roughness = settings.P31_W_VOL * (volUsd / target) + settings.P31_W_DD * (ddUsd / target);
  return clamp01(performance / (1 + roughness + settings.P31_W_HOLD * hold));
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
