/** Trades out of freqtrade's JSON: backtest results with one or several strategies, and exported lists of trades. */
import { InputError } from './format.ts';
import type { FormatOptions, ReadItem } from './format.ts';
import { readTrade, text } from './freqtrade-trade.ts';
import type { TradeOrigin } from './freqtrade-trade.ts';

/** V8 holds no longer string. */
const MAX_JSON_BYTES = 512 * 1024 * 1024 - 64;

/**
 * What the first bytes of a file are, in a few words; null if they are not freqtrade's. Looks for what only freqtrade
 * writes, so that lines of JSON with a `strategy` or a `pair` are not taken for it.
 */
export function recogniseJson(head: string): string | null {
  const start = head.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('{') && /"strategy"\s*:\s*\{/.test(start)) return 'freqtrade backtest result';
  if (/^\[\s*\[\s*"[^"]*\/[^"]*"\s*,\s*-?\d/.test(start))
    return 'freqtrade backtest result of a very old version';
  const isList = start.startsWith('[') || (start.startsWith('{') && /"trades"\s*:\s*\[/.test(start));
  const isTrades = /"pair"\s*:/.test(start) && /"(?:close_)?profit_abs"\s*:/.test(start);
  return isList && isTrades ? 'freqtrade trades' : null;
}

/** Parses a whole file. Throws `InputError` with the place where it stops being JSON. */
export function parseJson(bytes: Uint8Array, name: string): unknown {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new InputError(
      `${name}: ${bytes.length} bytes of JSON are more than can be read (${MAX_JSON_BYTES})`,
    );
  }
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  try {
    return JSON.parse(content);
  } catch (error) {
    const plain = withoutNaN(content);
    if (plain !== content) return parseJson(Buffer.from(plain), name);
    throw new InputError(`${name}: ${whereItBreaks(content, error)}`);
  }
}

export function isBacktestResult(value: unknown): boolean {
  return isObject(value) && isObject(own(value, 'strategy'));
}

/** Every closed trade of a parsed file; a trade's line is its place in the list, over all strategies. */
export function* jsonTrades(value: unknown, name: string, options: FormatOptions): Generator<ReadItem> {
  let line = 0;
  for (const { trades, origin } of tradeLists(value, name)) {
    for (const trade of trades) {
      line += 1;
      const item = readEntry(trade, line, origin, options);
      if (item !== null) yield item;
    }
  }
}

interface TradeList {
  readonly trades: readonly unknown[];
  readonly origin: TradeOrigin;
}

function tradeLists(value: unknown, name: string): TradeList[] {
  const origin = { strategy: null, stakeCurrency: null, closesLeftOpen: false };
  if (Array.isArray(value)) return [{ trades: value, origin }];
  if (isObject(value)) {
    const strategies = own(value, 'strategy');
    if (isObject(strategies)) {
      return Object.entries(strategies).map(([strategy, result]) => backtestOf(strategy, result, name));
    }
    const trades = own(value, 'trades');
    if (Array.isArray(trades)) return [{ trades, origin }];
    const latest = own(value, 'latest_backtest');
    if (typeof latest === 'string')
      throw new InputError(`${name}: only points to a result: read ${latest} instead`);
  }
  throw new InputError(
    `${name}: JSON, but no freqtrade result: expected {"strategy": {NAME: {"trades": [...]}}}, {"trades": [...]} ` +
      `or a list of trades`,
  );
}

function backtestOf(strategy: string, result: unknown, name: string): TradeList {
  const trades = isObject(result) ? own(result, 'trades') : undefined;
  if (!isObject(result) || !Array.isArray(trades)) {
    throw new InputError(
      `${name}: the result of strategy ${JSON.stringify(strategy)} holds no list "trades"`,
    );
  }
  const stakeCurrency = text(own(result, 'stake_currency'));
  return { trades, origin: { strategy: text(strategy), stakeCurrency, closesLeftOpen: true } };
}

function readEntry(
  trade: unknown,
  line: number,
  origin: TradeOrigin,
  options: FormatOptions,
): ReadItem | null {
  if (Array.isArray(trade)) {
    // The columns are pair, profit_percent, open_date, close_date, index, trade_duration, open_rate, close_rate,
    // open_at_end, sell_reason: neither stake nor amount, so no profit in money can be had from them.
    const detail =
      'freqtrade before 2020.7 wrote profit in percent only, without stake: run the backtest again';
    return { line, reason: 'missing_pnl', detail, raw: JSON.stringify(trade) };
  }
  if (!isObject(trade)) return { line, reason: 'bad_row', detail: 'not a trade', raw: JSON.stringify(trade) };
  const reading = readTrade((field) => own(trade, field), origin, options);
  if (reading === 'open') return null;
  if (!('record' in reading))
    return { line, ...reading, raw: JSON.stringify({ ...trade, orders: undefined }) };
  const orderId = closingOrderId(own(trade, 'orders'));
  return { line, record: orderId === null ? reading.record : { ...reading.record, order_id: orderId } };
}

/** The exchange's number of the last exit order; a backtest's orders have none. */
function closingOrderId(orders: unknown): string | null {
  if (!Array.isArray(orders)) return null;
  const last: unknown = orders.findLast(
    (order: unknown) =>
      isObject(order) && own(order, 'ft_is_entry') === false && own(order, 'is_open') !== true,
  );
  return isObject(last) ? text(own(last, 'order_id')) : null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

/** Python writes NaN and Infinity, which are no JSON, where a number is unknown. */
function withoutNaN(content: string): string {
  return content.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gs, (token) =>
    token.startsWith('"') ? token : 'null',
  );
}

function whereItBreaks(content: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = Number(/at position (\d+)/.exec(message)?.[1]);
  if (/Unexpected end|Unterminated/.test(message) || position >= content.length) {
    return 'the JSON ends in the middle: the file is cut off, get it again';
  }
  // V8 gives no position for some of its messages, but quotes the place.
  if (Number.isNaN(position)) return `no JSON: ${message}`;
  const before = content.slice(0, position);
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return `no JSON at line ${line}, column ${column}: ${JSON.stringify(content.slice(position, position + 20))}`;
}
