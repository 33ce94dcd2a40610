/** The answer in one sentence, for people who do not know the names of reasons. */
import { countText, pairText, percentText, roughText } from './numbers.ts';
import type { BlockReason } from '../../core/governor/reasons.ts';

/** What was compared, as it was recorded. */
export interface Compared {
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  readonly note: string | null;
}

/** What the recorded plan and settings say besides; null: not recorded. */
export interface Recorded {
  /** What of the plan cannot be used, and why. */
  readonly invalid: string | null;
  /** How far a price may be from the mark price, a share of it. */
  readonly maxPriceDeviation: number | null;
}

const NOTHING_RECORDED: Recorded = { invalid: null, maxPriceDeviation: null };

/** Why a plan was blocked. */
export function blockSentence(
  reason: BlockReason,
  compared: Compared,
  recorded: Recorded = NOTHING_RECORDED,
): string {
  return `Blocked by ${BY[reason]}: ${WHY[reason](compared, recorded)}${namesSetting(reason, compared)}.`;
}

export interface PermitFacts {
  readonly notionalUsd: number | null;
  readonly qty: number | null;
  readonly qtyScale: number;
  readonly downsizeFactor: number;
  readonly reduces: boolean;
  readonly wouldBlock: readonly string[];
}

/** What was permitted, and what would have stopped it. */
export function permitSentence(permit: PermitFacts): string {
  const what = permit.reduces ? 'An exit' : 'An opening';
  const { notionalUsd, qty, qtyScale, downsizeFactor, wouldBlock } = permit;
  const size =
    notionalUsd !== null
      ? ` of ${roughText(notionalUsd, 'USD')} USD`
      : qty !== null
        ? ` of ${roughText(qty, '')}`
        : '';
  const smaller = [
    ...(qtyScale < 1 ? [`cut to ${percentText(qtyScale)}${asked(permit)} for its kill score`] : []),
    ...(downsizeFactor < 1
      ? [`advised at ${percentText(downsizeFactor)} for how well the symbol uses its capital`]
      : []),
  ];
  const shadow =
    wouldBlock.length === 0
      ? ''
      : ` In shadow, and so without effect, ${wouldBlock.join(', ')} would have blocked it.`;
  return `Permitted: ${[`${what.toLowerCase()}${size} passed every gate that is enforced`, ...smaller].join(', ')}.${shadow}`;
}

/** What it was before it was cut. */
function asked({ notionalUsd, qty, qtyScale }: PermitFacts): string {
  if (notionalUsd !== null) return ` of ${roughText(notionalUsd / qtyScale, 'USD')} USD`;
  return qty === null ? '' : ` of ${roughText(qty / qtyScale, '')}`;
}

const BY: Readonly<Record<BlockReason, string>> = {
  kill_switch_active: 'the kill switch',
  kill_switch_reducing: 'the kill switch',
  symbol_disarmed: 'the kill switch',
  invalid_plan: 'the reading of the plan',
  stale_plan: 'the reading of the plan',
  would_increase: 'the reading of the plan',
  nothing_to_close: 'the reading of the plan',
  notional_mismatch: 'the reading of the plan',
  price_out_of_range: 'the reading of the plan',
  p28_budget_violation: 'the budget gate',
  p29_allocation_cap: 'the allocation gate',
  kill_score_critical_non_close: 'the kill-score gate',
  daily_loss_limit: 'the loss gate',
  hourly_limit_exceeded: 'the hourly gate',
  burst_limit_exceeded: 'the burst gate',
  symbol_cooldown: 'the caps gate',
  max_positions_reached: 'the caps gate',
  notional_unknown: 'the caps gate',
  equity_unknown: 'the caps gate',
  notional_per_trade_exceeded: 'the caps gate',
  total_notional_exceeded: 'the caps gate',
  daily_limit_exceeded: 'the daily gate',
  evaluation_error: 'an error',
};

const usd = (value: number | null): string =>
  value === null ? 'an unknown sum' : `${roughText(value, 'USD')} USD`;
const plain = (value: number | null): string => (value === null ? 'unknown' : roughText(value, ''));
const seconds = (value: number | null, beside: number | null): string =>
  value === null ? 'an unknown time' : `${pairText(value, beside ?? value, 's')[0]} s`;
const permits = (value: number | null): string =>
  value === null ? 'an unknown number of permits' : countText(value, 'permit');

const WHY: Readonly<Record<BlockReason, (compared: Compared, recorded: Recorded) => string>> = {
  kill_switch_active: () => 'trading was HALTED, so nothing passes',
  kill_switch_reducing: () => 'trading was REDUCING, so only exits pass',
  symbol_disarmed: () => 'the symbol was disarmed, so only exits pass until someone re-arms it',
  invalid_plan: (_, { invalid }) => invalid ?? 'a name, number or time in it cannot be used',
  stale_plan: ({ value, limit }) =>
    `the plan was ${seconds(value, limit)} old, limit ${seconds(limit, value)}`,
  would_increase: () => 'an exit on the side of the position would make it larger',
  nothing_to_close: () => 'there is no position left to close',
  notional_mismatch: ({ value, limit }) =>
    `it asks for ${usd(value)}, but quantity times price is ${usd(limit)}`,
  price_out_of_range: ({ value, limit }, { maxPriceDeviation }) => priceText(value, limit, maxPriceDeviation),
  p28_budget_violation: ({ value, limit, note }) =>
    value === null
      ? `the symbol's budget is lost (${note ?? 'no record'})`
      : `${usd(value)} would be at risk in the symbol, its budget is ${usd(limit)}`,
  p29_allocation_cap: ({ value, limit, note }) =>
    value === null
      ? `the symbol's target is lost (${note ?? 'no record'})`
      : `${usd(value)} would be at risk in the symbol, its target is ${usd(limit)}`,
  kill_score_critical_non_close: ({ value, limit }) =>
    `a kill score of ${plain(value)}, openings pass below ${plain(limit)}`,
  daily_loss_limit: ({ value, limit }) => `a loss of ${usd(value)} within 24 hours, limit ${usd(limit)}`,
  hourly_limit_exceeded: ({ value, limit }) => `${permits(value)} within an hour, limit ${plain(limit)}`,
  burst_limit_exceeded: ({ value, limit }) => `${permits(value)} within 5 minutes, limit ${plain(limit)}`,
  symbol_cooldown: ({ value, limit }) =>
    `${seconds(value, limit)} since the symbol's last opening, the cooldown is ${seconds(limit, value)}`,
  max_positions_reached: ({ value, limit }) => `${plain(value)} open positions, limit ${plain(limit)}`,
  notional_unknown: () => 'what it is worth in USD is not known',
  equity_unknown: () => 'the equity of the account is not known, or too old',
  notional_per_trade_exceeded: ({ value, limit }) => `${usd(value)} in one trade, limit ${usd(limit)}`,
  total_notional_exceeded: ({ value, limit }) =>
    `${usd(value)} of positions, reservations and this plan together, limit ${usd(limit)}`,
  daily_limit_exceeded: ({ value, limit }) =>
    `${usd(value)} permitted of this symbol within 24 hours with this plan, limit ${usd(limit)}`,
  evaluation_error: ({ note }) => (note ?? 'it could not be judged').replace(/^evaluation error: /, ''),
};

function priceText(price: number | null, mark: number | null, most: number | null): string {
  const [shown, beside] =
    price === null || mark === null ? [plain(price), plain(mark)] : pairText(price, mark, '');
  if (price === null || mark === null || !(mark > 0) || most === null)
    return `its price ${shown} is too far from the mark price ${beside}`;
  // The least that is more than allowed reads as more.
  const apart = Math.max(Math.abs(price / mark - 1), 0);
  const off = percentText(apart);
  const allowed = percentText(most);
  const said = off === allowed ? `more than ${allowed}` : off;
  return `its price ${shown} is ${said} away from the mark price ${beside}, allowed are ${allowed}`;
}

/** The names of thresholds; modes that only armed a gate say nothing more. */
function namesSetting(reason: BlockReason, { setting, value }: Compared): string {
  const isThreshold = setting !== null && value !== null && !setting.endsWith('_MODE');
  return isThreshold && reason !== 'evaluation_error' ? ` (${setting})` : '';
}
