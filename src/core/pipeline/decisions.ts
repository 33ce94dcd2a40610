/** What each component published last about a symbol, as a decision with the contract's fields. */
import { capNames } from '../allocation/caps.ts';
import { DRAWDOWN_ZONES } from '../allocation/allocation.ts';
import { REGIMES, UNKNOWN } from '../context/context.ts';
import { flagNames, inputsOk } from '../efficiency/efficiency.ts';
import { EFFICIENCY_REASONS } from '../proposer/proposer.ts';
import type {
  AllocationDecision,
  AttributionDecision,
  BudgetDecision,
  EfficiencyDecision,
  ProposalDecision,
  TickDecision,
} from '../decision.ts';
import type { Engine } from './engine.ts';
import type { Ticking } from './ticking.ts';

/** When a component last published about a symbol; 0: never. */
export function publishedAt(engine: Engine, component: Ticking, symbol: number): number {
  switch (component) {
    case 'budget':
      return engine.budget.columns.ts.data[symbol]!;
    case 'attribution':
      return engine.attribution.columns.ts.data[symbol]!;
    case 'allocation':
      return engine.allocation.columns.ts.data[symbol]!;
    case 'efficiency':
      return engine.efficiency.columns.ts.data[symbol]!;
    case 'proposal':
      return engine.proposer.columns.ts.data[symbol]!;
  }
}

/** The newest decision of a component about a symbol, or null where it never made one. */
export function decisionOf(engine: Engine, component: Ticking, symbol: number): TickDecision | null {
  if (publishedAt(engine, component, symbol) === 0) return null;
  switch (component) {
    case 'budget':
      return budgetDecision(engine, symbol);
    case 'attribution':
      return attributionDecision(engine, symbol);
    case 'allocation':
      return allocationDecision(engine, symbol);
    case 'efficiency':
      return efficiencyDecision(engine, symbol);
    case 'proposal':
      return proposalDecision(engine, symbol);
  }
}

function budgetDecision(engine: Engine, id: number): BudgetDecision {
  const columns = engine.budget.columns;
  const tick = columns.ts.get(id);
  return {
    type: 'budget',
    tick,
    symbol: engine.symbols.name(id),
    budget_usd: columns.budgetUsd.get(id),
    stress_factor: columns.stress.get(id),
    equity_usd: engine.budget.account.equityUsd,
    portfolio_heat: engine.budget.account.heat,
    cluster_stress: columns.clusterStress.get(id),
    vol_regime: columns.vol.get(id),
    mode: engine.modes.P28_MODE,
    timestamp: tick,
    base_risk_pct: engine.settings.BASE_RISK_PCT,
  };
}

function attributionDecision(engine: Engine, id: number): AttributionDecision {
  const { attribution, labels } = engine;
  const columns = attribution.columns;
  const tick = columns.ts.get(id);
  return {
    type: 'attribution',
    tick,
    symbol: engine.symbols.name(id),
    alpha_score: columns.alpha.get(id),
    performance_factor: columns.publishedFactor.get(id),
    confidence: columns.publishedConfidence.get(id),
    window: columns.count.get(id),
    ts_utc: tick,
    ts: tick,
    source: 'live',
    mode: engine.modes.P30_MODE,
    regime_contrib: attribution.contributions(id, 'regime', labels),
    cluster_contrib: attribution.contributions(id, 'cluster', labels),
    signal_contrib: attribution.contributions(id, 'signal', labels),
    time_contrib: attribution.timeContributions(id),
    pf_range: '-1_1',
    last_exec_ts: columns.lastExecTs.get(id),
  };
}

function allocationDecision(engine: Engine, id: number): AllocationDecision {
  const columns = engine.allocation.columns;
  const tick = columns.ts.get(id);
  const regime = columns.regime.get(id);
  return {
    type: 'allocation',
    tick,
    symbol: engine.symbols.name(id),
    target_usd: columns.targetUsd.get(id),
    base_target_usd: columns.baseTargetUsd.get(id),
    weight: columns.weight.get(id),
    cluster_id: engine.context.clusterName(columns.cluster.get(id)),
    regime: regime < 0 ? UNKNOWN : REGIMES[regime]!,
    drawdown_zone: DRAWDOWN_ZONES[columns.zone.get(id)]!,
    confidence: columns.confidence.get(id),
    timestamp: tick,
    ts: tick,
    mode: engine.modes.P29_MODE,
    base_budget_usd: columns.baseBudgetUsd.get(id),
    regime_factor: columns.regimeFactor.get(id),
    cluster_factor: columns.clusterFactor.get(id),
    drawdown_factor: columns.drawdownFactor.get(id),
    performance_factor: columns.performanceFactor.get(id),
    performance_source: columns.fallback.get(id) === 0 ? 'P3.0' : 'fallback',
    caps: capNames(columns.caps.get(id)),
  };
}

function efficiencyDecision(engine: Engine, id: number): EfficiencyDecision {
  const columns = engine.efficiency.columns;
  const tick = columns.ts.get(id);
  const flags = columns.flags.get(id);
  const targetUsd = engine.efficiency.targetUsd(id);
  return {
    type: 'efficiency',
    tick,
    symbol: engine.symbols.name(id),
    efficiency_score: columns.score.get(id),
    // Never clamped: the factor is in 0..1 and what it is divided by at least 1.
    efficiency_raw: columns.score.get(id),
    efficiency_ewma: columns.ewma.get(id),
    capital_pressure: engine.efficiency.pressure(id, engine.efficiencySettingsOf[id]!),
    reallocation_weight: engine.efficiency.reallocationWeight(id),
    confidence: columns.confidence.get(id),
    inputs_ok: inputsOk(flags),
    stale_flags: flagNames(flags),
    p30_perf: columns.goodFactor.get(id),
    p30_conf: columns.factorConfidence.get(id),
    p29_target_usd: columns.goodTargetUsd.get(id),
    volatility_ewma: columns.volUsd.get(id),
    dd_proxy: columns.ddUsd.get(id),
    volatility_ratio: columns.volUsd.get(id) / targetUsd,
    dd_ratio: columns.ddUsd.get(id) / targetUsd,
    hold_time_penalty: columns.hold.get(id),
    ts: tick,
    mode: engine.modes.P31_MODE,
    version: 'p31_v1',
  };
}

function proposalDecision(engine: Engine, id: number): ProposalDecision {
  const columns = engine.proposer.columns;
  const tick = columns.ts.get(id);
  const reason = EFFICIENCY_REASONS[columns.reason.get(id)]!;
  const isKnown = reason !== 'missing_eff';
  return {
    type: 'proposal',
    tick,
    symbol: engine.symbols.name(id),
    ts_epoch: tick,
    base_target: columns.baseTargetUsd.get(id),
    proposed_target: columns.baseTargetUsd.get(id) * columns.multiplier.get(id),
    multiplier: columns.multiplier.get(id),
    eff_score: isKnown ? columns.score.get(id) : null,
    eff_confidence: isKnown ? columns.confidence.get(id) : null,
    eff_stale: reason === 'stale_eff' ? 1 : 0,
    reason,
    mode: 'shadow',
  };
}
