/**
 * What every file format has in common: it turns a file into lines of the `ballast` format
 * (spec/replay.md), each with the place it came from, or into a refusal that says why.
 * Formats know files; what a field means is decided once, by `contract/decode`.
 */
import type { DecodeOptions } from '../../contract/decode.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { InputEvent } from '../../core/event.ts';

/** One event as the `ballast` format names its fields; values as JSON would hold them. */
export type BallastRecord = Record<string, unknown>;

/** What a format found at one place of a file. `line` counts from 1; for files without lines, rows or list entries. */
export type ReadItem =
  | { readonly line: number; readonly record: BallastRecord }
  | { readonly line: number; readonly reason: RejectReason; readonly detail: string; readonly raw: string };

/** A decoded event and where it stood: the number of its source and its line. */
export interface LocatedEvent {
  readonly event: InputEvent;
  readonly source: number;
  readonly line: number;
  /** The event's own time lay too far after its arrival; the arrival was taken. */
  readonly futureTime: boolean;
  /** Of a recorded event: which entry of which stream it was. Two recordings of it are one event. */
  readonly entry?: string;
}

export interface RejectedLine {
  readonly event: null;
  readonly source: number;
  readonly line: number;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly raw: string;
}

/**
 * A file opened for reading, gzip already undone. `bytes` may be called again and starts from the beginning. Of a gzip
 * file that ends too early it gives what there is only where that is `allowed`.
 */
export interface Source {
  /** As the user named it, for messages. */
  readonly name: string;
  /** Where it lies, for formats that need a second file beside it (a write-ahead log); null for standard input. */
  readonly path: string | null;
  bytes(early?: 'allowed'): AsyncIterable<Uint8Array>;
}

export interface FormatOptions {
  /** IANA zone name or fixed offset (`+05:30`) of times written without one. Default UTC. */
  readonly timeZone: string;
  /** Our column name to the file's: `time=Timestamp IST,fee=Fee`. Empty: recognised. */
  readonly columns: ReadonlyMap<string, string>;
  /** USD per unit of a currency that is not a dollar, for profit and fees in it: `BTC` → 42000. */
  readonly usdPer: ReadonlyMap<string, number>;
}

export type FormatName = 'ballast' | 'archive' | 'freqtrade' | 'fills-csv' | 'trades-csv';

export interface Format {
  readonly name: FormatName;
  /** Looks at the first bytes; what it recognised in a few words (said to the user), or null. */
  recognise(head: Uint8Array, source: Source): string | null;
  /** Items in file order, in batches. Throws `InputError` where the file as a whole cannot be read. */
  read(source: Source, options: FormatOptions): AsyncIterable<readonly ReadItem[]>;
  /** The same, decoded on the way, where a format can do that faster than by records. */
  readEvents?(
    source: Source,
    sourceNumber: number,
    decodeOptions: DecodeOptions,
  ): AsyncIterable<(LocatedEvent | RejectedLine)[]>;
}

/** A file as a whole cannot be used: said in one line, exit 1. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
