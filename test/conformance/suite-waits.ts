/** Waiting for entries and for replies: what is there comes at once, what comes later as soon as it does. */
import { describe, expect, it } from 'vitest';
import { keyOf, ownKeyOf } from '../../src/contract/keys.ts';
import type { Store } from '../../src/store/store.ts';
import { GovernorRig, GRANTED, objectOf } from './permit-support.ts';
import { bench, DONE, wait, type Open } from './suite-support.ts';

/** Longer than any test: only what comes ends such a wait. */
const LONG_MS = 60_000;
const never = new AbortController().signal;

export function describeWaits(open: Open): void {
  const test = bench(open);
  const add = async (name: string, n: number, store: Store = test.store): Promise<string> => {
    const [id] = await store.append([{ stream: test.key(name), fields: ['n', String(n)], maxLength: null }]);
    return id!;
  };
  const position = (
    name: string,
    after = '0-0',
    count = 10,
  ): { stream: string; after: string; count: number } => ({
    stream: test.key(name),
    after,
    count,
  });

  describe('waiting for entries', () => {
    it('answers at once with what there is, only of streams that have some', async () => {
      const first = await add('a', 1);
      const second = await add('a', 2);
      await add('c', 3);
      const found = await test.store.wait(
        [position('c'), position('none'), position('a', first)],
        LONG_MS,
        never,
      );
      expect(found).toEqual([
        { stream: test.key('c'), entries: [expect.objectContaining({ fields: ['n', '3'] })] },
        { stream: test.key('a'), entries: [{ id: second, fields: ['n', '2'] }] },
      ]);
      expect(await test.store.wait([position('a', '0-0', 1)], LONG_MS, never)).toEqual([
        { stream: test.key('a'), entries: [{ id: first, fields: ['n', '1'] }] },
      ]);
    });

    it('ends empty when the time is over, and at once where there is none', async () => {
      await add('a', 1);
      const last = await add('a', 2);
      expect(await test.store.wait([position('a', last), position('none')], 30, never)).toEqual([]);
      expect(await test.store.wait([position('none')], 0, never)).toEqual([]);
      expect(await test.store.wait([], 10, never)).toEqual([]);
    });

    it('ends with what another connection appends', async () => {
      const other = await test.second();
      const last = await add('a', 1);
      const waiting = [
        test.store.wait([position('b'), position('a', last)], LONG_MS, never),
        test.store.wait([position('a', last)], LONG_MS, never),
      ];
      await wait(20);
      const id = await add('a', 2, other);
      for (const found of await Promise.all(waiting))
        expect(found).toEqual([{ stream: test.key('a'), entries: [{ id, fields: ['n', '2'] }] }]);
    });

    it('ends with what a commit, a step and a take append', async () => {
      const { namespace } = test.under;
      const waitFor = async (stream: string): Promise<readonly Record<string, string>[]> => {
        const [found] = await test.store.wait([{ stream, after: '0-0', count: 10 }], LONG_MS, never);
        return found!.entries.map(({ fields }) => objectOf(fields));
      };
      const committed = waitFor(test.key('out'));
      const issued = waitFor(keyOf(namespace, 'governorEvents'));
      const taken = waitFor(ownKeyOf(namespace, 'takes'));
      await wait(20);
      const output = { kind: 'append', key: test.key('out'), fields: ['n', '1'], maxLength: 10 } as const;
      expect(await test.store.commit({ owner: 'one', parts: [], outputs: [output] })).toEqual(DONE);
      const governor = await GovernorRig.claim(test.store);
      await governor.grant('plan-1');
      expect(await committed).toEqual([{ n: '1' }]);
      expect(await issued).toEqual([{ event: 'PERMIT_ISSUED', plan_id: 'plan-1' }]);
      await test.store.permits.take('plan-1');
      expect(await taken).toMatchObject([{ plan_id: 'plan-1' }]);
    });

    it('ends empty when it is aborted, before or meanwhile', async () => {
      const stop = new AbortController();
      const waiting = test.store.wait([position('a')], LONG_MS, stop.signal);
      await wait(20);
      stop.abort();
      expect(await waiting).toEqual([]);
      expect(await test.store.wait([position('a')], LONG_MS, stop.signal)).toEqual([]);
      // Nothing is left that would take what comes.
      await add('a', 1);
      expect(await test.store.wait([position('a')], LONG_MS, never)).toHaveLength(1);
    });

    it('holds nobody up', async () => {
      const stop = new AbortController();
      const waiting = Array.from(
        { length: 3 },
        async () => await test.store.wait([position('a')], LONG_MS, stop.signal),
      );
      await wait(20);
      const other = await test.second();
      await add('b', 1, other);
      await add('b', 2);
      stop.abort();
      expect(await Promise.all(waiting)).toEqual([[], [], []]);
    });
  });

  describe('waiting for a reply', () => {
    const awaitReply = async (planId: string, waitMs = LONG_MS, signal = never): Promise<string | null> =>
      await test.store.permits.awaitReply(planId, waitMs, signal);

    it('finds one that is there, once', async () => {
      await test.store.permits.reply([{ planId: 'a', reply: 'yes' }]);
      expect(await awaitReply('a')).toBe('yes');
      expect(await awaitReply('a', 20)).toBeNull();
    });

    it('ends with one that comes by a step or by itself', async () => {
      const other = await test.second();
      const governor = await GovernorRig.claim(other);
      const waiting = [awaitReply('a'), awaitReply('b'), awaitReply('c')];
      await wait(20);
      const reply = '{"granted":false,"reason":"hourly_limit_exceeded"}';
      await governor.decide(await governor.issue('a'), await governor.block('b', { reply }));
      await other.permits.reply([{ planId: 'c', reply: 'dropped' }]);
      expect(await Promise.all(waiting)).toEqual([GRANTED, reply, 'dropped']);
      // What was told does not wait any more.
      expect(await awaitReply('a', 0)).toBeNull();
    });

    it('gives each reply to one', async () => {
      const first = awaitReply('a');
      await wait(50);
      const second = awaitReply('a');
      await wait(50);
      await test.store.permits.reply([{ planId: 'a', reply: '1' }]);
      expect(await first).toBe('1');
      await test.store.permits.reply([{ planId: 'a', reply: '2' }]);
      expect(await second).toBe('2');
    });

    it('ends with null when it is aborted, and leaves what comes later', async () => {
      const stop = new AbortController();
      const waiting = awaitReply('a', LONG_MS, stop.signal);
      await wait(20);
      stop.abort();
      expect(await waiting).toBeNull();
      expect(await awaitReply('a', LONG_MS, stop.signal)).toBeNull();
      await wait(20);
      await test.store.permits.reply([{ planId: 'a', reply: 'later' }]);
      expect(await awaitReply('a')).toBe('later');
    });
  });

  describe('a text set by hand', () => {
    it('takes the place of whatever was there, and goes', async () => {
      const key = keyOf(test.under.namespace, 'permit', 'plan-1');
      await test.store.writeFields(key, [['a', 'hash']]);
      for (const text of ['', 'a', '{"b":"Grüße, 資本"}']) {
        await test.store.setText(key, text);
        expect(await test.store.permits.find(['plan-1'])).toEqual([{ permit: text, use: null, block: null }]);
      }
      await test.store.setText(key, null);
      await test.store.setText(key, null);
      expect(await test.store.permits.find(['plan-1'])).toEqual([{ permit: null, use: null, block: null }]);
    });
  });
}
