/**
 * What each component keeps of a symbol over a restart: a row of numbers, some of them clusters, which are kept by name.
 * Rows are compared with those committed last, so that only what changed is written. A time that is the component's last
 * tick is kept as "the last tick": otherwise every row would change at every tick.
 */
import type { Column } from '../core/column.ts';
import type { Engine } from '../core/pipeline/engine.ts';
import type { TickingComponent } from './declarations.ts';

/** Stands for the tick the component made last. */
const LAST_TICK = -1;

export interface RowLayout {
  /** The first is when the component published last; the last `clusters` hold numbers of clusters, -1 for none. */
  readonly columns: readonly Column[];
  readonly clusters: number;
  /** Whether there is anything to keep. */
  readonly isEmpty: (symbol: number) => boolean;
  /** What a row that was read back says about its symbol besides its numbers. */
  readonly mark: (symbol: number) => void;
}

export function rowLayout(component: TickingComponent, engine: Engine): RowLayout {
  switch (component) {
    case 'budget':
      return budgetRows(engine);
    case 'attribution':
      return attributionRows(engine);
    case 'allocation':
      return allocationRows(engine);
    case 'efficiency':
      return efficiencyRows(engine);
    case 'proposer':
      return proposerRows(engine);
  }
}

/** Writes a symbol's row into `out`. */
export function readRow({ columns }: RowLayout, symbol: number, tick: number, out: Float64Array): void {
  for (let i = 0; i < columns.length; i++) out[i] = columns[i]!.data[symbol]!;
  if (out[0] === tick) out[0] = LAST_TICK;
}

/** Puts a row that was read back in place. */
export function writeRow(
  { columns, mark }: RowLayout,
  symbol: number,
  tick: number,
  row: Float64Array,
): void {
  columns.forEach((column, i) => (column.data[symbol] = row[i]!));
  if (row[0] === LAST_TICK) columns[0]!.data[symbol] = tick;
  mark(symbol);
}

function budgetRows({ budget, context, symbols }: Engine): RowLayout {
  const own = budget.columns;
  const world = context.columns;
  return {
    columns: [
      own.ts,
      own.budgetUsd,
      own.stress,
      own.clusterStress,
      own.vol,
      world.marketTs,
      world.vol,
      world.mark,
      world.configuredCluster,
      world.executionCluster,
    ],
    clusters: 2,
    isEmpty: (symbol) => !symbols.isKnown(symbol),
    mark: (symbol) => symbols.markKnown(symbol),
  };
}

function attributionRows({ attribution, symbols }: Engine): RowLayout {
  const own = attribution.columns;
  return {
    columns: [own.ts, own.alpha, own.factor, own.lastExecTs, own.publishedFactor, own.publishedConfidence],
    clusters: 0,
    isEmpty: (symbol) => own.lastExecTs.data[symbol]! <= 0,
    mark: (symbol) => symbols.markKnown(symbol),
  };
}

function allocationRows({ allocation, context, symbols }: Engine): RowLayout {
  const own = allocation.columns;
  const world = context.columns;
  return {
    columns: [
      own.ts,
      own.targetUsd,
      own.baseTargetUsd,
      own.weight,
      own.regime,
      own.zone,
      own.confidence,
      own.baseBudgetUsd,
      own.regimeFactor,
      own.clusterFactor,
      own.drawdownFactor,
      own.performanceFactor,
      own.fallback,
      own.caps,
      world.regimeTs,
      world.regime,
      world.regimeConfidence,
      own.cluster,
      world.configuredCluster,
      world.executionCluster,
    ],
    clusters: 3,
    isEmpty: (symbol) =>
      own.ts.data[symbol]! <= 0 &&
      world.regimeTs.data[symbol]! <= 0 &&
      world.executionCluster.data[symbol]! < 0,
    mark: (symbol) => symbols.markNamed(symbol),
  };
}

function efficiencyRows({ efficiency, symbols }: Engine): RowLayout {
  const own = efficiency.columns;
  return {
    columns: [
      own.ts,
      own.volUsd,
      own.ddUsd,
      own.lastExecTs,
      own.gapSec,
      own.ewma,
      own.goodFactor,
      own.goodRange,
      own.goodTargetUsd,
      own.score,
      own.confidence,
      own.flags,
      own.factorConfidence,
      own.hold,
    ],
    clusters: 0,
    isEmpty: (symbol) => own.ts.data[symbol]! <= 0 && own.lastExecTs.data[symbol]! <= 0,
    mark: (symbol) => {
      if (own.lastExecTs.data[symbol]! > 0) symbols.markKnown(symbol);
      else symbols.markNamed(symbol);
    },
  };
}

function proposerRows({ proposer, symbols }: Engine): RowLayout {
  const own = proposer.columns;
  return {
    columns: [own.ts, own.baseTargetUsd, own.multiplier, own.score, own.confidence, own.reason],
    clusters: 0,
    isEmpty: (symbol) => own.ts.data[symbol]! <= 0,
    mark: (symbol) => symbols.markNamed(symbol),
  };
}
