/**
 * What can happen to the engine, already decoded and checked: every number is finite, every symbol canonical.
 * `ts` is the arrival in Unix seconds (with fraction); events are applied in its order.
 */
export type Regime = 'TREND' | 'MEAN_REVERSION' | 'CHOP';
export type TradingState = 'ACTIVE' | 'REDUCING' | 'HALTED';

export interface ExecutionEvent {
  readonly type: 'execution';
  readonly ts: number;
  readonly symbol: string;
  /** Net realised profit in USD; null for an opening fill (`kind: open`), which realises none. */
  readonly pnlUsd: number | null;
  /** When it happened, Unix seconds; never more than 60 s after `ts`. */
  readonly eventTs: number;
  readonly executionId: string | null;
  readonly bot: string | null;
  readonly regime: string | null;
  readonly cluster: string | null;
  readonly signal: string | null;
  readonly exitReason: string | null;
  readonly side: string | null;
  readonly planId: string | null;
  readonly orderId: string | null;
  readonly qty: number | null;
  /** USD. */
  readonly price: number | null;
  readonly stakeUsd: number | null;
  readonly holdSec: number | null;
  /** When and where the position was opened, where the source says: Unix seconds, USD. */
  readonly entryTs: number | null;
  readonly entryPrice: number | null;
  /** What the source says besides its profit, to hold it against: percent, and USD before fees. */
  readonly pnlPct: number | null;
  readonly grossUsd: number | null;
}

/** A number of a plan: absent, or there and usable, or there and not a number at all (NaN). */
export type PlanNumber = number | null;

export interface PlanEvent {
  readonly type: 'plan';
  readonly ts: number;
  readonly planId: string;
  /** Canonical where `symbolValid`; else as given. */
  readonly symbol: string;
  readonly symbolValid: boolean;
  /** Symbol and plan id both fit their grammar. */
  readonly namesValid: boolean;
  readonly action: string;
  readonly decision: string;
  readonly side: string | null;
  readonly reduceOnly: boolean;
  readonly bot: string | null;
  readonly qty: PlanNumber;
  readonly price: PlanNumber;
  readonly notionalUsd: PlanNumber;
  readonly killScore: PlanNumber;
  readonly confidence: PlanNumber;
  readonly regimeFlip: PlanNumber;
  /** When the plan was made, Unix seconds; null if it does not say, NaN if what it says is no time. */
  readonly madeAt: PlanNumber;
}

export interface RegimeEvent {
  readonly type: 'regime';
  readonly ts: number;
  readonly stateTs: number;
  readonly regime: Regime;
  /** 0..1; null when not said. */
  readonly confidence: number | null;
  /** The symbol it holds for; null for all. */
  readonly symbol: string | null;
}

export interface MarketEvent {
  readonly type: 'market';
  readonly ts: number;
  readonly stateTs: number;
  readonly symbol: string;
  readonly markPrice: number | null;
  readonly volRegime: string | null;
  readonly sigma: number | null;
}

export interface ClusterEvent {
  readonly type: 'cluster';
  readonly ts: number;
  readonly symbol: string;
  readonly cluster: string;
}

export interface ClusterStressEvent {
  readonly type: 'cluster_stress';
  readonly ts: number;
  readonly stateTs: number;
  readonly cluster: string;
  readonly stress: number;
}

export interface PositionEvent {
  readonly type: 'position';
  readonly ts: number;
  readonly stateTs: number;
  readonly symbol: string;
  /** Signed quantity. */
  readonly amount: number;
  readonly markPrice: number | null;
  readonly notionalUsd: number | null;
}

export interface PortfolioEvent {
  readonly type: 'portfolio';
  readonly ts: number;
  readonly stateTs: number;
  readonly equityUsd: number;
  /** 0..1; null when not said. */
  readonly drawdown: number | null;
  /** 0..1; null when not said. */
  readonly heat: number | null;
}

export interface CashflowEvent {
  readonly type: 'cashflow';
  readonly ts: number;
  readonly amountUsd: number;
}

export interface TakeEvent {
  readonly type: 'take';
  readonly ts: number;
  readonly planId: string;
}

export interface ResultEvent {
  readonly type: 'result';
  readonly ts: number;
  readonly planId: string;
  readonly executed: boolean;
}

export interface KillEvent {
  readonly type: 'kill';
  readonly ts: number;
  readonly state: TradingState;
}

export interface RearmEvent {
  readonly type: 'rearm';
  readonly ts: number;
  /** Null: every symbol. */
  readonly symbol: string | null;
}

export type InputEvent =
  | ExecutionEvent
  | PlanEvent
  | RegimeEvent
  | MarketEvent
  | ClusterEvent
  | ClusterStressEvent
  | PositionEvent
  | PortfolioEvent
  | CashflowEvent
  | TakeEvent
  | ResultEvent
  | KillEvent
  | RearmEvent;

export type EventType = InputEvent['type'];
