/**
 * P2.8 portfolio budget: how much capital a symbol may hold, shrunk by stress. Formulas: spec/model.md, P2.8.
 */
import { Column, ensureColumns } from '../column.ts';
import { clamp, clamp01 } from '../num.ts';
import { UNKNOWN_VOL, type Context } from '../context/context.ts';
import type { PortfolioView } from '../portfolio/portfolio.ts';
import type { Settings } from '../settings.ts';

export class Budget {
  /** The newest budget of each symbol; `ts` 0 where there was none yet. */
  readonly columns = {
    ts: new Column(),
    budgetUsd: new Column(),
    stress: new Column(),
    clusterStress: new Column(),
    vol: new Column(),
  };

  /** The account the newest budgets were made from: a tick makes those of all symbols. */
  account = { equityUsd: 0, heat: 0 };

  ensure(count: number): void {
    ensureColumns(this.columns, count);
  }

  /**
   * Computes the budgets of `symbols` at `tick`. None (returns false) where the portfolio is older than
   * `P28_MAX_LKG_AGE_SEC`: the last ones stay and age.
   */
  tick(
    tick: number,
    symbols: Int32Array,
    portfolio: PortfolioView,
    context: Context,
    settings: Settings,
  ): boolean {
    if (portfolio.ageSec > settings.P28_MAX_LKG_AGE_SEC) return false;
    const { equityUsd, heat } = portfolio;
    this.account = { equityUsd, heat };
    const equity = Math.max(equityUsd, 0);
    const roof = settings.MAX_SYMBOL_PCT * equity;
    const ts = this.columns.ts.data;
    const budgets = this.columns.budgetUsd.data;
    const stresses = this.columns.stress.data;
    const clusterStresses = this.columns.clusterStress.data;
    const vols = this.columns.vol.data;
    const marketTs = context.columns.marketTs.data;
    const marketVol = context.columns.vol.data;
    const configuredCluster = context.columns.configuredCluster.data;
    const executionCluster = context.columns.executionCluster.data;
    const { stressTs, stress: stressOf } = context;
    const {
      STALE_DATA_SEC,
      ALPHA_HEAT,
      BETA_CLUSTER,
      GAMMA_VOL,
      BASE_RISK_PCT,
      MIN_BUDGET_USD,
      MAX_BUDGET_USD,
    } = settings;
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      const configured = configuredCluster[symbol]!;
      const cluster = configured >= 0 ? configured : executionCluster[symbol]!;
      const clusterFresh = cluster >= 0 && tick - stressTs[cluster]! <= STALE_DATA_SEC;
      const clusterStress = clusterFresh ? stressOf[cluster]! : 0;
      const volFresh = tick - marketTs[symbol]! <= STALE_DATA_SEC && marketVol[symbol]! >= 0;
      const vol = volFresh ? marketVol[symbol]! : UNKNOWN_VOL;
      const stress = clamp01(ALPHA_HEAT * heat + BETA_CLUSTER * clusterStress + GAMMA_VOL * vol);
      const wanted = equity * BASE_RISK_PCT * (1 - stress);
      ts[symbol] = tick;
      budgets[symbol] = Math.min(clamp(wanted, MIN_BUDGET_USD, MAX_BUDGET_USD), roof);
      stresses[symbol] = stress;
      clusterStresses[symbol] = clusterStress;
      vols[symbol] = vol;
    }
    return true;
  }
}

/** USD by which a position is over its budget; above 0 it is a violation. */
export function overBudgetUsd(positionNotionalUsd: number, budgetUsd: number): number {
  return Math.max(0, positionNotionalUsd - budgetUsd);
}
