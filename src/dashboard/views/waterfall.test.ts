import { describe, expect, it } from 'vitest';
import type { Waterfall, WaterfallStep } from './explanation.ts';
import { waterfallView } from './waterfall.ts';

/** A waterfall whose every step is its factor times what came before. */
function multiplied(base: number, ...factors: readonly [WaterfallStep['name'], number][]): Waterfall {
  let value = base;
  const steps = factors.map(([name, factor]) => {
    const before_usd = value;
    value = before_usd * factor;
    return { name, factor, before_usd, after_usd: value, because: 'TREND' };
  });
  return {
    ...{ symbol: 'BTCUSDT', ts: 1, mode: 'enforce', base_budget_usd: base, steps, target_usd: value },
    confidence: 0.8,
  };
}

describe('the waterfall', () => {
  it('has a bar for the base budget, one for each factor and one for the target', () => {
    const { bars, isExact, overall } = waterfallView(multiplied(1000, ['regime', 1.2], ['cluster', 0.5]));
    expect(bars.map(({ kind, title, afterUsd, change }) => [kind, title, afterUsd, change])).toEqual([
      ['base', 'Base budget', 1000, 'none'],
      ['step', 'Regime', 1200, 'up'],
      ['step', 'Cluster stress', 600, 'down'],
      ['target', 'Target', 600, 'none'],
    ]);
    expect(isExact).toBe(true);
    expect(overall).toBe(0.6);
  });

  it('draws base and target from zero, and a step between before and after', () => {
    const { bars, zero } = waterfallView(multiplied(1000, ['regime', 1.25], ['caps', 0.4]));
    expect(zero).toBe(0);
    expect(bars.map(({ from, to, at }) => [from, to, at])).toEqual([
      [0, 0.8, 0.8],
      [0.8, 1, 1],
      [0.4, 1, 0.4],
      [0, 0.4, 0.4],
    ]);
  });

  it.each([
    ['zero', multiplied(0, ['regime', 1.2])],
    ['a factor of zero', multiplied(500, ['caps', 0], ['rounding', 1])],
    ['a negative value', multiplied(500, ['proposal', -1])],
    ['only negative values', multiplied(-500, ['proposal', 2])],
    ['1e9', multiplied(1e9, ['regime', 1.2], ['performance', 1.5], ['cluster', 1e-12])],
    ['no steps', multiplied(700)],
  ])('stays in its drawing with %s', (_name, given) => {
    const { bars, zero } = waterfallView(given);
    for (const { from, to, at } of bars) {
      expect(from).toBeLessThanOrEqual(to);
      for (const place of [from, to, at, zero]) {
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThanOrEqual(1);
      }
    }
  });

  it('puts zero where it is when values are negative', () => {
    const { zero, bars } = waterfallView(multiplied(500, ['proposal', -1]));
    expect(zero).toBe(0.5);
    expect(bars[1]).toMatchObject({ from: 0, to: 1 });
  });

  it('says when the factors do not lead to the target to the last bit', () => {
    const good = multiplied(0.1, ['regime', 3], ['cluster', 0.7]);
    expect(waterfallView(good).isExact).toBe(true);
    expect(waterfallView({ ...good, target_usd: good.target_usd * (1 + Number.EPSILON) }).isExact).toBe(
      false,
    );
    const torn = good.steps.map((step, index) =>
      index === 1 ? { ...step, before_usd: step.before_usd + 1 } : step,
    );
    expect(waterfallView({ ...good, steps: torn }).isExact).toBe(false);
    const other = { ...good.steps[1]!, before_usd: 5, after_usd: 5 * 0.7 };
    expect(waterfallView({ ...good, steps: [good.steps[0]!, other], target_usd: 5 * 0.7 }).isExact).toBe(
      false,
    );
  });

  it('has no multiple of a budget of zero', () => {
    expect(waterfallView(multiplied(0)).overall).toBeNull();
  });

  it('tells steps of one name apart', () => {
    const keys = waterfallView(multiplied(5, ['caps', 1], ['caps', 1])).bars.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
