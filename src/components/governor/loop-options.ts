/** What the governor's loop is given, and what it reads. */
import type { ClockGuard } from './clock-guard.ts';
import type { GovernorDesk } from './desk.ts';
import type { DeskInput } from './inputs.ts';
import type { Fates, KeptPermits } from './fates.ts';
import type { Sign } from './steps.ts';
import type { Backoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Position } from '../../runtime/positions.ts';
import type { Look } from '../../store/permits.ts';
import type { Ownership, SavedComponent, Store } from '../../store/store.ts';

export interface LoopOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly owner: string;
  readonly held: Ownership;
  readonly saved: SavedComponent | null;
  /** The permits in `saved`. */
  readonly kept: KeptPermits;
  /** What became of permits since `saved`. */
  readonly fates: Fates;
  /** The store as it was looked at after `saved` was read. */
  readonly look: Look;
  /** One for as long as the process lives: what it noticed holds on, whatever happens to a loop. */
  readonly guard: ClockGuard;
  /** Entries of plans that could not be decided, and were answered: a loop that begins anew does not try again. */
  readonly givenUp: Set<string>;
  /** How the process reads and tries again, whatever happens to a loop. */
  readonly pace: Pace;
  readonly desk: GovernorDesk;
  readonly clock: Clock;
  readonly sign: Sign;
}

export interface Pace {
  /** Entries read of one stream at a time: fewer where an answer did not come in time. */
  readCount: number;
  readonly backoff: Backoff;
}

/** Entries read of one stream at a time. */
export const READ_COUNT = 1000;

export type LoopOutcome = 'stopped' | 'fenced' | 'lost';

export interface Input {
  /** `takes`, or an input of the desk. */
  readonly kind: DeskInput | 'takes';
  /** For people and labels. */
  readonly name: string;
  readonly stream: string;
  position: Position;
  isReadable: boolean;
  lagSec: number;
}
