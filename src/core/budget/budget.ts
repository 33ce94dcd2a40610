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
    equityUsd: new Column(),
    heat: new Column(),
    clusterStress: new Column(),
    vol: new Column(),
  };

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
    const equity = Math.max(equityUsd, 0);
    const roof = settings.MAX_SYMBOL_PCT * equity;
    const ts = this.columns.ts.data;
    const budgets = this.columns.budgetUsd.data;
    const stresses = this.columns.stress.data;
    const equities = this.columns.equityUsd.data;
    const heats = this.columns.heat.data;
    const clusterStresses = this.columns.clusterStress.data;
    const vols = this.columns.vol.data;
    const marketTs = context.columns.marketTs.data;
    const marketVol = context.columns.vol.data;
    for (const symbol of symbols) {
      const cluster = context.clusterOf(symbol);
      const clusterFresh = cluster >= 0 && tick - context.stressTs[cluster]! <= settings.STALE_DATA_SEC;
      const clusterStress = clusterFresh ? context.stress[cluster]! : 0;
      const volFresh = tick - marketTs[symbol]! <= settings.STALE_DATA_SEC && marketVol[symbol]! >= 0;
      const vol = volFresh ? marketVol[symbol]! : UNKNOWN_VOL;
      const stress = clamp01(
        settings.ALPHA_HEAT * heat + settings.BETA_CLUSTER * clusterStress + settings.GAMMA_VOL * vol,
      );
      const wanted = equity * settings.BASE_RISK_PCT * (1 - stress);
      ts[symbol] = tick;
      budgets[symbol] = Math.min(clamp(wanted, settings.MIN_BUDGET_USD, settings.MAX_BUDGET_USD), roof);
      stresses[symbol] = stress;
      equities[symbol] = equityUsd;
      heats[symbol] = heat;
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
