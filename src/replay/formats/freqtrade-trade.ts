/** One freqtrade trade, from a JSON object or a database row, as one execution at its close. */
import type { RejectReason } from '../../contract/reject.ts';
import type { BallastRecord, FormatOptions } from './format.ts';
import { notUsdDetail, settleCurrency, stakeRate } from './freqtrade-currency.ts';

/** A field of a trade by freqtrade's name for it: undefined where the file has no such field, null where it is empty. */
export type Fields = (name: string) => unknown;

/** What the file says about all of its trades. */
export interface TradeOrigin {
  readonly strategy: string | null;
  readonly stakeCurrency: string | null;
  /**
   * Older backtests mark the trades that were left at the end as open, though they closed them at the last price and
   * counted their profit. True where that is so: then a trade with a close date is closed.
   */
  readonly closesLeftOpen: boolean;
}

export interface Refusal {
  readonly reason: RejectReason;
  readonly detail: string;
}

export type TradeReading = { readonly record: BallastRecord } | Refusal | 'open';

/**
 * Reads a trade. Its profit is that of the whole trade: freqtrade adds partial exits, fees and funding into it when
 * the trade closes, so a trade still open realises nothing here and its partial exits come with its close.
 */
export function readTrade(field: Fields, origin: TradeOrigin, options: FormatOptions): TradeReading {
  const isOpen = field('is_open') === true || field('is_open') === 1;
  const closeMs = momentMs(field('close_date'), field('close_timestamp'));
  if (isOpen && !(origin.closesLeftOpen && closeMs !== null)) return 'open';

  const pair = field('pair');
  if (pair === undefined || pair === null || pair === '') {
    return refusal('missing_symbol', 'the trade has no pair');
  }
  if (typeof pair !== 'string') return refusal('bad_symbol', `pair is ${JSON.stringify(pair)}`);
  if (closeMs === null) return refusal('missing_time', 'the trade is closed but has no close_date');
  if (Number.isNaN(closeMs))
    return refusal('bad_time', `close_date is ${JSON.stringify(field('close_date'))}`);
  const entryMs = momentMs(field('open_date'), field('open_timestamp'));
  if (Number.isNaN(entryMs)) return refusal('bad_time', `open_date is ${JSON.stringify(field('open_date'))}`);
  const broken = NUMBERS.find((name) => !isNumberOrEmpty(field(name)));
  if (broken !== undefined) return refusal('bad_number', `${broken} is ${JSON.stringify(field(broken))}`);
  const profit = profitOf(field);
  if (profit === null) return refusal('missing_pnl', 'the trade is closed but has no profit_abs');
  const currency = text(field('stake_currency')) ?? origin.stakeCurrency ?? settleCurrency(pair);
  const rate = stakeRate(currency, options);
  if (rate === null) return refusal('not_usd', notUsdDetail(currency, pair));

  const bot = text(field('strategy')) ?? origin.strategy;
  const record = {
    type: 'execution',
    ts_ms: closeMs,
    symbol: pair,
    realized_pnl: profit * rate,
    side: field('is_short') === true || field('is_short') === 1 ? 'SHORT' : 'LONG',
    qty: number(field, 'amount'),
    price: inUsd(number(field, 'close_rate'), rate),
    stake_usd: inUsd(number(field, 'stake_amount'), rate),
    signal: text(field('enter_tag')) ?? text(field('buy_tag')) ?? bot,
    bot,
    hold_sec: holdSec(field, entryMs, closeMs),
    exit_reason: text(field('exit_reason')) ?? text(field('sell_reason')),
    entry_ts_ms: entryMs,
    entry_price: inUsd(number(field, 'open_rate'), rate),
  };
  return { record: Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) };
}

/** Text of a field without the blanks around it (tags often end in one); null where there is none. */
export function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A number field of a row that `isNumberOrEmpty` passed; null where it is absent. */
export function number(field: Fields, name: string): number | null {
  const value = field(name);
  return typeof value === 'number' ? value : null;
}

function isNumberOrEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'number' && Number.isFinite(value));
}

/**
 * A moment in ms since 1970. The date counts, always in UTC, and the timestamp adds the milliseconds it leaves out;
 * where they disagree the timestamp is wrong (older versions took UTC for local time). Null if neither is given,
 * NaN if there is one that is no moment.
 */
export function momentMs(date: unknown, timestamp?: unknown): number | null {
  const stamp = typeof timestamp === 'number' ? timestamp : null;
  if (date === undefined || date === null || date === '') return stamp;
  const ms = typeof date === 'number' ? epochMs(date) : typeof date === 'string' ? parseDate(date) : NaN;
  return stamp !== null && Math.abs(stamp - ms) < 1000 ? stamp : ms;
}

const NUMBERS = [
  'profit_abs',
  'close_profit_abs',
  'amount',
  'open_rate',
  'close_rate',
  'stake_amount',
  'trade_duration',
  'fee_open',
  'fee_close',
] as const;

const DATE = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?\s?(Z|[+-]\d\d:?\d\d)?$/;

function parseDate(value: string): number {
  const [, year, month, day, time, fraction = '', zone = 'Z'] = DATE.exec(value) ?? [];
  if (year === undefined) return NaN;
  // Date.parse takes 30 February for 2 March.
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return NaN;
  // Databases hold microseconds: to the nearest millisecond.
  return Date.parse(`${year}-${month}-${day}T${time}${zone}`) + Math.round(Number(`0${fraction}`) * 1000);
}

/** Seconds or milliseconds: seconds reach 1e11 in the year 5138, milliseconds passed it in 1973. */
function epochMs(value: number): number {
  return Math.abs(value) < 1e11 ? value * 1000 : value;
}

/** Profit in stake currency. Databases from before freqtrade kept it are completed as its own migration does. */
function profitOf(field: Fields): number | null {
  const given = number(field, 'profit_abs') ?? number(field, 'close_profit_abs');
  const isKept = field('profit_abs') !== undefined || field('close_profit_abs') !== undefined;
  if (given !== null || isKept) return given;
  const amount = number(field, 'amount');
  const openRate = number(field, 'open_rate');
  const closeRate = number(field, 'close_rate');
  const feeOpen = number(field, 'fee_open');
  const feeClose = number(field, 'fee_close');
  if (amount === null || openRate === null || closeRate === null || feeOpen === null || feeClose === null) {
    return null;
  }
  return amount * closeRate * (1 - feeClose) - amount * openRate * (1 + feeOpen);
}

/** From the dates, which are exact; else from the duration in minutes. */
function holdSec(field: Fields, entryMs: number | null, closeMs: number): number | null {
  if (entryMs !== null) return (closeMs - entryMs) / 1000;
  const minutes = number(field, 'trade_duration');
  return minutes === null ? null : minutes * 60;
}

function inUsd(value: number | null, rate: number): number | null {
  return value === null ? null : value * rate;
}

function refusal(reason: RejectReason, detail: string): Refusal {
  return { reason, detail };
}
