/** Lines of the `ballast` format made from a seed: every type of event, in order of time, as a busy feed would send them. */

export interface LineOptions {
  readonly seed: number;
  readonly events: number;
  readonly symbols: number;
  /** Between the first event and the last, about. */
  readonly spanSec: number;
  /** Repeats of execution ids and lines that cannot be used among the others. Default true. */
  readonly dirty?: boolean;
}

/** The same numbers from the same seed, 0 to below 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 2026-01-28T00:00:00Z: off no grid. */
const START_SEC = 1_769_558_400;
const REGIMES = ['TREND', 'MEAN_REVERSION', 'CHOP'];
const SIGNALS = ['breakout', 'pullback', 'funding', '__proto__', 'grüße'];

export function* eventLines({
  seed,
  events,
  symbols,
  spanSec,
  dirty = true,
}: LineOptions): Generator<string> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const among = (names: readonly string[]): string => names[below(names.length)]!;
  const context = { below, random, among, symbolOf: () => `S${below(symbols)}USDT` };
  for (let i = 0; i < events; i++) {
    // Some events share a millisecond.
    const elapsed = Math.floor(((i - (i % 3 === 0 ? 1 : 0)) / events) * spanSec * 1000) / 1000;
    const ts = Math.round((START_SEC + Math.max(0, elapsed)) * 1000) / 1000;
    const kind = random();
    if (dirty && kind < 0.01) yield badLine(ts, below(5));
    else yield JSON.stringify(kind < 0.72 ? execution(ts, i, context, dirty) : other(ts, i, context));
  }
}

interface Context {
  readonly random: () => number;
  readonly below: (limit: number) => number;
  readonly among: (names: readonly string[]) => string;
  readonly symbolOf: () => string;
}

function execution(ts: number, index: number, context: Context, dirty: boolean): Record<string, unknown> {
  const { random, below, among, symbolOf } = context;
  const repeated = dirty && random() < 0.03;
  return {
    ts: below(2) === 0 ? ts : Math.round(ts * 1000),
    symbol: symbolOf(),
    realized_pnl: Math.round((random() - 0.48) * 1e4) / 100,
    ...(random() < 0.7 ? { signal: among(SIGNALS) } : {}),
    ...(random() < 0.5 ? { regime: among(REGIMES) } : {}),
    ...(random() < 0.5 ? { bot: `bot${below(3)}` } : {}),
    ...(random() < 0.3 ? { cluster: `c${below(4)}` } : {}),
    ...(random() < 0.4 ? { qty: random() * 3, price: 100 * random() } : {}),
    ...(random() < 0.1 ? { timestamp: ts - below(4000) } : {}),
    ...(random() < 0.6 ? { execution_id: `e${repeated ? below(index + 1) : index}` } : {}),
  };
}

function other(ts: number, index: number, context: Context): Record<string, unknown> {
  const { random, below, among, symbolOf } = context;
  const symbol = symbolOf();
  const kind = random();
  if (kind < 0.35)
    return {
      type: 'plan',
      ts,
      plan_id: `p${random() < 0.1 ? below(index + 1) : index}`,
      symbol,
      action: among([
        'OPEN_PROPOSED',
        'OPEN_PROPOSED',
        'FULL_CLOSE_PROPOSED',
        'REDUCE_PROPOSED',
        'PARTIAL_25',
      ]),
      decision: 'EXECUTE',
      side: among(['BUY', 'SELL']),
      qty: random(),
      price: 50 + random() * 100,
      ...(random() < 0.3 ? { bot: `bot${below(3)}` } : {}),
    };
  if (kind < 0.45) return { type: 'take', ts, plan_id: `p${Math.max(0, index - below(6))}` };
  if (kind < 0.55)
    return { type: 'result', ts, plan_id: `p${Math.max(0, index - below(8))}`, executed: random() < 0.7 };
  if (kind < 0.67)
    return { type: 'position', ts, symbol, position_amt: random() - 0.4, mark_price: 100 * random() };
  if (kind < 0.77)
    return {
      type: 'market',
      ts,
      symbol,
      mark_price: 90 + random() * 20,
      sigma: random() / 50,
      vol_regime: 'HIGH',
    };
  if (kind < 0.83) return { type: 'regime', ts, regime: among(REGIMES), confidence: random() };
  if (kind < 0.87) return { type: 'cluster', ts, symbol, cluster: `c${below(4)}` };
  if (kind < 0.9) return { type: 'cluster_stress', ts, cluster: `c${below(4)}`, stress: random() };
  if (kind < 0.96)
    return {
      type: 'portfolio',
      ts,
      equity_usd: 90_000 + random() * 2e4,
      drawdown: random() / 10,
      heat: random(),
    };
  if (kind < 0.98) return { type: 'cashflow', ts, amount_usd: Math.round((random() - 0.5) * 1e4) };
  if (kind < 0.985) return { type: 'kill', ts, state: among(['1', 'reduce']) };
  return { type: 'rearm', ts, ...(random() < 0.5 ? { symbol } : {}) };
}

function badLine(ts: number, kind: number): string {
  return [
    '{"ts":',
    'no json',
    `{"ts":${ts},"symbol":"BTC"}`,
    `{"ts":${ts},"symbol":"B TC","pnl":1}`,
    `{"ts":${ts},"symbol":"BTC","pnl":"1,5"}`,
  ][kind]!;
}
