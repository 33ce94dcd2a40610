/** The metrics of the proposer. */
import { EFFICIENCY_REASONS } from '../../core/proposer/proposer.ts';
import { dropOver, type MovedMetrics } from './moved-metrics.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';

export function proposerMetrics(book: MetricBook): MovedMetrics {
  const loops = book.counter('p29_shadow_loops_total');
  const proposed = book.counter('p29_shadow_proposed_total');
  const multiplier = book.gauge('p29_shadow_multiplier');
  const confidence = book.gauge('p29_shadow_eff_confidence');
  const score = book.gauge('p29_shadow_eff_score');
  let before = 0;
  return {
    ticked: ({ proposer, symbols, settings }, tick) => {
      loops.add();
      const {
        ts,
        multiplier: multipliers,
        score: scores,
        confidence: confidences,
        reason,
      } = proposer.columns;
      const byReason = EFFICIENCY_REASONS.map(() => 0);
      for (const symbol of symbols.allById()) {
        const madeAt = ts.data[symbol]!;
        if (madeAt !== tick) {
          const gauges = [multiplier, confidence, score];
          dropOver(gauges, symbol, madeAt, [before, tick], settings.PROPOSE_KEY_TTL);
          continue;
        }
        byReason[reason.data[symbol]!]!++;
        multiplier.setAt(symbol, multipliers.data[symbol]!);
        confidence.setAt(symbol, orAbsent(confidences.data[symbol]!));
        score.setAt(symbol, orAbsent(scores.data[symbol]!));
      }
      EFFICIENCY_REASONS.forEach((name, i) => proposed.add(name, byReason[i]));
      before = tick;
    },
  };
}

/** An unknown figure is -1 in the engine and absent among metrics. */
function orAbsent(value: number): number {
  return value < 0 ? Number.NaN : value;
}
