/**
 * P2.9 capital allocation: a target per symbol from its budget and four factors, then the caps.
 * Formulas and the treatment of missing and stale inputs: spec/model.md, P2.9.
 */
import { Column, ensureColumns } from '../column.ts';
import { clamp } from '../num.ts';
import { isAlive } from '../tick.ts';
import { applyCaps } from './caps.ts';
import type { Context } from '../context/context.ts';
import type { PortfolioView } from '../portfolio/portfolio.ts';
import type { Settings } from '../settings.ts';
import type { DrawdownZone } from '../decision.ts';

/** Life of a budget record in seconds (spec/contract.md, Outputs). */
export const BUDGET_LIFE_SEC = 300;
export const DRAWDOWN_ZONES: readonly DrawdownZone[] = ['LOW', 'MID', 'HIGH', 'UNKNOWN'];
const ZONE_UNKNOWN = 3;

/** What the allocation reads of the components before it: columns by symbol, `ts` 0 for never. */
export interface AllocationInputs {
  readonly portfolio: PortfolioView;
  readonly context: Context;
  readonly budgetTs: Float64Array;
  readonly budgetUsd: Float64Array;
  readonly attributionTs: Float64Array;
  readonly performanceFactor: Float64Array;
  readonly performanceConfidence: Float64Array;
  /** 1 where the factor of another program lies in 0..1, neutral at 0.5; null: every factor lies in -1..1. */
  readonly factorRange: Float64Array | null;
  readonly attributionLifeSec: number;
  /** Multipliers to apply, or null where proposals are not applied. */
  readonly proposals: {
    readonly ts: Float64Array;
    readonly multiplier: Float64Array;
    readonly reason: Float64Array;
  } | null;
}

export class Allocation {
  /** The newest target of each symbol; `ts` 0 where there was none yet, `regime` -1 for unknown. */
  readonly columns = {
    ts: new Column(),
    targetUsd: new Column(),
    baseTargetUsd: new Column(),
    weight: new Column(),
    cluster: new Column(-1),
    regime: new Column(-1),
    zone: new Column(),
    confidence: new Column(),
    baseBudgetUsd: new Column(),
    regimeFactor: new Column(1),
    clusterFactor: new Column(1),
    drawdownFactor: new Column(1),
    performanceFactor: new Column(1),
    fallback: new Column(),
    caps: new Column(),
  };
  #targets = new Float64Array(0);
  #bases = new Float64Array(0);
  #clusters = new Int32Array(0);
  #bound = new Uint8Array(0);
  #members = new Int32Array(0);

  ensure(count: number): void {
    ensureColumns(this.columns, count);
  }

  /**
   * Computes the targets of those of `symbols` (code-unit order) that have a budget at `tick`. None (returns false)
   * where the portfolio is older than `STALE_DATA_SEC`: the last ones stay and age.
   */
  tick(tick: number, symbols: Int32Array, inputs: AllocationInputs, settings: Settings): boolean {
    if (inputs.portfolio.ageSec > settings.STALE_DATA_SEC) return false;
    this.#reserve(symbols.length);
    const count = this.#computeFactors(tick, symbols, inputs, settings);
    const equity = Math.max(inputs.portfolio.equityUsd, 0);
    const limits = {
      symbolUsd: settings.MAX_SYMBOL_PCT * equity,
      clusterUsd: settings.MAX_CLUSTER_PCT * equity,
      grossUsd: settings.MAX_GROSS_PCT * equity,
    };
    const clusterCount = inputs.context.clusters.size;
    const bound = this.#bound;
    let bases = this.#targets;
    if (inputs.proposals !== null) {
      bases = this.#bases;
      bases.set(this.#targets);
      applyCaps(bases, this.#clusters, bound, count, clusterCount, limits);
      bound.fill(0, 0, count);
      this.#applyProposals(tick, count, inputs.proposals, settings);
    }
    applyCaps(this.#targets, this.#clusters, bound, count, clusterCount, limits);
    this.#publish(bases, count, equity);
    return true;
  }

  #publish(bases: Float64Array, count: number, equityUsd: number): void {
    const targetUsd = this.columns.targetUsd.data;
    const baseTargetUsd = this.columns.baseTargetUsd.data;
    const weight = this.columns.weight.data;
    const caps = this.columns.caps.data;
    const targets = this.#targets;
    const members = this.#members;
    const bound = this.#bound;
    for (let i = 0; i < count; i++) {
      const symbol = members[i]!;
      const target = targets[i]!;
      targetUsd[symbol] = target;
      baseTargetUsd[symbol] = bases[i]!;
      weight[symbol] = equityUsd > 0 ? target / equityUsd : 0;
      caps[symbol] = bound[i]!;
    }
  }

  #reserve(count: number): void {
    if (this.#members.length >= count) return;
    const room = count * 2;
    this.#targets = new Float64Array(room);
    this.#bases = new Float64Array(room);
    this.#clusters = new Int32Array(room);
    this.#bound = new Uint8Array(room);
    this.#members = new Int32Array(room);
  }

  /** Fills the scratch arrays and the factor columns; returns how many symbols have a target. */
  #computeFactors(tick: number, symbols: Int32Array, inputs: AllocationInputs, settings: Settings): number {
    const { context, portfolio } = inputs;
    const zone =
      portfolio.drawdown < settings.DD_LOW_THRESHOLD
        ? 0
        : portfolio.drawdown < settings.DD_HIGH_THRESHOLD
          ? 1
          : 2;
    const drawdownFactor = [settings.DD_FACTOR_LOW, settings.DD_FACTOR_MID, settings.DD_FACTOR_HIGH][zone]!;
    const regimeFactors = [
      settings.REGIME_FACTOR_TREND,
      settings.REGIME_FACTOR_MR,
      settings.REGIME_FACTOR_CHOP,
    ];
    const general = context.general;
    const {
      STALE_DATA_SEC: stale,
      P29_PERF_SCALE,
      P29_PERF_MIN,
      P29_PERF_MAX,
      CLUSTER_STRESS_MIN,
      CLUSTER_STRESS_MAX,
    } = settings;
    const ts = this.columns.ts.data;
    const baseTargetUsd = this.columns.baseTargetUsd.data;
    const clusters = this.columns.cluster.data;
    const baseBudgets = this.columns.baseBudgetUsd.data;
    const regimes = this.columns.regime.data;
    const zones = this.columns.zone.data;
    const regimeFactorOf = this.columns.regimeFactor.data;
    const clusterFactorOf = this.columns.clusterFactor.data;
    const drawdownFactorOf = this.columns.drawdownFactor.data;
    const performanceFactorOf = this.columns.performanceFactor.data;
    const fallbacks = this.columns.fallback.data;
    const confidences = this.columns.confidence.data;
    const ownRegimeTs = context.columns.regimeTs.data;
    const ownRegime = context.columns.regime.data;
    const ownRegimeConfidence = context.columns.regimeConfidence.data;
    const configuredCluster = context.columns.configuredCluster.data;
    const executionCluster = context.columns.executionCluster.data;
    const {
      budgetTs: budgetTsOf,
      budgetUsd: budgetUsdOf,
      attributionTs,
      performanceFactor: factorOf,
      performanceConfidence: factorConfidenceOf,
      factorRange,
    } = inputs;
    const { stressTs: stressTsOf, stress: stressOf } = context;
    const targets = this.#targets;
    const members = this.#members;
    const memberClusters = this.#clusters;
    const bound = this.#bound;
    const attributedSec = Math.min(stale, inputs.attributionLifeSec);
    let count = 0;
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      const budgetTs = budgetTsOf[symbol]!;
      if (!isAlive(budgetTs, tick, BUDGET_LIFE_SEC)) continue;
      const budget = budgetUsdOf[symbol]!;
      const configured = configuredCluster[symbol]!;
      const cluster = configured >= 0 ? configured : executionCluster[symbol]!;
      members[count] = symbol;
      memberClusters[count] = cluster;
      bound[count] = 0;
      const hadTarget = ts[symbol]! > 0;
      ts[symbol] = tick;
      clusters[symbol] = cluster;
      baseBudgets[symbol] = budget;
      if (tick - budgetTs > stale) {
        targets[count++] = hadTarget ? Math.min(baseTargetUsd[symbol]!, budget) : budget;
        this.#setNeutral(symbol);
        continue;
      }

      const own = tick - ownRegimeTs[symbol]! <= stale;
      const regimeTs = own ? ownRegimeTs[symbol]! : general.ts;
      const regimeFresh = tick - regimeTs <= stale;
      const regime = own ? ownRegime[symbol]! : general.regime;
      const named = regimeTs > 0 ? regimeFactors[regime]! : 1;
      const regimeFactor = regimeFresh ? named : Math.min(named, 1);
      const regimeConfidence = !regimeFresh ? 0.5 : own ? ownRegimeConfidence[symbol]! : general.confidence;

      const stressTs = cluster >= 0 ? stressTsOf[cluster]! : 0;
      const clusterFresh = tick - stressTs <= stale;
      const clusterKnown =
        stressTs > 0 ? clamp(1 - stressOf[cluster]!, CLUSTER_STRESS_MIN, CLUSTER_STRESS_MAX) : 1;
      const clusterFactor = clusterFresh ? clusterKnown : Math.min(clusterKnown, 1);

      const attributed = tick - attributionTs[symbol]! <= attributedSec;
      const performanceConfidence = attributed ? factorConfidenceOf[symbol]! : 0.5;
      const isShare = factorRange !== null && factorRange[symbol] === 1;
      const factor = isShare ? 2 * factorOf[symbol]! - 1 : factorOf[symbol]!;
      const performanceFactor = attributed
        ? clamp(1 + P29_PERF_SCALE * factor * performanceConfidence, P29_PERF_MIN, P29_PERF_MAX)
        : 1;

      targets[count++] = budget * regimeFactor * clusterFactor * drawdownFactor * performanceFactor;
      regimes[symbol] = regimeFresh ? regime : -1;
      zones[symbol] = zone;
      regimeFactorOf[symbol] = regimeFactor;
      clusterFactorOf[symbol] = clusterFactor;
      drawdownFactorOf[symbol] = drawdownFactor;
      performanceFactorOf[symbol] = performanceFactor;
      fallbacks[symbol] = attributed ? 0 : 1;
      confidences[symbol] = (1 + 1 + regimeConfidence + (clusterFresh ? 1 : 0.5) + performanceConfidence) / 5;
    }
    return count;
  }

  /** A target on a stale budget: no factor is sure enough to be used. */
  #setNeutral(symbol: number): void {
    const columns = this.columns;
    columns.regime.data[symbol] = -1;
    columns.zone.data[symbol] = ZONE_UNKNOWN;
    columns.regimeFactor.data[symbol] = 1;
    columns.clusterFactor.data[symbol] = 1;
    columns.drawdownFactor.data[symbol] = 1;
    columns.performanceFactor.data[symbol] = 1;
    columns.fallback.data[symbol] = 1;
    columns.confidence.data[symbol] = 0.5;
  }

  #applyProposals(
    tick: number,
    count: number,
    proposals: NonNullable<AllocationInputs['proposals']>,
    settings: Settings,
  ): void {
    for (let i = 0; i < count; i++) {
      const symbol = this.#members[i]!;
      const fresh =
        tick - proposals.ts[symbol]! <= Math.min(settings.STALE_DATA_SEC, settings.PROPOSE_KEY_TTL);
      if (fresh && proposals.reason[symbol] === 0) this.#targets[i]! *= proposals.multiplier[symbol]!;
    }
  }
}
