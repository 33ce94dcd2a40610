/**
 * Events as lines of the `ballast` format and back, exactly: what is read is what was applied. A recorded event differs
 * from one of a file in two ways: its names were resolved already, and its own time was checked against the clock then.
 */
import { decodeEvent, type Decoded, type Fields } from '../../contract/decode.ts';
import type { ExecutionEvent, InputEvent, PlanEvent, PlanNumber, TradingState } from '../../core/event.ts';

/** What stands beside an event: the id of its stream entry, whether it was a repeat, whether it was known before. */
export interface EventMarks {
  readonly id?: string | undefined;
  readonly repeat?: true | undefined;
  /** The process knew it before this file began; it is repeated so that the file stands alone. */
  readonly carried?: true | undefined;
}

/** One line, without the line end. */
export function encodeEvent(event: InputEvent, marks: EventMarks = {}): string {
  // A field that is undefined is left out.
  return JSON.stringify({ type: event.type, ts: event.ts, ...fieldsOf(event), ...marks });
}

/** The event of a line's fields, as it was applied. */
export function decodeRecorded(fields: Fields): Decoded {
  const { type, ts, symbol, cluster } = fields;
  // The operators' mapping is taken as it is.
  if (
    type === 'cluster' &&
    typeof symbol === 'string' &&
    typeof cluster === 'string' &&
    typeof ts === 'number'
  )
    return { event: { type, ts, symbol, cluster }, futureTime: false };
  const decoded = decodeEvent(fields, NO_ALIASES);
  if (decoded.event === null) return decoded;
  const ownTs = fields['timestamp'];
  let { event } = decoded;
  if (decoded.futureTime && typeof ownTs === 'number') event = withOwnTime(event, ownTs);
  if (event.type === 'plan' && fields['symbol_valid'] === false)
    event = { ...event, symbolValid: false, namesValid: false };
  return { event, futureTime: false };
}

const NO_ALIASES = { aliases: new Map<string, string>() };

function withOwnTime(event: InputEvent, ownTs: number): InputEvent {
  if (event.type === 'execution') return { ...event, eventTs: ownTs };
  if (event.type === 'plan') return { ...event, madeAt: ownTs };
  return 'stateTs' in event ? { ...event, stateTs: ownTs } : event;
}

function fieldsOf(event: InputEvent): object {
  switch (event.type) {
    case 'execution':
      return executionFields(event);
    case 'plan':
      return planFields(event);
    case 'regime':
      return {
        timestamp: unlessArrival(event.stateTs, event.ts),
        symbol: event.symbol ?? undefined,
        regime: event.regime,
        confidence: event.confidence ?? undefined,
      };
    case 'market':
      return {
        timestamp: unlessArrival(event.stateTs, event.ts),
        symbol: event.symbol,
        mark_price: event.markPrice ?? undefined,
        vol_regime: event.volRegime ?? undefined,
        sigma: event.sigma ?? undefined,
      };
    case 'cluster':
      return { symbol: event.symbol, cluster: event.cluster };
    case 'cluster_stress':
      return {
        timestamp: unlessArrival(event.stateTs, event.ts),
        cluster: event.cluster,
        stress: event.stress,
      };
    case 'position':
      return {
        timestamp: unlessArrival(event.stateTs, event.ts),
        symbol: event.symbol,
        position_amt: event.amount,
        mark_price: event.markPrice ?? undefined,
        notional_usd: event.notionalUsd ?? undefined,
      };
    case 'portfolio':
      return {
        timestamp: unlessArrival(event.stateTs, event.ts),
        equity_usd: event.equityUsd,
        drawdown: event.drawdown ?? undefined,
        heat: event.heat ?? undefined,
      };
    case 'cashflow':
      return { amount_usd: event.amountUsd };
    case 'take':
      return { plan_id: event.planId };
    case 'result':
      return { plan_id: event.planId, executed: event.executed };
    case 'kill':
      return { state: KILL_TEXT[event.state] };
    case 'rearm':
      return { symbol: event.symbol ?? undefined };
  }
}

const KILL_TEXT: { readonly [State in TradingState]: string } = {
  ACTIVE: '0',
  REDUCING: 'reduce',
  HALTED: '1',
};

function executionFields(event: ExecutionEvent): object {
  return {
    timestamp: unlessArrival(event.eventTs, event.ts),
    symbol: event.symbol,
    ...(event.pnlUsd === null ? { kind: 'open' } : { realized_pnl: event.pnlUsd }),
    execution_id: event.executionId ?? undefined,
    bot: event.bot ?? undefined,
    regime: event.regime ?? undefined,
    cluster: event.cluster ?? undefined,
    signal: event.signal ?? undefined,
    exit_reason: event.exitReason ?? undefined,
    side: event.side ?? undefined,
    plan_id: event.planId ?? undefined,
    order_id: event.orderId ?? undefined,
    qty: event.qty ?? undefined,
    price: event.price ?? undefined,
    stake_usd: event.stakeUsd ?? undefined,
    hold_sec: event.holdSec ?? undefined,
    entry_ts: event.entryTs ?? undefined,
    entry_price: event.entryPrice ?? undefined,
    pnl_pct: event.pnlPct ?? undefined,
    pnl_gross_usd: event.grossUsd ?? undefined,
  };
}

function planFields(event: PlanEvent): object {
  return {
    plan_id: event.planId,
    symbol: event.symbol,
    symbol_valid: event.symbolValid ? undefined : false,
    action: event.action === '' ? undefined : event.action,
    decision: event.decision === '' ? undefined : event.decision,
    side: event.side ?? undefined,
    reduceOnly: event.reduceOnly,
    bot: event.bot ?? undefined,
    qty: planNumber(event.qty),
    price: planNumber(event.price),
    notional_usd: planNumber(event.notionalUsd),
    kill_score: planNumber(event.killScore),
    confidence: planNumber(event.confidence),
    k_regime_flip: planNumber(event.regimeFlip),
    timestamp: planNumber(event.madeAt),
  };
}

/** An event that does not say its own time happened when it arrived. */
function unlessArrival(ownTs: number, ts: number): number | undefined {
  return ownTs === ts ? undefined : ownTs;
}

/** What was there and no number is a text that is none. */
function planNumber(value: PlanNumber): number | string | undefined {
  return value === null ? undefined : Number.isNaN(value) ? 'NaN' : value;
}
