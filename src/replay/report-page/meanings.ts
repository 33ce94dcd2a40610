/** What closed lists of names mean, for readers who never saw the code. */
import { REASON_GATES, type BlockReason, type GateName } from '../../core/governor/reasons.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { Dimension } from '../report/breakdown.ts';

export const DIMENSION_TITLES: Readonly<Record<Dimension, string>> = {
  symbol: 'Symbol',
  bot: 'Bot',
  signal: 'Signal',
  regime: 'Regime',
  cluster: 'Cluster',
  hour: 'Hour of the day (UTC)',
  hour_bucket: 'Part of the day (UTC)',
  weekday: 'Weekday (UTC)',
  exit_reason: 'Exit reason',
  side: 'Side',
};

/** A dimension in the middle of a sentence. */
export function spoken(dimension: Dimension): string {
  const title = DIMENSION_TITLES[dimension];
  return title.charAt(0).toLowerCase() + title.slice(1);
}

export const BLOCK_MEANING: Readonly<Record<BlockReason, string>> = {
  kill_switch_active: 'trading was halted',
  kill_switch_reducing: 'only exits were allowed',
  symbol_disarmed: 'the symbol was disarmed until an operator re-arms it',
  invalid_plan: 'the plan could not be read',
  stale_plan: 'the plan was too old when it arrived',
  would_increase: 'an exit on the side of the position would have made it larger',
  nothing_to_close: 'there was no position to close',
  notional_mismatch: 'the notional and quantity times price of the plan disagree',
  price_out_of_range: 'the price of the plan was far from the market',
  p28_budget_violation: 'the position would have been over the budget of its symbol',
  p29_allocation_cap: 'the position would have been over the target of its symbol',
  kill_score_critical_non_close: 'the kill score of the plan was critical',
  daily_loss_limit: 'the loss of the last 24 hours had reached its limit',
  hourly_limit_exceeded: 'too many openings of the symbol within an hour',
  burst_limit_exceeded: 'too many openings of the symbol within five minutes',
  symbol_cooldown: 'too soon after the last opening of the symbol',
  max_positions_reached: 'too many symbols were open',
  notional_unknown: 'the notional could not be known',
  equity_unknown: 'the equity could not be known',
  notional_per_trade_exceeded: 'one trade larger than its share of the equity',
  total_notional_exceeded: 'all positions together larger than their share of the equity',
  daily_limit_exceeded: 'the openings of the symbol within 24 hours larger than their share of the equity',
  evaluation_error: 'a gate failed inside, and in doubt nothing is permitted',
};

export const REJECT_MEANING: Readonly<Record<RejectReason, string>> = {
  not_json: 'the line is no JSON',
  not_an_object: 'the line is JSON, but no object',
  oversized: 'the line is too long',
  unknown_type: 'a kind of event that is not known',
  missing_symbol: 'no symbol',
  bad_symbol: 'a symbol that cannot be one',
  missing_pnl: 'no profit',
  missing_time: 'no time',
  bad_time: 'a time that cannot be read, or out of range',
  missing_field: 'a field that is needed is not there',
  bad_number: 'a number that cannot be read',
  out_of_range: 'a number outside what is possible',
  bad_value: 'a value that is not one of those known',
  bad_name: 'a name with characters that no name has',
  not_usd: 'money in a currency that is no dollar, and no rate was given',
  fee_not_usd: 'the fill was used, but its fee is in a currency that is no dollar and was not deducted',
  unbalanced_fills: 'fills that close more than was ever opened',
  bad_row: 'a row that does not fit its file',
  too_many_symbols: 'more symbols than are kept',
};

export function gateOf(reason: string): GateName | null {
  return Object.hasOwn(REASON_GATES, reason) ? REASON_GATES[reason as keyof typeof REASON_GATES] : null;
}

/** The meaning of a reason that is known only as text; empty where it is none of the list. */
export function meaningOf(meanings: Readonly<Record<string, string>>, reason: string): string {
  return Object.hasOwn(meanings, reason) ? (meanings[reason] ?? '') : '';
}
