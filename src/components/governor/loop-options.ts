/** What the governor's loop is given, and what it reads. */
import type { GovernorDesk } from './desk.ts';
import type { DeskInput } from './inputs.ts';
import type { Sign } from './steps.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Position } from '../../runtime/positions.ts';
import type { Ownership, SavedComponent, Store } from '../../store/store.ts';

export interface LoopOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly owner: string;
  readonly held: Ownership;
  readonly saved: SavedComponent | null;
  readonly desk: GovernorDesk;
  readonly clock: Clock;
  readonly sign: Sign;
}

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
