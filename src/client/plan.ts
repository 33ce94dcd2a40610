/** A plan to place an order, as it is put before the governor (spec/contract.md, `stream:apply.plan`). */
import { PLAN_ID_GRAMMAR, SYMBOL_GRAMMAR } from '../contract/symbol.ts';
import { checkName, writeFields } from './fields.ts';

/** What a plan wants to do; any other text is an opening too. */
export type PlanAction =
  'OPEN_PROPOSED' | 'FULL_CLOSE_PROPOSED' | 'PARTIAL_75' | 'PARTIAL_50' | 'PARTIAL_25' | (string & {});

export interface Plan {
  /** Letters, digits, dots, dashes, underscores; at most 128. A new one for every try. */
  readonly planId: string;
  /** Upper case, without separator: `BTCUSDT`. */
  readonly symbol: string;
  readonly action: PlanAction;
  readonly side?: 'BUY' | 'SELL' | 'LONG' | 'SHORT' | null;
  /** In units of the base asset, above 0. */
  readonly qty?: number | null;
  /** USD for one unit, above 0. */
  readonly price?: number | null;
  /** USD, above 0. */
  readonly notionalUsd?: number | null;
  /** 0..1. */
  readonly killScore?: number | null;
  /** 0..1. */
  readonly confidence?: number | null;
  readonly regimeFlip?: number | null;
  /** It only reduces a position, whatever its action says. */
  readonly reduceOnly?: boolean;
  readonly bot?: string | null;
  /** When it was made, Unix seconds; absent: now. An old plan is not judged. */
  readonly timestamp?: number;
}

/** The fields of the plan's entry. Throws `RangeError` on a name outside its grammar and on a number that is not finite. */
export function planFields(plan: Plan, nowSec: number): string[] {
  checkName('plan id', plan.planId, PLAN_ID_GRAMMAR);
  checkName('symbol', plan.symbol, SYMBOL_GRAMMAR);
  return writeFields({
    plan_id: plan.planId,
    symbol: plan.symbol,
    action: plan.action,
    decision: 'EXECUTE',
    side: plan.side,
    qty: plan.qty,
    price: plan.price,
    notional_usd: plan.notionalUsd,
    kill_score: plan.killScore,
    confidence: plan.confidence,
    k_regime_flip: plan.regimeFlip,
    reduceOnly: plan.reduceOnly,
    bot: plan.bot,
    timestamp: plan.timestamp ?? nowSec,
  });
}
