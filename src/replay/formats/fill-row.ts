/** One row of a fill history as what happened: a fill, a funding payment, nothing of interest, or a refusal. */
import type { RejectReason } from '../../contract/reject.ts';
import type { FillColumn, FillTable } from './columns.ts';
import type { Conventions } from './conventions.ts';
import type { CsvRow } from './csv.ts';
import { coin, pairOf, type Pair } from './currencies.ts';
import { parseDecimal } from './decimals.ts';
import type { Contract } from './netting.ts';
import type { TimeZone } from './time-zone.ts';
import { parseTime } from './timestamps.ts';

export interface FillRow {
  readonly kind: 'fill';
  readonly line: number;
  readonly tsMs: number;
  readonly symbol: string;
  readonly pair: Pair | null;
  readonly account: string;
  readonly leg: string;
  readonly side: 'BUY' | 'SELL';
  /** What the position moves by: on spot, fees taken in the coin are already off (or, on a sale, on) it. */
  readonly qty: number;
  readonly price: number;
  /** In `feeCurrency`; positive a cost. */
  readonly fee: number;
  readonly feeCurrency: string;
  readonly contract: Contract;
  /** The currency profit comes in. */
  readonly settle: string;
  readonly effect: 'open' | 'close' | 'either';
  readonly shortAllowed: boolean;
  readonly venueProfit: number | null;
  readonly startPosition: number | null;
  readonly orderId: string;
  readonly tradeId: string;
  readonly exitReason: string;
  readonly signal: string;
}

export interface FundingRow {
  readonly kind: 'funding';
  readonly line: number;
  readonly tsMs: number;
  readonly symbol: string;
  readonly pair: Pair | null;
  readonly account: string;
  /** Positive received, in `currency`. */
  readonly amount: number;
  readonly currency: string;
  /** USD per unit where the row itself tells it (an inverse contract's price); else null. */
  readonly usdPerUnit: number | null;
  readonly tradeId: string;
}

export interface RefusedRow {
  readonly kind: 'refused';
  readonly reason: RejectReason;
  readonly detail: string;
}

/** A row that is known to be neither fill nor funding: a transfer, an order that was only placed. */
export interface OtherRow {
  readonly kind: 'other';
}

export type RowMeaning = FillRow | FundingRow | RefusedRow | OtherRow;

export interface RowContext {
  readonly table: FillTable;
  readonly header: readonly string[];
  readonly zone: TimeZone;
  readonly conventions: Conventions;
}

/** Thrown inside this file only, to leave a row at its first fault. */
class Refusal extends Error {
  readonly reason: RejectReason;
  constructor(reason: RejectReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export function meaningOf(row: CsvRow, context: RowContext): RowMeaning {
  try {
    return new RowReader(row, context).meaning();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: 'refused', reason: error.reason, detail: error.message };
  }
}

const FUNDING = /fund/i;
/** Rows that exports mix in and that move no position: known, so passed over without a word. */
const NO_TRADE =
  /^(?:new|cancel\w*|replaced|rejected|triggered\w*|transfer.*|deposit.*|withdraw.*|interest.*|currency_.*|bonus.*|airdrop.*|convert.*|staking.*|rebate.*|--)$/i;
const NOTHING = new Set(['', '-', '--', 'null', 'none', 'n/a', 'nan']);

class RowReader {
  readonly #row: CsvRow;
  readonly #context: RowContext;

  constructor(row: CsvRow, context: RowContext) {
    this.#row = row;
    this.#context = context;
  }

  meaning(): RowMeaning {
    const { header, table } = this.#context;
    const { cells } = this.#row;
    const extra = cells.slice(header.length).some((cell) => cell !== '');
    if (cells.length < header.length || extra)
      throw new Refusal('bad_row', `the row has ${cells.length} cells, the header ${header.length}`);
    const type = table.venue.name === 'OKX' ? this.#text('side') || this.#text('type') : this.#text('type');
    if (table.venue.name !== 'Kraken' && type !== '' && NO_TRADE.test(type)) return { kind: 'other' };
    if (FUNDING.test(type) || (table.venue.name === 'Bybit transaction log' && /^settlement$/i.test(type)))
      return this.#fundingRow(this.#symbol());
    return this.#fill(type);
  }

  #fill(type: string): FillRow {
    const { venue } = this.#context.table;
    const symbol = this.#symbol();
    const pair = pairOf(symbol);
    const side = sideOf(this.#text('side'), type);
    if (side === null)
      throw new Refusal(
        'bad_value',
        `${this.#named('side')} "${this.#text('side') || type}" is neither a buy nor a sale`,
      );
    const tsMs = this.#time();
    const price = this.#positive('price', pair);
    const quantity = this.#positive('quantity', pair);
    const spot =
      venue.market === 'spot'
        ? !(this.#number('margin', pair)?.value ?? 0)
        : isSpotRow(venue.name, symbol, type);
    if (venue.name === 'Bybit transaction log') this.#refuseSpotLeg(pair);
    const fee = this.#fee(pair, side, spot);
    const terms = this.#terms(symbol, pair, quantity, price, fee.currency);
    const inBase = (spot || venue.market === 'unknown') && pair !== null && fee.currency === pair.base;
    const profit = this.#number('profit', pair)?.value ?? null;
    const qty = inBase ? terms.qty - (side === 'BUY' ? fee.amount : -fee.amount) : terms.qty;
    if (!(qty > 0))
      throw new Refusal('out_of_range', `a fee of ${fee.amount} leaves nothing of the ${terms.qty} traded`);
    return {
      kind: 'fill',
      line: this.#row.line,
      tsMs,
      symbol,
      pair,
      account: this.#text('account'),
      leg: this.#leg(type),
      side,
      qty,
      price,
      fee: fee.amount,
      feeCurrency: fee.currency,
      contract: terms.contract,
      settle: terms.settle,
      effect: effectOf(venue.name === 'OKX' ? this.#text('side') : type),
      shortAllowed: !spot,
      venueProfit: profit !== null && venue.profitAfterFee === true ? profit + fee.amount : profit,
      startPosition: this.#number('startPosition', pair)?.value ?? null,
      orderId: this.#id('orderId'),
      tradeId: this.#id('tradeId'),
      exitReason: /liquidat/i.test(type) ? 'liquidation' : /^settle/i.test(type) ? 'settlement' : '',
      signal: '',
    };
  }

  #fundingRow(symbol: string): FundingRow | OtherRow {
    const { venue } = this.#context.table;
    const pair = pairOf(symbol);
    const tsMs = this.#time();
    const bySettle = venue.name === 'OKX' || venue.name === 'Bybit transaction log';
    // A change of balance where the venue has a column for it, else the fee column, where paying is positive.
    const raw = bySettle ? this.#number('funding', pair) : this.#number('fee', pair);
    const profit = venue.name === 'OKX' ? this.#number('profit', pair) : null;
    const chosen = profit !== null && profit.value !== 0 ? profit : raw;
    if (chosen === null) throw new Refusal('missing_field', 'a funding row without an amount');
    const unit = venue.name === 'BitMEX' ? settleUnit(this.#text('settleCurrency')) : null;
    const inverse = venue.name === 'BitMEX' && isInverseXbt(symbol);
    return {
      kind: 'funding',
      line: this.#row.line,
      tsMs,
      symbol,
      pair,
      account: this.#text('account'),
      amount: (bySettle ? 1 : -1) * chosen.value * (unit?.size ?? 1),
      currency:
        unit?.currency ??
        coin(this.#text('settleCurrency') || this.#text('currency') || (pair?.quote ?? 'USD')),
      usdPerUnit: inverse ? this.#positive('price', pair) : null,
      tradeId: this.#id('tradeId'),
    };
  }

  /** What the quantity counts and what profit comes in. */
  #terms(
    symbol: string,
    pair: Pair | null,
    qty: number,
    price: number,
    feeCurrency: string,
  ): {
    qty: number;
    contract: Contract;
    settle: string;
  } {
    const name = this.#context.table.venue.name;
    const settle = pair?.quote ?? 'USD';
    const linear = { qty, contract: { kind: 'linear', multiplier: 1 } as const, settle };
    if (name === 'BitMEX') return this.#bitmexTerms(symbol, qty, price);
    if (name === 'OKX') {
      const unit = coin(
        this.#text('unit') || (/-(?:SWAP|\d{6})$/i.test(symbol) ? 'cont' : (pair?.base ?? '')),
      );
      if (unit === 'CONT') return { qty, contract: { kind: 'venue' }, settle: coin(feeCurrency || settle) };
      if (pair !== null && unit === pair.quote)
        throw new Refusal(
          'bad_row',
          `amount is in ${unit}, the quote currency: the row of the coin itself carries the trade`,
        );
      return linear;
    }
    const coinMargined = /^(?:1000)?[A-Z0-9]+USD(?:_PERP|_\d{6}|[FGHJKMNQUVXZ]\d{2})?$/.test(symbol);
    if (name === 'Binance futures' && /USD_(?:PERP|\d{6})$/.test(symbol) && pair !== null)
      return {
        qty,
        contract: { kind: 'inverse', multiplier: pair.base === 'BTC' ? 100 : 10 },
        settle: pair.base,
      };
    if (name.startsWith('Bybit') && coinMargined && pair !== null && feeCurrency === pair.base)
      return { qty, contract: { kind: 'inverse', multiplier: 1 }, settle: pair.base };
    return linear;
  }

  /** The execution cost, in units of the settlement currency, tells what a contract is worth. */
  #bitmexTerms(
    symbol: string,
    qty: number,
    price: number,
  ): { qty: number; contract: Contract; settle: string } {
    const unit = settleUnit(this.#text('settleCurrency') || 'XBt');
    if (isInverseXbt(symbol)) return { qty, contract: { kind: 'inverse', multiplier: 1 }, settle: 'BTC' };
    const cost = Math.abs(this.#number('executionCost', null)?.value ?? 0) * unit.size;
    if (cost === 0)
      throw new Refusal(
        'missing_field',
        `the size of a ${symbol} contract is not known without the column execCost`,
      );
    return { qty, contract: { kind: 'linear', multiplier: cost / (qty * price) }, settle: unit.currency };
  }

  #fee(pair: Pair | null, side: 'BUY' | 'SELL', spot: boolean): { amount: number; currency: string } {
    const { venue } = this.#context.table;
    const parsed = this.#number('fee', pair);
    const sign = venue.feeSign === 'balance' ? -1 : 1;
    const named = this.#text('feeCurrency');
    const quote = pair?.quote ?? 'USD';
    if (venue.name === 'BitMEX') {
      const unit = settleUnit(this.#text('settleCurrency') || 'XBt');
      return { amount: (parsed?.value ?? 0) * unit.size, currency: unit.currency };
    }
    let currency = parsed?.unit ?? (NOTHING.has(named.toLowerCase()) ? '' : named);
    // Without a name, these two take the fee from what was received.
    const fromReceived = spot && (venue.name === 'Hyperliquid' || venue.name === 'Bybit spot');
    if (currency === '') currency = fromReceived && side === 'BUY' ? (pair?.base ?? quote) : quote;
    return { amount: sign * (parsed?.value ?? 0), currency: coin(currency) };
  }

  #refuseSpotLeg(pair: Pair | null): void {
    const currency = coin(this.#text('currency'));
    const cash = Math.abs(this.#number('cashFlow', pair)?.value ?? 0);
    const qty = Math.abs(this.#number('quantity', pair)?.value ?? 0);
    if (pair !== null && (currency === pair.base ? pair.quote !== 'USD' : cash === qty && cash > 0))
      throw new Refusal(
        'bad_row',
        'a spot trade stands in two rows of the transaction log: export the spot trade history for it',
      );
  }

  #symbol(): string {
    const text = this.#text('symbol');
    if (text === '') throw new Refusal('missing_symbol', `${this.#named('symbol')} is empty`);
    if (this.#context.table.venue.name !== 'Hyperliquid') return text;
    // Perpetuals go by the coin alone and are quoted in dollars; spot pairs by a number.
    const numbered = /^@(\d+)$/.exec(text);
    if (numbered !== null) return `SPOT${numbered[1]}USD`;
    return /[/:]/.test(text) ? text : `${text}USD`;
  }

  #leg(type: string): string {
    const text = this.#text('positionSide').toUpperCase();
    if (text === 'LONG' || text === 'SHORT') return text;
    if (this.#context.table.venue.name !== 'OKX') return '';
    return /\b(long|short)\b/i.exec(type)?.[1]?.toUpperCase() ?? '';
  }

  #time(): number {
    const text = this.#text('time');
    if (text === '') throw new Refusal('missing_time', `${this.#named('time')} is empty`);
    const parsed = parseTime(text, this.#context.zone, this.#context.conventions.order);
    if (!parsed.ok) throw new Refusal('bad_time', `${this.#named('time')}: ${parsed.problem}`);
    return parsed.ms;
  }

  #positive(column: FillColumn, pair: Pair | null): number {
    const parsed = this.#number(column, pair);
    if (parsed === null) throw new Refusal('missing_field', `${this.#named(column)} is empty`);
    // Some exports sign the quantity of a sale.
    const value = column === 'quantity' ? Math.abs(parsed.value) : parsed.value;
    if (!(value > 0))
      throw new Refusal('out_of_range', `${this.#named(column)} is ${parsed.value}, not above 0`);
    return value;
  }

  #number(column: FillColumn, pair: Pair | null): { value: number; unit: string | null } | null {
    const text = this.#text(column);
    if (NOTHING.has(text.toLowerCase())) return null;
    // Digits within a coin's name (1000SATS, C98) can only be told from the number by that name.
    const raw = [pair?.base, pair?.quote].find((name) => name !== undefined && endsWith(text, name));
    const bare = raw === undefined ? text : text.slice(0, -raw.length);
    const parsed = parseDecimal(bare, this.#context.conventions.mark);
    if (!parsed.ok) throw new Refusal('bad_number', `${this.#named(column)}: ${parsed.problem}`);
    return { value: parsed.value, unit: raw ?? parsed.unit };
  }

  /** Ids that a spreadsheet rounded (`8.95E+14`) identify nothing. */
  #id(column: FillColumn): string {
    const text = this.#text(column);
    return /^\d(?:\.\d+)?E\+?\d+$/i.test(text) || NOTHING.has(text.toLowerCase()) || text === '0' ? '' : text;
  }

  #text(column: FillColumn): string {
    const found = this.#context.table.columns.get(column);
    return found === undefined ? '' : (this.#row.cells[found.index] ?? '');
  }

  #named(column: FillColumn): string {
    return `column ${this.#context.table.columns.get(column)?.header ?? column}`;
  }
}

function sideOf(side: string, type: string): 'BUY' | 'SELL' | null {
  const word = (side || type).toLowerCase().trim();
  if (/^(?:open long|close short|short > long|liquidat\w* .*short)/.test(word)) return 'BUY';
  if (/^(?:open short|close long|long > short|liquidat\w* .*long)/.test(word)) return 'SELL';
  if (/^(?:buy|b|bid|bought|bot|long|true|买入)$/.test(word)) return 'BUY';
  if (/^(?:sell|s|a|ask|sold|sld|short|false|卖出|spot dust conversion)$/.test(word)) return 'SELL';
  return null;
}

function effectOf(words: string): 'open' | 'close' | 'either' {
  const word = words.toLowerCase();
  if (/^open (?:long|short)/.test(word)) return 'open';
  return /^(?:close (?:long|short)|settlement|liquidat)/.test(word) ? 'close' : 'either';
}

/** Venues that mix spot and derivatives in one file. */
function isSpotRow(venue: string, symbol: string, type: string): boolean {
  if (venue === 'Hyperliquid') return /^SPOT\d+USD$/.test(symbol) || symbol.includes('/');
  return venue === 'OKX' && /^(?:[A-Z0-9]+)-(?:[A-Z]+)$/i.test(symbol) && !/margin/i.test(type);
}

/** BitMEX contracts on bitcoin settled in it: XBTUSD and its futures. */
function isInverseXbt(symbol: string): boolean {
  return /^XBT(?:USD|[FGHJKMNQUVXZ]\d{2})$/i.test(symbol);
}

/** BitMEX counts in satoshi (XBt) and millionths of USDT (USDt). */
function settleUnit(currency: string): { size: number; currency: string } {
  if (currency === 'USDt') return { size: 1e-6, currency: 'USDT' };
  return currency === 'XBt' || currency === ''
    ? { size: 1e-8, currency: 'BTC' }
    : { size: 1, currency: coin(currency) };
}

function endsWith(text: string, name: string): boolean {
  return text.toUpperCase().endsWith(name);
}
