/** Commits: what a component saves, all or nothing, once however often it is sent. */
import { describe, expect, it } from 'vitest';
import { ownKeyOf } from '../../src/contract/keys.ts';
import type { Commit, Output, SavedComponent } from '../../src/store/store.ts';
import {
  bench,
  DONE,
  fieldsIn,
  hashOf,
  own,
  part,
  put,
  STRANGE,
  wait,
  walk,
  Writer,
  type Open,
} from './suite-support.ts';

export function describeCommits(open: Open): void {
  const test = bench(open);
  const load = async (component = 'budget'): Promise<SavedComponent | null> =>
    await test.store.load(component);

  describe('what a component saved', () => {
    it('is nothing before its first commit, claimed or not', async () => {
      expect(await load()).toBeNull();
      await own(test.store, 'one', 'budget');
      expect(await load()).toBeNull();
    });

    it('is what was committed, for everyone', async () => {
      const writer = await Writer.claim(test.store);
      const saved = {
        meta: ['position', '5-0', 'count', '2'],
        records: ['BTCUSDT', 'r1', 'ETHUSDT', 'r2'],
        seen: 'a b',
      };
      expect(await writer.commit([], saved)).toEqual(DONE);
      const wanted = {
        sequence: 1,
        meta: new Map(Object.entries({ position: '5-0', count: '2' })),
        records: new Map(Object.entries({ BTCUSDT: 'r1', ETHUSDT: 'r2' })),
        seen: ['a b'],
      };
      expect(await load()).toEqual(wanted);
      expect(await (await test.second()).load('budget')).toEqual(wanted);
    });

    it('keeps what a commit does not name, and loses a record that became empty', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([], { meta: ['a', '1', 'b', '2'], records: ['X', '1', 'Y', '2', 'Z', '3'] });
      await writer.commit([], { meta: ['b', '3', 'c', ''], records: ['Y', '', 'Z', '4', 'NONE', ''] });
      expect(await load()).toEqual({
        sequence: 2,
        meta: new Map(Object.entries({ a: '1', b: '3', c: '' })),
        records: new Map(Object.entries({ X: '1', Z: '4' })),
        seen: [],
      });
      await writer.commit([], { records: ['X', '', 'Z', ''] });
      expect((await load())!.records).toEqual(new Map());
    });

    it('counts commits that changed nothing', async () => {
      const writer = await Writer.claim(test.store);
      for (let n = 0; n < 3; n++) expect(await writer.commit([])).toEqual(DONE);
      expect(await load()).toEqual({ sequence: 3, meta: new Map(), records: new Map(), seen: [] });
    });

    it('keeps the seen chunks in their order and drops the oldest', async () => {
      const writer = await Writer.claim(test.store);
      for (const seen of ['a', 'b', 'c', '']) await writer.commit([], { seen });
      expect((await load())!.seen).toEqual(['a', 'b', 'c', '']);
      await writer.commit([], { seen: 'd', dropSeen: 2 });
      expect((await load())!.seen).toEqual(['c', '', 'd']);
      await writer.commit([], { dropSeen: 3 });
      expect((await load())!.seen).toEqual([]);
      await writer.commit([], { seen: 'e' });
      expect((await load())!.seen).toEqual(['e']);
    });

    it('keeps strange names and values', async () => {
      const writer = await Writer.claim(test.store);
      const flat = STRANGE.flatMap((text) => [text, `${text}!`]);
      await writer.commit([], { meta: flat, records: flat, seen: flat.join('\n') });
      const wanted = new Map(STRANGE.map((text) => [text, `${text}!`]));
      expect(await load()).toEqual({ sequence: 1, meta: wanted, records: wanted, seen: [flat.join('\n')] });
    });

    it('of one component is apart from another’s, also when both are in one commit', async () => {
      const { held } = await test.store.claim('one', ['budget', 'allocation']);
      const parts = held.map((o) =>
        part(o, 0, { meta: ['of', o.component], records: ['S', o.component], seen: o.component }),
      );
      expect(await test.store.commit({ owner: 'one', parts, outputs: [] })).toEqual(DONE);
      for (const { component } of held)
        expect(await load(component)).toEqual({
          sequence: 1,
          meta: new Map([['of', component]]),
          records: new Map([['S', component]]),
          seen: [component],
        });
    });

    it('goes over to the next owner', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([], { meta: ['a', '1'] });
      const held = await own(test.store, 'one', 'budget');
      await test.store.release('one', [held]);
      const other = await test.second();
      const taken = await own(other, 'two', 'budget');
      expect((await other.load('budget'))!.sequence).toBe(1);
      const next = part(taken, 1, { meta: ['b', '2'] });
      expect(await other.commit({ owner: 'two', parts: [next], outputs: [] })).toEqual(DONE);
      expect((await load())!.meta).toEqual(new Map(Object.entries({ a: '1', b: '2' })));
    });

    it('shows its meta to whoever asks for the hash', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([], { meta: ['a', '1', 'b', '2'] });
      const key = ownKeyOf(test.under.namespace, 'meta', 'budget');
      expect(await hashOf(test.store, key)).toMatchObject({ a: '1', b: '2' });
      expect(await test.store.hashes([{ key, fields: ['b'] }])).toEqual([new Map([['b', '2']])]);
    });
  });

  describe('a commit sent twice', () => {
    const outputsOf = (): Output[] => [
      { kind: 'append', key: test.key('s'), fields: ['n', '1'], maxLength: 100 },
      put(test.key('h'), ['a', '1']),
      { kind: 'index', symbols: ['BTCUSDT'] },
      ...[deadLetter(test.key('in'), test.key('in.dlq'), '7-0', 'x')],
    ];

    it('is done once: one entry, one step of the sequence, one seen chunk', async () => {
      const held = await own(test.store, 'one', 'budget');
      const parts = [part(held, 0, { meta: ['a', '1'], records: ['X', '1'], seen: 'chunk' })];
      const commit: Commit = { owner: 'one', parts, outputs: outputsOf() };
      const other = await test.second();
      expect(await test.store.commit(commit)).toEqual(DONE);
      const saved = await load();
      for (const store of [test.store, other, test.store])
        expect(await store.commit(commit)).toMatchObject({ outcome: 'done' });
      expect(await load()).toEqual(saved);
      expect(saved).toMatchObject({ sequence: 1, seen: ['chunk'] });
      expect(await fieldsIn(test.store, test.key('s'))).toEqual([['n', '1']]);
      expect(await fieldsIn(test.store, test.key('in.dlq'))).toHaveLength(1);
    });

    it('does not write again what others changed since', async () => {
      const held = await own(test.store, 'one', 'budget');
      const outputs = [put(test.key('h'), ['a', '1']), put(test.key('gone'), ['a', '1'])];
      const commit: Commit = { owner: 'one', parts: [part(held, 0)], outputs };
      await test.store.commit(commit);
      await test.store.writeFields(test.key('h'), [['a', 'operator']]);
      await test.store.writeFields(test.key('gone'), [['a', null]]);
      expect(await test.store.commit(commit)).toMatchObject({ outcome: 'done' });
      expect(await hashOf(test.store, test.key('h'))).toEqual({ a: 'operator' });
      expect(await hashOf(test.store, test.key('gone'))).toBeNull();
    });

    it('at the same time is done once', async () => {
      const held = await own(test.store, 'one', 'budget');
      const commit: Commit = { owner: 'one', parts: [part(held, 0, { seen: 'c' })], outputs: outputsOf() };
      const other = await test.second();
      const results = await Promise.all([
        test.store.commit(commit),
        other.commit(commit),
        test.store.commit(commit),
      ]);
      expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
      expect(await load()).toMatchObject({ sequence: 1, seen: ['c'] });
      expect(await fieldsIn(test.store, test.key('s'))).toHaveLength(1);
    });

    it('after a later commit of the same component is fenced', async () => {
      const held = await own(test.store, 'one', 'budget');
      const commit: Commit = { owner: 'one', parts: [part(held, 0)], outputs: outputsOf() };
      await test.store.commit(commit);
      await test.store.commit({ owner: 'one', parts: [part(held, 1)], outputs: [] });
      expect(await test.store.commit(commit)).toEqual({ outcome: 'fenced', components: ['budget'] });
      expect(await fieldsIn(test.store, test.key('s'))).toHaveLength(1);
      expect((await load())!.sequence).toBe(2);
    });

    it('of several components is fenced where one of them went on', async () => {
      const { held } = await test.store.claim('one', ['budget', 'allocation']);
      const commit: Commit = { owner: 'one', parts: held.map((o) => part(o, 0)), outputs: outputsOf() };
      await test.store.commit(commit);
      await test.store.commit({ owner: 'one', parts: [part(held[0]!, 1)], outputs: [] });
      expect((await test.store.commit(commit)).outcome).toBe('fenced');
      expect(await fieldsIn(test.store, test.key('s'))).toHaveLength(1);
      expect((await load('allocation'))!.sequence).toBe(1);
    });
  });

  describe('a commit from another state', () => {
    it('is fenced and changes nothing, before its time or after', async () => {
      const held = await own(test.store, 'one', 'budget');
      const at = async (sequence: number): Promise<string> => {
        const parts = [part(held, sequence, { meta: ['at', String(sequence)], seen: 'x' })];
        const outputs = [put(test.key('h'), ['at', String(sequence)])];
        return (await test.store.commit({ owner: 'one', parts, outputs })).outcome;
      };
      expect(await at(1)).toBe('fenced');
      expect(await load()).toBeNull();
      expect([await at(0), await at(1), await at(2)]).toEqual(['done', 'done', 'done']);
      expect([await at(5), await at(4), await at(1), await at(0)]).toEqual(Array(4).fill('fenced'));
      expect(await load()).toMatchObject({
        sequence: 3,
        meta: new Map([['at', '2']]),
        seen: ['x', 'x', 'x'],
      });
      expect(await hashOf(test.store, test.key('h'))).toEqual({ at: '2' });
    });

    it('of one component of several is fenced with all of them, and names it', async () => {
      const { held } = await test.store.claim('one', ['budget', 'allocation', 'proposer']);
      const parts = held.map((o) => part(o, o.component === 'allocation' ? 1 : 0, { meta: ['a', '1'] }));
      const result = await test.store.commit({
        owner: 'one',
        parts,
        outputs: [put(test.key('h'), ['a', '1'])],
      });
      expect(result).toEqual({ outcome: 'fenced', components: ['allocation'] });
      for (const { component } of held) expect(await load(component)).toBeNull();
      expect(await hashOf(test.store, test.key('h'))).toBeNull();
    });

    it('of two that were sent at once lets one through', async () => {
      const held = await own(test.store, 'one', 'budget');
      const aside = await own(test.store, 'one', 'aside');
      const commitOf = (n: number): Commit => ({
        owner: 'one',
        // The second has one component more: it is another commit, not a repeat.
        parts: n === 0 ? [part(held, 0)] : [part(held, 0), part(aside, 0)],
        outputs: [{ kind: 'append', key: test.key('s'), fields: ['n', String(n)], maxLength: 10 }],
      });
      const other = await test.second();
      const results = await Promise.all([test.store.commit(commitOf(0)), other.commit(commitOf(1))]);
      expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['done', 'fenced']);
      expect(await fieldsIn(test.store, test.key('s'))).toHaveLength(1);
      expect((await load())!.sequence).toBe(1);
    });
  });

  describe('a large commit', () => {
    const SYMBOLS = Array.from({ length: 5000 }, (_, n) => `SYM${n}USDT`);
    const large = (held: Awaited<ReturnType<typeof own>>, sequence: number): Commit => ({
      owner: 'one',
      parts: [
        part(held, sequence, {
          meta: ['round', String(sequence)],
          records: SYMBOLS.flatMap((symbol) => [symbol, `{"symbol":"${symbol}","round":${sequence}}`]),
          seen: 'id '.repeat(5000),
        }),
      ],
      outputs: [
        ...SYMBOLS.map((symbol) => put(test.key(`h:${symbol}`), ['round', String(sequence), 'a', '1'], 300)),
        ...SYMBOLS.map((symbol): Output => ({
          kind: 'append',
          key: test.key('s'),
          fields: ['symbol', symbol],
          maxLength: 50_000,
        })),
        { kind: 'index', symbols: SYMBOLS },
      ],
    });

    it('is there whole once it is answered, in its order', { timeout: 60_000 }, async () => {
      const held = await own(test.store, 'one', 'budget');
      for (const sequence of [0, 1]) {
        expect(await test.store.commit(large(held, sequence))).toEqual(DONE);
        expect(await test.store.commit(large(held, sequence))).toMatchObject({ outcome: 'done' });
      }
      const saved = (await load())!;
      expect(saved).toMatchObject({ sequence: 2, meta: new Map([['round', '1']]) });
      expect([...saved.records.keys()].toSorted()).toEqual(SYMBOLS.toSorted());
      expect([...saved.records.values()].every((record) => record.endsWith('"round":1}'))).toBe(true);
      expect(saved.seen).toHaveLength(2);
      const hashes = await test.store.hashes(
        SYMBOLS.map((symbol) => ({ key: test.key(`h:${symbol}`), fields: null })),
      );
      expect(hashes.every((hash) => hash?.get('round') === '1')).toBe(true);
      const symbols = (await fieldsIn(test.store, test.key('s'))).map((fields) => fields[1]);
      expect(symbols).toEqual([...SYMBOLS, ...SYMBOLS]);
      expect(new Set(await test.store.knownSymbols(0))).toEqual(new Set(SYMBOLS));
      // Nothing of its way through the store is left behind.
      const pending = ownKeyOf(test.under.namespace, 'pending');
      expect(await walk(test.store, pending)).toEqual([]);
    });

    it('that is fenced leaves nothing at all', { timeout: 60_000 }, async () => {
      const held = await own(test.store, 'one', 'budget');
      await test.store.release('one', [held]);
      await own(await test.second(), 'two', 'budget');
      expect((await test.store.commit(large(held, 0))).outcome).toBe('fenced');
      await wait(50);
      expect(await load()).toBeNull();
      expect(await walk(test.store, test.key('h:'))).toEqual([]);
      expect(await fieldsIn(test.store, test.key('s'))).toEqual([]);
      expect(await test.store.knownSymbols(0)).toBeNull();
    });

    it('is never seen in part through what a component loads', { timeout: 60_000 }, async () => {
      const held = await own(test.store, 'one', 'budget');
      const other = await test.second();
      const done = (async () => {
        for (let sequence = 0; sequence < 4; sequence++) await test.store.commit(large(held, sequence));
        return true;
      })();
      const progress = { isDone: false };
      void done.then(() => (progress.isDone = true));
      let loads = 0;
      for (; !progress.isDone; loads++) {
        const saved = await other.load('budget');
        const round = saved === null ? null : saved.meta.get('round');
        const rounds = new Set(
          [...(saved?.records.values() ?? [])].map((record) => /(\d+)\}$/.exec(record)![1]),
        );
        expect([...rounds]).toEqual(saved === null ? [] : [round]);
        expect(saved?.sequence ?? 0).toBe(saved === null ? 0 : Number(round) + 1);
      }
      expect(await done).toBe(true);
      expect(loads).toBeGreaterThan(0);
    });
  });
}

function deadLetter(stream: string, key: string, sourceId: string, reason: string): Output {
  return {
    kind: 'deadLetter',
    stream,
    sourceId,
    key,
    fields: ['reason', reason, 'source_id', sourceId],
    maxLength: 100,
  };
}
