/**
 * The allocation target proposer (P3.1 step 1): what a target would be if efficiency moved it. Always shadow.
 * Formulas: spec/model.md, Proposer.
 */
import { Column, ensureColumns } from '../column.ts';
import { clamp } from '../num.ts';
import { isAlive } from '../tick.ts';
import type { EfficiencyReason } from '../decision.ts';
import type { Settings } from '../settings.ts';

export const EFFICIENCY_REASONS: readonly EfficiencyReason[] = [
  'ok',
  'missing_eff',
  'stale_eff',
  'low_conf',
  'redis_error',
];

/** Efficiency as a reader finds it: columns by symbol, `ts` 0 or a life that is over counts as missing. */
export interface EfficiencyView {
  readonly ts: Float64Array;
  readonly score: Float64Array;
  readonly confidence: Float64Array;
  readonly lifeSec: number;
}

export interface TargetView {
  readonly ts: Float64Array;
  readonly baseTargetUsd: Float64Array;
  readonly lifeSec: number;
}

/** The settings of one symbol's proposal. */
export type ProposerSettings = Pick<
  Settings,
  | 'P31_BASE'
  | 'P31_MAX_MULT'
  | 'P31_MIN_CONF'
  | 'P31_MIN_MULT'
  | 'P31_SCALE'
  | 'P31_STALE_SEC'
  | 'PROPOSER_EWMA_ALPHA'
>;

/** Written out, for the reason of `efficiencySettings`. */
export function proposerSettings(settings: Settings): ProposerSettings {
  return {
    P31_BASE: settings.P31_BASE,
    P31_MAX_MULT: settings.P31_MAX_MULT,
    P31_MIN_CONF: settings.P31_MIN_CONF,
    P31_MIN_MULT: settings.P31_MIN_MULT,
    P31_SCALE: settings.P31_SCALE,
    P31_STALE_SEC: settings.P31_STALE_SEC,
    PROPOSER_EWMA_ALPHA: settings.PROPOSER_EWMA_ALPHA,
  };
}

export class Proposer {
  /** The newest proposal of each symbol; `score` and `confidence` are -1 where unknown. */
  readonly columns = {
    ts: new Column(),
    baseTargetUsd: new Column(),
    multiplier: new Column(1),
    score: new Column(-1),
    confidence: new Column(-1),
    reason: new Column(),
  };

  ensure(count: number): void {
    ensureColumns(this.columns, count);
  }

  /** Proposes for every one of `symbols` that has an allocation target at `tick`. Returns whether any multiplier moved. */
  tick(
    tick: number,
    symbols: Int32Array,
    targets: TargetView,
    efficiency: EfficiencyView,
    settingsOf: readonly ProposerSettings[],
  ): boolean {
    let moved = false;
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      if (!isAlive(targets.ts[symbol]!, tick, targets.lifeSec)) continue;
      if (this.step(tick, symbol, targets.baseTargetUsd[symbol]!, efficiency, settingsOf[symbol]!))
        moved = true;
    }
    return moved;
  }

  /** One symbol's proposal at `tick`. Returns whether its multiplier changed. */
  step(
    tick: number,
    symbol: number,
    baseTargetUsd: number,
    efficiency: EfficiencyView,
    settings: ProposerSettings,
  ): boolean {
    const reason = efficiencyReason(
      tick,
      efficiency.ts[symbol]!,
      efficiency.confidence[symbol]!,
      efficiency.lifeSec,
      settings.P31_STALE_SEC,
      settings.P31_MIN_CONF,
    );
    const score = reason === 1 ? -1 : efficiency.score[symbol]!;
    const wanted =
      reason === 0
        ? clamp(
            settings.P31_BASE + settings.P31_SCALE * (score - 0.5),
            settings.P31_MIN_MULT,
            settings.P31_MAX_MULT,
          )
        : 1;
    const alpha = settings.PROPOSER_EWMA_ALPHA;
    const multipliers = this.columns.multiplier.data;
    const multiplier = alpha < 1 ? alpha * wanted + (1 - alpha) * multipliers[symbol]! : wanted;
    const changed = multipliers[symbol] !== multiplier;
    multipliers[symbol] = multiplier;
    this.columns.ts.data[symbol] = tick;
    this.columns.baseTargetUsd.data[symbol] = baseTargetUsd;
    this.columns.score.data[symbol] = score;
    this.columns.confidence.data[symbol] = reason === 1 ? -1 : efficiency.confidence[symbol]!;
    this.columns.reason.data[symbol] = reason;
    return changed;
  }
}

/**
 * Whether an efficiency record may be acted on, as a number in `EFFICIENCY_REASONS`: missing before stale before
 * unsure. The proposer and the governor's downsize hint ask the same question with their own limits.
 */
export function efficiencyReason(
  now: number,
  ts: number,
  confidence: number,
  lifeSec: number,
  staleSec: number,
  minConfidence: number,
): number {
  if (!isAlive(ts, now, lifeSec)) return 1;
  if (now - ts > staleSec) return 2;
  return confidence < minConfidence ? 3 : 0;
}
