/**
 * What other programs say about the world: market, regime, cluster and stress, each with the time it was said.
 * Kept as columns by symbol; a missing value has time 0, older than any limit.
 */
import { Column, ensureColumns, loadColumns, saveColumns } from '../column.ts';
import { Names } from '../names.ts';
import type { ClusterStressEvent, MarketEvent, Regime, RegimeEvent } from '../event.ts';

/** Vol regime assumed where the market says nothing: that of `NORMAL_VOL`. */
export const UNKNOWN_VOL = 0.33;
export const REGIMES: readonly Regime[] = ['TREND', 'MEAN_REVERSION', 'CHOP'];
/** The name shown where no regime, cluster or signal is known. */
export const UNKNOWN = 'UNKNOWN';

export interface ContextState {
  columns: Record<string, number[]>;
  clusters: string[];
  stress: { ts: number[]; value: number[] };
  regime: { ts: number; regime: number; confidence: number };
}

export class Context {
  readonly columns = {
    marketTs: new Column(),
    /** 0..1, or -1 where the update said neither vol regime nor sigma. */
    vol: new Column(-1),
    /** USD; 0 where the update had none. */
    mark: new Column(),
    regimeTs: new Column(),
    regime: new Column(),
    regimeConfidence: new Column(),
    configuredCluster: new Column(-1),
    executionCluster: new Column(-1),
  };
  readonly clusters = new Names();
  /** By cluster number: when its stress was said (0: never) and what it was, 0..1. */
  stressTs: number[] = [];
  stress: number[] = [];
  /** The regime that holds for every symbol without its own. */
  general = { ts: 0, regime: 0, confidence: 0 };

  ensure(count: number): void {
    ensureColumns(this.columns, count);
  }

  applyMarket(symbol: number, event: MarketEvent): void {
    this.columns.marketTs.data[symbol] = event.stateTs;
    this.columns.vol.data[symbol] = volOf(event);
    this.columns.mark.data[symbol] = event.markPrice ?? 0;
  }

  /** `symbol` -1: the general regime. */
  applyRegime(symbol: number, event: RegimeEvent): void {
    const regime = REGIMES.indexOf(event.regime);
    const confidence = event.confidence ?? 0.5;
    if (symbol < 0) {
      this.general = { ts: event.stateTs, regime, confidence };
      return;
    }
    this.columns.regimeTs.data[symbol] = event.stateTs;
    this.columns.regime.data[symbol] = regime;
    this.columns.regimeConfidence.data[symbol] = confidence;
  }

  configureCluster(symbol: number, cluster: string): void {
    this.columns.configuredCluster.data[symbol] = this.clusterId(cluster);
  }

  /** The cluster an execution of the symbol named; the newest counts where none is configured. */
  noteExecutionCluster(symbol: number, cluster: string): void {
    this.columns.executionCluster.data[symbol] = this.clusterId(cluster);
  }

  applyClusterStress(event: ClusterStressEvent): void {
    const id = this.clusterId(event.cluster);
    if (id < 0) return;
    this.stressTs[id] = event.stateTs;
    this.stress[id] = event.stress;
  }

  /** The number of a cluster; -1 for `UNKNOWN`, which is no cluster. */
  clusterId(cluster: string): number {
    if (cluster === UNKNOWN) return -1;
    const id = this.clusters.id(cluster);
    while (this.stressTs.length <= id) {
      this.stressTs.push(0);
      this.stress.push(0);
    }
    return id;
  }

  clusterName(id: number): string {
    return id < 0 ? UNKNOWN : this.clusters.name(id);
  }

  /** Forgets clusters without a mark. Returns each old number's new one, -1 where it is forgotten. */
  retainClusters(marked: Uint8Array): Int32Array {
    const moved = this.clusters.retain(marked);
    const keep = (_value: number, id: number): boolean => moved[id]! >= 0;
    this.stressTs = this.stressTs.filter(keep);
    this.stress = this.stress.filter(keep);
    return moved;
  }

  save(count: number): ContextState {
    return {
      columns: saveColumns(this.columns, count),
      clusters: this.clusters.save(),
      stress: { ts: [...this.stressTs], value: [...this.stress] },
      regime: { ...this.general },
    };
  }

  load(state: ContextState): void {
    loadColumns(this.columns, state.columns);
    for (const name of state.clusters) this.clusterId(name);
    for (let id = 0; id < state.stress.ts.length; id++) {
      this.stressTs[id] = state.stress.ts[id]!;
      this.stress[id] = state.stress.value[id]!;
    }
    this.general = { ...state.regime };
  }
}

const VOL_BY_NAME: ReadonlyMap<string, number> = new Map([
  ['LOW_VOL', 0],
  ['NORMAL_VOL', 0.33],
  ['HIGH_VOL', 0.67],
  ['EXTREME_VOL', 1],
]);

/** Vol regime as 0..1 by its name, else by sigma (a fraction, as volatility of returns); -1 where neither is known. */
function volOf(event: MarketEvent): number {
  const named = event.volRegime === null ? undefined : VOL_BY_NAME.get(event.volRegime);
  if (named !== undefined) return named;
  if (event.sigma === null) return -1;
  if (event.sigma > 0.03) return 1;
  if (event.sigma > 0.02) return 0.67;
  return event.sigma < 0.005 ? 0 : 0.33;
}
