/** Which currency a symbol is quoted in, and what a unit of a currency is worth in USD. */

/** These count as USD, one for one. */
const DOLLARS = new Set(['USD', 'USDT', 'USDC', 'BUSD', 'DAI', 'TUSD', 'FDUSD', 'USDP']);
/** Quotes as symbols without a separator end in them; the first that fits wins, so longer ones come first. */
const QUOTES = [
  ...[
    'FDUSD',
    'USDT',
    'USDC',
    'BUSD',
    'TUSD',
    'DAI',
    'USD',
    'EUR',
    'GBP',
    'JPY',
    'TRY',
    'BRL',
    'AUD',
    'CAD',
    'CHF',
  ],
  ...['ZAR', 'PLN', 'KRW', 'XBT', 'BTC', 'ETH', 'BNB'],
];

export interface Pair {
  readonly base: string;
  readonly quote: string;
}

export function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}

/** Base and quote of `BTC/USDT:USDT`, `BTC-USD-SWAP`, `BTCUSDT`, `XXBTZUSD`, `BTCUSD_PERP`; null if it names no quote. */
export function pairOf(symbol: string): Pair | null {
  const upper = symbol.toUpperCase().replace(/:.*$/, '');
  const separated = /^([A-Z0-9]+)[/_-]([A-Z]+)(?:[_-].*)?$/.exec(upper);
  if (separated?.[1] !== undefined && separated[2] !== undefined && separated[2] !== 'PERP')
    return { base: coin(separated[1]), quote: coin(separated[2]) };
  const legacy = /^X([A-Z]{3})[XZ]([A-Z]{3})$/.exec(upper); // Kraken's four-letter assets
  if (legacy?.[1] !== undefined && legacy[2] !== undefined)
    return { base: coin(legacy[1]), quote: coin(legacy[2]) };
  const joined = upper.replace(/[_-](?:PERP|\d{6})$/, '');
  if (/[A-Z0-9]{2,}PERP$/.test(joined)) return { base: coin(joined.slice(0, -4)), quote: 'USDC' }; // Bybit
  const quote = QUOTES.find((each) => joined.endsWith(each) && baseFits(joined.slice(0, -each.length), each));
  return quote === undefined ? null : { base: coin(joined.slice(0, -quote.length)), quote: coin(quote) };
}

/** XBTUSD and BNBUSD are quoted in USD, not in TUSD and BUSD: a base of two letters gives the wrong reading away. */
function baseFits(base: string, quote: string): boolean {
  return base.length > (quote === 'TUSD' || quote === 'BUSD' ? 2 : 0) && (base !== 'SHI' || quote !== 'BUSD');
}

/** USD per unit. A rate the user gave goes first, a dollar counts one for one; null for any other currency. */
export function usdRate(currency: string, usdPer: ReadonlyMap<string, number>): number | null {
  const given = usdPer.get(currency.toUpperCase()) ?? usdPer.get(coin(currency));
  return given ?? (isDollar(coin(currency)) ? 1 : null);
}

/** The same, and also by the newest price seen of the coin's own dollar pair. */
export class UsdRates {
  readonly #given: ReadonlyMap<string, number>;
  readonly #seen = new Map<string, number>();

  constructor(usdPer: ReadonlyMap<string, number>) {
    this.#given = new Map([...usdPer].map(([currency, rate]) => [coin(currency), rate]));
  }

  /** Of prices traded: a fee in a coin may be valued by them. */
  see(pair: Pair | null, price: number): void {
    if (pair !== null && isDollar(pair.quote)) this.#seen.set(pair.base, price);
  }

  /** Given rates and dollars only: what profit is converted with. */
  given(currency: string): number | null {
    return usdRate(currency, this.#given);
  }

  /** Also by a price seen: good enough for fees. */
  near(currency: string): number | null {
    return this.given(currency) ?? this.#seen.get(coin(currency)) ?? null;
  }
}

/** One name for bitcoin. */
export function coin(name: string): string {
  const upper = name.toUpperCase();
  return upper === 'XBT' || upper === 'XXBT' ? 'BTC' : upper;
}
