/**
 * The port between components and the store: what they need of it, in our words. Two adapters, Redis and memory, pass
 * the same suite (test/conformance). Keys are whole (src/contract/keys.ts makes them); values are text; times are the
 * store's own clock in Unix milliseconds.
 */

import type { FlatFields, HashAnswer, HashRequest } from './fields.ts';
import type { PermitDesk } from './permits.ts';

export type { FlatFields, HashAnswer, HashRequest };

/** A stream entry's id, `milliseconds-sequence`. */
export type EntryId = string;

export interface StreamEntry {
  readonly id: EntryId;
  readonly fields: FlatFields;
}

/** What a stream says about itself; null where there is no such stream. */
export interface StreamFacts {
  /** Entries it holds. */
  readonly length: number;
  /** Entries ever added, removed ones too. */
  readonly added: number;
  /** The oldest entry it still holds; null: none. */
  readonly firstId: EntryId | null;
  /** The newest id it ever gave out. */
  readonly lastId: EntryId;
}

export interface StreamPosition {
  readonly stream: string;
  /** Entries after this one are wanted; `0-0`: all. */
  readonly after: EntryId;
  /** At most so many entries. */
  readonly count: number;
}

export interface StreamAnswer {
  readonly stream: string;
  /** Oldest first. Fewer than asked for: there are no more as of `nowMs`. */
  readonly entries: readonly StreamEntry[];
  readonly facts: StreamFacts | null;
  /** Why the stream could not be read (it is of another type, this user may not), else null. */
  readonly error: string | null;
}

export interface Reading {
  /** The store's clock before anything was read: an entry not in here has an id of this millisecond or a later one. */
  readonly nowMs: number;
  /** In the order asked. */
  readonly streams: readonly StreamAnswer[];
}

/** A component as its owner knows it: every commit names the epoch, and is refused once another owner has a later one. */
export interface Ownership {
  readonly component: string;
  readonly epoch: number;
}

/** Who holds a component, as someone who does not sees it. */
export interface OtherOwner {
  readonly component: string;
  readonly owner: string;
  readonly epoch: number;
}

export interface Claims {
  readonly held: readonly Ownership[];
  readonly others: readonly OtherOwner[];
}

/** Everything a component had committed. */
export interface SavedComponent {
  /** How many commits there were; the next one names it. */
  readonly sequence: number;
  /** Field → value as the last commits left them. */
  readonly meta: ReadonlyMap<string, string>;
  /** Symbol → record. */
  readonly records: ReadonlyMap<string, string>;
  /** Chunks, oldest first. */
  readonly seen: readonly string[];
}

/** A component's share of a commit. */
export interface CommitPart extends Ownership {
  /** The number of commits it had when this state was read: no commit came between. */
  readonly sequence: number;
  /** Fields that changed. */
  readonly meta: FlatFields;
  /** Symbols and their records, in turns: those that changed. */
  readonly records: FlatFields;
  /** Appended to the seen chunks; null: nothing. */
  readonly seen: string | null;
  /** So many of the oldest seen chunks are dropped. */
  readonly dropSeen: number;
}

/** What others see of a commit, in this order. */
export type Output =
  /** Replaces the whole hash. */
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly fields: FlatFields;
      readonly lifeSec: number | null;
    }
  /**
   * Changes fields of a hash that has `fieldCount` fields; of any other (gone, of another type, someone else's) nothing,
   * and its key is in `rewrite`. `lifeSec` null leaves its life as it is.
   */
  | {
      readonly kind: 'update';
      readonly key: string;
      readonly fields: FlatFields;
      readonly fieldCount: number;
      readonly lifeSec: number | null;
    }
  /** Adds an entry to a stream, which keeps about `maxLength`. */
  | {
      readonly kind: 'append';
      readonly key: string;
      readonly fields: FlatFields;
      readonly maxLength: number;
    }
  | { readonly kind: 'delete'; readonly key: string }
  /** Adds an unusable entry of `stream` to its dead letters `key`, unless another component already did: source ids only rise. */
  | {
      readonly kind: 'deadLetter';
      readonly stream: string;
      readonly sourceId: EntryId;
      readonly key: string;
      readonly fields: FlatFields;
      readonly maxLength: number;
    }
  /** Makes symbols known to whoever looks for some. */
  | { readonly kind: 'index'; readonly symbols: readonly string[] };

export interface Commit {
  readonly owner: string;
  readonly parts: readonly CommitPart[];
  readonly outputs: readonly Output[];
}

export type CommitResult =
  /** Done now, or before: a repeat of a commit whose answer was lost changes nothing. */
  | {
      readonly outcome: 'done';
      /** Hashes an `update` did not find as expected: to be put whole. */
      readonly rewrite: readonly string[];
      /** Outputs the store refused, one by one; the state moved on all the same. */
      readonly refused: readonly { readonly key: string; readonly error: string }[];
    }
  /** Nothing was changed: these components have another owner, or another commit came between. */
  | { readonly outcome: 'fenced'; readonly components: readonly string[] };

export interface AppendRequest {
  readonly stream: string;
  readonly fields: FlatFields;
  /** About so many entries are kept; null: all. */
  readonly maxLength: number | null;
}

/** What the store says about itself, for `status` and `doctor`. */
export interface StoreFacts {
  readonly kind: 'redis' | 'memory';
  readonly version: string;
  /** Where it is, without user and password. */
  readonly where: string;
  readonly nowMs: number;
  /** Its settings and figures by name, as far as this user may see them (`appendonly`, `maxmemory-policy`, ...). */
  readonly details: ReadonlyMap<string, string>;
}

/**
 * Every method rejects with `StoreError` where the store cannot do it; within the deadline, whatever the connection does.
 * None is tried again by itself.
 */
export interface Store extends AsyncDisposable {
  readonly kind: 'redis' | 'memory';

  /** New entries of several streams, each stream's facts and the clock, in one round trip. */
  read(positions: readonly StreamPosition[]): Promise<Reading>;

  /**
   * Waits up to `waitMs` until one of the streams has an entry after its position, on a connection of its own; answers with
   * what there is then: only streams that have entries, in the order asked. Empty: nothing came, or `signal` aborted.
   */
  wait(
    positions: readonly StreamPosition[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly stream: string; readonly entries: readonly StreamEntry[] }[]>;

  /** Hashes as they are now, in the order asked; a thousand of them in one round trip. */
  hashes(requests: readonly HashRequest[]): Promise<readonly HashAnswer[]>;

  /**
   * Keys that begin with `prefix`, a bounded step of a walk over all keys; `cursor` is `0` to begin with and `0` again
   * when the walk is round. A step may find nothing; a key may come twice.
   */
  scan(
    prefix: string,
    cursor: string,
  ): Promise<{ readonly cursor: string; readonly keys: readonly string[] }>;

  /** Symbols made known by `index`; null where none came since `count`, the number there were before. */
  knownSymbols(count: number): Promise<readonly string[] | null>;

  /**
   * Takes over each of `components` that nobody holds, whose lease ran out, or whose holder has not been heard of for
   * `LEASE_MS`, or that `owner` itself holds. Holders are heard of with every commit and every `claim`.
   */
  claim(owner: string, components: readonly string[]): Promise<Claims>;

  /** Gives up what is still held, so that a successor need not wait. */
  release(owner: string, held: readonly Ownership[]): Promise<void>;

  /** What a component committed; null: nothing yet. First completes a commit that was cut short after it was decided. */
  load(component: string): Promise<SavedComponent | null>;

  /** All or nothing of `parts` and `outputs`; outputs may become visible one after the other. */
  commit(commit: Commit): Promise<CommitResult>;

  /** Adds entries to streams, as producers do; returns their ids in order. Durable once it resolves, as far as the store is. */
  append(requests: readonly AppendRequest[]): Promise<readonly EntryId[]>;

  /** Changes single fields of a hash as an operator does (modes, acknowledgements); a null value removes the field. */
  writeFields(
    key: string,
    fields: readonly (readonly [field: string, value: string | null])[],
  ): Promise<void>;

  /** Sets a string as an operator does by hand, whatever lay under the key; null deletes it. */
  setText(key: string, text: string | null): Promise<void>;

  facts(): Promise<StoreFacts>;

  /** What has to be one step between a plan and an order. */
  readonly permits: PermitDesk;
}

/** A holder not heard of for so long may be replaced. */
export const LEASE_MS = 3000;

/**
 * Why the store did not do it. `unreachable`: no answer, what was sent may have been done or not. `refused`: it answered
 * with an error and did nothing. `unusable`: what it holds is not what we wrote, or of another version.
 */
export type StoreErrorKind = 'unreachable' | 'refused' | 'unusable';

export class StoreError extends Error {
  readonly kind: StoreErrorKind;
  /** The first word of the store's answer (`OOM`, `READONLY`, `NOPERM`), or what happened to the connection (`TIMEOUT`, `CLOSED`). */
  readonly code: string;

  constructor(kind: StoreErrorKind, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.kind = kind;
    this.code = code;
  }
}

/** Compares two entry ids: below 0 where the first is older. Throws `RangeError` where one is none. */
export function compareIds(a: EntryId, b: EntryId): number {
  const [aMs, aSeq] = parseId(a);
  const [bMs, bSeq] = parseId(b);
  return aMs === bMs ? aSeq - bSeq : aMs - bMs;
}

/** Milliseconds of an entry id. */
export function idMs(id: EntryId): number {
  return parseId(id)[0];
}

function parseId(id: EntryId): [ms: number, sequence: number] {
  const dash = id.indexOf('-');
  const ms = Number(id.slice(0, dash));
  const sequence = Number(id.slice(dash + 1));
  if (dash < 1 || !Number.isSafeInteger(ms) || !Number.isFinite(sequence))
    throw new RangeError(`${id} is no id of a stream entry`);
  return [ms, sequence];
}
