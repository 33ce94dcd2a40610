/** The metrics of P2.9. Factors are taken from the targets they were used for. */
import { DRAWDOWN_ZONES } from '../../core/allocation/allocation.ts';
import { dropOver, type MovedMetrics } from './moved-metrics.ts';
import type { Engine } from '../../core/pipeline/engine.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';

/** The zone of a target on a stale budget, where no factor is used. */
const NO_ZONE = DRAWDOWN_ZONES.indexOf('UNKNOWN');

export function allocationMetrics(book: MetricBook): MovedMetrics {
  const computed = book.counter('p29_targets_computed_total');
  const shadow = book.counter('p29_shadow_pass_total');
  const enforced = book.counter('p29_enforce_overrides_total');
  const confidence = book.gauge('p29_allocation_confidence');
  const target = book.gauge('p29_target_usd');
  const loops = book.histogram('p29_loop_duration_seconds');
  const factors = factorMetrics(book);
  const fallbacks = fallbackMetrics(book);
  let before = 0;
  return {
    ticked: (engine, tick) => {
      if (engine.modes.P29_MODE === 'shadow') shadow.add();
      const { ts, targetUsd, confidence: confidences } = engine.allocation.columns;
      for (const symbol of engine.symbols.allById()) {
        const madeAt = ts.data[symbol]!;
        if (madeAt !== tick) {
          dropOver([target, confidence], symbol, madeAt, [before, tick], engine.settings.TARGET_TTL_SEC);
          continue;
        }
        computed.addAt(symbol);
        target.setAt(symbol, targetUsd.data[symbol]!);
        confidence.setAt(symbol, confidences.data[symbol]!);
      }
      factors(engine, tick);
      fallbacks(engine, tick);
      before = tick;
    },
    decided: (symbol, decision) => {
      if (decision.type === 'allocation' && decision.mode === 'enforce') enforced.addAt(symbol);
    },
    tookSec: (seconds) => loops.observe(seconds),
  };
}

function factorMetrics(book: MetricBook): (engine: Engine, tick: number) => void {
  const regimeGauge = book.gauge('p29_regime_factor');
  const clusterGauge = book.gauge('p29_cluster_factor');
  const drawdownGauge = book.gauge('p29_drawdown_factor');
  return ({ allocation, context, symbols, settings }, tick) => {
    const { ts, zone, cluster, regimeFactor, clusterFactor, drawdownFactor } = allocation.columns;
    const { regimeTs } = context.columns;
    const byCluster = new Float64Array(context.clusters.size).fill(Number.NaN);
    let general = Number.NaN;
    let drawdown = Number.NaN;
    for (const symbol of symbols.allById()) {
      if (ts.data[symbol] !== tick || zone.data[symbol] === NO_ZONE) continue;
      drawdown = drawdownFactor.data[symbol]!;
      const hasOwnRegime = tick - regimeTs.data[symbol]! <= settings.STALE_DATA_SEC;
      if (!hasOwnRegime) general = regimeFactor.data[symbol]!;
      const clusterId = cluster.data[symbol]!;
      if (clusterId >= 0) byCluster[clusterId] = clusterFactor.data[symbol]!;
    }
    regimeGauge.set(general);
    drawdownGauge.set(drawdown);
    byCluster.forEach((factor, id) => clusterGauge.set(context.clusterName(id), factor));
  };
}

function fallbackMetrics(book: MetricBook): (engine: Engine, tick: number) => void {
  const counter = book.counter('p29_stale_fallback_total');
  return (engine, tick) => {
    const { allocation, context, symbols, settings } = engine;
    const { ts, zone, regime, cluster, fallback } = allocation.columns;
    const { STALE_DATA_SEC } = settings;
    let [budgets, regimes, clusters, performances] = [0, 0, 0, 0];
    for (const symbol of symbols.allById()) {
      if (ts.data[symbol] !== tick) continue;
      if (zone.data[symbol] === NO_ZONE) {
        budgets++;
        continue;
      }
      const clusterId = cluster.data[symbol]!;
      const stressTs = clusterId >= 0 ? context.stressTs[clusterId]! : 0;
      if (regime.data[symbol]! < 0) regimes++;
      if (tick - stressTs > STALE_DATA_SEC) clusters++;
      if (fallback.data[symbol] === 1) performances++;
    }
    counter.add('portfolio', engine.portfolioAt(tick).ageSec > STALE_DATA_SEC ? 1 : 0);
    counter.add('budget', budgets);
    counter.add('regime', regimes);
    counter.add('cluster', clusters);
    counter.add('performance', performances);
  };
}
