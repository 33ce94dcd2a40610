/** The one form of a symbol: upper case, `BASE/QUOTE` and `BASE/QUOTE:SETTLE` as `BASEQUOTE`, venues' own names by alias. */

export const SYMBOL_GRAMMAR = /^[A-Z0-9][A-Z0-9._-]{0,63}$/;
export const PLAN_ID_GRAMMAR = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const RAW = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
/** Hyperliquid names its spot pairs by number; they trade against USDC. */
const NUMBERED_SPOT = /^@(\d{1,6})$/;
const PAIR = /^([A-Z0-9._-]+)\/([A-Z0-9._]+?)(?::[A-Z0-9._]+?)?(-[A-Z0-9-]+)?$/;

/**
 * The canonical symbol, or null where the name fits no grammar. `aliases` maps a venue's name (as given, or in upper
 * case) to a symbol. The expiry of a dated contract (`BTC/USDT:USDT-241227`) stays, since it is another instrument.
 */
export function canonicalSymbol(raw: unknown, aliases: ReadonlyMap<string, string>): string | null {
  if (typeof raw !== 'string') return null;
  if (aliases !== knownFor || known.size >= MAX_KNOWN) {
    known.clear();
    knownFor = aliases;
  }
  const before = known.get(raw);
  if (before !== undefined) return before;
  const symbol = canonical(raw, aliases);
  if (symbol !== null) known.set(raw, symbol);
  return symbol;
}

/** Names met and what they mean: the same few hundred come again with every execution. */
const known = new Map<string, string>();
const MAX_KNOWN = 10_000;
let knownFor: ReadonlyMap<string, string> | null = null;

function canonical(raw: string, aliases: ReadonlyMap<string, string>): string | null {
  const alias = aliases.get(raw) ?? aliases.get(raw.toUpperCase());
  if (alias !== undefined) return SYMBOL_GRAMMAR.test(alias) ? alias : null;
  const numbered = NUMBERED_SPOT.exec(raw);
  if (numbered !== null) return `SPOT${numbered[1]}USD`;
  if (!RAW.test(raw)) return null;
  const upper = raw.toUpperCase();
  const pair = PAIR.exec(upper);
  const symbol = pair === null ? upper : `${pair[1]}${pair[2]}${pair[3] ?? ''}`;
  const named = aliases.get(symbol) ?? symbol;
  return SYMBOL_GRAMMAR.test(named) ? named : null;
}
