/** Who trades what in the demo. Names of symbols are familiar, their prices invented. */
import type { BotSpec } from './bots.ts';
import type { Instrument } from './market.ts';

const TRENDING = [8, 1, 1] as const;
const RANGING = [1, 8, 1] as const;
const MIXED = [2, 2, 2] as const;

export const INSTRUMENTS: readonly Instrument[] = [
  instrument('BTCUSDT', 'majors', 64_250, 1, 4, TRENDING),
  instrument('ETHUSDT', 'majors', 3180, 2, 3, RANGING),
  instrument('SOLUSDT', 'platforms', 148.2, 2, 2, TRENDING),
  instrument('AVAXUSDT', 'platforms', 31.4, 3, 1, TRENDING),
  instrument('LINKUSDT', 'services', 14.85, 3, 1, RANGING),
  instrument('XRPUSDT', 'payments', 0.582, 5, 0, MIXED),
  instrument('DOGEUSDT', 'memes', 0.1315, 6, 0, RANGING),
];

const ORDINARY = [0.75, 0.9] as const;
const NEVER = null;
const STEADY = null;

export const BOTS: readonly BotSpec[] = [
  {
    ...follower('momentum', 'BTCUSDT', 'breakout'),
    edge: 0.85,
  },
  {
    ...reverter('reverter', 'ETHUSDT', 'range_fade'),
    edge: 0.85,
  },
  {
    ...follower('trend', 'SOLUSDT', 'pullback'),
    edge: 0.6,
  },
  {
    ...follower('decaying', 'AVAXUSDT', 'stale_model'),
    edge: 0.9,
    fade: { toEdge: -0.8, overSec: 1100 },
  },
  {
    ...reverter('grid', 'LINKUSDT', 'grid'),
    edge: 0.3,
  },
  {
    name: 'scalper',
    symbol: 'XRPUSDT',
    style: 'scalping',
    signal: 'scalp',
    edge: -0.5,
    fade: STEADY,
    gapSec: [45, 75],
    holdSec: [20, 40],
    // Now and then more than its target: the gate has something to say.
    share: [0.75, 1.08],
    takeProfit: 0.004,
    stopLoss: 0.004,
    runsAway: NEVER,
  },
  {
    ...reverter('runaway', 'DOGEUSDT', 'mean_rev_v2'),
    edge: 0,
    stopLoss: 0.03,
    runsAway: { atSec: 900, forSec: 420, everySec: 3, share: 0.04 },
  },
];

function instrument(
  symbol: string,
  cluster: string,
  startUsd: number,
  priceDecimals: number,
  quantityDecimals: number,
  regimeWeights: Instrument['regimeWeights'],
): Instrument {
  return { symbol, cluster, startUsd, priceDecimals, quantityDecimals, regimeWeights };
}

function follower(name: string, symbol: string, signal: string): Omit<BotSpec, 'edge'> {
  return {
    name,
    symbol,
    signal,
    style: 'momentum',
    fade: STEADY,
    gapSec: [65, 95],
    holdSec: [45, 65],
    share: ORDINARY,
    takeProfit: 0.005,
    stopLoss: 0.005,
    runsAway: NEVER,
  };
}

function reverter(name: string, symbol: string, signal: string): Omit<BotSpec, 'edge'> {
  return {
    name,
    symbol,
    signal,
    style: 'reversion',
    fade: STEADY,
    gapSec: [65, 95],
    holdSec: [40, 60],
    share: ORDINARY,
    takeProfit: 0.004,
    stopLoss: 0.006,
    runsAway: NEVER,
  };
}
