/** Steps of a governor for tests of stores: whole, sound and small. */
import { createHash } from 'node:crypto';
import { encodeKeptPermit } from '../../src/contract/kept-permit.ts';
import { encodePermitReply, encodePermitUse } from '../../src/contract/governor-records.ts';
import { keptPermit } from './kept-permit.ts';
import type { BlockStep, Deciding, IssueStep } from '../../src/store/permits.ts';
import type { Store } from '../../src/store/store.ts';

/** Becomes the governor. */
export async function governing(store: Store, owner = 'one'): Promise<Deciding> {
  const { held } = await store.claim(owner, ['governor']);
  const saved = await store.load('governor');
  return { owner, epoch: held[0]!.epoch, sequence: saved?.sequence ?? 0 };
}

/** A permit that lives a minute from now. */
export function issueOf(planId: string, changes: Partial<IssueStep> & { epoch?: number } = {}): IssueStep {
  const { epoch = 0, ...others } = changes;
  const nowSec = Date.now() / 1000;
  const symbol = changes.symbol ?? 'BTCUSDT';
  const permit = changes.permit ?? JSON.stringify({ granted: true, plan_id: planId, symbol });
  const kept = encodeKeptPermit(
    keptPermit({
      symbol,
      reducing: changes.opens === false,
      issuedAt: nowSec,
      expiresAt: nowSec + 60,
      epoch,
      digest: createHash('sha1').update(permit).digest('hex'),
    }),
  );
  return {
    kind: 'issue',
    planId,
    entryId: '1-1',
    judgedOn: { flag: { kind: 'text', text: null }, revision: epoch },
    reply: encodePermitReply({ granted: true, reason: null }),
    events: [['event', 'PERMIT_ISSUED', 'plan_id', planId]],
    symbol,
    opens: true,
    permit,
    lifeMs: 60_000,
    use: encodePermitUse({ outcome: 'issued', issued_at: nowSec, ended_at: null }),
    kept,
    instead: null,
    issuedAt: String(nowSec),
    daily: { day: '2026-11-21', notional: '100.5' },
    ...others,
  };
}

export function blockOf(planId: string, changes: Partial<BlockStep> = {}): BlockStep {
  return {
    kind: 'block',
    planId,
    entryId: '1-1',
    judgedOn: { flag: { kind: 'text', text: null }, revision: 0 },
    reply: encodePermitReply({ granted: false, reason: 'burst_limit_exceeded' }),
    events: [['event', 'PLAN_BLOCKED', 'plan_id', planId]],
    block: '{"reason":"burst_limit_exceeded"}',
    disarm: null,
    reduces: false,
    ...changes,
  };
}
