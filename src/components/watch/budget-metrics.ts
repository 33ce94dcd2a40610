/** The metrics of P2.8. */
import { BUDGET_LIFE_SEC } from '../../core/allocation/allocation.ts';
import { dropOver, type MovedMetrics } from './moved-metrics.ts';
import type { Engine } from '../../core/pipeline/engine.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';

export function budgetMetrics(book: MetricBook): MovedMetrics {
  const enforce = book.gauge('p28_enforce_mode');
  const computed = book.counter('p28_budget_computed_total');
  const value = book.gauge('p28_budget_value_usd');
  const stress = book.gauge('p28_stress_factor');
  const stale = book.counter('p28_stale_input_total');
  const notFresh = book.counter('p28_lkg_cache_used_total');
  const tooOld = book.counter('p28_portfolio_too_old_total');
  let before = 0;
  return {
    modes: ({ P28_MODE }) => enforce.set(P28_MODE === 'enforce' ? 1 : 0),
    ticked: (engine, tick) => {
      const { budget, symbols, settings } = engine;
      const { ageSec } = engine.portfolioAt(tick);
      const isStale = ageSec > settings.P28_STALE_SEC;
      if (ageSec > settings.P28_MAX_LKG_AGE_SEC) tooOld.add();
      const { ts, budgetUsd, stress: stresses } = budget.columns;
      let made = 0;
      for (const symbol of symbols.knownById()) {
        const madeAt = ts.data[symbol]!;
        if (madeAt !== tick) {
          dropOver([value, stress], symbol, madeAt, [before, tick], BUDGET_LIFE_SEC);
          continue;
        }
        made++;
        computed.addAt(symbol);
        value.setAt(symbol, budgetUsd.data[symbol]!);
        stress.setAt(symbol, stresses.data[symbol]!);
      }
      stale.add('portfolio', isStale ? 1 : 0);
      notFresh.add(isStale ? made : 0);
      const { markets, clusters } = staleOf(engine, tick);
      stale.add('market', markets);
      stale.add('cluster_stress', clusters);
      before = tick;
    },
  };
}

/** Symbols whose market, or whose cluster's stress, is missing or too old. A symbol without a cluster wants no stress. */
function staleOf(engine: Engine, tick: number): { readonly markets: number; readonly clusters: number } {
  const { context, symbols, settings } = engine;
  const { marketTs, vol, configuredCluster, executionCluster } = context.columns;
  const { STALE_DATA_SEC } = settings;
  let markets = 0;
  let clusters = 0;
  for (const symbol of symbols.knownById()) {
    if (tick - marketTs.data[symbol]! > STALE_DATA_SEC || vol.data[symbol]! < 0) markets++;
    const configured = configuredCluster.data[symbol]!;
    const cluster = configured >= 0 ? configured : executionCluster.data[symbol]!;
    if (cluster >= 0 && tick - context.stressTs[cluster]! > STALE_DATA_SEC) clusters++;
  }
  return { markets, clusters };
}
