/** A permit on its way from the store to the order: taken once, checked, and good only until its time is over. */
import { PLAN_ID_GRAMMAR } from '../contract/symbol.ts';
import type { Permit } from '../contract/permit-record.ts';
import type { Verifier, VerifyRefusal } from '../signing/verifier.ts';
import type { TakeRefusal } from '../store/permits.ts';
import type { Store } from '../store/store.ts';
import { checkName } from './fields.ts';

/**
 * Why there is no permit to act on. What the store says (`unknown`, `used`, …) leaves the permit as it was; all else was found after
 * it was taken, so it is used up.
 */
export type Refusal = TakeRefusal | VerifyRefusal | (typeof CLIENT_REFUSALS)[number];
/** What neither the store nor the signature tells. */
export const CLIENT_REFUSALS = ['other_plan', 'unknown_mode'] as const;

export interface TakenPermit {
  readonly taken: true;
  readonly permit: Permit;
  /** Whether its signature was checked; false: the client knows no key. */
  readonly verified: boolean;
  /** What may be ordered at most, the downsizing already in it; null: `permit.close_fraction` of the position, reducing only. */
  readonly permittedQty: number | null;
  /** Ask right before the order is sent. False: its time is over, or would be before the venue has the order. */
  isStillGood(): boolean;
  /** Milliseconds until `isStillGood` says no; 0: it does. */
  msLeft(): number;
}

export type TakeResult =
  TakenPermit | { readonly taken: false; readonly reason: Refusal; readonly detail: string };

/** Clocks of this computer. */
export interface Clocks {
  /** The wall clock, Unix milliseconds. */
  readonly nowMs: () => number;
  /** One that nobody sets. */
  readonly monotonicMs: () => number;
}

/** The quantity a permit allows: `computed_qty` with the downsizing, which counts once. Null where it is not known. */
export function permittedQty({ computed_qty: qty, downsize_factor: factor }: Permit): number | null {
  return qty === null ? null : qty * factor;
}

/** Modes in which orders are placed. A mode that is not known may mean anything. */
const PLACING_MODES: readonly string[] = ['testnet', 'production'];

export async function takePermit(
  store: Store,
  verifier: Verifier,
  planId: string,
  clocks: Clocks,
  marginMs: number,
): Promise<TakeResult> {
  checkName('plan id', planId, PLAN_ID_GRAMMAR);
  // Time runs from before the store was asked: however late its answer is read, that is not too late.
  const elapsedMs = stopwatch(clocks);
  const answer = await store.permits.take(planId);
  if (!answer.taken) return refused(answer.why, 'the store did not hand it out');
  const verified = verifier.verify(answer.permit);
  if (!verified.ok) return refused(verified.reason, verified.detail);
  const { permit } = verified;
  if (permit.plan_id !== planId) return refused('other_plan', `it is the permit of plan ${permit.plan_id}`);
  if (permit.apply_mode === 'dry_run') return refused('dry_run', 'permits of a dry run are for looking at');
  if (!PLACING_MODES.includes(permit.apply_mode))
    return refused('unknown_mode', `its apply_mode is none of ${PLACING_MODES.join(', ')}`);
  // Its whole life at most: with a store's clock that was set back it would seem to have more.
  const lifeMs = Math.min(
    permit.expires_at * 1000 - answer.nowMs,
    (permit.expires_at - permit.created_at) * 1000,
  );
  const msLeft = (): number => Math.max(0, lifeMs - marginMs - elapsedMs());
  if (msLeft() === 0)
    return refused('expired', `less than the safety margin of ${marginMs} ms was left when its answer came`);
  return {
    taken: true,
    permit,
    verified: verified.verified,
    permittedQty: permittedQty(permit),
    isStillGood: () => msLeft() > 0,
    msLeft,
  };
}

/** By whichever clock says more: one stands still while a computer sleeps, the other can be set. */
function stopwatch({ nowMs, monotonicMs }: Clocks): () => number {
  const startMs = nowMs();
  const startMonotonicMs = monotonicMs();
  return () => Math.max(nowMs() - startMs, monotonicMs() - startMonotonicMs);
}

function refused(reason: Refusal, detail: string): TakeResult {
  return { taken: false, reason, detail };
}
