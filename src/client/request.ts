/** A plan before the governor, and its answer. */
import { decodeBlock, decodePermitReply, type BlockRecord } from '../contract/governor-records.ts';
import { keyOf } from '../contract/keys.ts';
import type { PermitDesk } from '../store/permits.ts';
import type { Store } from '../store/store.ts';
import { planFields, type Plan } from './plan.ts';

export type PermitAnswer =
  /** A permit lies there to be taken. */
  | { readonly granted: true }
  | {
      readonly granted: false;
      /** One of the reasons of a block, or why the plan was dropped. */
      readonly reason: string;
      /** What was compared, when it could pass (`next_eligible_at`) and how much would (`max_qty`); null: there is no record. */
      readonly block: BlockRecord | null;
    }
  /** Nobody answered in time. The plan may still be judged: do not trade without taking its permit. */
  | { readonly granted: null; readonly reason: 'no_answer' };

export interface RequestOptions {
  /** How long to wait for the answer, milliseconds. */
  readonly waitMs?: number;
  /** Ends the waiting early; the plan stays where it is. */
  readonly signal?: AbortSignal;
}

const WAIT_MS = 2000;

export async function requestPermit(
  store: Store,
  namespace: string,
  plan: Plan,
  nowSec: number,
  { waitMs = WAIT_MS, signal = new AbortController().signal }: RequestOptions = {},
): Promise<PermitAnswer> {
  const fields = planFields(plan, nowSec);
  if (!(waitMs > 0 && waitMs < Infinity)) throw new RangeError(`waitMs is ${waitMs}; it has to be above 0`);
  await store.append([{ stream: keyOf(namespace, 'plans'), fields, maxLength: null }]);
  const text = await store.permits.awaitReply(plan.planId, waitMs, signal);
  const reply = text === null ? null : decodePermitReply(text);
  if (reply === null) return { granted: null, reason: 'no_answer' };
  if (reply.granted) return { granted: true };
  const reason = reply.reason ?? 'unknown';
  const block = await findBlock(store.permits, plan.planId);
  // Where the plan was dropped, what lies there is about an earlier time it came.
  return { granted: false, reason, block: block?.reason === reason ? block : null };
}

async function findBlock(desk: PermitDesk, planId: string): Promise<BlockRecord | null> {
  const [found] = await desk.find([planId]);
  const text = found?.block ?? null;
  return text === null ? null : decodeBlock(text);
}
