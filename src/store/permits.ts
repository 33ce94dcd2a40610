/**
 * The port's part about permits: what must be one step between a plan and an order. Texts (permits, blocks, replies) come
 * ready from src/contract; an adapter decides only whether a step may be done, and does all of it or nothing. Two adapters
 * pass the same suite (test/conformance).
 */
import type { TradingState } from '../core/event.ts';
import type { FlatFields, HashAnswer, HashRequest } from './fields.ts';

/** What `quantum:kill` holds: `text` null where there is no such key; `unreadable` where it is of another type or forbidden. */
export type KillFlag =
  | { readonly kind: 'text'; readonly text: string | null }
  | { readonly kind: 'unreadable'; readonly error: string };

/** Whether orders may be placed, and what Ballast remembers about it (the hash `ballast:trading`). */
export interface Trading {
  readonly flag: KillFlag;
  /** What was switched on and not re-armed since: an absent flag does not end it. */
  readonly latched: TradingState;
  /** The flag as it was when the trading state was last changed or noted; undefined: it never was. */
  readonly noted: KillFlag | undefined;
  /** Rises with every change of the trading state, every re-arming and every voiding; permits carry it as their epoch. */
  readonly revision: number;
  /** Permits of an epoch below it are void: all, and those of openings. */
  readonly voidAllBelow: number;
  readonly voidOpeningsBelow: number;
  /** Symbol → why (src/contract/governor-records.ts, `decodeDisarmed`). */
  readonly disarmed: ReadonlyMap<string, string>;
}

/** What plans are judged on, read in one round trip: nothing in it is older than `nowMs`. */
export interface Look {
  /** The store's clock before anything was read. */
  readonly nowMs: number;
  readonly trading: Trading;
  /** In the order asked. */
  readonly hashes: readonly HashAnswer[];
}

/** The governor as the owner of its component: every step names the number of steps and commits before it. */
export interface Deciding {
  readonly owner: string;
  readonly epoch: number;
  readonly sequence: number;
}

/** What every decision about a plan holds. */
interface Decided {
  readonly planId: string;
  /** The id of the plan's entry: how far the plans are decided. */
  readonly entryId: string;
  /** The trading state it was judged on: the flag and the revision. Another now: nothing is done. */
  readonly judgedOn: Pick<Trading, 'flag' | 'revision'>;
  /** The JSON a waiting executor gets; replaces one that waits, lives 60 s. */
  readonly reply: string;
  /** Entries of the stream of governor events, in order. */
  readonly events: readonly FlatFields[];
}

/** A permit, written with all it brings: use record, counters, reservation, reply, event. */
export interface IssueStep extends Decided {
  readonly kind: 'issue';
  readonly symbol: string;
  readonly opens: boolean;
  /** The permit's JSON and how long it lives. */
  readonly permit: string;
  readonly lifeMs: number;
  /** The JSON of the use record (outcome `issued`), which lives 24 h. */
  readonly use: string;
  /** The kept record (src/contract/kept-permit.ts), with which it counts, reserves and can be taken. */
  readonly kept: string;
  /** Why a plan that had a permit may get another: the first ran out or was voided untaken, or its result said it failed; null: it had none. */
  readonly instead: 'untaken' | 'failed' | null;
  /** Unix seconds as text, for the list of permit times. */
  readonly issuedAt: string;
  /** The UTC day and the USD permitted that it is added to, as text; null: nothing is added. */
  readonly daily: { readonly day: string; readonly notional: string } | null;
}

/** No permit: the block, and what it set off. */
export interface BlockStep extends Decided {
  readonly kind: 'block';
  /** The JSON of the block, which lives 1 h. */
  readonly block: string;
  /** The symbol is disarmed, with this JSON; null: it is not. */
  readonly disarm: { readonly symbol: string; readonly text: string } | null;
  /** Openings are stopped altogether: the flag is set to `reduce` and latched, outstanding openings are voided. */
  readonly reduces: boolean;
}

export type Step = IssueStep | BlockStep;

/**
 * Steps are done in order until one is not; none after it is done.
 * `fenced`: someone else owns the governor now, or decided in between. `moved`: the trading state or the disarming of the
 * symbol is another than it was judged on. `permitted`: the plan has a permit it may not have another beside.
 * `refused`: a key is of another type, or this user may not write it. Where the whole server says no (out of memory, read-only),
 * the call rejects instead: it is no fault of the plan's.
 */
export interface StepsAnswer {
  /** Steps done, counted from the first; repeats of steps done before count. */
  readonly done: number;
  /** Why the next one was not; null: all were done. */
  readonly stopped: null | {
    readonly why: 'fenced' | 'moved' | 'permitted' | 'refused';
    readonly detail: string;
  };
  /** The revision after the last step done: a block that stops openings raises it. */
  readonly revision: number;
}

/** Why a permit could not be taken. */
export const TAKE_REFUSALS = [
  /** There is no such permit and no sign of one. */
  'unknown',
  'used',
  'expired',
  'voided',
  /** The trading state forbids it now. */
  'halted',
  'reducing',
  /** `dry_run` permits are for looking at. */
  'dry_run',
  /** What lies under the key is not what was issued. */
  'altered',
  /** The store's clock is before the permit's beginning: it was set back. */
  'early',
] as const;
export type TakeRefusal = (typeof TAKE_REFUSALS)[number];

export type TakeAnswer =
  | { readonly taken: true; readonly permit: string; readonly nowMs: number }
  | { readonly taken: false; readonly why: TakeRefusal };

/** An operator's act, or what a hand or a clock did to the store. */
export interface TradingChange {
  /** `switch`: the flag is set. `note`: the flag was set by hand, and what follows from it is done. `void`: outstanding permits only. */
  readonly kind: 'switch' | 'note' | 'void';
  /** For `switch`; of `note` the flag decides. */
  readonly state: TradingState | null;
  readonly by: string;
  readonly reason: string;
}

export interface TradingChanged {
  /** False where there was nothing to note. */
  readonly changed: boolean;
  readonly state: TradingState;
  readonly revision: number;
  /** Outstanding permits that were voided. */
  readonly voided: number;
}

/** The permit of a plan, its use record and its block as they lie there, as text; null where there is none. */
export interface PlanTexts {
  readonly permit: string | null;
  readonly use: string | null;
  readonly block: string | null;
}

export interface PermitDesk {
  /** The trading state and hashes, in one round trip. */
  look(requests: readonly HashRequest[]): Promise<Look>;

  /** Steps of one governor, one after the other, in one round trip; each all or nothing. A repeat of a step whose answer was lost changes nothing. */
  decide(deciding: Deciding, steps: readonly Step[]): Promise<StepsAnswer>;

  /** Replies without a decision, for plans that are dropped: each replaces the one that waits. */
  reply(replies: readonly { readonly planId: string; readonly reply: string }[]): Promise<void>;

  /** Takes a permit: afterwards it is gone, its use record says `used`, and an entry of `ballast:takes` and a `PERMIT_TAKEN` event say when. */
  take(planId: string): Promise<TakeAnswer>;

  /** The next reply to a plan, waiting up to `waitMs` for it; null: none came. On a connection of its own. */
  awaitReply(planId: string, waitMs: number, signal: AbortSignal): Promise<string | null>;

  /** Of each plan what lies in the store. */
  find(planIds: readonly string[]): Promise<readonly PlanTexts[]>;

  /**
   * What became of permits whose time is over, whose plan failed, or that someone took with a plain `GETDEL`: their use record,
   * where it still says `issued`, says this now. They are outstanding no more; but for `used`, one that still lies there is deleted.
   */
  settle(
    ended: readonly { readonly planId: string; readonly outcome: 'expired' | 'voided' | 'used' }[],
    atSec: string,
  ): Promise<void>;

  /**
   * Changes the trading state. Halting deletes every outstanding permit in the same step, reducing those of openings; `ACTIVE`
   * re-arms everything. Each change is a `KILL_SWITCH` event.
   */
  change(change: TradingChange): Promise<TradingChanged>;

  /** Re-arms a symbol, or all (null). A `REARM` event. Returns the symbols that were disarmed. */
  rearm(symbol: string | null, by: string, reason: string): Promise<readonly string[]>;
}
