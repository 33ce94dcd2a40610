/**
 * What the bots of the demo want to do, second by second. A bot's edge is how much more often it reads the pull of the
 * market right than wrong; what it earns is what prices then do, after fees. Pure but for its own random numbers.
 */
import type { Quote, Regime } from './market.ts';
import type { Random } from './random.ts';

export type Style = 'momentum' | 'reversion' | 'scalping';

export interface BotSpec {
  readonly name: string;
  readonly symbol: string;
  readonly style: Style;
  /** What it calls its reason to trade. */
  readonly signal: string;
  /** -1: always wrong, 0: a coin, 1: always right. */
  readonly edge: number;
  /** The edge moves evenly to another one over so many simulated seconds; null: it stays. */
  readonly fade: { readonly toEdge: number; readonly overSec: number } | null;
  /** Seconds from one trade to the next, and in it. */
  readonly gapSec: readonly [low: number, high: number];
  readonly holdSec: readonly [low: number, high: number];
  /** Shares of the symbol's target an opening asks for; above 1 is more than it may have. */
  readonly share: readonly [low: number, high: number];
  /** Gain at which half is taken, loss at which it gives up; fractions of the price. */
  readonly takeProfit: number;
  readonly stopLoss: number;
  /** From this moment it opens every so many seconds whatever it holds; null: never. */
  readonly runsAway: {
    readonly atSec: number;
    readonly forSec: number;
    readonly everySec: number;
    readonly share: number;
  } | null;
}

export type CloseAction = 'FULL_CLOSE_PROPOSED' | 'PARTIAL_50';

export type Intent =
  | {
      readonly kind: 'open';
      readonly side: 'BUY' | 'SELL';
      /** Of the symbol's target. */
      readonly share: number;
      readonly confidence: number;
      /** How dangerous it looks, 0..1. */
      readonly killScore: number;
      readonly regimeFlip: 0 | 1;
    }
  | { readonly kind: 'close'; readonly action: CloseAction; readonly why: ExitReason };

export type ExitReason = 'time' | 'take_profit' | 'stop_loss';

/** What it holds: quantity above 0 is long. */
export interface Holding {
  readonly quantity: number;
  readonly entryUsd: number;
}

/** A bot looks whether its moment has come this often. */
const LOOK_EVERY_SEC = 4;
/** It asks again so long after a refused exit. */
const EXIT_RETRY_SEC = 5;
/** A reverter waits until the price is drawn back by so much a second. */
const WORTH_REVERTING = 0.00005;
const FLIP_SEC = 45;
const JUMP_ALARM_SEC = 90;
const CALM = [0.05, 0.5] as const;
const ALARM = [0.55, 0.95] as const;
const CONFIDENCE = [0.5, 0.9] as const;

const WANTED: Readonly<Record<Style, Regime | null>> = {
  momentum: 'TREND',
  reversion: 'MEAN_REVERSION',
  scalping: null,
};

export class Bot {
  readonly spec: BotSpec;
  readonly #random: Random;
  #nextEntrySec: number;
  #exitAtSec = 0;
  #hasTakenHalf = false;
  #retryExitSec = 0;
  #nextRunawaySec = 0;
  #lastSide: 'BUY' | 'SELL' = 'BUY';

  constructor(spec: BotSpec, random: Random, startSec: number) {
    this.spec = spec;
    this.#random = random;
    this.#nextEntrySec = startSec + Math.floor(random.between(0, spec.gapSec[1]));
  }

  /** The edge it has now. */
  edgeAt(nowSec: number): number {
    const { edge, fade } = this.spec;
    return fade === null ? edge : edge + (fade.toEdge - edge) * Math.min(1, nowSec / fade.overSec);
  }

  /** What it wants at this second (counted from the beginning); null: nothing. `holding` null: it is flat. */
  decide(nowSec: number, quote: Quote, holding: Holding | null): Intent | null {
    const exit = holding === null ? null : this.#exit(nowSec, quote, holding);
    if (exit !== null) return exit;
    const runsAway = this.#runsAwayAt(nowSec);
    if (runsAway !== null) {
      if (nowSec < this.#nextRunawaySec) return null;
      this.#nextRunawaySec = nowSec + runsAway.everySec;
      if (holding === null) this.#lastSide = this.#random.sign() > 0 ? 'BUY' : 'SELL';
      return this.#open(quote, runsAway.share);
    }
    if (holding !== null || nowSec < this.#nextEntrySec) return null;
    if (!this.#isItsMoment(quote)) {
      this.#nextEntrySec = nowSec + LOOK_EVERY_SEC;
      return null;
    }
    this.#nextEntrySec = nowSec + Math.floor(this.#random.between(...this.spec.gapSec));
    this.#lastSide = this.#read(quote, this.edgeAt(nowSec));
    return this.#open(quote, this.#random.between(...this.spec.share));
  }

  /** Its opening was filled. `isFirst`: it was flat before. One that runs away forgets that it wanted to close. */
  opened(nowSec: number, isFirst: boolean): void {
    if (!isFirst && this.#runsAwayAt(nowSec) === null) return;
    this.#exitAtSec = nowSec + Math.floor(this.#random.between(...this.spec.holdSec));
    this.#hasTakenHalf = false;
  }

  /** Its exit was filled; flat now, or half of it is left. */
  closed(nowSec: number): void {
    this.#nextEntrySec = Math.max(this.#nextEntrySec, nowSec + LOOK_EVERY_SEC);
  }

  #runsAwayAt(nowSec: number): BotSpec['runsAway'] {
    const { runsAway } = this.spec;
    if (runsAway === null || nowSec < runsAway.atSec) return null;
    return nowSec < runsAway.atSec + runsAway.forSec ? runsAway : null;
  }

  #exit(nowSec: number, { priceUsd }: Quote, { quantity, entryUsd }: Holding): Intent | null {
    if (nowSec < this.#retryExitSec) return null;
    const { stopLoss, takeProfit } = this.spec;
    const gain = ((priceUsd - entryUsd) / entryUsd) * Math.sign(quantity);
    const why =
      gain <= -stopLoss
        ? 'stop_loss'
        : nowSec >= this.#exitAtSec
          ? 'time'
          : gain >= takeProfit && !this.#hasTakenHalf
            ? 'take_profit'
            : null;
    if (why === null) return null;
    this.#retryExitSec = nowSec + EXIT_RETRY_SEC;
    if (why === 'take_profit') this.#hasTakenHalf = true;
    return { kind: 'close', action: why === 'take_profit' ? 'PARTIAL_50' : 'FULL_CLOSE_PROPOSED', why };
  }

  #isItsMoment({ regime, pull }: Quote): boolean {
    const { style } = this.spec;
    const wanted = WANTED[style];
    if (wanted !== null && regime !== wanted) return false;
    return style !== 'reversion' || Math.abs(pull) >= WORTH_REVERTING;
  }

  /** The side it takes the market to go to. */
  #read({ pull }: Quote, edge: number): 'BUY' | 'SELL' {
    const right = pull === 0 ? this.#random.sign() : Math.sign(pull);
    const isRight = this.#random.chance((1 + edge) / 2);
    return right > 0 === isRight ? 'BUY' : 'SELL';
  }

  #open({ regimeAgeSec, jumpAgeSec }: Quote, share: number): Intent {
    const [lowest, highest] = jumpAgeSec < JUMP_ALARM_SEC ? ALARM : CALM;
    return {
      kind: 'open',
      side: this.#lastSide,
      share,
      confidence: hundredths(this.#random.between(...CONFIDENCE)),
      killScore: hundredths(this.#random.between(lowest, highest)),
      regimeFlip: regimeAgeSec < FLIP_SEC ? 1 : 0,
    };
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
