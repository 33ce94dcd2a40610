/** What a runner needs, and what it says of how it goes. */
import type { Ownership, Store, StoreError } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { InputState, Machine } from './machine.ts';
import type { Gap, Position } from './positions.ts';

/** Where a lagging component has to come to before it can share a machine with the others. */
export interface Target {
  /** How far those that are there have read the streams they read. */
  readonly after: ReadonlyMap<string, Position>;
  /** Of the other streams, which only those behind read: up to this time, Unix milliseconds. */
  readonly untilMs: number;
  /** The last tick that has to be made. */
  readonly tick: number;
}

/** What happens, for logs, metrics and health. Called often: cheap. */
export interface RunnerEvents {
  storeFailed(operation: string, error: StoreError): void;
  gap(input: string, gap: Gap): void;
  inputState(input: string, state: InputState, why: string | null): void;
  entryAhead(input: string): void;
  clockSetBack(byMs: number): void;
  /** After every round: how far behind each input is, and whether there is anything left to do. */
  round(round: Round): void;
  outputRefused(key: string, error: string): void;
}

export interface Round {
  readonly nowMs: number;
  readonly lagSec: ReadonlyMap<string, number>;
  readonly isCaughtUp: boolean;
  readonly applied: number;
  readonly ticks: number;
  /** Seconds from looking at the hashes to the commit being done, of the newest commit of ticks that got done since the last round; null: none did. */
  readonly cycleSec: number | null;
}

export interface RunnerOptions {
  readonly store: Store;
  readonly machine: Machine;
  readonly owner: string;
  readonly held: readonly Ownership[];
  /** All components this process would run (on the way to a target: all it holds): asked for with every sign of life. */
  readonly wanted: readonly string[];
  readonly sequences: ReadonlyMap<string, number>;
  readonly positions: ReadonlyMap<string, Position>;
  readonly clock: Clock;
  readonly events: RunnerEvents;
  /** Entries read of one stream at a time; of no consequence to what comes out. */
  readonly readCount?: number;
  /** Null: goes on until it is stopped. */
  readonly target: Target | null;
}

/** `changed`: another set of components can be had; `fenced`: some have another owner now. Both: start anew from what is committed. */
export type RunnerOutcome = 'stopped' | 'fenced' | 'changed' | 'arrived';
