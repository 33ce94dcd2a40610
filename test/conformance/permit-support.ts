/** What the suite's parts about permits share: a governor that decides, and what its steps left. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { encodePermitUse, type PermitUse } from '../../src/contract/governor-records.ts';
import { encodeKeptPermit, type KeptPermit } from '../../src/contract/kept-permit.ts';
import { keyOf, ownKeyOf } from '../../src/contract/keys.ts';
import { keptPermit } from '../support/kept-permit.ts';
import type { BlockStep, Deciding, IssueStep, Step, StepsAnswer, Trading } from '../../src/store/permits.ts';
import type { FlatFields, Store } from '../../src/store/store.ts';
import { fieldsIn, hashOf, own, type Bench } from './suite-support.ts';

export const SYMBOL = 'BTCUSDT';
export const GRANTED = '{"granted":true,"reason":null}';
export const BLOCKED = '{"granted":false,"reason":"hourly_limit_exceeded"}';

export type JudgedOn = Pick<Trading, 'flag' | 'revision'>;
type IssueChange = Partial<IssueStep> & { readonly keptAs?: Partial<KeptPermit> };

/** The owner of the governor, which knows where its chain is. */
export class GovernorRig {
  readonly store: Store;
  readonly owner: string;
  readonly epoch: number;
  sequence: number;

  static async claim(store: Store, owner = 'one'): Promise<GovernorRig> {
    const { epoch } = await own(store, owner, 'governor');
    return new GovernorRig(store, owner, epoch, (await store.load('governor'))?.sequence ?? 0);
  }

  constructor(store: Store, owner: string, epoch: number, sequence = 0) {
    this.store = store;
    this.owner = owner;
    this.epoch = epoch;
    this.sequence = sequence;
  }

  get deciding(): Deciding {
    return { owner: this.owner, epoch: this.epoch, sequence: this.sequence };
  }

  async judgedOn(): Promise<JudgedOn> {
    const { flag, revision } = (await this.store.permits.look([])).trading;
    return { flag, revision };
  }

  /** An opening permit of 100 USD for a minute, unless `more` says otherwise; its kept record goes with it. */
  async issue(planId: string, { keptAs = {}, ...more }: IssueChange = {}): Promise<IssueStep> {
    const { nowMs, trading } = await this.store.permits.look([]);
    const { flag, revision } = trading;
    const opens = more.opens ?? true;
    const permit = more.permit ?? `{"granted":true,"plan_id":"${planId}"}`;
    const kept = keptPermit({
      issuedAt: nowMs / 1000,
      expiresAt: nowMs / 1000 + 60,
      reducing: !opens,
      symbol: more.symbol ?? SYMBOL,
      epoch: more.judgedOn?.revision ?? revision,
      digest: createHash('sha1').update(permit).digest('hex'),
      ...keptAs,
    });
    return {
      kind: 'issue',
      planId,
      entryId: `${nowMs}-0`,
      judgedOn: { flag, revision },
      reply: GRANTED,
      events: [['event', 'PERMIT_ISSUED', 'plan_id', planId]],
      symbol: SYMBOL,
      opens,
      permit,
      lifeMs: 60_000,
      use: encodePermitUse({ outcome: 'issued', issued_at: nowMs / 1000, ended_at: null }),
      kept: encodeKeptPermit(kept),
      instead: null,
      issuedAt: String(nowMs / 1000),
      daily: { day: '2026-11-21', notional: '100' },
      ...more,
    };
  }

  async block(planId: string, more: Partial<BlockStep> = {}): Promise<BlockStep> {
    return {
      kind: 'block',
      planId,
      entryId: '7-0',
      judgedOn: await this.judgedOn(),
      reply: BLOCKED,
      events: [['event', 'PLAN_BLOCKED', 'plan_id', planId]],
      block: `{"reason":"hourly_limit_exceeded","plan_id":"${planId}"}`,
      disarm: null,
      reduces: false,
      ...more,
    };
  }

  /** Goes on after the steps that were done. */
  async decide(...steps: readonly Step[]): Promise<StepsAnswer> {
    const answer = await this.store.permits.decide(this.deciding, steps);
    this.sequence += answer.done;
    return answer;
  }

  /** Issues a permit, which must work. */
  async grant(planId: string, more: IssueChange = {}): Promise<IssueStep> {
    const step = await this.issue(planId, more);
    expect(await this.decide(step)).toMatchObject({ done: 1, stopped: null });
    return step;
  }
}

/** The use record as data; null where there is none. */
export async function useOf(store: Store, planId: string): Promise<PermitUse | null> {
  const [found] = await store.permits.find([planId]);
  return found!.use === null ? null : (JSON.parse(found!.use) as PermitUse);
}

export async function permitOf(store: Store, planId: string): Promise<string | null> {
  const [found] = await store.permits.find([planId]);
  return found!.permit;
}

/** The events of the governor, oldest first. */
export async function eventsIn(test: Bench): Promise<readonly Record<string, string>[]> {
  return (await fieldsIn(test.store, keyOf(test.under.namespace, 'governorEvents'))).map(objectOf);
}

export async function takesIn(test: Bench): Promise<readonly Record<string, string>[]> {
  return (await fieldsIn(test.store, ownKeyOf(test.under.namespace, 'takes'))).map(objectOf);
}

export function objectOf(flat: FlatFields): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n]!, flat[2 * n + 1]!]),
  );
}

/** Everything the governor keeps and shows that the port can read: what is refused leaves it as it was. */
export async function all(test: Bench, planIds: readonly string[]): Promise<unknown> {
  const { namespace } = test.under;
  return {
    saved: await test.store.load('governor'),
    found: await test.store.permits.find(planIds),
    trading: (await test.store.permits.look([])).trading,
    records: await hashOf(test.store, ownKeyOf(namespace, 'records', 'governor')),
    events: await eventsIn(test),
    takes: await takesIn(test),
  };
}

/** The reply that waits, which is gone then. */
export async function replyTo(store: Store, planId: string): Promise<string | null> {
  return await store.permits.awaitReply(planId, 0, new AbortController().signal);
}

export const setFlag = async (test: Bench, text: string | null): Promise<void> =>
  await test.store.setText(keyOf(test.under.namespace, 'kill'), text);
