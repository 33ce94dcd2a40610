/**
 * Forgets regime, cluster and signal names that nothing refers to any more, so that a producer who makes up new ones
 * for ever costs no more than what the windows hold. Numbers change, names and decisions do not.
 */
import type { Column } from '../column.ts';
import type { Engine } from './engine.ts';

/** Names are forgotten once there are twice as many as are in use, and so many more. */
const SPARE = 1000;

export class Compactor {
  readonly #engine: Engine;
  /** Up to so many names nobody counts which are in use: counting walks every window. */
  #labelLimit = SPARE;
  #clusterLimit = SPARE;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Returns each cluster's new number by its old one (-1: forgotten), or null where clusters keep theirs. */
  compact(): Int32Array | null {
    if (this.#engine.labels.size > this.#labelLimit) this.#compactLabels();
    return this.#engine.context.clusters.size > this.#clusterLimit ? this.#compactClusters() : null;
  }

  #compactLabels(): void {
    const { labels, attribution } = this.#engine;
    const marks = new Uint8Array(labels.size);
    // What has no name is `UNKNOWN`, which is number 0.
    marks[0] = 1;
    attribution.markLabels(marks);
    this.#labelLimit = limitOf(marks);
    if (labels.size > this.#labelLimit) attribution.relabel(labels.retain(marks));
  }

  #compactClusters(): Int32Array | null {
    const { context } = this.#engine;
    const marks = new Uint8Array(context.clusters.size);
    // A stress that was said once counts for whoever joins the cluster later.
    context.stressTs.forEach((ts, id) => {
      if (ts > 0) marks[id] = 1;
    });
    this.#eachCluster((data, symbol) => {
      if (data[symbol]! >= 0) marks[data[symbol]!] = 1;
    });
    this.#clusterLimit = limitOf(marks);
    if (context.clusters.size <= this.#clusterLimit) return null;
    const moved = context.retainClusters(marks);
    this.#eachCluster((data, symbol) => {
      if (data[symbol]! >= 0) data[symbol] = moved[data[symbol]!]!;
    });
    return moved;
  }

  #eachCluster(visit: (data: Column['data'], symbol: number) => void): void {
    const { context, allocation, symbols } = this.#engine;
    const { configuredCluster, executionCluster } = context.columns;
    for (const { data } of [configuredCluster, executionCluster, allocation.columns.cluster])
      for (let symbol = 0; symbol < symbols.size; symbol++) visit(data, symbol);
  }
}

function limitOf(marks: Uint8Array): number {
  let used = 0;
  for (const mark of marks) used += mark;
  return 2 * used + SPARE;
}
