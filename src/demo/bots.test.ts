import { describe, expect, it } from 'vitest';
import { Bot, type BotSpec, type Intent } from './bots.ts';
import { BOTS } from './cast.ts';
import { Random } from './random.ts';
import type { Quote } from './market.ts';

const CALM: Quote = {
  priceUsd: 100,
  regime: 'TREND',
  regimeAgeSec: 300,
  pull: 0.00006,
  hourlySigma: 0.015,
  jumpAgeSec: Infinity,
};
const specOf = (name: string): BotSpec => BOTS.find((spec) => spec.name === name)!;
const botOf = (spec: BotSpec): Bot => new Bot(spec, new Random(1, spec.name), 0);

/** What a flat bot opens over a time. */
function openings(
  bot: Bot,
  quote: Quote,
  fromSec: number,
  toSec: number,
): Extract<Intent, { kind: 'open' }>[] {
  const found = [];
  for (let second = fromSec; second < toSec; second++) {
    const intent = bot.decide(second, quote, null);
    if (intent?.kind === 'open') found.push(intent);
  }
  return found;
}

describe('Bot', () => {
  it('reads the market as much more often right than wrong as its edge says', () => {
    const spec = { ...specOf('momentum'), edge: 0.6 };
    const sides = openings(botOf(spec), CALM, 0, 100_000).map(({ side }) => side);
    expect(sides.length).toBeGreaterThan(1000);
    expect(sides.filter((side) => side === 'BUY').length / sides.length).toBeCloseTo(0.8, 1);
  });

  it('waits for its regime', () => {
    expect(openings(botOf(specOf('momentum')), { ...CALM, regime: 'CHOP' }, 0, 1000)).toEqual([]);
    expect(openings(botOf(specOf('reverter')), CALM, 0, 1000)).toEqual([]);
    expect(openings(botOf(specOf('scalper')), CALM, 0, 1000).length).toBeGreaterThan(5);
  });

  it('loses its edge evenly, where it decays', () => {
    const bot = botOf({ ...specOf('decaying'), edge: 0.9, fade: { toEdge: -0.7, overSec: 1000 } });
    expect([0, 500, 1000, 5000].map((sec) => bot.edgeAt(sec))).toEqual([
      0.9,
      expect.closeTo(0.1, 9),
      expect.closeTo(-0.7, 9),
      expect.closeTo(-0.7, 9),
    ]);
  });

  it('gives up at its stop, takes half at its goal, once, and closes when its time is over', () => {
    const spec = { ...specOf('momentum'), takeProfit: 0.01, stopLoss: 0.01, holdSec: [60, 61] as const };
    const bot = botOf(spec);
    bot.opened(0, true);
    const long = { quantity: 1, entryUsd: 100 };
    const at = (sec: number, priceUsd: number) => bot.decide(sec, { ...CALM, priceUsd }, long);
    expect(at(1, 100.5)).toBeNull();
    expect(at(2, 101.5)).toMatchObject({ action: 'PARTIAL_50', why: 'take_profit' });
    expect(at(10, 101.5)).toBeNull();
    expect(at(20, 98.5)).toMatchObject({ action: 'FULL_CLOSE_PROPOSED', why: 'stop_loss' });
    expect(at(61, 100)).toMatchObject({ action: 'FULL_CLOSE_PROPOSED', why: 'time' });
  });

  it('runs away from its moment on, whatever it holds', () => {
    const spec = specOf('runaway');
    const { atSec, everySec } = spec.runsAway!;
    const bot = botOf(spec);
    const held = { quantity: 1, entryUsd: 100 };
    let opened = 0;
    for (let second = atSec; second < atSec + 60; second++) {
      if (bot.decide(second, CALM, held)?.kind !== 'open') continue;
      bot.opened(second, false);
      opened++;
    }
    expect(opened).toBe(60 / everySec);
  });

  it('is alarmed after a jump, and says when the regime is new', () => {
    const [calm] = openings(botOf(specOf('scalper')), CALM, 0, 500);
    const alarmedBot = botOf(specOf('scalper'));
    const [alarmed] = openings(alarmedBot, { ...CALM, jumpAgeSec: 5, regimeAgeSec: 3 }, 0, 500);
    expect(calm!.killScore).toBeLessThanOrEqual(0.5);
    expect(calm!.regimeFlip).toBe(0);
    expect(alarmed!.killScore).toBeGreaterThanOrEqual(0.55);
    expect(alarmed!.regimeFlip).toBe(1);
  });
});
