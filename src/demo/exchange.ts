/** The paper exchange: fills what it is asked to at the market's price, worse by spread and impact, and keeps the books. */
import { rounded, type Instrument, type Market } from './market.ts';
import type { Holding } from './bots.ts';

/** Of the notional, each way. */
export const FEE = 0.0003;
const HALF_SPREAD = 0.00006;
/** More of the price for every million USD of an order. */
const IMPACT_PER_MILLION_USD = 0.002;

export interface Fill {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly quantity: number;
  readonly priceUsd: number;
  readonly feeUsd: number;
  /** Net of the fees of both ways; null: it only opened. */
  readonly realisedUsd: number | null;
  /** Since the position was opened. */
  readonly holdSec: number;
}

interface Book {
  quantity: number;
  entryUsd: number;
  /** Fees of the opening that no closing has paid yet. */
  openFeesUsd: number;
  openedAtSec: number;
}

export class PaperExchange {
  readonly #market: Market;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #books = new Map<string, Book>();

  constructor(market: Market, instruments: readonly Instrument[]) {
    this.#market = market;
    this.#instruments = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  }

  /** Null: flat. */
  holding(symbol: string): Holding | null {
    const book = this.#books.get(symbol);
    return book === undefined || book.quantity === 0
      ? null
      : { quantity: book.quantity, entryUsd: book.entryUsd };
  }

  /** Adds to a position, or opens one; null where the quantity rounds to nothing. Throws where it would turn one around. */
  open(symbol: string, side: 'BUY' | 'SELL', quantity: number, nowSec: number): Fill | null {
    const sign = side === 'BUY' ? 1 : -1;
    const filled = this.roundDown(symbol, quantity);
    if (!(filled > 0)) return null;
    const book = this.#bookOf(symbol);
    if (book.quantity * sign < 0) throw new RangeError(`${symbol}: an opening against the position`);
    const priceUsd = this.#priceFor(symbol, sign, filled);
    const before = Math.abs(book.quantity);
    const feeUsd = FEE * filled * priceUsd;
    if (before === 0) book.openedAtSec = nowSec;
    book.entryUsd = (before * book.entryUsd + filled * priceUsd) / (before + filled);
    book.openFeesUsd += feeUsd;
    book.quantity = this.#round(symbol, book.quantity + sign * filled);
    return { symbol, side, quantity: filled, priceUsd, feeUsd, realisedUsd: null, holdSec: 0 };
  }

  /** Closes so much, at most what there is; null where there is nothing to close or the quantity rounds to nothing. */
  close(symbol: string, quantity: number, nowSec: number): Fill | null {
    const book = this.#bookOf(symbol);
    const held = Math.abs(book.quantity);
    const filled = Math.min(held, this.roundDown(symbol, quantity));
    if (!(filled > 0)) return null;
    const sign = Math.sign(book.quantity);
    const priceUsd = this.#priceFor(symbol, -sign, filled);
    const feeUsd = FEE * filled * priceUsd;
    const openFeesUsd = (book.openFeesUsd * filled) / held;
    const realisedUsd = rounded((priceUsd - book.entryUsd) * sign * filled - feeUsd - openFeesUsd, CENTS);
    book.quantity = this.#round(symbol, book.quantity - sign * filled);
    book.openFeesUsd -= openFeesUsd;
    return {
      symbol,
      side: sign > 0 ? 'SELL' : 'BUY',
      quantity: filled,
      priceUsd,
      feeUsd,
      realisedUsd,
      holdSec: nowSec - book.openedAtSec,
    };
  }

  /** As the exchange takes it: never more than asked for. */
  roundDown(symbol: string, quantity: number): number {
    const unit = 10 ** this.#instrument(symbol).quantityDecimals;
    // What is a whole number of units but for the last bit stays one.
    return this.#round(symbol, Math.floor(quantity * unit + 1e-6) / unit);
  }

  #bookOf(symbol: string): Book {
    let book = this.#books.get(symbol);
    if (book === undefined) {
      book = { quantity: 0, entryUsd: 0, openFeesUsd: 0, openedAtSec: 0 };
      this.#books.set(symbol, book);
    }
    return book;
  }

  #priceFor(symbol: string, sign: number, quantity: number): number {
    const { priceUsd } = this.#market.quote(symbol);
    const slippage = HALF_SPREAD + (IMPACT_PER_MILLION_USD * quantity * priceUsd) / 1e6;
    return rounded(priceUsd * (1 + sign * slippage), this.#instrument(symbol).priceDecimals + 1);
  }

  #round(symbol: string, quantity: number): number {
    return rounded(quantity, this.#instrument(symbol).quantityDecimals);
  }

  #instrument(symbol: string): Instrument {
    const instrument = this.#instruments.get(symbol);
    if (instrument === undefined) throw new RangeError(`${symbol} is not traded on the paper exchange`);
    return instrument;
  }
}

const CENTS = 2;
