/** Permits and blocks as a list: filtered, newest first, held still while one reads; and their gates in words. */
import type { GateRow, Verdict } from '../wire.ts';
import { gateTitle } from './explanation.ts';
import { decimalText } from './format.ts';
import type { Tone } from './tone.ts';

export interface VerdictFilter {
  readonly outcome: 'all' | Verdict['outcome'];
  /** Part of a symbol's name, in any case; empty: all. */
  readonly symbol: string;
  /** A reason of a block; empty: all. */
  readonly reason: string;
}

export const NO_FILTER: VerdictFilter = { outcome: 'all', symbol: '', reason: '' };

/** Newest first. `verdicts` as the snapshot has them, oldest first. */
export function filterVerdicts(verdicts: readonly Verdict[], filter: VerdictFilter): Verdict[] {
  const symbol = filter.symbol.trim().toUpperCase();
  return verdicts
    .filter(
      (verdict) =>
        (filter.outcome === 'all' || verdict.outcome === filter.outcome) &&
        (symbol === '' || verdict.symbol.toUpperCase().includes(symbol)) &&
        (filter.reason === '' || verdict.reason === filter.reason),
    )
    .toReversed();
}

export interface BlockGroup {
  readonly newest: Verdict;
  readonly count: number;
}

/** Blocks of one symbol for one reason together, the newest first: a bot that runs away does not fill the list. */
export function blockGroups(verdicts: readonly Verdict[]): BlockGroup[] {
  const groups = new Map<string, BlockGroup>();
  for (const verdict of filterVerdicts(verdicts, { ...NO_FILTER, outcome: 'blocked' })) {
    const key = JSON.stringify([verdict.symbol, verdict.reason]);
    const { newest, count } = groups.get(key) ?? { newest: verdict, count: 0 };
    groups.set(key, { newest, count: count + 1 });
  }
  return [...groups.values()];
}

/** What is shown while the list is held: what was there then, and how many came since. */
export function heldList<T extends { readonly id: string }>(
  now: readonly T[],
  held: readonly T[] | null,
): { readonly shown: readonly T[]; readonly waiting: number } {
  if (held === null) return { shown: now, waiting: 0 };
  const known = new Set(held.map(({ id }) => id));
  // Both are newest first: what came since stands in front of the first that was there.
  const first = now.findIndex(({ id }) => known.has(id));
  return { shown: held, waiting: first < 0 ? now.length : first };
}

/** Reasons that occur, for a choice, the most frequent first. */
export function reasonsOf(
  verdicts: readonly Verdict[],
): { readonly reason: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { reason } of verdicts) if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['kill_switch_active', 'trading is halted'],
  ['kill_switch_reducing', 'entries are stopped'],
  ['symbol_disarmed', 'the symbol is disarmed'],
  ['invalid_plan', 'the plan is not valid'],
  ['stale_plan', 'the plan is too old'],
  ['would_increase', 'it says reduce, but would increase'],
  ['nothing_to_close', 'there is nothing to close'],
  ['notional_mismatch', 'quantity × price is not its notional'],
  ['price_out_of_range', 'its price is too far from the mark'],
  ['p28_budget_violation', 'beyond the symbol’s risk budget'],
  ['p29_allocation_cap', 'beyond the symbol’s target'],
  ['kill_score_critical_non_close', 'the kill score is critical'],
  ['daily_loss_limit', 'the loss of 24 hours is at its limit'],
  ['hourly_limit_exceeded', 'too many permits this hour'],
  ['burst_limit_exceeded', 'too many permits in 5 minutes'],
  ['symbol_cooldown', 'too soon after the last permit'],
  ['max_positions_reached', 'too many positions are open'],
  ['notional_unknown', 'its size in USD is not known'],
  ['equity_unknown', 'equity is not known'],
  ['notional_per_trade_exceeded', 'larger than one trade may be'],
  ['total_notional_exceeded', 'all positions together would be too large'],
  ['daily_limit_exceeded', 'the notional of 24 hours is at its limit'],
  ['evaluation_error', 'a gate failed'],
  ['no_plan', 'the execution names no plan'],
  ['no_permit', 'the plan never had a permit'],
  ['not_taken', 'its permit was never taken'],
  ['other_symbol', 'permitted for another symbol'],
  ['other_side', 'permitted for the other side'],
  ['exceeded', 'more was filled than permitted'],
]);

/** In plain words; a reason that is not known here as it is, spaces for underscores. */
export function reasonText(reason: string): string {
  return REASONS.get(reason) ?? reason.replaceAll('_', ' ');
}

/** `BUY to open`, `SELL to close`; what is not known is left out. */
export function sideText({ side, reduce_only: isReducing }: Pick<Verdict, 'side' | 'reduce_only'>): string {
  return [side, isReducing ? 'to close' : 'to open'].filter((part) => part !== null).join(' ');
}

/** `12,959.26, limit 10,000`; empty where nothing was compared. */
export function comparedText({ value, limit }: Pick<Verdict, 'value' | 'limit'>): string {
  if (value === null) return '';
  return limit === null ? compactText(value) : `${compactText(value)}, limit ${compactText(limit)}`;
}

export interface GateView {
  readonly gate: string;
  readonly tone: Tone;
  /** `pass`, `block`, `would block`, `not evaluated` */
  readonly word: string;
  readonly why: string | null;
  readonly value: string | null;
  readonly limit: string | null;
  readonly setting: string | null;
}

const OUTCOMES: { readonly [O in GateRow['outcome']]: { readonly tone: Tone; readonly word: string } } = {
  pass: { tone: 'ok', word: 'pass' },
  block: { tone: 'bad', word: 'block' },
  would_block: { tone: 'warn', word: 'would block' },
  not_evaluated: { tone: 'neutral', word: 'not evaluated' },
};

/** In order of judging. `would block`: the gate is in shadow and let it pass. */
export function gateViews(gates: readonly GateRow[]): GateView[] {
  return gates.map(({ gate, outcome, enforced, reason, value, limit, setting, note }) => {
    const words = [
      reason === null ? null : reasonText(reason),
      note === '' ? null : note,
      enforced || outcome === 'not_evaluated' ? null : 'in shadow: it only tells',
    ].filter((word) => word !== null);
    return {
      gate: gateTitle(gate),
      ...OUTCOMES[outcome],
      why: words.length === 0 ? null : words.join('; '),
      value: value === null ? null : compactText(value),
      limit: limit === null ? null : compactText(limit),
      setting: setting === '' ? null : setting,
    };
  });
}

/** As many digits as say something: `5,000`, `349.5`, `0.4444`. */
export function compactText(value: number): string {
  if (Number.isInteger(value)) return decimalText(value, 0);
  const size = Math.abs(value);
  const text = decimalText(value, size >= 100 ? 2 : size >= 1 ? 3 : 4);
  return /[1-9]/.test(text)
    ? text.replace(/0+$/, '').replace(/\.$/, '')
    : `${value < 0 ? '>\u2212' : '<'}0.0001`;
}
