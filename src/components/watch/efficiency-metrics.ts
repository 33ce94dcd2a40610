/** The metrics of P3.1. */
import { Efficiency } from '../../core/efficiency/efficiency.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';
import type { MovedMetrics } from './moved-metrics.ts';

/** Bits of the flags, in the order `flagNames` names them. */
const P30_MISSING = 1;
const P30_STALE = 2;
const P29_MISSING = 4;
const P29_STALE = 8;
/** What is taken before any target was ever there. */
const NEUTRAL_TARGET_USD = new Efficiency().columns.goodTargetUsd.get(0);

export function efficiencyMetrics(book: MetricBook): MovedMetrics {
  const loops = book.counter('p31_loops_total');
  const durations = book.histogram('p31_loop_duration_seconds');
  const executions = book.counter('p31_exec_events_total');
  const score = book.gauge('p31_efficiency_score');
  const confidence = book.gauge('p31_confidence');
  const missing = book.counter('p31_inputs_missing_total');
  const stale = book.counter('p31_inputs_stale_total');
  const written = book.counter('p31_written_total');
  const lastGood = book.counter('p31_lkg_used_total');
  return {
    ticked: ({ efficiency, symbols }, tick) => {
      loops.add();
      const { ts, score: scores, confidence: confidences, flags: flagsOf, ...good } = efficiency.columns;
      for (const symbol of symbols.allById()) {
        if (ts.data[symbol] !== tick) continue;
        score.setAt(symbol, scores.data[symbol]!);
        confidence.setAt(symbol, confidences.data[symbol]!);
        const flags = flagsOf.data[symbol]!;
        if (flags === 0) continue;
        if ((flags & P30_MISSING) !== 0) missing.addAt(symbol, 'P30');
        if ((flags & P29_MISSING) !== 0) missing.addAt(symbol, 'P29');
        if ((flags & P30_STALE) !== 0) stale.addAt(symbol, 'P30');
        if ((flags & P29_STALE) !== 0) stale.addAt(symbol, 'P29');
        // A last good value that is the neutral one is taken for none: the score is the same.
        const usesFactor = (flags & P30_MISSING) !== 0 && good.goodFactor.data[symbol] !== 0;
        const usesTarget =
          (flags & P29_MISSING) !== 0 && good.goodTargetUsd.data[symbol] !== NEUTRAL_TARGET_USD;
        if (usesFactor || usesTarget) lastGood.addAt(symbol);
      }
    },
    executed: (_engine, symbol) => executions.addAt(symbol),
    decided: (symbol) => written.addAt(symbol),
    tookSec: (seconds) => durations.observe(seconds),
  };
}
