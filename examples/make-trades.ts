/**
 * Writes examples/trades.jsonl: two weeks of two invented bots, the same to the last byte every time.
 * Nothing in it was traded. Run: npx tsx examples/make-trades.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file's text. What the numbers are to show: see `edgePct`. */
export function makeTrades(): string {
  const random = seeded(20260302);
  const wished = [...spread(random), ...lastTrades(random)].sort((a, b) => a.exitSec - b.exitSec);
  const trades = oneAtATime(wished);
  const lines: Line[] = [
    ...opening(),
    ...REGIMES.map(([fromSec, regime]) => line(fromSec, { type: 'regime', regime, confidence: 0.8 })),
    ...trades.map((trade, index) => line(trade.exitSec, execution(trade, index + 1))),
    ...lastMinutes(),
  ];
  lines.sort((a, b) => a.ts - b.ts);
  const texts = lines.map(({ text }) => text);
  // What goes wrong in real files: a line cut off in writing, a profit that is no number, an execution told twice.
  texts.splice(60, 0, '{"ts":"2026-03-05T22:41:07Z","symbol":"ETHUSDT","realized_pnl":');
  const whole = texts.find((text) => text.includes('"execution_id":"X-0120"'))!;
  texts.splice(
    130,
    0,
    whole.replace('X-0120', 'X-0119b').replace(/"realized_pnl":[-\d.]+/, '"realized_pnl":"n/a"'),
  );
  texts.splice(texts.indexOf(whole) + 1, 0, whole);
  return `${texts.join('\n')}\n`;
}

type Regime = 'TREND' | 'MEAN_REVERSION' | 'CHOP';
type Signal = 'breakout' | 'pullback' | 'range_fade' | 'scalp';
interface Trade {
  readonly symbol: string;
  readonly signal: Signal;
  /** Seconds since the start. */
  readonly exitSec: number;
  readonly holdSec: number;
  readonly isLong: boolean;
  /** Move in the trade's favour, percent. */
  readonly movePct: number;
  readonly notionalUsd: number;
}
interface Line {
  readonly ts: number;
  readonly text: string;
}
type Random = () => number;

const START_MS = Date.UTC(2026, 2, 2);
const HOUR = 3600;
const DAY = 24 * HOUR;
const MIN_HOLD_SEC = 600;
const PAUSE_SEC = 420;
/** Monday 16:00 of the third week: the last trades are closed, new plans come. */
const PLANS_AT = 14 * DAY + 16 * HOUR;

const REGIMES: readonly (readonly [fromSec: number, regime: Regime])[] = [
  [0, 'MEAN_REVERSION'],
  [3 * DAY + 4 * HOUR, 'TREND'],
  [6 * DAY + 20 * HOUR, 'CHOP'],
  [10 * DAY + 9 * HOUR, 'TREND'],
];

const MARKETS: Readonly<Record<string, { price: number; decimals: number; cluster: string }>> = {
  BTCUSDT: { price: 88_400, decimals: 1, cluster: 'majors' },
  ETHUSDT: { price: 3_120, decimals: 2, cluster: 'majors' },
  SOLUSDT: { price: 164, decimals: 2, cluster: 'layer1' },
  AVAXUSDT: { price: 31.5, decimals: 3, cluster: 'layer1' },
  DOGEUSDT: { price: 0.182, decimals: 5, cluster: 'retail' },
  LINKUSDT: { price: 17.8, decimals: 3, cluster: 'retail' },
};

const SIGNALS: Readonly<
  Record<Signal, { bot: string; symbols: readonly string[]; share: number; holdHours: [number, number] }>
> = {
  breakout: {
    bot: 'trend-bot',
    symbols: ['SOLUSDT', 'SOLUSDT', 'BTCUSDT', 'AVAXUSDT'],
    share: 0.3,
    holdHours: [2, 9],
  },
  pullback: {
    bot: 'trend-bot',
    symbols: ['BTCUSDT', 'ETHUSDT', 'ETHUSDT'],
    share: 0.22,
    holdHours: [1, 5],
  },
  range_fade: {
    bot: 'range-bot',
    symbols: ['ETHUSDT', 'AVAXUSDT', 'LINKUSDT'],
    share: 0.2,
    holdHours: [0.5, 3],
  },
  scalp: {
    bot: 'range-bot',
    symbols: ['DOGEUSDT', 'DOGEUSDT', 'LINKUSDT'],
    share: 0.28,
    holdHours: [0.2, 1],
  },
};

/** Mean and spread of a trade's move, percent: breakouts live on trends, scalps die at night, pullbacks earn a little always. */
function edgePct(signal: Signal, regime: Regime, hour: number): [mean: number, spread: number] {
  switch (signal) {
    case 'breakout':
      return regime === 'TREND' ? [3.9, 2.6] : regime === 'CHOP' ? [-1.3, 1.5] : [-0.5, 1.5];
    case 'pullback':
      return [0.7, 1.5];
    case 'range_fade':
      return regime === 'MEAN_REVERSION' ? [1.2, 1.1] : regime === 'CHOP' ? [0.2, 1.3] : [-1.6, 1.3];
    case 'scalp':
      return hour < 6 ? [-2.2, 1.2] : [0.35, 0.9];
  }
}

/** About fifteen trades a day, at all hours. */
function spread(random: Random): Trade[] {
  const trades: Trade[] = [];
  for (let at = 2 * HOUR; at < PLANS_AT - HOUR; at += Math.round((0.4 + 2.4 * random()) * HOUR)) {
    const signal = pick(random, Object.keys(SIGNALS) as Signal[], (name) => SIGNALS[name].share);
    trades.push(trade(random, signal, pick(random, SIGNALS[signal].symbols), at));
  }
  return trades;
}

/** Every symbol closes a trade in the last minutes before the plans, so that none lies idle at the end. */
function lastTrades(random: Random): Trade[] {
  const last: [Signal, string][] = [
    ['scalp', 'DOGEUSDT'],
    ['range_fade', 'LINKUSDT'],
    ['pullback', 'BTCUSDT'],
    ['pullback', 'ETHUSDT'],
    ['breakout', 'AVAXUSDT'],
    ['breakout', 'SOLUSDT'],
  ];
  return last.map(([signal, symbol], index) =>
    trade(random, signal, symbol, PLANS_AT - 11 * 60 + index * 110),
  );
}

/** A symbol's trades one after the other: a trade begins after the one before, or is left out. */
function oneAtATime(trades: readonly Trade[]): Trade[] {
  const freeFrom = new Map<string, number>();
  return trades.flatMap((wished) => {
    const free = freeFrom.get(wished.symbol) ?? 0;
    const holdSec = Math.min(wished.holdSec, wished.exitSec - free);
    if (holdSec < MIN_HOLD_SEC) return [];
    freeFrom.set(wished.symbol, wished.exitSec + PAUSE_SEC);
    return [{ ...wished, holdSec }];
  });
}

function trade(random: Random, signal: Signal, symbol: string, exitSec: number): Trade {
  const [mean, deviation] = edgePct(signal, regimeAt(exitSec), Math.floor((exitSec % DAY) / HOUR));
  const [shortest, longest] = SIGNALS[signal].holdHours;
  return {
    symbol,
    signal,
    exitSec,
    holdSec: Math.round((shortest + (longest - shortest) * random()) * HOUR),
    isLong: random() < 0.65,
    movePct: mean + deviation * gaussian(random),
    notionalUsd: 2800 + 700 * random(),
  };
}

function execution(made: Trade, number: number): Record<string, unknown> {
  const { symbol, signal, exitSec, holdSec, isLong, movePct } = made;
  const { price: base, decimals, cluster } = MARKETS[symbol]!;
  const sign = isLong ? 1 : -1;
  // Prices wander by a few percent over the two weeks, in step for all.
  const drift = 1 + 0.04 * triangle((exitSec - holdSec) / (5 * DAY));
  const entryPrice = rounded(base * drift, decimals);
  const price = rounded(entryPrice * (1 + (sign * movePct) / 100), decimals);
  const qty = significant(made.notionalUsd / entryPrice);
  const feesUsd = 0.0004 * qty * (entryPrice + price);
  return {
    execution_id: `X-${String(number).padStart(4, '0')}`,
    bot: SIGNALS[signal].bot,
    symbol,
    side: isLong ? 'LONG' : 'SHORT',
    qty,
    entry_price: entryPrice,
    price,
    realized_pnl: rounded(sign * qty * (price - entryPrice) - feesUsd, 2),
    hold_sec: holdSec,
    signal,
    regime: regimeAt(exitSec),
    cluster,
    exit_reason: exitReason(signal, movePct),
  };
}

function exitReason(signal: Signal, movePct: number): string {
  if (movePct > 2) return signal === 'breakout' ? 'trailing_stop' : 'take_profit';
  if (movePct < -1.5) return 'stop_loss';
  return signal === 'scalp' ? 'timeout' : 'signal_exit';
}

/** The account starts with 200,000 USD: the default and this deposit. */
function opening(): Line[] {
  return [
    line(0, { type: 'cashflow', amount_usd: 100_000 }),
    ...Object.entries(MARKETS).map(([symbol, { cluster }]) => line(0, { type: 'cluster', symbol, cluster })),
  ];
}

/** Plans as a bot sends them: what passes, what is cut, what is blocked, and a kill switch in between. */
function lastMinutes(): Line[] {
  const at = (seconds: number): number => PLANS_AT + seconds;
  const lines: Line[] = [];
  for (let seconds = 0; seconds <= 300; seconds += 30) {
    lines.push(line(at(seconds), { type: 'regime', regime: 'TREND', confidence: 0.9 }));
    for (const [cluster, stress] of [
      ['majors', 0.1],
      ['layer1', 0.15],
      ['retail', 0.4],
    ] as const)
      // prettier-ignore
      lines.push(line(at(seconds), { type: 'cluster_stress', cluster, stress, alpha: 0 }));
  }
  for (const [symbol, { price }] of Object.entries(MARKETS))
    lines.push(
      line(at(5), { type: 'market', symbol, mark_price: price, vol_regime: 'NORMAL_VOL', sigma: 0.012 }),
    );
  const plan = (seconds: number, planId: string, bot: string, fields: Record<string, unknown>): number =>
    lines.push(line(at(seconds), { type: 'plan', plan_id: planId, decision: 'EXECUTE', bot, ...fields }));
  const carriedOut = (seconds: number, planId: string, symbol: string, amount: number): void => {
    const { price } = MARKETS[symbol]!;
    lines.push(line(at(seconds), { type: 'take', plan_id: planId }));
    lines.push(line(at(seconds + 2), { type: 'result', plan_id: planId, executed: true }));
    const position = { position_amt: amount, mark_price: price, notional_usd: Math.abs(amount * price) };
    lines.push(line(at(seconds + 4), { type: 'position', symbol, ...position }));
  };
  const open = (symbol: string, qty: number): Record<string, unknown> => {
    return { symbol, action: 'OPEN_PROPOSED', side: 'BUY', qty, price: MARKETS[symbol]!.price };
  };
  plan(10, 'P-1', 'trend-bot', open('SOLUSDT', 20));
  carriedOut(12, 'P-1', 'SOLUSDT', 20);
  // The same symbol again after half a minute.
  plan(40, 'P-2', 'trend-bot', open('SOLUSDT', 10));
  // A symbol that uses its capital badly: permitted, and downsized.
  plan(60, 'P-3', 'range-bot', open('LINKUSDT', 150));
  carriedOut(62, 'P-3', 'LINKUSDT', 120);
  // More than 5 % of equity in one trade.
  plan(90, 'P-4', 'trend-bot', open('BTCUSDT', 0.15));
  // Made a minute and a half before it arrived.
  plan(120, 'P-5', 'trend-bot', { ...open('ETHUSDT', 1), timestamp: iso(at(30)) });
  lines.push(line(at(150), { type: 'kill', state: 'reduce' }));
  plan(165, 'P-6', 'trend-bot', open('AVAXUSDT', 100));
  // Exits go on.
  plan(180, 'P-7', 'trend-bot', { symbol: 'SOLUSDT', action: 'PARTIAL_50', side: 'SELL' });
  carriedOut(182, 'P-7', 'SOLUSDT', 10);
  lines.push(line(at(184), halfOfSol()));
  lines.push(line(at(240), { type: 'kill', state: '0' }));
  plan(260, 'P-8', 'trend-bot', open('AVAXUSDT', 100));
  carriedOut(262, 'P-8', 'AVAXUSDT', 100);
  return lines;
}

/** The execution of plan P-7. It does not say how long it was held, as many fills do not. */
function halfOfSol(): Record<string, unknown> {
  const made = { bot: 'trend-bot', symbol: 'SOLUSDT', side: 'LONG', qty: 10, price: 164.9 };
  const why = { signal: 'breakout', regime: 'TREND', cluster: 'layer1', exit_reason: 'kill_switch' };
  return { execution_id: 'X-P7', plan_id: 'P-7', ...made, realized_pnl: 7.68, ...why };
}

function line(seconds: number, fields: Record<string, unknown>): Line {
  const { type, ...rest } = fields;
  const head = type === undefined ? {} : { type };
  return { ts: seconds, text: JSON.stringify({ ...head, ts: iso(seconds), ...rest }) };
}

function iso(seconds: number): string {
  return new Date(START_MS + seconds * 1000).toISOString().replace('.000', '');
}

function regimeAt(seconds: number): Regime {
  return REGIMES.findLast(([fromSec]) => fromSec <= seconds)![1];
}

/** Goes −1, 1, −1 in straight lines, one round per unit. */
function triangle(turns: number): number {
  const part = turns - Math.floor(turns);
  return part < 0.5 ? 4 * part - 1 : 3 - 4 * part;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function significant(value: number): number {
  return Number(value.toPrecision(3));
}

function pick<Item>(
  random: Random,
  items: readonly Item[],
  weightOf: (item: Item) => number = () => 1,
): Item {
  let left = random() * items.reduce((sum, item) => sum + weightOf(item), 0);
  return items.find((item) => (left -= weightOf(item)) < 0) ?? items[0]!;
}

/** Nearly normal, from additions alone: the same on every machine. */
function gaussian(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

/** mulberry32: 0 (included) to 1 (excluded). */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('trades.jsonl', import.meta.url), makeTrades());
