/** Closed trades, and the fills they were made of, out of the database of a freqtrade bot. */
import type { Database } from 'sql.js';
import type { FormatOptions, ReadItem, Source } from './format.ts';
import { notUsdDetail, settleCurrency, stakeRate } from './freqtrade-currency.ts';
import { hasTable, rows, withDatabase } from './freqtrade-database.ts';
import { readWhole } from './freqtrade-source.ts';
import { momentMs, number, readTrade, text } from './freqtrade-trade.ts';
import type { Fields, TradeOrigin } from './freqtrade-trade.ts';

/** One filled order of a bot, as the exchange reported it. */
export interface BotFill {
  /** When it was filled, ms since 1970. */
  readonly ts_ms: number;
  /** The pair as freqtrade writes it. */
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  /** Base coin, less the part of it the exchange kept as its fee where the database tells. */
  readonly qty: number;
  /** USD. */
  readonly price: number;
  /** USD paid, at the rate freqtrade knows for that side of the trade. */
  readonly fee_usd: number;
  /** USD of funding since the fill before: received above zero, paid below. */
  readonly funding_usd: number;
  readonly trade_id: number;
  readonly order_id: string | null;
  readonly signal: string | null;
  readonly bot: string | null;
}

/** A fill, or why an order that was filled cannot be used. `line` counts the rows of `orders`. */
export type FillItem =
  { readonly line: number; readonly fill: BotFill } | Extract<ReadItem, { readonly reason: unknown }>;

const ORIGIN: TradeOrigin = { strategy: null, stakeCurrency: null, closesLeftOpen: false };

/** Closed trades in order of their ids; a trade's line is its row. Throws `InputError` as `withDatabase` does. */
export function databaseTrades(
  bytes: Uint8Array,
  source: Source,
  options: FormatOptions,
): AsyncGenerator<ReadItem> {
  return withDatabase(bytes, source, function* (database) {
    const orders = filledOrders(database);
    let line = 0;
    for (const field of rows(database, 'trades', 'id')) {
      line += 1;
      const reading = readTrade(field, ORIGIN, options);
      if (reading === 'open') continue;
      const id = Number(field('id'));
      if ('record' in reading) {
        const orderId = text(orders.get(id)?.at(-1)?.field('order_id'));
        yield { line, record: orderId === null ? reading.record : { ...reading.record, order_id: orderId } };
      } else {
        yield {
          line,
          reason: reading.reason,
          detail: `trade ${id}: ${reading.detail}`,
          raw: rawTrade(field),
        };
      }
    }
  });
}

/**
 * Filled orders of all trades, open ones too, in order of time. With their fees and funding they add up to the profit
 * of the closed trades. None where the database is of a version that kept no orders.
 */
export async function databaseFills(source: Source, options: FormatOptions): Promise<FillItem[]> {
  const items: FillItem[] = [];
  const bytes = await readWhole(source);
  for await (const item of withDatabase(bytes, source, (database) => fillsOf(database, options)))
    items.push(item);
  return items.sort((a, b) => timeOf(a) - timeOf(b) || a.line - b.line);
}

function* fillsOf(database: Database, options: FormatOptions): Generator<FillItem> {
  const trades = new Map([...tradeTerms(database)].map((trade) => [trade.id, trade]));
  for (const [tradeId, orders] of filledOrders(database)) {
    const trade = trades.get(tradeId);
    const rate = trade === undefined ? null : stakeRate(trade.currency, options);
    for (const order of orders) {
      const { line, field } = order;
      const raw = JSON.stringify({ id: field('id'), ft_trade_id: tradeId, order_id: field('order_id') });
      if (trade === undefined) {
        yield { line, reason: 'bad_row', detail: 'the order belongs to no trade', raw };
      } else if (rate === null) {
        yield { line, reason: 'not_usd', detail: notUsdDetail(trade.currency, trade.pair), raw };
      } else {
        const fill = fillOf(order, orders, trade, rate);
        const detail = 'the filled order lacks a time, a price or a side';
        yield fill === null ? { line, reason: 'missing_field', detail, raw } : { line, fill };
      }
    }
  }
}

/** `orders` are all filled orders of the trade. Null where the order lacks what makes it a fill. */
function fillOf(order: Order, orders: readonly Order[], trade: TradeTerms, usdPer: number): BotFill | null {
  const { field, filled } = order;
  const tsMs =
    momentMs(field('order_filled_date')) ??
    momentMs(field('order_update_date')) ??
    momentMs(field('order_date'));
  const side = orderSide(field);
  const price = fillPrice(field, filled);
  if (tsMs === null || Number.isNaN(tsMs) || price === null || side === null) return null;
  const qty = filledQty(order, orders, trade);
  const feeRate = side === trade.entrySide ? trade.feeOpen : trade.feeClose;
  // Older versions knew the funding of a trade only as a whole: all of it comes with the last fill.
  const wholeFunding = order === orders.at(-1) ? trade.funding : 0;
  const funding = field('funding_fee') === undefined ? wholeFunding : (number(field, 'funding_fee') ?? 0);
  return {
    ts_ms: tsMs,
    symbol: trade.pair,
    side,
    qty,
    price: price * usdPer,
    fee_usd: qty * price * feeRate * usdPer,
    funding_usd: funding * usdPer,
    trade_id: trade.id,
    order_id: text(field('order_id')),
    signal: trade.signal,
    bot: trade.bot,
  };
}

/** The average paid. Where it was not kept, cost tells it; `price` is the limit, which the exchange may have bettered. */
function fillPrice(field: Fields, filled: number): number | null {
  const cost = number(field, 'cost');
  const paid = cost === null || cost <= 0 ? null : cost / filled;
  return number(field, 'average') ?? paid ?? number(field, 'price');
}

/**
 * Older versions kept what remained of an entry after a fee in base coin only in the trade's amount. They knew no
 * partial exits, so that amount is still the entry's.
 */
function filledQty(order: Order, orders: readonly Order[], trade: TradeTerms): number {
  const { field, filled } = order;
  if (field('ft_fee_base') !== undefined) return filled - (number(field, 'ft_fee_base') ?? 0);
  const entries = orders.filter((other) => orderSide(other.field) === trade.entrySide);
  return entries.length === 1 && entries[0] === order ? Math.min(filled, trade.amount ?? filled) : filled;
}

/** A stop loss order's side is in `side` alone. */
function orderSide(field: Fields): 'BUY' | 'SELL' | null {
  const side = (text(field('side')) ?? text(field('ft_order_side')))?.toUpperCase();
  return side === 'BUY' || side === 'SELL' ? side : null;
}

/** What a trade says that holds for its orders. */
interface TradeTerms {
  readonly id: number;
  readonly pair: string;
  readonly currency: string | null;
  readonly entrySide: 'BUY' | 'SELL';
  readonly amount: number | null;
  readonly feeOpen: number;
  readonly feeClose: number;
  readonly funding: number;
  readonly signal: string | null;
  readonly bot: string | null;
}

function* tradeTerms(database: Database): Generator<TradeTerms> {
  for (const field of rows(database, 'trades', 'id')) {
    const pair = text(field('pair')) ?? '';
    const bot = text(field('strategy'));
    yield {
      id: Number(field('id')),
      pair,
      currency: text(field('stake_currency')) ?? settleCurrency(pair),
      entrySide: field('is_short') === 1 ? 'SELL' : 'BUY',
      amount: number(field, 'amount'),
      feeOpen: number(field, 'fee_open') ?? 0,
      feeClose: number(field, 'fee_close') ?? 0,
      funding: number(field, 'funding_fees') ?? 0,
      signal: text(field('enter_tag')) ?? text(field('buy_tag')) ?? bot,
      bot,
    };
  }
}

/** An order of which something was filled. */
interface Order {
  readonly line: number;
  readonly field: Fields;
  /** Base coin. */
  readonly filled: number;
}

/** Trade id → its filled orders, oldest first. None where the database is of a version that kept no orders. */
function filledOrders(database: Database): Map<number, Order[]> {
  const byTrade = new Map<number, Order[]>();
  if (!hasTable(database, 'orders')) return byTrade;
  let line = 0;
  for (const field of rows(database, 'orders', 'id')) {
    line += 1;
    const filled = number(field, 'filled') ?? 0;
    if (field('ft_is_open') === 1 || filled <= 0) continue;
    const tradeId = Number(field('ft_trade_id'));
    const orders = byTrade.get(tradeId);
    if (orders === undefined) byTrade.set(tradeId, [{ line, field, filled }]);
    else orders.push({ line, field, filled });
  }
  return byTrade;
}

function timeOf(item: FillItem): number {
  return 'fill' in item ? item.fill.ts_ms : -Infinity;
}

const RAW_COLUMNS = [
  'id',
  'pair',
  'stake_currency',
  'open_date',
  'close_date',
  'close_profit_abs',
  'strategy',
];

function rawTrade(field: Fields): string {
  return JSON.stringify(Object.fromEntries(RAW_COLUMNS.map((column) => [column, field(column)])));
}
