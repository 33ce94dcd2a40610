/**
 * How each component's metrics move, as a table. Figures are read from the engine's columns right after a tick: what a
 * metric says is what was decided, not a second computation.
 */
import { allocationMetrics } from './allocation-metrics.ts';
import { attributionMetrics } from './attribution-metrics.ts';
import { budgetMetrics } from './budget-metrics.ts';
import { efficiencyMetrics } from './efficiency-metrics.ts';
import { proposerMetrics } from './proposer-metrics.ts';
import type { MovedMetrics } from './moved-metrics.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';
import type { TickingComponent } from '../declarations.ts';

export const METRICS_OF: { readonly [Name in TickingComponent]: (book: MetricBook) => MovedMetrics } = {
  budget: budgetMetrics,
  attribution: attributionMetrics,
  allocation: allocationMetrics,
  efficiency: efficiencyMetrics,
  proposer: proposerMetrics,
};
