/** A governor for tests of the client: it answers every plan as the test says, through the same atomic steps as the real one. */
import { createHash } from 'node:crypto';
import { formatDecimal } from '../../src/contract/decimal.ts';
import { encodeBlock, encodePermitReply, encodePermitUse } from '../../src/contract/governor-records.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { encodeKeptPermit } from '../../src/contract/kept-permit.ts';
import { encodePermit, permitOf, type Permit } from '../../src/contract/permit-record.ts';
import { keptPermit } from '../support/kept-permit.ts';
import type { BlockAdvice } from '../../src/contract/governor-records.ts';
import type { BlockDecision, PermitDecision } from '../../src/core/decision.ts';
import type { BlockStep, IssueStep, Trading } from '../../src/store/permits.ts';
import type { Ownership, Store, StreamEntry } from '../../src/store/store.ts';
import { BLOCK, PERMIT } from '../support/sample-decisions.ts';

/** What is said to a plan; `silent`: nothing. */
export type Saying =
  | ({ readonly grant: Partial<PermitDecision> } & Partial<Pick<Granting, 'sign' | 'textOf' | 'lifeSec'>>)
  | { readonly block: Partial<BlockDecision>; readonly advice?: Partial<BlockAdvice> }
  | 'silent';

interface Granting {
  readonly sign: (permit: Permit) => Permit;
  /** The text that is stored. */
  readonly textOf: (permit: Permit) => string;
  readonly lifeSec: number;
}

/** A plan as it came. */
export type PlanFields = ReadonlyMap<string, string>;

export interface HandGovernor {
  /** The plans that came, oldest first. */
  readonly plans: readonly PlanFields[];
  stop(): Promise<void>;
}

const OWNER = 'hand';

export async function startGovernor(
  store: Store,
  namespace: string,
  say: (plan: PlanFields) => Saying,
): Promise<HandGovernor> {
  const { held } = await store.claim(OWNER, ['governor']);
  const ownership = held[0];
  if (ownership === undefined) throw new Error('the governor has another owner');
  const plans: PlanFields[] = [];
  const ending = new AbortController();
  const stream = keyOf(namespace, 'plans');
  const run = async (): Promise<void> => {
    let after = '0-0';
    while (!ending.signal.aborted) {
      const found = await store.wait([{ stream, after, count: 100 }], 1000, ending.signal);
      for (const entry of found.flatMap(({ entries }) => entries)) {
        const plan = fieldsOf(entry);
        plans.push(plan);
        await answer(store, ownership, entry, plan, say(plan));
        after = entry.id;
      }
    }
  };
  const running = run();
  return {
    plans,
    stop: async () => {
      ending.abort();
      await running;
      await store.release(OWNER, [ownership]);
    },
  };
}

async function answer(
  store: Store,
  { epoch }: Ownership,
  entry: StreamEntry,
  plan: PlanFields,
  saying: Saying,
): Promise<void> {
  if (saying === 'silent') return;
  const { nowMs, trading } = await store.permits.look([]);
  const step =
    'grant' in saying
      ? issueStep(entry, plan, saying, trading, nowMs / 1000)
      : blockStep(entry, plan, saying, trading, nowMs / 1000);
  const sequence = (await store.load('governor'))?.sequence ?? 0;
  const { done, stopped } = await store.permits.decide({ owner: OWNER, epoch, sequence }, [step]);
  if (done !== 1) throw new Error(`the step was not done: ${stopped?.why} ${stopped?.detail}`);
}

function issueStep(
  entry: StreamEntry,
  plan: PlanFields,
  {
    grant,
    sign = (permit) => permit,
    textOf = encodePermit,
    lifeSec = 60,
  }: Extract<Saying, { grant: unknown }>,
  { flag, revision }: Trading,
  nowSec: number,
): IssueStep {
  const decision: PermitDecision = {
    ...PERMIT,
    plan_id: plan.get('plan_id')!,
    symbol: plan.get('symbol')!,
    created_at: nowSec,
    expires_at: nowSec + lifeSec,
    ...grant,
  };
  const permit = textOf(sign(permitOf(decision, revision)));
  return {
    kind: 'issue',
    planId: plan.get('plan_id')!,
    entryId: entry.id,
    judgedOn: { flag, revision },
    reply: encodePermitReply({ granted: true, reason: null }),
    events: [],
    symbol: decision.symbol,
    opens: !decision.reduce_only,
    permit,
    lifeMs: lifeSec * 1000,
    use: encodePermitUse({ outcome: 'issued', issued_at: nowSec, ended_at: null }),
    kept: encodeKeptPermit(
      keptPermit({
        symbol: decision.symbol,
        side: decision.side,
        reducing: decision.reduce_only,
        issuedAt: nowSec,
        expiresAt: nowSec + lifeSec,
        qty: decision.computed_qty,
        notionalUsd: decision.computed_notional,
        epoch: revision,
        digest: createHash('sha1').update(permit).digest('hex'),
      }),
    ),
    instead: null,
    issuedAt: formatDecimal(nowSec),
    daily: null,
  };
}

function blockStep(
  entry: StreamEntry,
  plan: PlanFields,
  { block, advice = {} }: Extract<Saying, { block: unknown }>,
  { flag, revision }: Trading,
  nowSec: number,
): BlockStep {
  const planId = plan.get('plan_id')!;
  const decision: BlockDecision = {
    ...BLOCK,
    plan_id: planId,
    symbol: plan.get('symbol')!,
    ts: nowSec,
    ...block,
  };
  return {
    kind: 'block',
    planId,
    entryId: entry.id,
    judgedOn: { flag, revision },
    reply: encodePermitReply({ granted: false, reason: decision.reason }),
    events: [],
    block: encodeBlock(decision, { nextEligibleAt: null, maxQty: null, ...advice }),
    disarm: null,
    reduces: false,
  };
}

export function fieldsOf({ fields }: StreamEntry): PlanFields {
  const named = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) named.set(fields[i]!, fields[i + 1]!);
  return named;
}
