/** The account: kept from executions and cash flows, or fed. */
import { describe, expect, it } from 'vitest';
import { cashflow, portfolio, T0 } from '../../../test/support/engine-events.ts';
import {
  applyCashflow,
  applyPortfolio,
  applyProfit,
  equityUsd,
  newPortfolio,
  viewPortfolio,
} from './portfolio.ts';

describe('an account of its own', () => {
  it('adds profits up and keeps the peak', () => {
    const state = newPortfolio(1000);
    applyProfit(state, 200);
    applyProfit(state, -300);
    expect(viewPortfolio(state, T0)).toEqual({ equityUsd: 900, drawdown: 0.25, heat: 0, ageSec: 0 });
  });

  it('moves equity and peak by a cash flow', () => {
    const state = newPortfolio(1000);
    applyProfit(state, -100);
    applyCashflow(state, cashflow(T0, 1000));
    expect(viewPortfolio(state, T0)).toMatchObject({ equityUsd: 1900, drawdown: 100 / 2000 });
    applyCashflow(state, cashflow(T0, -1500));
    expect(viewPortfolio(state, T0)).toMatchObject({ equityUsd: 400, drawdown: 0.2 });
  });

  it('has no drawdown while its peak is not above 0', () => {
    const state = newPortfolio(0);
    applyProfit(state, -10);
    expect(viewPortfolio(state, T0)).toMatchObject({ equityUsd: -10, drawdown: 0 });
    applyCashflow(state, cashflow(T0, -5));
    expect(viewPortfolio(state, T0).drawdown).toBe(0);
  });

  it('stays finite', () => {
    const state = newPortfolio(1e308);
    applyProfit(state, 1e308);
    expect(equityUsd(state)).toBe(Number.MAX_VALUE);
    applyProfit(state, -1e308);
    applyProfit(state, -1e308);
    applyProfit(state, -1e308);
    expect(Number.isFinite(equityUsd(state))).toBe(true);
  });
});

describe('a fed account', () => {
  it('shows what it was fed, as old as it is', () => {
    const state = newPortfolio(1000);
    applyPortfolio(state, portfolio(T0 - 10, 5000, { drawdown: 0.1, heat: 0.3 }));
    expect(viewPortfolio(state, T0)).toEqual({ equityUsd: 5000, drawdown: 0.1, heat: 0.3, ageSec: 10 });
  });

  it('takes a missing drawdown from the highest equity ever fed, not from its own', () => {
    const state = newPortfolio(1e6);
    applyPortfolio(state, portfolio(T0, 800));
    expect(viewPortfolio(state, T0).drawdown).toBe(0);
    applyPortfolio(state, portfolio(T0, 1000, { drawdown: 0.5 }));
    applyPortfolio(state, portfolio(T0, 900));
    expect(viewPortfolio(state, T0).drawdown).toBeCloseTo(0.1, 12);
  });

  it('replaces all fields: without heat it is 0', () => {
    const state = newPortfolio(1000);
    applyPortfolio(state, portfolio(T0, 800, { heat: 0.9, drawdown: 0.2 }));
    applyPortfolio(state, portfolio(T0 + 1, 800));
    expect(viewPortfolio(state, T0 + 1)).toMatchObject({ heat: 0, drawdown: 0 });
  });

  it('never falls back to executions, however old it gets', () => {
    const state = newPortfolio(1000);
    applyPortfolio(state, portfolio(T0, 800));
    applyProfit(state, 500);
    applyCashflow(state, cashflow(T0, 500));
    expect(viewPortfolio(state, T0 + 1e6)).toMatchObject({ equityUsd: 800, ageSec: 1e6 });
    expect(equityUsd(state)).toBe(800);
  });

  it('keeps its drawdown finite, since a saved state goes through JSON', () => {
    const state = newPortfolio(1000);
    applyPortfolio(state, portfolio(T0, Number.MAX_VALUE));
    applyPortfolio(state, portfolio(T0, -Number.MAX_VALUE));
    expect(Number.isFinite(viewPortfolio(state, T0).drawdown)).toBe(true);
  });
});
