/** The metrics of P3.0. */
import { saturate } from '../../core/num.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';
import type { MovedMetrics } from './moved-metrics.ts';

export function attributionMetrics(book: MetricBook): MovedMetrics {
  const computed = book.counter('p30_attributions_computed_total');
  const alpha = book.gauge('p30_alpha_score');
  const factor = book.gauge('p30_performance_factor');
  const confidence = book.gauge('p30_confidence');
  const lastKnownGood = book.counter('p30_lkg_used_total');
  const pnl = book.gauge('p30_execution_pnl_total');
  const loops = book.histogram('p30_loop_duration_seconds');
  /** Since the process began, by name: numbers change with every machine. */
  const pnlUsd = new Map<string, number>();
  return {
    ticked: ({ attribution, symbols }, tick) => {
      const { ts, alpha: alphas, publishedFactor, publishedConfidence } = attribution.columns;
      for (const symbol of symbols.knownById()) {
        if (ts.data[symbol] !== tick) continue;
        computed.addAt(symbol);
        alpha.setAt(symbol, alphas.data[symbol]!);
        factor.setAt(symbol, publishedFactor.data[symbol]!);
        confidence.setAt(symbol, publishedConfidence.data[symbol]!);
      }
    },
    executed: (_engine, symbol, event) => {
      if (event.pnlUsd === null) return;
      const soFarUsd = saturate((pnlUsd.get(event.symbol) ?? 0) + event.pnlUsd);
      pnlUsd.set(event.symbol, soFarUsd);
      pnl.setAt(symbol, soFarUsd);
    },
    begins: ({ symbols }) => {
      for (const [name, usd] of pnlUsd) if (symbols.has(name)) pnl.setAt(symbols.id(name), usd);
    },
    lastKnownGood: (symbol) => lastKnownGood.addAt(symbol),
    tookSec: (seconds) => loops.observe(seconds),
  };
}
