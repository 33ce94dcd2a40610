/**
 * Fills as JSON lines: rows with a BUY or SELL, a quantity and a price whose profit is null or absent. Their profit is
 * rebuilt as for `fills-csv`: netted per symbol and bot at average cost, net of `fee_usd` or of `fee_rate` × value.
 * Where `trade_id` names the trade a fill belongs to (entries and exits share it, as bots write it), each trade is netted
 * by itself: coins that fees left over from one must not move the average cost of the next.
 */
import { coin, pairOf } from './currencies.ts';
import type { FillRow } from './fill-row.ts';
import type { Format, FormatOptions, ReadItem, Source } from './format.ts';
import { nettedRecords } from './netted-records.ts';
import { timeZone } from './time-zone.ts';
import { parseTime } from './timestamps.ts';

const UTC = timeZone('UTC');
const BATCH = 1000;

export const fillsJsonl: Format = {
  name: 'fills-csv',
  recognise(head) {
    const lines = new TextDecoder()
      .decode(head)
      .replace(/^\uFEFF/, '')
      .split('\n');
    const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
    const rows = whole
      .filter((line) => line.trim() !== '')
      .slice(0, 50)
      .map(objectOf);
    return rows.length > 0 && rows.every((row) => row !== null && isFill(row)) ? 'fills as JSON lines' : null;
  },
  read,
};

async function* read(source: Source, options: FormatOptions): AsyncGenerator<readonly ReadItem[]> {
  const fills: FillRow[] = [];
  const raw = new Map<number, string>();
  for await (const lines of linesOf(source)) {
    const refused: ReadItem[] = [];
    for (const { line, text } of lines) {
      if (text.trim() === '') continue;
      const found = fillOf(text, line);
      if ('reason' in found) refused.push(found);
      else {
        fills.push(found);
        raw.set(line, text);
      }
    }
    if (refused.length > 0) yield refused;
  }
  let out: ReadItem[] = [];
  for (const item of nettedRecords(byTrade(fills), options.usdPer, (line) => raw.get(line) ?? '')) {
    out.push(item);
    if (out.length < BATCH) continue;
    yield out;
    out = [];
  }
  if (out.length > 0) yield out;
}

/** Trades as legs of their own, where most trade ids have both a purchase and a sale; the id is none of the fill's. */
function byTrade(fills: readonly FillRow[]): FillRow[] {
  const sides = new Map<string, Set<string>>();
  for (const { tradeId, side, symbol } of fills) {
    if (tradeId === '') continue;
    const key = `${symbol}\u0000${tradeId}`;
    const seen = sides.get(key);
    if (seen === undefined) sides.set(key, new Set([side]));
    else seen.add(side);
  }
  const both = [...sides.values()].filter((seen) => seen.size === 2).length;
  const shared = both * 2 > sides.size;
  return fills.map((fill) => ({ ...fill, leg: shared ? fill.tradeId : '', tradeId: '' }));
}

type Row = ReadonlyMap<string, unknown>;

function fillOf(text: string, line: number): FillRow | Extract<ReadItem, { reason: unknown }> {
  const refuse = (reason: Extract<ReadItem, { reason: unknown }>['reason'], detail: string) =>
    ({ line, reason, detail, raw: text }) as const;
  const row = objectOf(text);
  if (row === null) return refuse('not_json', 'the line is no JSON object');
  const symbol = row.get('symbol');
  if (typeof symbol !== 'string' || symbol === '') return refuse('missing_symbol', 'symbol is missing');
  const side = stringOf(row.get('side')).toUpperCase();
  if (side !== 'BUY' && side !== 'SELL')
    return refuse('bad_value', `side ${stringOf(row.get('side'))} is not BUY or SELL`);
  const when = row.get('ts_ms') ?? row.get('timestamp') ?? row.get('ts');
  if (when === undefined || when === null)
    return refuse('missing_time', 'ts_ms, timestamp and ts are missing');
  const time = parseTime(stringOf(when), UTC, null);
  if (!time.ok) return refuse('bad_time', time.problem);
  const qty = numberOf(row.get('qty'));
  const price = numberOf(row.get('price'));
  if (qty === null || price === null) return refuse('bad_number', 'qty and price must be numbers');
  if (!(qty > 0) || !(price > 0)) return refuse('out_of_range', 'qty and price must be above 0');
  const rate = numberOf(row.get('fee_rate') ?? 0);
  const feeUsd =
    row.get('fee_usd') === undefined || row.get('fee_usd') === null ? null : numberOf(row.get('fee_usd'));
  if (rate === null || (feeUsd === null && row.get('fee_usd') !== undefined && row.get('fee_usd') !== null))
    return refuse('bad_number', 'fee_rate and fee_usd must be numbers');
  const pair = pairOf(symbol);
  const quote = pair?.quote ?? 'USD';
  const role = stringOf(row.get('order_role'));
  return {
    kind: 'fill',
    line,
    tsMs: time.ms,
    symbol,
    pair,
    account: stringOf(row.get('account')) || stringOf(row.get('bot')),
    leg: '',
    side,
    qty,
    price,
    fee: feeUsd ?? rate * qty * price,
    feeCurrency: feeUsd === null ? coin(quote) : 'USD',
    contract: { kind: 'linear', multiplier: 1 },
    settle: quote,
    effect: 'either',
    shortAllowed: true,
    venueProfit: null,
    startPosition: numberOf(row.get('start_position')),
    orderId: stringOf(row.get('order_id')),
    tradeId: stringOf(row.get('trade_id')),
    exitReason: stringOf(row.get('exit_reason')) || (/^(?:buy|sell)$/i.test(role) ? '' : role),
    signal: stringOf(row.get('signal')),
  };
}

function isFill(row: Row): boolean {
  // A line that says what it is belongs to the `ballast` format.
  if (row.has('type') || row.has('kind')) return false;
  const profits = ['realized_pnl', 'pnl_usd', 'pnl'].map((name) => row.get(name) ?? null);
  return (
    /^(?:buy|sell)$/i.test(stringOf(row.get('side'))) &&
    numberOf(row.get('qty')) !== null &&
    numberOf(row.get('price')) !== null &&
    profits.every((profit) => profit === null)
  );
}

async function* linesOf(source: Source): AsyncGenerator<{ line: number; text: string }[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  for await (const chunk of source.bytes()) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield parts.map((text) => ({ line: (line += 1), text: text.replace(/^\uFEFF|\r$/g, '') }));
  }
  rest += decoder.decode();
  if (rest !== '') yield [{ line: line + 1, text: rest }];
}

function objectOf(text: string): Row | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // said by the caller as not_json
    throw error;
  }
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'string' && !/^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i.test(value)) return null;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
