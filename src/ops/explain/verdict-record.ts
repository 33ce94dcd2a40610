/** What is recorded about a plan: the event of its verdict, its block, its use and what the governor keeps of its permit. */
import { lookThrough } from './source.ts';
import { parseDecimal } from '../../contract/decimal.ts';
import {
  decodeBlock,
  decodePermitUse,
  type BlockRecord,
  type PermitUse,
} from '../../contract/governor-records.ts';
import { decodeJudged } from '../../contract/judged-on.ts';
import { decodeKeptPermit, KEPT_PREFIX, type KeptPermit } from '../../contract/kept-permit.ts';
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import { decodeTraces } from '../../contract/permit-record.ts';
import { BLOCK_REASONS, type BlockReason } from '../../core/governor/reasons.ts';
import { fieldsOf } from '../governor/verdicts.ts';
import type { GateTrace } from '../../core/decision.ts';
import type { JudgedOn } from '../../core/governor/judged-on.ts';
import type { Store, StreamEntry } from '../../store/store.ts';

/** An entry of the governor's events that says what became of a plan. */
export interface VerdictEvent {
  readonly planId: string;
  readonly symbol: string;
  readonly bot: string | null;
  /** Unix seconds. */
  readonly at: number;
  /** Null: permitted. */
  readonly reason: BlockReason | null;
  readonly traces: readonly GateTrace[];
  readonly judged: JudgedOn | null;
  /** The digest of the settings it was judged under; null: of a version that did not say. */
  readonly config: string | null;
  readonly fields: ReadonlyMap<string, string>;
}

export interface PlanRecord {
  /** The newest; null: it is gone, or there never was one. */
  readonly event: VerdictEvent | null;
  readonly block: BlockRecord | null;
  readonly use: PermitUse | null;
  readonly kept: KeptPermit | null;
}

/** The clock of who wrote the record and the one of the ids may differ a little, and what is written takes a moment. */
const SLACK_MS = 5000;

/** Null where nothing is recorded about such a plan. */
export async function readPlanRecord(
  store: Store,
  namespace: string,
  planId: string,
): Promise<PlanRecord | null> {
  const field = KEPT_PREFIX.permit + planId;
  const [[texts], [records]] = await Promise.all([
    store.permits.find([planId]),
    store.hashes([{ key: ownKeyOf(namespace, 'records', 'governor'), fields: [field] }]),
  ]);
  const block = decodeBlock(texts?.block ?? '');
  const use = decodePermitUse(texts?.use ?? '');
  const at = Math.max(block?.timestamp ?? 0, use?.issued_at ?? 0);
  const event = await findVerdict(store, namespace, planId, at);
  if (event === null && block === null && use === null) return null;
  return { event, block, use, kept: keptFrom(records?.get(field)) };
}

/** `at`: when it was judged, as far as that is known; 0: not at all. */
async function findVerdict(
  store: Store,
  namespace: string,
  planId: string,
  at: number,
): Promise<VerdictEvent | null> {
  const stream = keyOf(namespace, 'governorEvents');
  let newest: VerdictEvent | null = null;
  const look = (entry: StreamEntry): VerdictEvent | null => {
    if (!entry.fields.includes(planId)) return null;
    const event = verdictIn(entry);
    return event?.planId === planId ? event : null;
  };
  if (at > 0) {
    const isThere = await lookThrough(store, stream, at * 1000 - SLACK_MS, (entry) => {
      const found = look(entry);
      if (found !== null) newest = found;
      return found?.at === at;
    });
    if (isThere) return newest;
  }
  await lookThrough(store, stream, 0, (entry) => {
    newest = look(entry) ?? newest;
    return false;
  });
  return newest;
}

/** Null where an entry is about something else, or cannot be read. */
export function verdictIn(entry: StreamEntry): VerdictEvent | null {
  const fields = fieldsOf(entry.fields);
  const event = fields.get('event');
  if (event !== 'PERMIT_ISSUED' && event !== 'PLAN_BLOCKED') return null;
  const planId = fields.get('plan_id');
  const symbol = fields.get('symbol');
  const at = parseDecimal(fields.get('timestamp'));
  if (planId === undefined || symbol === undefined || at === null) return null;
  const reason =
    event === 'PERMIT_ISSUED' ? null : BLOCK_REASONS.find((name) => name === fields.get('reason'));
  if (reason === undefined) return null;
  const bot = fields.get('bot') ?? '';
  return {
    planId,
    symbol,
    bot: bot === '' ? null : bot,
    at,
    reason,
    traces: decodeTraces(fields.get('gates') ?? '') ?? [],
    judged: decodeJudged(fields.get('judged') ?? ''),
    config: fields.get('config') ?? null,
    fields,
  };
}

function keptFrom(text: string | undefined): KeptPermit | null {
  if (text === undefined) return null;
  try {
    return decodeKeptPermit(text);
  } catch (error) {
    // Of a version that keeps it in another way.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
