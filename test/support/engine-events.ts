/** Builders of engine events for tests: everything a test does not name is absent. */
import type {
  CashflowEvent,
  ClusterEvent,
  ClusterStressEvent,
  ExecutionEvent,
  KillEvent,
  MarketEvent,
  PlanEvent,
  PortfolioEvent,
  PositionEvent,
  RearmEvent,
  Regime,
  RegimeEvent,
  ResultEvent,
  TakeEvent,
  TradingState,
} from '../../src/core/event.ts';

/** 2023-11-14T22:13:20Z, on the grid of every interval that divides 10 s. */
export const T0 = 1_700_000_000;

type Rest<Event> = Partial<Omit<Event, 'type' | 'ts'>>;

export function execution(
  ts: number,
  symbol: string,
  pnlUsd: number | null,
  rest: Rest<ExecutionEvent> = {},
): ExecutionEvent {
  return {
    type: 'execution',
    ts,
    symbol,
    pnlUsd,
    eventTs: ts,
    executionId: null,
    bot: null,
    regime: null,
    cluster: null,
    signal: null,
    exitReason: null,
    side: null,
    planId: null,
    orderId: null,
    qty: null,
    price: null,
    stakeUsd: null,
    holdSec: null,
    entryTs: null,
    entryPrice: null,
    pnlPct: null,
    grossUsd: null,
    ...rest,
  };
}

/** An opening of `BTC` without any number, unless `rest` says otherwise. */
export function plan(ts: number, planId: string, rest: Rest<PlanEvent> = {}): PlanEvent {
  return {
    type: 'plan',
    ts,
    planId,
    symbol: 'BTC',
    symbolValid: true,
    namesValid: true,
    action: 'OPEN_PROPOSED',
    decision: 'EXECUTE',
    side: null,
    reduceOnly: false,
    bot: null,
    qty: null,
    price: null,
    notionalUsd: null,
    killScore: null,
    confidence: null,
    regimeFlip: null,
    madeAt: null,
    ...rest,
  };
}

export function portfolio(ts: number, equityUsd: number, rest: Rest<PortfolioEvent> = {}): PortfolioEvent {
  return { type: 'portfolio', ts, stateTs: ts, equityUsd, drawdown: null, heat: null, ...rest };
}

export function market(ts: number, symbol: string, rest: Rest<MarketEvent> = {}): MarketEvent {
  return { type: 'market', ts, stateTs: ts, symbol, markPrice: null, volRegime: null, sigma: null, ...rest };
}

export function regime(ts: number, name: Regime, rest: Rest<RegimeEvent> = {}): RegimeEvent {
  return { type: 'regime', ts, stateTs: ts, regime: name, confidence: null, symbol: null, ...rest };
}

export function clusterStress(
  ts: number,
  cluster: string,
  stress: number,
  rest: Rest<ClusterStressEvent> = {},
): ClusterStressEvent {
  return { type: 'cluster_stress', ts, stateTs: ts, cluster, stress, ...rest };
}

export function position(
  ts: number,
  symbol: string,
  amount: number,
  rest: Rest<PositionEvent> = {},
): PositionEvent {
  return { type: 'position', ts, stateTs: ts, symbol, amount, markPrice: null, notionalUsd: null, ...rest };
}

export const cluster = (ts: number, symbol: string, name: string): ClusterEvent => ({
  type: 'cluster',
  ts,
  symbol,
  cluster: name,
});
export const cashflow = (ts: number, amountUsd: number): CashflowEvent => ({
  type: 'cashflow',
  ts,
  amountUsd,
});
export const take = (ts: number, planId: string): TakeEvent => ({ type: 'take', ts, planId });
export const result = (ts: number, planId: string, executed: boolean): ResultEvent => ({
  type: 'result',
  ts,
  planId,
  executed,
});
export const kill = (ts: number, state: TradingState): KillEvent => ({ type: 'kill', ts, state });
export const rearm = (ts: number, symbol: string | null = null): RearmEvent => ({
  type: 'rearm',
  ts,
  symbol,
});
