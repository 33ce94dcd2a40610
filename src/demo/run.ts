/** The demo: market, bots and the real components in one process, on a store that keeps nothing and on simulated time. */
import { createHash } from 'node:crypto';
import { Bot } from './bots.ts';
import { BOTS, INSTRUMENTS } from './cast.ts';
import { PaperExchange } from './exchange.ts';
import { runLiveMachine } from './live-machine.ts';
import { Market } from './market.ts';
import { Pace } from './pace.ts';
import { Random } from './random.ts';
import { changedSettings, demoSettings, type ChangedSetting } from './settings.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { Story } from './story.ts';
import { Trader } from './trader.ts';
import { clientOn } from '../client/client.ts';
import { encodeDecision } from '../contract/encode.ts';
import { keyOf } from '../contract/keys.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Settings } from '../core/settings.ts';
import type { Store } from '../store/store.ts';

export interface DemoOptions {
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Null: until `signal` aborts. */
  readonly simulatedSec: number | null;
  /** Simulated seconds a real second; null: as fast as it goes. */
  readonly speed: number | null;
  /** Each decision as a line of JSON, in the order they are made. */
  readonly onDecision: (line: string) => void;
  /** Once a simulated second, after everything that belongs to it. */
  readonly onSecond: (now: DemoNow) => void;
  /** Given the store before anything happens on it, to read along; what it returns is disposed before the store is closed. */
  readonly onStore?: (opened: DemoStore) => Promise<AsyncDisposable>;
}

/** Whoever reads it takes no time of the demo's: decisions are the same with readers and without. */
export interface DemoStore {
  readonly store: Store;
  readonly namespace: string;
  readonly settings: Settings;
  /** Simulated seconds a real second, so far. */
  readonly reachedSpeed: () => number;
}

export interface DemoNow {
  readonly story: Story;
  /** Simulated seconds a real second, so far. */
  readonly reachedSpeed: number;
}

export interface DemoResult extends DemoNow {
  /** Settings that are not as they are by default. */
  readonly changedSettings: readonly ChangedSetting[];
  readonly decisions: number;
  /** Of all decisions' lines, hexadecimal. */
  readonly sha256: string;
}

/** When every demo begins: the first of June 2026, 12:00 UTC. */
export const START_SEC = 1_780_315_200;
const NAMESPACE = 'demo';
/** The bots wait until budgets and targets are there. */
const FIRST_TRADE_SEC = 30;
const MARKS_EVERY_SEC = 5;
const REGIMES_EVERY_SEC = 20;
const STREAM_LENGTH = 10_000;
const REGIME_CONFIDENCE = 0.8;

/** Runs until its time is over or `signal` aborts. Rejects on a bug. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<DemoResult> {
  const clock = new SimulatedClock(START_SEC * 1000);
  const settings = demoSettings();
  await using store = await openMemoryStore({
    namespace: NAMESPACE,
    folder: null,
    nowMs: () => clock.nowMs,
    monotonicMs: () => clock.monotonicMs(),
    timer: clock,
  });
  const story = new Story(BOTS, START_SEC, settings.INITIAL_EQUITY_USD);
  // The demo begins once its reader is there.
  let reachedSpeed = (): number => 0;
  await using _reader = await options.onStore?.({
    ...{ store, namespace: NAMESPACE, settings },
    reachedSpeed: () => reachedSpeed(),
  });
  const watched = clock.watched(store, 'permits', new Set(['wait', 'awaitReply']));
  const pace = new Pace(options.speed, signal);
  reachedSpeed = () => pace.reached(story.elapsedSec);
  const hash = createHash('sha256');
  let decisions = 0;
  const over = new AbortController();
  const machine = runLiveMachine(
    {
      store: watched,
      namespace: NAMESPACE,
      clock,
      settings,
      clusters: new Map(INSTRUMENTS.map(({ symbol, cluster }) => [symbol, cluster])),
      story,
      onDecision: (decision) => {
        const line = encodeDecision(decision);
        hash.update(`${line}\n`);
        decisions++;
        options.onDecision(line);
      },
    },
    over.signal,
  );
  const now = (): DemoNow => ({ story, reachedSpeed: reachedSpeed() });
  const floor = new TradingFloor(options.seed, watched, story, clock);
  const trading = trade(floor, clock, options, now, AbortSignal.any([signal, over.signal]));
  const time = clock.run((nextMs) => pace.before(nextMs - START_SEC * 1000));
  try {
    await Promise.race([trading, machine]);
  } finally {
    over.abort();
    await Promise.allSettled([trading, machine]);
    clock.stop();
    await time;
  }
  await machine;
  return { ...now(), changedSettings: changedSettings(settings), decisions, sha256: hash.digest('hex') };
}

async function trade(
  floor: TradingFloor,
  clock: SimulatedClock,
  { simulatedSec, onSecond }: DemoOptions,
  now: () => DemoNow,
  signal: AbortSignal,
): Promise<void> {
  const lastSec = simulatedSec ?? Infinity;
  for (let elapsedSec = 0; elapsedSec <= lastSec; elapsedSec++) {
    // Whole seconds from the beginning, so that nothing adds up.
    await clock.sleep((START_SEC + elapsedSec) * 1000 - clock.nowMs, signal);
    if (signal.aborted) return;
    await floor.second(elapsedSec);
    onSecond(now());
  }
}

/** The market and everyone who trades on it. */
class TradingFloor {
  readonly #market: Market;
  readonly #traders: readonly Trader[];
  readonly #store: Store;
  readonly #story: Story;

  constructor(seed: number, store: Store, story: Story, clock: SimulatedClock) {
    this.#market = new Market(INSTRUMENTS, seed);
    this.#store = store;
    this.#story = story;
    const exchange = new PaperExchange(this.#market, INSTRUMENTS);
    const client = clientOn(trimmed(store), {
      namespace: NAMESPACE,
      nowMs: () => clock.nowMs,
      monotonicMs: () => clock.monotonicMs(),
    });
    this.#traders = BOTS.map((spec) => {
      const bot = new Bot(spec, new Random(seed, `bot ${spec.name}`), FIRST_TRADE_SEC);
      const instrument = INSTRUMENTS.find(({ symbol }) => symbol === spec.symbol)!;
      return new Trader({ bot, instrument, exchange, client, story });
    });
  }

  /** One second of everyone, one after the other. */
  async second(elapsedSec: number): Promise<void> {
    const nowSec = START_SEC + elapsedSec;
    this.#story.nowSec = nowSec;
    this.#market.step();
    if (elapsedSec % MARKS_EVERY_SEC === 0) await this.#publishMarks(nowSec);
    await this.#publishRegimes(elapsedSec, nowSec);
    for (const [i, { symbol, runsAway }] of BOTS.entries()) {
      if (runsAway?.atSec === elapsedSec) this.#story.ranAway(symbol);
      await this.#traders[i]!.act(elapsedSec, this.#market.quote(symbol));
    }
    this.#story.passed();
  }

  async #publishMarks(nowSec: number): Promise<void> {
    for (const [i, { symbol }] of BOTS.entries()) {
      const quote = this.#market.quote(symbol);
      await this.#store.writeFields(keyOf(NAMESPACE, 'market', symbol), [
        ['mark_price', String(quote.priceUsd)],
        ['sigma', quote.hourlySigma.toFixed(6)],
        ['timestamp', String(nowSec)],
      ]);
      await this.#traders[i]!.publishPosition(quote);
    }
  }

  /** Those that are new, and now and then all: a regime grows old. */
  async #publishRegimes(elapsedSec: number, nowSec: number): Promise<void> {
    const stream = keyOf(NAMESPACE, 'regimes');
    const entries = INSTRUMENTS.flatMap(({ symbol }) => {
      const { regime, regimeAgeSec } = this.#market.quote(symbol);
      if (regimeAgeSec > 1 && elapsedSec % REGIMES_EVERY_SEC !== 0) return [];
      const fields = { symbol, regime, confidence: String(REGIME_CONFIDENCE), timestamp: String(nowSec) };
      return [{ stream, fields: Object.entries(fields).flat(), maxLength: STREAM_LENGTH }];
    });
    if (entries.length > 0) await this.#store.append(entries);
  }
}

/** The same store, on which no stream grows for as long as the demo runs. */
function trimmed(store: Store): Store {
  const append: Store['append'] = (requests) =>
    store.append(requests.map((request) => ({ ...request, maxLength: request.maxLength ?? STREAM_LENGTH })));
  return Object.assign(Object.create(store) as Store, { append });
}
