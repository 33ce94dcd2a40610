/**
 * `trades-csv`: closed trades, one a row, with a profit column. Profit is taken as net of fees (the contract's meaning);
 * only OKX's position history, whose profit is before costs, has its fee and funding columns added.
 * A profit in another currency than USD, named by the row, the cell or the quote of the symbol, needs `usdPer`.
 */
import type { RejectReason } from '../../contract/reject.ts';
import { isFillHeader, tradeTable, type TradeColumn, type TradeTable } from './columns.ts';
import { learnConventions, type Conventions } from './conventions.ts';
import { readCsv, readHead, sniffCsv, type CsvHead, type CsvRow } from './csv.ts';
import { isDollar, pairOf, UsdRates, coin } from './currencies.ts';
import { parseDecimal } from './decimals.ts';
import {
  InputError,
  type BallastRecord,
  type Format,
  type FormatOptions,
  type ReadItem,
  type Source,
} from './format.ts';
import { timeZone, type TimeZone } from './time-zone.ts';
import { parseTime } from './timestamps.ts';

const PREAMBLE_ROWS = 10;

export const tradesCsv: Format = {
  name: 'trades-csv',
  recognise(head) {
    const rows = sniffCsv(head).rows.slice(0, PREAMBLE_ROWS);
    if (rows.some((row) => isFillHeader(row.cells))) return null;
    const found = rows.find((row) => tradeTable(row.cells, new Map()).missing.length === 0);
    if (found === undefined) return null;
    const costs = found.cells.filter((cell) => COST.test(cell.trim()));
    // Most programs write net profit and show its costs beside it; nobody but the reader knows.
    const note = costs.length === 0 ? '' : `; profit is taken as net of ${costs.join(' and ')}`;
    return `a table of closed trades${note}`;
  },
  read,
};

/** Columns of costs, which `profit` may or may not already be less of. */
const COST = /^(?:commissions?|fees?|swap|funding)\b/i;

interface Context {
  readonly table: TradeTable;
  readonly width: number;
  readonly zone: TimeZone;
  readonly entryZone: TimeZone;
  readonly conventions: Conventions;
  readonly rates: UsdRates;
}

async function* read(source: Source, options: FormatOptions): AsyncGenerator<readonly ReadItem[]> {
  const head = sniffCsv(await readHead(source));
  const { row: header, table } = headerOf(head, source.name, options);
  const at = (columns: readonly TradeColumn[]): number[] =>
    columns.flatMap((column) => table.columns.get(column)?.index ?? []);
  const context: Context = {
    table,
    width: header.cells.length,
    zone: timeZone(table.columns.get('time')?.zone ?? options.timeZone),
    entryZone: timeZone(table.columns.get('entryTime')?.zone ?? options.timeZone),
    conventions: await learnConventions(
      readCsv(source, head, header.line),
      at(['time', 'entryTime']),
      at(['profit', 'quantity', 'price', 'entryPrice', 'fee', 'stake']),
      options.columns,
    ),
    rates: new UsdRates(options.usdPer),
  };
  for await (const batch of readCsv(source, head, header.line)) {
    const items = batch.map((item): ReadItem => {
      if ('problem' in item) return { line: item.line, reason: 'bad_row', detail: item.problem, raw: '' };
      const found = tradeOf(item, context);
      return 'record' in found
        ? { line: item.line, record: found.record }
        : { line: item.line, ...found, raw: item.cells.join(head.delimiter) };
    });
    if (items.length > 0) yield items;
  }
}

type Refused = { readonly reason: RejectReason; readonly detail: string };

function tradeOf(row: CsvRow, context: Context): { readonly record: BallastRecord } | Refused {
  const { table, width } = context;
  const text = (column: TradeColumn): string => row.cells[table.columns.get(column)?.index ?? -1] ?? '';
  const named = (column: TradeColumn): string => `column ${table.columns.get(column)?.header ?? column}`;
  if (row.cells.length < width || row.cells.slice(width).some((cell) => cell !== ''))
    return { reason: 'bad_row', detail: `the row has ${row.cells.length} cells, the header ${width}` };
  const symbol = text('symbol');
  if (symbol === '') return { reason: 'missing_symbol', detail: `${named('symbol')} is empty` };
  if (text('profit') === '') return { reason: 'missing_pnl', detail: `${named('profit')} is empty` };
  if (text('time') === '') return { reason: 'missing_time', detail: `${named('time')} is empty` };
  const time = parseTime(text('time'), context.zone, context.conventions.order);
  if (!time.ok) return { reason: 'bad_time', detail: `${named('time')}: ${time.problem}` };

  const record: BallastRecord = { ts_ms: time.ms, symbol };
  const numbers = new Map<TradeColumn, { value: number; unit: string | null }>();
  for (const column of NUMBERS) {
    if (text(column) === '' || text(column) === '--') continue;
    const parsed = parseDecimal(text(column), context.conventions.mark);
    if (!parsed.ok)
      return { reason: 'bad_number', detail: `row ${row.line}, ${named(column)}: ${parsed.problem}` };
    numbers.set(column, parsed);
  }
  const profit = numbers.get('profit');
  if (profit === undefined) return { reason: 'missing_pnl', detail: `${named('profit')} is empty` };
  const costs = table.addCosts ? (numbers.get('fee')?.value ?? 0) + (numbers.get('funding')?.value ?? 0) : 0;
  const currency = coin(profit.unit ?? (text('currency') || profitCurrency(symbol, table)));
  const rate = context.rates.given(currency);
  if (rate === null)
    return {
      reason: 'not_usd',
      detail: `${named('profit')}: a profit of ${profit.value} ${currency} is not in USD: give --usd-per ${currency}=RATE`,
    };
  record['realized_pnl'] = (profit.value + costs) * rate;
  const fee = numbers.get('fee');
  if (fee !== undefined) record['fee_usd'] = (table.addCosts ? -fee.value : fee.value) * rate;
  for (const [column, field] of NUMBER_FIELDS) {
    const value = numbers.get(column)?.value;
    if (value !== undefined) record[field] = column === 'quantity' ? Math.abs(value) : value;
  }
  const side = sideOf(text('side'), text('closingSide'));
  if (side !== null) record['side'] = side;
  for (const [column, field] of TEXT_FIELDS) if (text(column) !== '') record[field] = text(column);
  if (text('entryTime') !== '') {
    const entry = parseTime(text('entryTime'), context.entryZone, context.conventions.order);
    if (!entry.ok) return { reason: 'bad_time', detail: `${named('entryTime')}: ${entry.problem}` };
    record['entry_ts_ms'] = entry.ms;
    record['hold_sec'] ??= Math.max(0, (time.ms - entry.ms) / 1000);
  }
  return { record };
}

const NUMBERS = ['profit', 'quantity', 'price', 'entryPrice', 'fee', 'funding', 'stake', 'holdSec'] as const;
const NUMBER_FIELDS = [
  ['quantity', 'qty'],
  ['price', 'price'],
  ['entryPrice', 'entry_price'],
  ['stake', 'stake_usd'],
  ['holdSec', 'hold_sec'],
] as const;
const TEXT_FIELDS = [
  ['signal', 'signal'],
  ['exitReason', 'exit_reason'],
  ['regime', 'regime'],
  ['cluster', 'cluster'],
  ['account', 'bot'],
  ['orderId', 'order_id'],
  ['executionId', 'execution_id'],
  ['planId', 'plan_id'],
] as const;

/** LONG or SHORT of the position; a closing side names the order that ended it, so a sale closed a long. */
function sideOf(side: string, closing: string): 'LONG' | 'SHORT' | null {
  const word = (side || closing).toLowerCase();
  if (/\blong\b/.test(word)) return 'LONG';
  if (/\bshort\b/.test(word)) return 'SHORT';
  if (/^(?:buy|b|l)$/.test(word)) return side === '' ? 'SHORT' : 'LONG';
  if (/^(?:sell|s)$/.test(word)) return side === '' ? 'LONG' : 'SHORT';
  return null;
}

/** Where nothing names it, profit is in the quote of the symbol, unless the column says USD. */
function profitCurrency(symbol: string, table: TradeTable): string {
  const header = table.columns.get('profit')?.header ?? '';
  if (/usd/i.test(header)) return 'USD';
  const quote = pairOf(symbol)?.quote;
  return quote === undefined || isDollar(quote) || !/[/_-]/.test(symbol)
    ? (knownQuote(quote) ?? 'USD')
    : quote;
}

/** Without a separator only a currency that is never a stock's ending is believed: `ETHBTC`, `BTCEUR`. */
function knownQuote(quote: string | undefined): string | null {
  return quote !== undefined && ['BTC', 'ETH', 'BNB', 'EUR', 'GBP', 'JPY', 'TRY', 'BRL'].includes(quote)
    ? quote
    : null;
}

function headerOf(head: CsvHead, name: string, options: FormatOptions): { row: CsvRow; table: TradeTable } {
  const rows = head.rows.slice(0, PREAMBLE_ROWS);
  for (const row of rows) {
    const table = tradeTable(row.cells, options.columns);
    if (table.missing.length > 0) continue;
    for (const [column, header] of options.columns)
      if (!/^date[-_]order$/.test(column) && !isThere(row, header))
        throw new InputError(
          `${name}: --columns ${column}=${header}: there is no such column; found ${list(row.cells)}`,
        );
    return { row, table };
  }
  const first = rows.toSorted((a, b) => b.cells.length - a.cells.length)[0];
  if (first === undefined) throw new InputError(`${name}: no table of trades: the file has no rows`);
  const { missing } = tradeTable(first.cells, options.columns);
  throw new InputError(
    `${name}: no table of closed trades is recognised: missing ${list(missing)}; found the columns ` +
      `${list(first.cells)}; name them by --columns ${missing.map((column) => `${column}=NAME`).join(',')}`,
  );
}

function isThere(row: CsvRow, header: string): boolean {
  return tradeTable(row.cells, new Map([['symbol', header]])).columns.has('symbol');
}

function list(names: readonly string[]): string {
  return names.filter((each) => each !== '').join(', ');
}
