/** What a unit of freqtrade's stake currency is worth in USD. */
import { usdRate } from './currencies.ts';
import type { FormatOptions } from './format.ts';

/** The currency a pair is settled in: `BTC/USDT:USDT` and `BTC/USDT` → `USDT`; null where the pair names none. */
export function settleCurrency(pair: string): string | null {
  const quote = pair.split('/')[1];
  return (quote?.split(':')[1] ?? quote)?.toUpperCase() || null;
}

/** USD per unit of it; null where the currency is unknown or no dollar without a rate. */
export function stakeRate(currency: string | null, options: FormatOptions): number | null {
  return currency === null ? null : usdRate(currency, options.usdPer);
}

/** Why an amount cannot be used, and the option that changes it. */
export function notUsdDetail(currency: string | null, pair: string): string {
  if (currency === null) return `no stake currency is given and the pair ${JSON.stringify(pair)} names none`;
  return (
    `amounts are in ${currency}, not USD: --usd-per ${currency}=RATE converts them ` +
    `(--usd-per ${currency}=1 takes them as they are)`
  );
}
