/** Hashes, single fields, the walk over keys, and what the store says about itself. */
import { describe, expect, it } from 'vitest';
import { bench, hashOf, put, STRANGE, walk, Writer, type Open } from './suite-support.ts';

export function describeHashes(open: Open): void {
  const test = bench(open);

  describe('hashes', () => {
    it('come whole, or with the fields asked for that they have', async () => {
      const key = test.key('h');
      await test.store.writeFields(key, Object.entries({ a: '1', b: '2', c: '3' }));
      const answers = await test.store.hashes([
        { key, fields: null },
        { key, fields: ['c', 'x', 'a'] },
        { key, fields: ['x', 'y'] },
      ]);
      expect(answers.map((answer) => answer && Object.fromEntries(answer))).toEqual([
        { a: '1', b: '2', c: '3' },
        { a: '1', c: '3' },
        null,
      ]);
    });

    it('are null where there is no key, or one of another type', async () => {
      const stream = test.key('s');
      await test.store.append([{ stream, fields: ['n', '1'], maxLength: null }]);
      const nothing = test.key('none');
      expect(
        await test.store.hashes([
          { key: nothing, fields: null },
          { key: nothing, fields: ['a'] },
          { key: stream, fields: null },
          { key: stream, fields: ['n'] },
        ]),
      ).toEqual([null, null, null, null]);
    });

    it('come in the order asked, the same one twice too', async () => {
      const [a, b] = [test.key('a'), test.key('b')];
      await test.store.writeFields(a, [['of', 'a']]);
      await test.store.writeFields(b, [['of', 'b']]);
      const answers = await test.store.hashes(
        [b, test.key('none'), a, b].map((key) => ({ key, fields: null })),
      );
      expect(answers.map((answer) => answer?.get('of') ?? null)).toEqual(['b', null, 'a', 'b']);
      expect(await test.store.hashes([])).toEqual([]);
    });

    it('keep strange names and values', async () => {
      const key = test.key('h');
      await test.store.writeFields(
        key,
        STRANGE.map((text) => [text, text]),
      );
      const [answer] = await test.store.hashes([{ key, fields: null }]);
      expect(answer).toEqual(new Map(STRANGE.map((text) => [text, text])));
      const [chosen] = await test.store.hashes([{ key, fields: ['__proto__', '', 'valueOf'] }]);
      expect(chosen).toEqual(
        new Map([
          ['__proto__', '__proto__'],
          ['', ''],
        ]),
      );
    });

    it('that were answered do not change with what is written later', async () => {
      const key = test.key('h');
      await test.store.writeFields(key, [['a', '1']]);
      const [before] = await test.store.hashes([{ key, fields: null }]);
      await test.store.writeFields(key, [['a', '2']]);
      expect(before).toEqual(new Map([['a', '1']]));
    });
  });

  describe('writing fields', () => {
    it('sets and removes single fields and leaves the others', async () => {
      const key = test.key('h');
      await test.store.writeFields(key, Object.entries({ a: '1', b: '2', c: '3' }));
      await test.store.writeFields(key, [
        ['a', null],
        ['b', '4'],
        ['none', null],
        ['d', ''],
      ]);
      expect(await hashOf(test.store, key)).toEqual({ b: '4', c: '3', d: '' });
    });

    it('makes a hash, and removes it with its last field', async () => {
      const key = test.key('h');
      await test.store.writeFields(key, [['a', '1']]);
      await test.store.writeFields(key, [['a', null]]);
      expect(await hashOf(test.store, key)).toBeNull();
      expect(await walk(test.store, key)).toEqual([]);
      await test.store.writeFields(key, [['b', null]]);
      expect(await hashOf(test.store, key)).toBeNull();
    });

    it('is seen by everyone once it is answered', async () => {
      const other = await test.second();
      await test.store.writeFields(test.key('h'), [['a', '1']]);
      expect(await hashOf(other, test.key('h'))).toEqual({ a: '1' });
    });

    it('is refused for a key of another type', async () => {
      const stream = test.key('s');
      await test.store.append([{ stream, fields: ['n', '1'], maxLength: null }]);
      await expect(test.store.writeFields(stream, [['a', '1']])).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'refused',
        code: 'WRONGTYPE',
      });
    });
  });

  describe('a walk over the keys', () => {
    it('finds every key that begins with the prefix, and no other, in bounded steps', async () => {
      const names = Array.from({ length: 1500 }, (_, n) => test.key(`walk:${n}`));
      const writer = await Writer.claim(test.store);
      await writer.commit(names.map((key) => put(key, ['a', '1'])));
      await writer.commit([put(test.key('wal'), ['a', '1']), put(test.key('other:walk:1'), ['a', '1'])]);
      const first = await test.store.scan(test.key('walk:'), '0');
      expect(first.cursor).not.toBe('0');
      expect(new Set(await walk(test.store, test.key('walk:')))).toEqual(new Set(names));
    });

    it('finds streams as well as hashes', async () => {
      await test.store.append([{ stream: test.key('w:s'), fields: ['n', '1'], maxLength: null }]);
      await test.store.writeFields(test.key('w:h'), [['a', '1']]);
      expect(new Set(await walk(test.store, test.key('w:')))).toEqual(
        new Set([test.key('w:s'), test.key('w:h')]),
      );
    });

    it('finds every key that is there all the while, whatever comes and goes', async () => {
      const stay = Array.from({ length: 900 }, (_, n) => test.key(`walk:stay:${n}`));
      const go = Array.from({ length: 900 }, (_, n) => test.key(`walk:go:${n}`));
      const writer = await Writer.claim(test.store);
      await writer.commit(stay.flatMap((key, n) => [put(go[n]!, ['a', '1']), put(key, ['a', '1'])]));
      let round = 0;
      const found = await walk(test.store, test.key('walk:'), async () => {
        const gone = go.splice(0, 90).map((key) => ({ kind: 'delete', key }) as const);
        const come = Array.from({ length: 30 }, (_, n) =>
          put(test.key(`walk:new:${round}:${n}`), ['a', '1']),
        );
        await writer.commit([...gone, ...come, ...stay.slice(0, 50).map((key) => put(key, ['a', '2']))]);
        round++;
      });
      const unseen = new Set(stay);
      for (const key of found) unseen.delete(key);
      expect([...unseen]).toEqual([]);
      expect(round).toBeGreaterThan(1);
    });

    it('takes the prefix as it is written', async () => {
      const names = ['a*b', 'a?b', 'a[b]', 'a\\b', 'aXb'].map((name) => test.key(name));
      for (const key of names) await test.store.writeFields(key, [['a', '1']]);
      for (const key of names) expect(new Set(await walk(test.store, key))).toEqual(new Set([key]));
    });

    it('comes round where nothing is found', async () => {
      expect(await walk(test.store, test.key('none:'))).toEqual([]);
    });
  });

  describe('a store', () => {
    it('says what it is and what time it has', async () => {
      const facts = await test.store.facts();
      expect(facts).toMatchObject({ kind: test.store.kind, version: expect.stringMatching(/\d/) as string });
      expect(facts.where).not.toBe('');
      expect(Math.abs(facts.nowMs - (await test.store.read([])).nowMs)).toBeLessThan(5000);
      expect(facts.details).toBeInstanceOf(Map);
    });

    it('that was closed rejects everything with StoreError', async () => {
      const { store } = test;
      await store[Symbol.asyncDispose]();
      const calls = [
        store.read([]),
        store.read([{ stream: test.key('s'), after: '0-0', count: 1 }]),
        store.hashes([{ key: test.key('h'), fields: null }]),
        store.scan(test.key('h'), '0'),
        store.knownSymbols(0),
        store.claim('one', ['budget']),
        store.release('one', [{ component: 'budget', epoch: 1 }]),
        store.load('budget'),
        store.commit({ owner: 'one', parts: [], outputs: [{ kind: 'delete', key: test.key('h') }] }),
        store.append([{ stream: test.key('s'), fields: ['n', '1'], maxLength: null }]),
        store.writeFields(test.key('h'), [['a', '1']]),
        store.facts(),
      ];
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { name: 'StoreError' } });
    });
  });
}
