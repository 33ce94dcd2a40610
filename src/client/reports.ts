/** What became of an order: the plan's result, the fills, the position. The governor counts and frees by them. */
import { keyOf } from '../contract/keys.ts';
import { PLAN_ID_GRAMMAR, SYMBOL_GRAMMAR } from '../contract/symbol.ts';
import type { Store } from '../store/store.ts';
import { checkName, checkReadable, writeFields } from './fields.ts';

/** A fill. Times are Unix seconds, money is USD. */
export interface Execution {
  readonly symbol: string;
  /** Profit it realised, net of fees; null for a fill that opens a position, which realises none. */
  readonly realizedPnlUsd: number | null;
  /** The venue's id of it: a repeat of one that was seen is dropped. */
  readonly executionId?: string | null;
  /** When it happened; absent: now. */
  readonly timestamp?: number;
  /** The plan whose permit it was made with: a fill of no known permit is reported as `UNPERMITTED_EXECUTION`. */
  readonly planId?: string | null;
  readonly filledQty?: number | null;
  readonly side?: 'BUY' | 'SELL' | null;
  readonly price?: number | null;
  readonly stakeUsd?: number | null;
  readonly bot?: string | null;
  readonly regime?: string | null;
  readonly cluster?: string | null;
  readonly signal?: string | null;
  readonly orderId?: string | null;
  readonly exitReason?: string | null;
  readonly holdSec?: number | null;
}

export interface Result {
  readonly planId: string;
  readonly symbol: string;
  /** False only where it is certain that no order stands: it frees what the permit reserved. */
  readonly executed: boolean;
  /** For people. */
  readonly error?: string | null;
}

export interface PositionSnapshot {
  readonly symbol: string;
  /** Signed quantity; 0: flat. */
  readonly amount: number;
  readonly markPriceUsd?: number | null;
  /** Signed or not, the amount's sign counts. */
  readonly notionalUsd?: number | null;
  /** When the venue said so, Unix seconds; absent: now. */
  readonly timestamp?: number;
}

export async function publishExecution(
  store: Store,
  namespace: string,
  execution: Execution,
  nowSec: number,
): Promise<void> {
  checkName('symbol', execution.symbol, SYMBOL_GRAMMAR);
  const fields = writeFields({
    execution_id: execution.executionId,
    symbol: execution.symbol,
    kind: execution.realizedPnlUsd === null ? 'open' : null,
    realized_pnl: execution.realizedPnlUsd,
    timestamp: execution.timestamp ?? nowSec,
    bot: execution.bot,
    plan_id: execution.planId,
    filled_qty: execution.filledQty,
    side: execution.side,
    price: execution.price,
    stake_usd: execution.stakeUsd,
    regime: execution.regime,
    cluster: execution.cluster,
    signal: execution.signal,
    order_id: execution.orderId,
    exit_reason: execution.exitReason,
    hold_sec: execution.holdSec,
  });
  checkReadable('execution', fields, nowSec);
  await store.append([{ stream: keyOf(namespace, 'executions'), fields, maxLength: null }]);
}

export async function publishResult(
  store: Store,
  namespace: string,
  { planId, symbol, executed, error }: Result,
  nowSec: number,
): Promise<void> {
  checkName('plan id', planId, PLAN_ID_GRAMMAR);
  checkName('symbol', symbol, SYMBOL_GRAMMAR);
  const shortError = error?.slice(0, MAX_ERROR_LENGTH) || null;
  const fields = writeFields({ plan_id: planId, symbol, executed, error: shortError, timestamp: nowSec });
  await store.append([{ stream: keyOf(namespace, 'results'), fields, maxLength: null }]);
}

export async function publishPosition(
  store: Store,
  namespace: string,
  { symbol, amount, markPriceUsd = null, notionalUsd = null, timestamp }: PositionSnapshot,
  nowSec: number,
): Promise<void> {
  checkName('symbol', symbol, SYMBOL_GRAMMAR);
  const values = {
    position_amt: amount,
    mark_price: markPriceUsd,
    notional_usd: notionalUsd,
    timestamp: timestamp ?? nowSec,
  };
  checkReadable('position', writeFields({ ...values, symbol }), nowSec);
  // All four, so that nothing of an older snapshot stays beside it.
  const fields = Object.entries(values).map(
    ([name, value]) => [name, writeFields({ [name]: value })[1] ?? null] as const,
  );
  await store.writeFields(keyOf(namespace, 'position', symbol), fields);
}

const MAX_ERROR_LENGTH = 1000;
