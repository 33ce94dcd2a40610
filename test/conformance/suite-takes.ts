/** Taking permits: once each, never against the trading state; what became of those that nobody took; replies. */
import { describe, expect, it } from 'vitest';
import { keyOf, ownKeyOf } from '../../src/contract/keys.ts';
import type { TakeRefusal } from '../../src/store/permits.ts';
import type { Store } from '../../src/store/store.ts';
import {
  all,
  eventsIn,
  GovernorRig,
  permitOf,
  replyTo,
  setFlag,
  SYMBOL,
  takesIn,
  useOf,
} from './permit-support.ts';
import { bench, type Open } from './suite-support.ts';

export function describeTakes(open: Open): void {
  const test = bench(open);
  const claim = async (): Promise<GovernorRig> => await GovernorRig.claim(test.store);
  const permitKey = (planId: string): string => keyOf(test.under.namespace, 'permit', planId);
  const useKey = (planId: string): string => keyOf(test.under.namespace, 'permitUse', planId);
  const refusal = async (planId: string): Promise<TakeRefusal | null> => {
    const answer = await test.store.permits.take(planId);
    return answer.taken ? null : answer.why;
  };

  describe('taking a permit', () => {
    it('gives its text, and says so in the use record, the stream of takes and an event', async () => {
      const governor = await claim();
      const step = await governor.grant('plan-1');
      const issued = await useOf(test.store, 'plan-1');
      const answer = await test.store.permits.take('plan-1');
      if (!answer.taken) throw new Error(answer.why);
      expect(answer.permit).toBe(step.permit);
      const at = answer.nowMs / 1000;
      expect(await permitOf(test.store, 'plan-1')).toBeNull();
      expect(await useOf(test.store, 'plan-1')).toEqual({ ...issued, outcome: 'used', ended_at: at });
      expect(await takesIn(test)).toEqual([{ plan_id: 'plan-1', at: String(at) }]);
      const event = { event: 'PERMIT_TAKEN', timestamp: String(at), plan_id: 'plan-1', symbol: SYMBOL };
      expect((await eventsIn(test)).at(-1)).toEqual(event);
      expect(await refusal('plan-1')).toBe('used');
      expect(await takesIn(test)).toHaveLength(1);
      // It is outstanding no more.
      expect(
        await test.store.permits.change({ kind: 'void', state: null, by: 'test', reason: '' }),
      ).toMatchObject({ voided: 0 });
      expect(await useOf(test.store, 'plan-1')).toMatchObject({ outcome: 'used' });
    });

    it('has exactly one taker among many over two connections', async () => {
      const governor = await claim();
      const other = await test.second();
      for (let round = 0; round < 5; round++) {
        const planId = `plan-${round}`;
        await governor.grant(planId);
        const stores: Store[] = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? test.store : other));
        const answers = await Promise.all(stores.map(async (store) => await store.permits.take(planId)));
        expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
        expect(answers.filter((answer) => !answer.taken && answer.why === 'used')).toHaveLength(19);
      }
      expect((await takesIn(test)).map(({ plan_id }) => plan_id)).toEqual([
        'plan-0',
        'plan-1',
        'plan-2',
        'plan-3',
        'plan-4',
      ]);
    });

    it('says of one that is gone what became of it', async () => {
      const governor = await claim();
      expect(await refusal('none')).toBe('unknown');
      const past = { expiresAt: 100 };
      await governor.grant('over', { keptAs: past });
      await governor.grant('settled');
      await governor.grant('by-hand');
      await governor.grant('voided');
      await governor.grant('strange');
      for (const planId of ['over', 'settled', 'by-hand', 'strange'])
        await test.store.setText(permitKey(planId), null);
      await test.store.setText(useKey('strange'), 'no record');
      await test.store.permits.settle([{ planId: 'settled', outcome: 'expired' }], '5');
      await test.store.permits.change({ kind: 'void', state: null, by: 'test', reason: '' });
      expect(await refusal('over')).toBe('expired');
      expect(await refusal('settled')).toBe('expired');
      expect(await refusal('by-hand')).toBe('used');
      expect(await refusal('voided')).toBe('voided');
      // There is a sign of one, if not what became of it.
      expect(await refusal('strange')).toBe('used');
    });

    it('refuses what is not for taking, was altered, is over or not yet begun', async () => {
      const governor = await claim();
      const nowSec = (await test.store.read([])).nowMs / 1000;
      const kept = {
        dry: { takeable: false },
        over: { expiresAt: nowSec - 1 },
        early: { issuedAt: nowSec + 3600, expiresAt: nowSec + 3660 },
        altered: { digest: '0'.repeat(40) },
      };
      for (const [planId, keptAs] of Object.entries(kept)) await governor.grant(planId, { keptAs });
      await governor.grant('soon', { keptAs: { issuedAt: nowSec + 0.5 } });
      await governor.grant('changed');
      await test.store.setText(permitKey('changed'), '{"granted":true,"plan_id":"changed","computed_qty":9}');
      await governor.grant('unkept', { kept: 'no record' });
      const before = await all(test, Object.keys(kept));
      expect(await refusal('dry')).toBe('dry_run');
      expect(await refusal('over')).toBe('expired');
      expect(await refusal('early')).toBe('early');
      expect(await refusal('altered')).toBe('altered');
      expect(await refusal('changed')).toBe('altered');
      expect(await refusal('unkept')).toBe('altered');
      expect(await all(test, Object.keys(kept))).toEqual(before);
      expect(await refusal('soon')).toBeNull();
    });

    it('refuses one that was put back, or that nobody issued', async () => {
      const governor = await claim();
      const { permit } = await governor.grant('plan-1');
      await test.store.permits.take('plan-1');
      await test.store.setText(permitKey('plan-1'), permit);
      expect(await refusal('plan-1')).toBe('used');
      await test.store.setText(permitKey('made-up'), permit);
      expect(await refusal('made-up')).toBe('altered');
    });

    it('is refused by the trading state, whoever set it', async () => {
      const governor = await claim();
      await governor.grant('opening');
      await governor.grant('exit', { opens: false });
      for (const flag of ['1', 'anything', '']) {
        await setFlag(test, flag);
        expect([await refusal('opening'), await refusal('exit')]).toEqual(['halted', 'halted']);
      }
      await test.store.writeFields(test.key('other'), [['a', '1']]);
      await setFlag(test, 'reduce');
      expect(await refusal('opening')).toBe('reducing');
      expect(await refusal('exit')).toBeNull();
      await setFlag(test, null);
      expect(await refusal('opening')).toBeNull();
    });

    it('is refused by an unreadable flag', async () => {
      const governor = await claim();
      await governor.grant('exit', { opens: false });
      await test.store.writeFields(keyOf(test.under.namespace, 'kill'), [['a', 'hash']]);
      expect(await refusal('exit')).toBe('halted');
    });

    it('is refused where it is of an epoch that was voided', async () => {
      const governor = await claim();
      await test.store.permits.change({ kind: 'void', state: null, by: 'test', reason: '' });
      await governor.grant('before-all', { opens: false, keptAs: { epoch: 0 } });
      await test.store.permits.change({ kind: 'switch', state: 'REDUCING', by: 'test', reason: '' });
      await test.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'test', reason: '' });
      await governor.grant('before-openings', { keptAs: { epoch: 1 } });
      await governor.grant('exit', { opens: false, keptAs: { epoch: 1 } });
      await governor.grant('since', {});
      expect(await refusal('before-all')).toBe('voided');
      expect(await refusal('before-openings')).toBe('voided');
      expect(await refusal('exit')).toBeNull();
      expect(await refusal('since')).toBeNull();
    });

    it('is refused where a key is of another type, and takes nothing', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      await test.store.setText(ownKeyOf(test.under.namespace, 'takes'), 'text');
      await expect(test.store.permits.take('plan-1')).rejects.toMatchObject({ kind: 'refused' });
      await test.store.setText(ownKeyOf(test.under.namespace, 'takes'), null);
      expect(await refusal('plan-1')).toBeNull();
    });
  });

  describe('settling', () => {
    it('says in use records that said issued what became of the permit, and nothing else', async () => {
      const governor = await claim();
      for (const planId of ['expired', 'used', 'taken']) await governor.grant(planId);
      for (const planId of ['expired', 'used']) await test.store.setText(permitKey(planId), null);
      await test.store.permits.take('taken');
      const taken = await useOf(test.store, 'taken');
      await test.store.permits.settle(
        [
          { planId: 'expired', outcome: 'expired' },
          { planId: 'used', outcome: 'used' },
          { planId: 'taken', outcome: 'expired' },
          { planId: 'never', outcome: 'expired' },
        ],
        '1700000000.25',
      );
      expect(await useOf(test.store, 'expired')).toMatchObject({
        outcome: 'expired',
        ended_at: 1700000000.25,
      });
      expect(await useOf(test.store, 'used')).toMatchObject({ outcome: 'used', ended_at: 1700000000.25 });
      expect(await useOf(test.store, 'taken')).toEqual(taken);
      expect(await useOf(test.store, 'never')).toBeNull();
      await test.store.permits.settle([], '1');
    });
  });

  describe('replies', () => {
    it('replace the one that waits, and are told once', async () => {
      await test.store.permits.reply([
        { planId: 'a', reply: '1' },
        { planId: 'b', reply: '2' },
      ]);
      await test.store.permits.reply([{ planId: 'a', reply: '3' }]);
      expect([await replyTo(test.store, 'a'), await replyTo(test.store, 'b')]).toEqual(['3', '2']);
      expect([await replyTo(test.store, 'a'), await replyTo(test.store, 'c')]).toEqual([null, null]);
      await test.store.permits.reply([]);
    });

    it('of another type are refused', async () => {
      await test.store.setText(keyOf(test.under.namespace, 'permitReply', 'a'), 'text');
      await expect(test.store.permits.reply([{ planId: 'a', reply: '1' }])).rejects.toMatchObject({
        kind: 'refused',
      });
    });
  });
}
