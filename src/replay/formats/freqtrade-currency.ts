/** What a unit of freqtrade's stake currency is worth in USD. */
import type { FormatOptions } from './format.ts';

const DOLLARS = new Set(['USD', 'USDT', 'USDC', 'BUSD', 'DAI', 'TUSD', 'FDUSD', 'USDP', 'UST']);

/** The currency a pair is settled in: `BTC/USDT:USDT` and `BTC/USDT` → `USDT`; null where the pair names none. */
export function settleCurrency(pair: string): string | null {
  const quote = pair.split('/')[1];
  return (quote?.split(':')[1] ?? quote)?.toUpperCase() || null;
}

/** USD per unit. A rate the user gave wins, dollar coins are one for one; null for any other currency. */
export function usdRate(currency: string | null, options: FormatOptions): number | null {
  if (currency === null) return null;
  const name = currency.toUpperCase();
  return options.usdPer.get(name) ?? (DOLLARS.has(name) ? 1 : null);
}

/** Why an amount cannot be used, and the option that changes it. */
export function notUsdDetail(currency: string | null, pair: string): string {
  if (currency === null) return `no stake currency is given and the pair ${JSON.stringify(pair)} names none`;
  return (
    `amounts are in ${currency}, not USD: --usd-per ${currency}=RATE converts them ` +
    `(--usd-per ${currency}=1 takes them as they are)`
  );
}
