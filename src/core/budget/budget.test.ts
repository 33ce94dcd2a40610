/** P2.8 through whole runs: the formula, its clamps, and how old each input may be. */
import { describe, expect, it } from 'vitest';
import {
  cluster,
  clusterStress,
  execution,
  market,
  portfolio,
  position,
  T0,
} from '../../../test/support/engine-events.ts';
import { newest, runEvents, testSettings } from '../../../test/support/engine-run.ts';
import { overBudgetUsd } from './budget.ts';
import type { BudgetDecision } from '../decision.ts';
import type { InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

const UNKNOWN_STRESS = 0.2 * 0.33;

/** The budget of BTC at the tick of `tick`, which an opening fill makes the last of the run. */
function budgetAt(
  tick: number,
  events: readonly InputEvent[],
  settings: Partial<Settings> = {},
): BudgetDecision {
  const run = runEvents(testSettings(settings), [...events, execution(tick, 'BTC', null)], 'all');
  const found = run.decisions.find(
    (decision) => decision.type === 'budget' && decision.tick === tick && decision.symbol === 'BTC',
  );
  if (found?.type !== 'budget') throw new Error(`no budget at ${tick}`);
  return found;
}

describe('the budget', () => {
  it('is equity times base risk times what stress leaves', () => {
    expect(budgetAt(T0, [])).toMatchObject({
      budget_usd: 100_000 * 0.02 * (1 - UNKNOWN_STRESS),
      stress_factor: UNKNOWN_STRESS,
      vol_regime: 0.33,
      cluster_stress: 0,
      portfolio_heat: 0,
    });
  });

  it('weighs heat, cluster stress and vol regime', () => {
    const events = [
      portfolio(T0, 200_000, { heat: 0.5 }),
      cluster(T0, 'BTC', 'L1'),
      clusterStress(T0, 'L1', 0.25),
      market(T0, 'BTC', { volRegime: 'EXTREME_VOL' }),
    ];
    const decision = budgetAt(T0, events);
    expect(decision.stress_factor).toBeCloseTo(0.2 + 0.1 + 0.2, 12);
    expect(decision.budget_usd).toBeCloseTo(200_000 * 0.02 * 0.5, 9);
  });

  it('lies between its least and its most, then under the symbol’s share of equity', () => {
    expect(budgetAt(T0, [portfolio(T0, 10_000)]).budget_usd).toBe(500);
    expect(budgetAt(T0, [portfolio(T0, 1e7)]).budget_usd).toBe(10_000);
    expect(budgetAt(T0, [portfolio(T0, 1000)]).budget_usd).toBe(400);
    expect(budgetAt(T0, [portfolio(T0, 0)]).budget_usd).toBe(0);
    expect(budgetAt(T0, [portfolio(T0, -500)])).toMatchObject({ budget_usd: 0, equity_usd: -500 });
  });

  it('takes stress as at most 1', () => {
    const settings = { ALPHA_HEAT: 3 };
    expect(budgetAt(T0, [portfolio(T0, 1e6, { heat: 1 })], settings)).toMatchObject({
      stress_factor: 1,
      budget_usd: 500,
    });
  });

  it.each([
    ['LOW_VOL', null, 0],
    ['NORMAL_VOL', null, 0.33],
    ['HIGH_VOL', null, 0.67],
    ['EXTREME_VOL', 0.001, 1],
    [null, 0.0301, 1],
    [null, 0.03, 0.67],
    [null, 0.0201, 0.67],
    [null, 0.02, 0.33],
    [null, 0.005, 0.33],
    [null, 0.0049, 0],
    [null, 0, 0],
    [null, null, 0.33],
    ['ODD', 0.04, 1],
  ])('reads vol regime %s and sigma %s as %s', (volRegime, sigma, expected) => {
    expect(budgetAt(T0, [market(T0, 'BTC', { volRegime, sigma })]).vol_regime).toBe(expected);
  });

  it('forgets the last market update’s fields with the next', () => {
    const events = [market(T0, 'BTC', { volRegime: 'EXTREME_VOL' }), market(T0 + 1, 'BTC', { markPrice: 5 })];
    expect(budgetAt(T0 + 5, events).vol_regime).toBe(0.33);
  });

  it.each([
    [60, 1, 0.9],
    [65, 0.33, 0],
  ])('uses market and cluster stress up to 60 s: %s s old', (ageSec, vol_regime, cluster_stress) => {
    const events = [
      cluster(T0, 'BTC', 'L1'),
      clusterStress(T0, 'L1', 0.9),
      market(T0, 'BTC', { volRegime: 'EXTREME_VOL' }),
    ];
    expect(budgetAt(T0 + ageSec, events)).toMatchObject({ vol_regime, cluster_stress });
  });

  it('uses a fed portfolio and its heat up to 900 s, then makes no new budget', () => {
    const events = [execution(T0, 'BTC', 1), portfolio(T0, 50_000, { heat: 1 })];
    expect(budgetAt(T0 + 900, events)).toMatchObject({ equity_usd: 50_000, portfolio_heat: 1 });
    expect(() => budgetAt(T0 + 905, events)).toThrow('no budget');
  });

  it('is made for symbols with an execution or a position, and no others', () => {
    const run = runEvents(testSettings(), [
      position(T0, 'POS', 0),
      execution(T0, 'OPENED', null),
      market(T0, 'MARKET', { markPrice: 1 }),
      cluster(T0, 'CLUSTER', 'X'),
    ]);
    expect([...run.pipeline.final()].map(([symbol]) => symbol)).toEqual(['OPENED', 'POS']);
    expect(newest(run, 'budget', 'OPENED').tick).toBe(T0);
  });
});

describe('a position over its budget', () => {
  it('is over by what exceeds it', () => {
    expect(overBudgetUsd(1000, 400)).toBe(600);
    expect(overBudgetUsd(400, 400)).toBe(0);
    expect(overBudgetUsd(0, 400)).toBe(0);
  });
});
