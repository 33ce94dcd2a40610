/** Prices that nobody traded: by symbol a regime that switches, noise, and a jump now and then. One step is one second. */
import { Random } from './random.ts';

export const REGIMES = ['TREND', 'MEAN_REVERSION', 'CHOP'] as const;
export type Regime = (typeof REGIMES)[number];

export interface Instrument {
  readonly symbol: string;
  readonly cluster: string;
  readonly startUsd: number;
  /** Decimals of a price and of a quantity. */
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  /** How often each regime comes next, in the order of `REGIMES`; relative to each other. */
  readonly regimeWeights: readonly [trend: number, meanReversion: number, chop: number];
}

/** What a symbol does now. */
export interface Quote {
  readonly priceUsd: number;
  readonly regime: Regime;
  /** Seconds since the regime began. */
  readonly regimeAgeSec: number;
  /** Where the price is drawn: the return a second that is expected now, as a fraction. Noise is on top of it. */
  readonly pull: number;
  /** Deviation of the return of an hour, as a fraction, from the last minutes. */
  readonly hourlySigma: number;
  /** Seconds since the last jump; Infinity: none yet. */
  readonly jumpAgeSec: number;
}

/** Returns a second, as fractions. */
const NOISE: Readonly<Record<Regime, number>> = { TREND: 0.00022, MEAN_REVERSION: 0.0002, CHOP: 0.0003 };
const TREND_DRIFT = 0.00006;
/** The share of the distance to its anchor that a price makes good in a second. */
const REVERSION = 1 / 45;
/** A price in mean reversion is pushed away once in so many seconds, by such a fraction. */
const SHOCK_EVERY_SEC = 50;
const SHOCK = [0.003, 0.007] as const;
const JUMP_EVERY_SEC = 1200;
const JUMP = [0.004, 0.012] as const;
const REGIME_SEC = [180, 480] as const;
const SIGMA_ALPHA = 1 / 120;
const HOUR_SEC = 3600;

interface Walk {
  readonly instrument: Instrument;
  readonly random: Random;
  priceUsd: number;
  regime: Regime;
  ageSec: number;
  leftSec: number;
  direction: 1 | -1;
  anchorUsd: number;
  variance: number;
  jumpAgeSec: number;
}

export class Market {
  readonly #walks: ReadonlyMap<string, Walk>;

  constructor(instruments: readonly Instrument[], seed: number) {
    this.#walks = new Map(
      instruments.map((instrument) => [
        instrument.symbol,
        begin(instrument, new Random(seed, `market ${instrument.symbol}`)),
      ]),
    );
  }

  /** A second passes. */
  step(): void {
    for (const walk of this.#walks.values()) move(walk);
  }

  quote(symbol: string): Quote {
    const walk = this.#walks.get(symbol);
    if (walk === undefined) throw new RangeError(`${symbol} is not traded on the paper exchange`);
    return {
      priceUsd: rounded(walk.priceUsd, walk.instrument.priceDecimals),
      regime: walk.regime,
      regimeAgeSec: walk.ageSec,
      pull: pullOf(walk),
      hourlySigma: Math.sqrt(walk.variance * HOUR_SEC),
      jumpAgeSec: walk.jumpAgeSec,
    };
  }
}

export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function begin(instrument: Instrument, random: Random): Walk {
  const walk: Walk = {
    instrument,
    random,
    priceUsd: instrument.startUsd,
    regime: 'CHOP',
    ageSec: 0,
    leftSec: 0,
    direction: 1,
    anchorUsd: instrument.startUsd,
    variance: NOISE.TREND ** 2,
    jumpAgeSec: Infinity,
  };
  nextRegime(walk);
  // Not all regimes begin together.
  walk.ageSec = Math.floor(random.between(0, walk.leftSec / 2));
  walk.leftSec -= walk.ageSec;
  return walk;
}

function move(walk: Walk): void {
  const { random } = walk;
  if (walk.leftSec <= 0) nextRegime(walk);
  walk.leftSec--;
  walk.ageSec++;
  walk.jumpAgeSec++;
  let change = pullOf(walk) + NOISE[walk.regime] * random.normal();
  walk.variance += SIGMA_ALPHA * (change * change - walk.variance);
  if (walk.regime === 'MEAN_REVERSION' && random.chance(1 / SHOCK_EVERY_SEC))
    change += random.sign() * random.between(...SHOCK);
  if (random.chance(1 / JUMP_EVERY_SEC)) {
    change += random.sign() * random.between(...JUMP);
    walk.jumpAgeSec = 0;
  }
  walk.priceUsd *= 1 + change;
}

function nextRegime(walk: Walk): void {
  const { random, instrument } = walk;
  const weights = instrument.regimeWeights;
  let at = random.between(0, weights[0] + weights[1] + weights[2]);
  walk.regime = REGIMES.find((_, i) => (at -= weights[i]!) < 0) ?? 'CHOP';
  walk.ageSec = 0;
  walk.leftSec = Math.round(random.between(...REGIME_SEC));
  walk.direction = random.sign();
  walk.anchorUsd = walk.priceUsd;
}

function pullOf({ regime, direction, anchorUsd, priceUsd }: Walk): number {
  if (regime === 'TREND') return direction * TREND_DRIFT;
  return regime === 'CHOP' ? 0 : ((anchorUsd - priceUsd) / priceUsd) * REVERSION;
}
