/** What the dashboard's server asks of whoever reads the store for it. */
import type {
  Attribution,
  AttributionDimension,
  EventRow,
  Patch,
  Snapshot,
  SymbolDetail,
  Verdict,
} from './wire.ts';

/** `PROCESS-NUMBER`: the number rises by one with every patch; after a restart of the server another process begins anew. */
export type PatchId = string;

export interface NumberedPatch {
  readonly id: PatchId;
  readonly patch: Patch;
}

export interface Feed {
  /** Null before the first reading; also while the store does not answer the last one that was read is given. */
  readonly snapshot: Snapshot | null;
  /** Why the last reading failed, in words for people; null: it did not. */
  readonly trouble: string | null;
  /** The snapshot holds everything up to this patch. */
  readonly lastId: PatchId;
  /** Patches after that one; null: it is not known any more, begin with a snapshot. */
  since(id: PatchId): readonly NumberedPatch[] | null;
  /** Told every patch from now on, until the returned function is called. */
  subscribe(listener: (next: NumberedPatch) => void): () => void;
  /** Reads at once, for whoever just changed something; resolves when that is in the snapshot, or could not be read. */
  refresh(): Promise<void>;
  /** Null: no such symbol. */
  detail(symbol: string): SymbolDetail | null;
  /** `symbol` null: of all. */
  attribution(x: AttributionDimension, y: AttributionDimension, symbol: string | null): Attribution;
  /** Newest first. */
  verdicts(filter: {
    readonly symbol: string | null;
    readonly outcome: Verdict['outcome'] | null;
    readonly limit: number;
  }): readonly Verdict[];
  /** Newest first. */
  events(filter: { readonly event: string | null; readonly limit: number }): readonly EventRow[];
}
