/**
 * All state of a pipeline as plain, versioned data: what goes through JSON and back continues bit for bit.
 */
import { loadColumns, saveColumns } from './column.ts';
import type { AttributionState } from './attribution/attribution.ts';
import type { ContextState } from './context/context.ts';
import type { GovernorState } from './governor/governor.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import type { PortfolioState } from './portfolio/portfolio.ts';

/** Counts up with every change of the saved form. */
export const SNAPSHOT_VERSION = 2;

export interface Snapshot {
  readonly version: number;
  readonly lastEventTs: number;
  readonly next: readonly number[];
  readonly pending: readonly number[];
  readonly seen: readonly string[];
  readonly symbols: { readonly names: readonly string[]; readonly known: readonly number[] };
  readonly labels: readonly string[];
  readonly portfolio: PortfolioState;
  readonly context: ContextState;
  readonly attribution: AttributionState;
  readonly budget: Record<string, number[]>;
  readonly budgetAccount: { readonly equityUsd: number; readonly heat: number };
  readonly allocation: Record<string, number[]>;
  readonly efficiency: Record<string, number[]>;
  readonly proposer: Record<string, number[]>;
  readonly governor: GovernorState;
}

/** The parts of a snapshot, for checking one that comes from a file. */
export const SNAPSHOT_PARTS = [
  'version',
  'lastEventTs',
  'next',
  'pending',
  'seen',
  'symbols',
  'labels',
  'portfolio',
  'context',
  'attribution',
  'budget',
  'budgetAccount',
  'allocation',
  'efficiency',
  'proposer',
  'governor',
] as const satisfies readonly (keyof Snapshot)[];

export function savePipeline(pipeline: Pipeline): Snapshot {
  const { engine } = pipeline;
  const count = engine.symbols.size;
  return {
    version: SNAPSHOT_VERSION,
    lastEventTs: pipeline.lastEventTs,
    next: [...pipeline.next],
    pending: [...pipeline.pending],
    seen: pipeline.seen.save(),
    symbols: engine.symbols.save(),
    labels: engine.labels.save(),
    portfolio: structuredClone(engine.portfolio),
    context: engine.context.save(count),
    attribution: engine.attribution.save(count),
    budget: saveColumns(engine.budget.columns, count),
    budgetAccount: { ...engine.budget.account },
    allocation: saveColumns(engine.allocation.columns, count),
    efficiency: saveColumns(engine.efficiency.columns, count),
    proposer: saveColumns(engine.proposer.columns, count),
    governor: engine.governor.save(),
  };
}

/**
 * Puts a snapshot into a new pipeline with the settings it was saved with. Throws `RangeError` where it is of another
 * version or was saved with another window length.
 */
export function loadPipeline(pipeline: Pipeline, snapshot: Snapshot): void {
  if (snapshot.version !== SNAPSHOT_VERSION)
    throw new RangeError(
      `the state is of version ${snapshot.version}, this program reads version ${SNAPSHOT_VERSION}`,
    );
  const { engine } = pipeline;
  for (const name of snapshot.symbols.names) engine.symbolId(name);
  for (const id of snapshot.symbols.known) engine.symbols.markKnown(id);
  for (const label of snapshot.labels) engine.labels.id(label);
  engine.portfolio = structuredClone(snapshot.portfolio);
  engine.context.load(snapshot.context);
  engine.attribution.load(snapshot.attribution, snapshot.symbols.names.length);
  loadColumns(engine.budget.columns, snapshot.budget);
  engine.budget.account = { ...snapshot.budgetAccount };
  loadColumns(engine.allocation.columns, snapshot.allocation);
  loadColumns(engine.efficiency.columns, snapshot.efficiency);
  loadColumns(engine.proposer.columns, snapshot.proposer);
  engine.governor.load(snapshot.governor);
  pipeline.seen.load(snapshot.seen);
  pipeline.pending = [...snapshot.pending];
  snapshot.next.forEach((tick, component) => (pipeline.next[component] = tick));
  pipeline.lastEventTs = snapshot.lastEventTs;
  pipeline.resume();
}
