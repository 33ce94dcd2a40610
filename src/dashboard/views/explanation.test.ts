import { describe, expect, it } from 'vitest';
import type { GateStep } from '../../ops/explain/explanation.ts';
import { efficiencyView, flipViews, ladder, limitBar, type EfficiencyParts } from './explanation.ts';

const gate = (name: GateStep['gate'], more: Partial<GateStep> = {}): GateStep => ({
  ...{ gate: name, outcome: 'pass', enforced: true, reason: null, value: null, limit: null },
  ...{ setting: null, note: null },
  ...more,
});

describe('the ladder of gates', () => {
  it('keeps the order of judging, and tells each outcome by word and icon', () => {
    const outcomes = ['pass', 'block', 'would_block', 'not_evaluated', 'exempt', 'not_reached'] as const;
    const steps = ladder({ gates: outcomes.map((outcome) => gate('budget', { outcome })) });
    expect(steps.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(new Set(steps.map(({ word }) => word)).size).toBe(outcomes.length);
    expect(new Set(steps.map(({ icon }) => icon)).size).toBe(outcomes.length);
  });

  it('tells apart what was asked and what was not', () => {
    const steps = ladder({
      gates: [
        gate('kill'),
        gate('budget', { outcome: 'block' }),
        gate('hourly', { outcome: 'not_reached' }),
        gate('daily', { outcome: 'exempt' }),
      ],
    });
    expect(steps.map(({ isReached }) => isReached)).toEqual([true, true, false, false]);
  });

  it('tells money, seconds and counts apart, and how the value has to stand to its limit', () => {
    const steps = ladder({
      gates: [
        gate('budget', { setting: 'P28' }),
        gate('hourly', { setting: 'GOV_MAX_EXEC_PER_HOUR' }),
        gate('caps', { reason: 'symbol_cooldown', setting: 'GOV_SYMBOL_COOLDOWN_SECONDS' }),
        gate('caps', { reason: 'max_positions_reached', setting: 'GOV_MAX_OPEN_POSITIONS' }),
        gate('caps', { reason: 'total_notional_exceeded', setting: 'GOV_MAX_TOTAL_NOTIONAL_PCT' }),
        gate('plan', { reason: 'stale_plan' }),
        gate('plan', { reason: 'price_out_of_range' }),
        gate('kill_score'),
      ],
    });
    expect(steps.map(({ unit, relation }) => [unit, relation])).toEqual([
      ['usd', 'at most'],
      ['count', 'below'],
      ['seconds', 'at least'],
      ['count', 'below'],
      ['usd', 'at most'],
      ['seconds', 'at most'],
      ['number', 'close to'],
      ['number', 'below'],
    ]);
  });
});

describe('the bar to the limit', () => {
  it('has all limits at one place, and the value in proportion', () => {
    const half = limitBar(50, 100)!;
    expect(half.limit).toBe(limitBar(1e9, 2e9)!.limit);
    expect(half.value).toBeCloseTo(half.limit / 2);
    expect(half.share).toBe(0.5);
    expect(limitBar(100, 100)!.value).toBe(half.limit);
  });

  it('ends at its end, and says that the value goes on', () => {
    expect(limitBar(1e9, 1)).toMatchObject({ value: 1, isClipped: true });
    expect(limitBar(120, 100)).toMatchObject({ isClipped: false });
  });

  it('knows limits and values of zero and below', () => {
    expect(limitBar(0, 0)).toEqual({ value: 0, limit: 0, share: null, isClipped: false });
    expect(limitBar(5, 0)).toEqual({ value: 1, limit: 0, share: null, isClipped: true });
    expect(limitBar(-5, 100)).toMatchObject({ value: 0, share: 0 });
  });

  it('is none without two numbers', () => {
    expect(limitBar(null, 5)).toBeNull();
    expect(limitBar(5, null)).toBeNull();
    expect(limitBar(Number.NaN, 5)).toBeNull();
    expect(limitBar(5, Number.POSITIVE_INFINITY)).toBeNull();
  });
});

describe('what would have changed the verdict', () => {
  it('keeps the order it came in, and says what each change is of', () => {
    const change = { kind: 'plan', input: 'notional_usd', from: 5000, to: 4210.55, unit: 'USD' } as const;
    const views = flipViews([
      { changes: [{ ...change, text: 'less' }], becomes: 'permitted', reason: null, size: 0.16 },
      {
        changes: [
          { ...change, kind: 'setting', text: '<b>more</b>' },
          { ...change, kind: 'state', text: 'and later' },
        ],
        ...{ becomes: 'blocked', reason: 'stale_plan', size: Number.POSITIVE_INFINITY },
      },
    ]);
    expect(views.map(({ size }) => size)).toEqual([0.16, null]);
    expect(views.map(({ changes }) => changes.map(({ kindWord, text }) => [kindWord, text]))).toEqual([
      [['the plan', 'less']],
      [
        ['a setting', '<b>more</b>'],
        ['what the governor knew', 'and later'],
      ],
    ]);
    expect(new Set(views.map(({ key }) => key)).size).toBe(2);
  });
});

describe('the size of a change', () => {
  it('is told of numbers only', () => {
    const change = {
      kind: 'state',
      input: 'symbol_disarmed',
      from: true,
      to: false,
      unit: '',
      text: '',
    } as const;
    const flip = { becomes: 'permitted', reason: null, size: 1 } as const;
    expect(flipViews([{ ...flip, changes: [change] }])[0]?.size).toBeNull();
    expect(flipViews([{ ...flip, changes: [{ ...change, from: 2, to: 1 }] }])[0]?.size).toBe(1);
  });
});

describe('the parts of the score', () => {
  const parts = (costs: readonly number[]): EfficiencyParts => ({
    ...{ symbol: 'A', ts: 1, mode: 'enforce', score: 0.4, raw: 0.4, ewma: 0.5, pressure: 'HOLD' },
    ...{ reallocation_weight: 0, confidence: 1, stale_flags: '', performance_factor: 0.6 },
    ...{ performance_share: 0.8, target_usd: 100 },
    penalties: (['volatility', 'drawdown', 'hold'] as const).map((name, index) => ({
      ...{ name, ratio: costs[index]! / 2, weight: 2, cost: costs[index]! },
    })),
  });

  it('are the performance share over one and the costs', () => {
    const view = efficiencyView(parts([0.25, 0.5, 0.25]));
    expect(view.divisor).toBe(2);
    expect(view.share / view.divisor).toBe(view.raw);
    expect(view.bars.map(({ width }) => width)).toEqual([0.25, 0.5, 0.25]);
  });

  it('say what the score would be without each', () => {
    expect(efficiencyView(parts([0.25, 0.5, 0.25])).bars[1]?.withoutIt).toBeCloseTo(0.8 / 1.5);
  });

  it('have bars as long as they cost, the longest full', () => {
    expect(efficiencyView(parts([3, 1e-9, 1])).bars.map(({ width }) => width)).toEqual([1, 1e-9, 1]);
  });

  it('without any cost have empty bars', () => {
    expect(efficiencyView(parts([0, 0, 0])).bars.map(({ width }) => width)).toEqual([0, 0, 0]);
  });
});
