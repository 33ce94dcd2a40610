/**
 * What the runner drives: one or more components that share their state in this process. The machine knows the trading;
 * the runner (runner.ts) knows streams, time, commits and what can go wrong with the store.
 */
import type {
  CommitPart,
  HashAnswer,
  HashRequest,
  Output,
  SavedComponent,
  StreamEntry,
} from '../store/store.ts';

export interface MachineInput {
  /** Short, for people and labels: `execution.result`. */
  readonly name: string;
  /** The stream's whole key. */
  readonly stream: string;
  /** Nothing can be said while it cannot be read; without the others, as if nothing new were there. */
  readonly isEssential: boolean;
}

/** A component's share of a commit, but for what the runner adds: its epoch, its sequence, the positions. */
export type ComponentChanges = Pick<CommitPart, 'component' | 'meta' | 'records' | 'seen' | 'dropSeen'>;

export interface Changes {
  readonly parts: readonly ComponentChanges[];
  readonly outputs: readonly Output[];
}

/** How an input can fail to be readable: `gone` had entries and does not exist any more; `unreadable` answers with an error. */
export type InputState = 'readable' | 'gone' | 'unreadable';

export interface Machine {
  readonly components: readonly string[];
  /** Entries of the same millisecond apply in this order. */
  readonly inputs: readonly MachineInput[];
  /** What each component of this machine reads. */
  inputsOf(component: string): readonly string[];

  /** Puts in place what was committed, before anything else; null for a component that never committed. */
  restore(saved: ReadonlyMap<string, SavedComponent | null>): void;

  /** The next tick, Unix seconds; Infinity before `begin`. */
  readonly nextTick: number;
  readonly shortestIntervalSec: number;
  /** Ticks begin at or after this moment, for components that have not begun. */
  begin(nowSec: number): void;
  /** The store's clock was set back for longer than anyone can wait: ticks go on from here. */
  resync(nowSec: number): void;

  /** An entry of `inputs[input]`, in order of time. Never throws over what the entry holds. */
  take(input: number, entry: StreamEntry, arrivalSec: number): void;

  /** Hashes to be looked at: the operators' `names` before the first entry; before a tick `all`, or those of symbols met since. */
  requests(which: 'names' | 'all' | 'new'): readonly HashRequest[];
  /** The answers to the last `requests`, and the store's clock. */
  absorb(answers: readonly HashAnswer[], nowSec: number): void;
  /** Keys found by walking the store, and symbols made known by others. */
  discover(found: { readonly keys?: readonly string[]; readonly symbols?: readonly string[] }): void;
  /** What the keys to be looked for begin with. */
  readonly discoveryPrefix: string;

  /** The due tick. `inputStates` as they are by name; a component's last tick before `nowSec` is published, missed ones before it are only made. */
  tick(inputStates: ReadonlyMap<string, InputState>, nowSec: number): void;
  /** Instead of a tick, while inputs cannot be read: what can be said all the same. */
  bridge(nowSec: number, inputStates: ReadonlyMap<string, InputState>): void;

  /** So much waits to be committed that it should be, before more is taken. */
  readonly isFull: boolean;
  /** What is to be committed since the last time; taken once, then they are the runner's. */
  changes(): Changes;
  /** Hashes that have to be put whole again. */
  rewrite(keys: readonly string[]): void;
}
