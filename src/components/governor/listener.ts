/** What happens in the governor, for metrics, log and health: told after it is in the store, in the order it happened. Cheap: called for every plan. */
import type { RejectReason } from '../../contract/reject.ts';
import type { BlockDecision, DisarmDecision, PermitDecision } from '../../core/decision.ts';
import type { TradingState } from '../../core/event.ts';
import type { InputState } from '../../runtime/machine.ts';
import type { Gap } from '../../runtime/positions.ts';
import type { Phase } from '../../runtime/supervisor.ts';
import type { StoreError, StreamEntry } from '../../store/store.ts';
import type { Unpermitted } from './reconcile.ts';

/** One pass of the loop. */
export interface GovernorRound {
  /** The store's clock. */
  readonly nowMs: number;
  /** Entries read in it, of all inputs. */
  readonly entries: number;
  /** Input → seconds between its newest entry that was read and the newest there is; 0: nothing waits. */
  readonly lagSec: ReadonlyMap<string, number>;
  readonly isCaughtUp: boolean;
}

export interface TradingNews {
  readonly state: TradingState;
  /** Symbols that are disarmed. */
  readonly disarmed: readonly string[];
  /** For people: who or what changed it. */
  readonly why: string;
}

export interface GovernorListener {
  phase(phase: Phase): void;
  /** A permit is in the store. `latencySec`: from the arrival of its plan in the store; counts as of after it. */
  permitted(decision: PermitDecision, latencySec: number, lastHour: number, last5Min: number): void;
  blocked(decision: BlockDecision, disarms: readonly DisarmDecision[], latencySec: number): void;
  /** A plan that had a permit came again. */
  dropped(planId: string, symbol: string): void;
  taken(planId: string, symbol: string, how: 'take' | 'getdel'): void;
  /** A permit's time ran out and nobody had taken it. */
  expired(planId: string, symbol: string): void;
  unpermitted(what: Unpermitted): void;
  trading(news: TradingNews): void;
  /** The store's clock and a clock nobody sets moved apart by so much: outstanding permits were voided. */
  clockStepped(byMs: number): void;
  rejected(input: string, reason: RejectReason, detail: string, entry: StreamEntry): void;
  futureTime(input: string): void;
  gap(input: string, gap: Gap): void;
  inputState(input: string, state: InputState, why: string): void;
  storeFailed(operation: string, error: StoreError): void;
  /** Output that the store refused, one by one; everything else moved on. */
  outputRefused(key: string, error: string): void;
  round(round: GovernorRound): void;
}
