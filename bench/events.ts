/** Made-up input for the benchmarks: the same for the same size on every machine. */
import type { ExecutionEvent, PlanEvent } from '../src/core/event.ts';

const REGIMES = ['TREND', 'MEAN_REVERSION', 'CHOP'];
const SIGNALS = ['breakout', 'pullback', 'funding', 'meanrev', 'carry'];
const START_SEC = 1_769_558_400;

/** Numbers in 0..1 that look random and never change (a linear congruential generator, Numerical Recipes' constants). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function symbolNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `SYM${String(i).padStart(4, '0')}USDT`);
}

/** Executions spread evenly over `periodSec`. */
export function executions(count: number, symbols: number, periodSec: number): ExecutionEvent[] {
  const random = generator(count + symbols);
  const names = symbolNames(symbols);
  return Array.from({ length: count }, (_, i) => {
    const ts = START_SEC + Math.floor((i * periodSec * 1000) / count) / 1000;
    return {
      type: 'execution',
      ts,
      symbol: names[Math.floor(random() * symbols)]!,
      pnlUsd: Math.round((random() - 0.48) * 1e6) / 1e4,
      eventTs: ts,
      executionId: null,
      bot: null,
      regime: REGIMES[Math.floor(random() * 3)]!,
      cluster: null,
      signal: SIGNALS[Math.floor(random() * 5)]!,
      exitReason: null,
      side: null,
      planId: null,
      orderId: null,
      qty: null,
      price: null,
      stakeUsd: null,
      holdSec: null,
      entryTs: null,
      entryPrice: null,
      pnlPct: null,
      grossUsd: null,
    };
  });
}

/** The same as lines of a file, as bots write them. */
export function executionLines(count: number, symbols: number, periodSec: number): string {
  const random = generator(count);
  return executions(count, symbols, periodSec)
    .map(({ ts, symbol, pnlUsd, regime, signal }) => {
      const filled = Math.round(random() * 1e4) / 1e4;
      return JSON.stringify({
        type: 'execution',
        ts_ms: Math.round(ts * 1000),
        symbol,
        realized_pnl: pnlUsd,
        regime,
        signal,
        filled_qty: filled,
      });
    })
    .join('\n')
    .concat('\n');
}

/** Openings, ten milliseconds apart, of a size every limit lets pass. */
export function plans(count: number, symbols: number, startSec: number): PlanEvent[] {
  const names = symbolNames(symbols);
  return Array.from({ length: count }, (_, i) => ({
    type: 'plan',
    ts: startSec + i / 100,
    planId: `plan-${i}`,
    symbol: names[i % symbols]!,
    symbolValid: true,
    namesValid: true,
    action: 'OPEN_PROPOSED',
    decision: 'EXECUTE',
    side: i % 2 === 0 ? 'BUY' : 'SELL',
    reduceOnly: false,
    bot: null,
    qty: 0.001,
    price: 100,
    notionalUsd: null,
    killScore: 0.3,
    confidence: 0.7,
    regimeFlip: 0,
    madeAt: null,
  }));
}
