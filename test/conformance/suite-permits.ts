/** The steps of a governor: permits and blocks, each done once, in order, and only on the state it was judged on. */
import { describe, expect, it } from 'vitest';
import { keyOf, ownKeyOf } from '../../src/contract/keys.ts';
import type { Step } from '../../src/store/permits.ts';
import {
  all,
  BLOCKED,
  eventsIn,
  GovernorRig,
  GRANTED,
  permitOf,
  replyTo,
  setFlag,
  SYMBOL,
  useOf,
} from './permit-support.ts';
import { bench, DONE, hashOf, own, ownerRecord, part, walk, type Open } from './suite-support.ts';

export function describePermits(open: Open): void {
  const test = bench(open);
  const claim = async (): Promise<GovernorRig> => await GovernorRig.claim(test.store);

  describe('issuing a permit', () => {
    it('writes it with its use record, its kept record, the times, the sum of the day, reply and event', async () => {
      const governor = await claim();
      const step = await governor.issue('plan-1', { entryId: '12-3' });
      expect(await governor.decide(step)).toEqual({ done: 1, stopped: null, revision: 0 });
      const { namespace } = test.under;
      expect(await test.store.permits.find(['plan-1', 'plan-2'])).toEqual([
        { permit: step.permit, use: step.use, block: null },
        { permit: null, use: null, block: null },
      ]);
      expect(await test.store.load('governor')).toEqual({
        sequence: 1,
        meta: new Map([['plans_at', '12-3']]),
        records: new Map([['p:plan-1', step.kept]]),
        seen: [],
      });
      expect(await eventsIn(test)).toEqual([{ event: 'PERMIT_ISSUED', plan_id: 'plan-1' }]);
      expect(await replyTo(test.store, 'plan-1')).toBe(GRANTED);
      const keys = await walk(test.store, '');
      expect(keys).toContain(keyOf(namespace, 'permitTimes', SYMBOL));
      expect(keys).toContain(keyOf(namespace, 'dailyNotional', SYMBOL, '2026-11-21'));
      expect(keys).not.toContain(keyOf(namespace, 'block', 'plan-1'));
    });

    it('ends with its life, and leaves the use record', async () => {
      const governor = await claim();
      await governor.grant('plan-1', { lifeMs: 50 });
      await expect.poll(async () => await permitOf(test.store, 'plan-1')).toBeNull();
      expect(await useOf(test.store, 'plan-1')).toMatchObject({ outcome: 'issued', ended_at: null });
      expect(await walk(test.store, keyOf(test.under.namespace, 'permit', 'plan-1'))).toEqual([]);
    });

    it('adds nothing to the day where nothing is to be added', async () => {
      const governor = await claim();
      await governor.grant('plan-1', { daily: null });
      expect(await walk(test.store, `${test.under.namespace}:governor:daily:`)).toEqual([]);
    });

    it('does not give a plan two', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      const before = await all(test, ['plan-1']);
      const again = await governor.decide(await governor.issue('plan-1', { permit: '{"other":1}' }));
      expect(again).toMatchObject({ done: 0, stopped: { why: 'permitted' } });
      const untaken = await governor.decide(await governor.issue('plan-1', { instead: 'untaken' }));
      expect(untaken).toMatchObject({ done: 0, stopped: { why: 'permitted' } });
      expect(await all(test, ['plan-1'])).toEqual(before);
    });

    it('gives a plan another where the first ran out untaken, or was voided', async () => {
      const governor = await claim();
      const past = { expiresAt: 100 };
      await governor.grant('over', { keptAs: past, lifeMs: 60_000 });
      await governor.grant('gone', { keptAs: past, lifeMs: 1 });
      await governor.grant('settled', { lifeMs: 1 });
      await expect.poll(async () => await permitOf(test.store, 'settled')).toBeNull();
      await test.store.permits.settle([{ planId: 'settled', outcome: 'expired' }], '5');
      await governor.grant('voided');
      await test.store.permits.change({ kind: 'void', state: null, by: 'test', reason: 'test' });
      for (const planId of ['over', 'gone', 'settled', 'voided']) {
        const plain = await governor.decide(await governor.issue(planId));
        expect(plain, planId).toMatchObject({ stopped: { why: 'permitted' } });
        const step = await governor.grant(planId, { instead: 'untaken', permit: '{"second":1}' });
        expect(await test.store.permits.find([planId])).toEqual([
          { permit: step.permit, use: step.use, block: null },
        ]);
        expect(await test.store.permits.take(planId), planId).toMatchObject({
          taken: true,
          permit: step.permit,
        });
      }
    });

    it('gives a plan another where its result said it failed, whatever became of the first', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      await test.store.permits.take('plan-1');
      const untaken = await governor.decide(await governor.issue('plan-1', { instead: 'untaken' }));
      expect(untaken).toMatchObject({ stopped: { why: 'permitted' } });
      await governor.grant('plan-1', { instead: 'failed', permit: '{"second":1}' });
      await governor.grant('plan-1', { instead: 'failed', permit: '{"third":1}' });
      expect(await permitOf(test.store, 'plan-1')).toBe('{"third":1}');
    });

    it('does not take a permit that someone took by hand for one that ran out', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      await test.store.setText(keyOf(test.under.namespace, 'permit', 'plan-1'), null);
      const again = await governor.decide(await governor.issue('plan-1', { instead: 'untaken' }));
      expect(again).toMatchObject({ done: 0, stopped: { why: 'permitted' } });
    });
  });

  describe('a block', () => {
    it('is written with its reply and events', async () => {
      const governor = await claim();
      const step = await governor.block('plan-1', { entryId: '9-1' });
      expect(await governor.decide(step)).toEqual({ done: 1, stopped: null, revision: 0 });
      expect(await walk(test.store, '')).toContain(keyOf(test.under.namespace, 'block', 'plan-1'));
      expect(await replyTo(test.store, 'plan-1')).toBe(BLOCKED);
      expect(await eventsIn(test)).toEqual([{ event: 'PLAN_BLOCKED', plan_id: 'plan-1' }]);
      const { sequence, meta } = (await test.store.load('governor'))!;
      expect([sequence, meta.get('plans_at')]).toEqual([1, '9-1']);
      expect(await test.store.permits.find(['plan-1'])).toEqual([
        { permit: null, use: null, block: step.block },
      ]);
    });

    it('of a plan may come again and again, and a permit after it', async () => {
      const governor = await claim();
      for (let n = 0; n < 3; n++) await governor.decide(await governor.block('plan-1'));
      await governor.grant('plan-1');
      expect(governor.sequence).toBe(4);
    });

    it('disarms its symbol, whose openings are moved from then on', async () => {
      const governor = await claim();
      const disarm = { symbol: SYMBOL, text: '{"reason":"burst_limit_exceeded","timestamp":1}' };
      const after = await governor.issue('opening');
      expect(await governor.decide(await governor.block('plan-1', { disarm }), after)).toMatchObject({
        done: 1,
        stopped: { why: 'moved' },
      });
      const { trading } = await test.store.permits.look([]);
      expect(trading.disarmed).toEqual(new Map([[SYMBOL, disarm.text]]));
      expect(trading.revision).toBe(0);
      await governor.grant('exit', { opens: false });
      await governor.grant('other', { symbol: 'ETHUSDT' });
    });

    it('that stops openings sets the flag and voids those outstanding', async () => {
      const governor = await claim();
      await governor.grant('opening');
      await governor.grant('exit', { opens: false });
      const step = await governor.block('plan-1', { reduces: true });
      expect(await governor.decide(step)).toEqual({ done: 1, stopped: null, revision: 1 });
      const { trading } = await test.store.permits.look([]);
      const flag = { kind: 'text', text: 'reduce' };
      expect(trading).toMatchObject({
        flag,
        latched: 'REDUCING',
        noted: flag,
        revision: 1,
        voidOpeningsBelow: 1,
        voidAllBelow: 0,
      });
      expect(await permitOf(test.store, 'opening')).toBeNull();
      expect(await useOf(test.store, 'opening')).toMatchObject({ outcome: 'voided' });
      expect(await test.store.permits.take('exit')).toMatchObject({ taken: true });
      expect(
        await test.store.permits.change({ kind: 'note', state: null, by: 'test', reason: '' }),
      ).toMatchObject({ changed: false });
      expect(await governor.decide(await governor.issue('late'))).toMatchObject({
        stopped: { why: 'moved' },
      });
      await governor.grant('late-exit', { opens: false });
      // What stands already is not raised again.
      expect(await governor.decide(await governor.block('plan-2', { reduces: true }))).toMatchObject({
        revision: 1,
      });
    });

    it('that stops openings leaves a more severe flag as it is', async () => {
      const governor = await claim();
      await setFlag(test, '1');
      expect(await governor.decide(await governor.block('plan-1', { reduces: true }))).toMatchObject({
        done: 1,
      });
      const { trading } = await test.store.permits.look([]);
      expect(trading).toMatchObject({ flag: { kind: 'text', text: '1' }, latched: 'REDUCING', revision: 1 });
    });
  });

  describe('the chain of steps', () => {
    it('is one with commits: each names the number of both', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      const ownership = { component: 'governor', epoch: governor.epoch };
      const commit = { owner: 'one', parts: [part(ownership, 1, { records: ['s:X', 'one'] })], outputs: [] };
      expect(await test.store.commit(commit)).toEqual(DONE);
      expect(await governor.decide(await governor.issue('plan-2'))).toMatchObject({
        done: 0,
        stopped: { why: 'fenced' },
      });
      governor.sequence = 2;
      await governor.grant('plan-2');
      const late = { owner: 'one', parts: [part(ownership, 2)], outputs: [] };
      expect(await test.store.commit(late)).toMatchObject({ outcome: 'fenced' });
      const saved = (await test.store.load('governor'))!;
      expect(saved.sequence).toBe(3);
      expect([...saved.records.keys()].toSorted()).toEqual(['p:plan-1', 'p:plan-2', 's:X']);
    });

    it('is fenced for another owner, an older epoch and a wrong number', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      const before = await all(test, ['plan-1', 'plan-2']);
      const step = await governor.issue('plan-2');
      for (const wrong of [
        { owner: 'two' },
        { epoch: governor.epoch + 1 },
        { sequence: 0 },
        { sequence: 2 },
      ]) {
        const answer = await test.store.permits.decide({ ...governor.deciding, ...wrong }, [step]);
        expect(answer, JSON.stringify(wrong)).toMatchObject({ done: 0, stopped: { why: 'fenced' } });
      }
      expect(await all(test, ['plan-1', 'plan-2'])).toEqual(before);
    });

    it('goes on with a successor, and not with whoever it follows', async () => {
      const governor = await claim();
      await governor.grant('plan-1');
      await test.store.release('one', [{ component: 'governor', epoch: governor.epoch }]);
      const next = await GovernorRig.claim(await test.second(), 'two');
      expect(next.sequence).toBe(1);
      expect(await governor.decide(await governor.issue('plan-2'))).toMatchObject({
        stopped: { why: 'fenced' },
      });
      await next.grant('plan-2');
    });

    it('counts a repeat of what was done as done, and does nothing', async () => {
      const governor = await claim();
      const steps = [
        await governor.issue('plan-1'),
        await governor.block('plan-2'),
        await governor.issue('plan-3'),
      ];
      const { deciding } = governor;
      expect(await test.store.permits.decide(deciding, steps.slice(0, 1))).toMatchObject({ done: 1 });
      const before = await all(test, ['plan-1', 'plan-3']);
      expect(await test.store.permits.decide(deciding, steps.slice(0, 1))).toEqual({
        done: 1,
        stopped: null,
        revision: 0,
      });
      expect(await all(test, ['plan-1', 'plan-3'])).toEqual(before);
      // The rest of a batch of which only the first was done.
      expect(await test.store.permits.decide(deciding, steps)).toMatchObject({ done: 3, stopped: null });
      const after = await all(test, ['plan-1', 'plan-3']);
      expect(await test.store.permits.decide(deciding, steps)).toMatchObject({ done: 3, stopped: null });
      expect(await all(test, ['plan-1', 'plan-3'])).toEqual(after);
      expect(await eventsIn(test)).toHaveLength(3);
    });

    it('does not take another step in the same place for a repeat', async () => {
      const governor = await claim();
      const { deciding } = governor;
      await governor.grant('plan-1', { entryId: '1-0' });
      const others: readonly Step[] = [
        await governor.issue('plan-2', { entryId: '1-0' }),
        await governor.issue('plan-1', { entryId: '2-0', instead: 'failed' }),
        await governor.issue('plan-1', { entryId: '1-0', instead: 'failed', kept: '{"other":1}' }),
      ];
      for (const step of others)
        expect(await test.store.permits.decide(deciding, [step])).toMatchObject({
          done: 0,
          stopped: { why: 'fenced' },
        });
    });

    it('stops at the first step that may not be done, and none after it is', async () => {
      const governor = await claim();
      await governor.grant('plan-2');
      const steps = [
        await governor.issue('plan-1'),
        await governor.issue('plan-2'),
        await governor.issue('plan-3'),
      ];
      expect(await governor.decide(...steps)).toMatchObject({ done: 1, stopped: { why: 'permitted' } });
      expect(await permitOf(test.store, 'plan-1')).not.toBeNull();
      expect(await permitOf(test.store, 'plan-3')).toBeNull();
      expect((await test.store.load('governor'))!.sequence).toBe(2);
      expect(await replyTo(test.store, 'plan-3')).toBeNull();
    });

    it('does hundreds of steps at once', async () => {
      const governor = await claim();
      const like = await governor.issue('like');
      const steps = Array.from({ length: 500 }, (_, n) => ({
        ...like,
        planId: `plan-${n}`,
        symbol: `S${n % 7}`,
      }));
      expect(await governor.decide(...steps)).toMatchObject({ done: 500, stopped: null });
      const found = await test.store.permits.find(steps.map(({ planId }) => planId));
      expect(found.filter(({ permit, use }) => permit === like.permit && use === like.use)).toHaveLength(500);
      expect(await eventsIn(test)).toHaveLength(500);
      expect(
        await test.store.permits.change({ kind: 'switch', state: 'HALTED', by: 'test', reason: '' }),
      ).toMatchObject({ voided: 500 });
    });

    it('is a sign of life', async () => {
      const governor = await claim();
      const record = async (): Promise<Record<string, string> | null> =>
        await ownerRecord(test.store, test.under.namespace, 'governor');
      const before = await record();
      await governor.grant('plan-1');
      const after = await record();
      expect(Number(after!['beat'])).toBeGreaterThan(Number(before!['beat']));
      expect(Number(after!['expires_ms'])).toBeGreaterThanOrEqual(Number(before!['expires_ms']));
      await own(test.store, 'one', 'governor');
    });
  });

  describe('a step judged on another trading state', () => {
    it('is not done: another flag, or another revision', async () => {
      const governor = await claim();
      const steps = [await governor.issue('plan-1'), await governor.block('plan-2')];
      const texts = { kind: 'text', text: '0' } as const;
      await setFlag(test, '0');
      for (const step of steps) {
        expect(await governor.decide(step)).toMatchObject({ done: 0, stopped: { why: 'moved' } });
        expect(await governor.decide({ ...step, judgedOn: { flag: texts, revision: 1 } })).toMatchObject({
          stopped: { why: 'moved' },
        });
      }
      await test.store.permits.rearm(null, 'test', 'test');
      for (const step of steps) {
        expect(await governor.decide({ ...step, judgedOn: { flag: texts, revision: 0 } })).toMatchObject({
          stopped: { why: 'moved' },
        });
        expect(await governor.decide({ ...step, judgedOn: { flag: texts, revision: 1 } })).toMatchObject({
          done: 1,
        });
      }
    });

    it.each([
      ['0', true, true],
      ['reduce', false, true],
      ['1', false, false],
      ['', false, false],
      ['off', false, false],
      ['REDUCE', false, false],
      ['00', false, false],
    ])('%j by hand: openings %s, exits %s', async (flag, opening, exit) => {
      const governor = await claim();
      await setFlag(test, flag);
      const outcome = async (opens: boolean): Promise<boolean> => {
        const answer = await governor.decide(await governor.issue(`plan-${opens}`, { opens }));
        if (answer.stopped !== null) expect(answer.stopped.why).toBe('moved');
        return answer.stopped === null;
      };
      expect([await outcome(true), await outcome(false)]).toEqual([opening, exit]);
      expect(await governor.decide(await governor.block('blocked'))).toMatchObject({ done: 1 });
    });

    it('an unreadable flag lets no permit pass, and blocks', async () => {
      const governor = await claim();
      await test.store.writeFields(keyOf(test.under.namespace, 'kill'), [['a', 'hash']]);
      expect((await governor.judgedOn()).flag.kind).toBe('unreadable');
      expect(await governor.decide(await governor.issue('plan-1', { opens: false }))).toMatchObject({
        stopped: { why: 'moved' },
      });
      expect(await governor.decide(await governor.block('plan-1'))).toMatchObject({ done: 1 });
    });

    it('what is latched holds though the flag is gone', async () => {
      const governor = await claim();
      await test.store.permits.change({ kind: 'switch', state: 'REDUCING', by: 'test', reason: '' });
      await setFlag(test, null);
      expect(await governor.decide(await governor.issue('plan-1'))).toMatchObject({
        stopped: { why: 'moved' },
      });
      await governor.grant('plan-2', { opens: false });
    });
  });

  describe('a key of another type', () => {
    it.each([
      ['permit', 'plan-1'],
      ['permitUse', 'plan-1'],
      ['permitReply', 'plan-1'],
      ['permitTimes', SYMBOL],
    ] as const)('under %s refuses the step, which does nothing', async (name, about) => {
      const governor = await claim();
      const key = keyOf(test.under.namespace, name, about);
      await test.store.writeFields(key, [['some', 'hash']]);
      const before = await all(test, ['plan-1']);
      const answer = await governor.decide(await governor.issue('plan-1'));
      expect(answer).toMatchObject({ done: 0, stopped: { why: 'refused' } });
      expect(answer.stopped!.detail).not.toBe('');
      expect(await all(test, ['plan-1'])).toEqual(before);
      expect(await hashOf(test.store, key)).toEqual({ some: 'hash' });
    });

    it('under the stream of events refuses permits and blocks', async () => {
      const governor = await claim();
      await test.store.setText(keyOf(test.under.namespace, 'governorEvents'), 'text');
      for (const step of [await governor.issue('plan-1'), await governor.block('plan-1')])
        expect(await governor.decide(step)).toMatchObject({ done: 0, stopped: { why: 'refused' } });
      expect(await test.store.permits.find(['plan-1'])).toEqual([{ permit: null, use: null, block: null }]);
      expect(await test.store.load('governor')).toBeNull();
    });

    it('under the trading state is refused by a look as well', async () => {
      await test.store.setText(ownKeyOf(test.under.namespace, 'trading'), 'text');
      await expect(test.store.permits.look([])).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'refused',
      });
    });
  });

  describe('a look', () => {
    it('shows the trading state and hashes at once', async () => {
      const key = test.key('h');
      await test.store.writeFields(key, [['a', '1']]);
      const look = await test.store.permits.look([
        { key, fields: null },
        { key: test.key('none'), fields: null },
        { key, fields: ['b'] },
      ]);
      expect(look.hashes).toEqual([new Map([['a', '1']]), null, null]);
      expect(look.trading).toEqual({
        flag: { kind: 'text', text: null },
        latched: 'ACTIVE',
        noted: undefined,
        revision: 0,
        voidAllBelow: 0,
        voidOpeningsBelow: 0,
        disarmed: new Map(),
      });
      expect(look.nowMs).toBeLessThanOrEqual((await test.store.read([])).nowMs);
    });
  });
}
