/** What a commit shows to others: hashes and their lives, stream entries, dead letters, the index of symbols. */
import { describe, expect, it } from 'vitest';
import type { FlatFields, Output } from '../../src/store/store.ts';
import {
  bench,
  DONE,
  entriesOf,
  fieldsIn,
  hashOf,
  put,
  STRANGE,
  wait,
  walk,
  Writer,
  type Open,
} from './suite-support.ts';

export function describeOutputs(open: Open): void {
  const test = bench(open);
  const h = (): string => test.key('h');

  describe('put', () => {
    it('replaces the whole hash', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([put(h(), ['a', '1', 'b', '2'])]);
      expect(await hashOf(test.store, h())).toEqual({ a: '1', b: '2' });
      expect(await writer.commit([put(h(), ['b', '3', 'c', '4'])])).toEqual(DONE);
      expect(await hashOf(await test.second(), h())).toEqual({ b: '3', c: '4' });
    });

    it('gives the hash a life, a later one without a life takes it away', { timeout: 10_000 }, async () => {
      const writer = await Writer.claim(test.store);
      const [short, long, kept] = [test.key('short'), test.key('long'), test.key('kept')];
      await writer.commit([put(short, ['a', '1'], 1), put(long, ['a', '1'], 300), put(kept, ['a', '1'], 1)]);
      await writer.commit([put(kept, ['a', '2'])]);
      expect(await hashOf(test.store, short)).toEqual({ a: '1' });
      await wait(1300);
      expect(await hashOf(test.store, short)).toBeNull();
      expect(await hashOf(test.store, long)).toEqual({ a: '1' });
      expect(await hashOf(test.store, kept)).toEqual({ a: '2' });
      expect(new Set(await walk(test.store, test.key('')))).not.toContain(short);
    });

    it('keeps strange names and values, under strange keys', async () => {
      const writer = await Writer.claim(test.store);
      const fields = STRANGE.flatMap((text) => [text, text]);
      const keys = STRANGE.filter(({ length }) => length < 1000).map((text) => test.key(`h:${text}`));
      expect(await writer.commit(keys.map((key) => put(key, fields)))).toEqual(DONE);
      const answers = await test.store.hashes(keys.map((key) => ({ key, fields: null })));
      for (const answer of answers) expect(answer).toEqual(new Map(STRANGE.map((text) => [text, text])));
    });
  });

  describe('update', () => {
    const update = (fields: FlatFields, fieldCount: number, lifeSec: number | null = null): Output => ({
      kind: 'update',
      key: h(),
      fields,
      fieldCount,
      lifeSec,
    });

    it('changes fields of a hash that has as many fields as expected', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([put(h(), ['a', '1', 'b', '2', 'c', '3'])]);
      expect(await writer.commit([update(['b', '4', 'c', '5'], 3)])).toEqual(DONE);
      expect(await hashOf(test.store, h())).toEqual({ a: '1', b: '4', c: '5' });
    });

    it('asks for a rewrite and changes nothing where there are more or fewer', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([put(h(), ['a', '1', 'b', '2'])]);
      for (const count of [1, 3])
        expect(await writer.commit([update(['a', '9'], count)])).toEqual({ ...DONE, rewrite: [h()] });
      expect(await hashOf(test.store, h())).toEqual({ a: '1', b: '2' });
    });

    it('asks for a rewrite where the hash is gone, or is none', async () => {
      const writer = await Writer.claim(test.store);
      expect(await writer.commit([update(['a', '9'], 1)])).toEqual({ ...DONE, rewrite: [h()] });
      expect(await hashOf(test.store, h())).toBeNull();
      await test.store.append([{ stream: h(), fields: ['n', '1'], maxLength: null }]);
      expect(await writer.commit([update(['a', '9'], 1)])).toEqual({ ...DONE, rewrite: [h()] });
      expect(await fieldsIn(test.store, h())).toEqual([['n', '1']]);
    });

    it('does the other outputs all the same', async () => {
      const writer = await Writer.claim(test.store);
      const result = await writer.commit([
        put(test.key('a'), ['a', '1']),
        update(['a', '9'], 1),
        put(test.key('b'), ['a', '1']),
      ]);
      expect(result).toEqual({ ...DONE, rewrite: [h()] });
      expect(await hashOf(test.store, test.key('a'))).toEqual({ a: '1' });
      expect(await hashOf(test.store, test.key('b'))).toEqual({ a: '1' });
    });

    it('sees what came before it in the same commit', async () => {
      const writer = await Writer.claim(test.store);
      expect(await writer.commit([put(h(), ['a', '1', 'b', '2']), update(['b', '3'], 2)])).toEqual(DONE);
      expect(await hashOf(test.store, h())).toEqual({ a: '1', b: '3' });
    });

    it('prolongs the life, or leaves it as it is', { timeout: 10_000 }, async () => {
      const writer = await Writer.claim(test.store);
      const other = test.key('other');
      await writer.commit([put(h(), ['a', '1'], 1), put(other, ['a', '1'], 1)]);
      await wait(600);
      const leave: Output = { kind: 'update', key: other, fields: ['a', '2'], fieldCount: 1, lifeSec: null };
      expect(await writer.commit([update(['a', '2'], 1, 1), leave])).toEqual(DONE);
      await wait(650);
      expect(await hashOf(test.store, h())).toEqual({ a: '2' });
      expect(await hashOf(test.store, other)).toBeNull();
      await wait(650);
      expect(await hashOf(test.store, h())).toBeNull();
    });
  });

  describe('append', () => {
    it('adds entries in the order of the outputs and keeps about as many as said', async () => {
      const writer = await Writer.claim(test.store);
      const key = test.key('s');
      for (let n = 0; n < 10; n++) {
        const outputs = Array.from({ length: 60 }, (_, i): Output => {
          return { kind: 'append', key, fields: ['n', String(n * 60 + i)], maxLength: 20 };
        });
        expect(await writer.commit(outputs)).toEqual(DONE);
      }
      const numbers = (await fieldsIn(test.store, key)).map((fields) => Number(fields[1]));
      expect(numbers.length).toBeGreaterThanOrEqual(20);
      expect(numbers.length).toBeLessThan(250);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => 600 - numbers.length + n));
    });
  });

  describe('delete', () => {
    it('removes a hash and a stream, and minds no key that is not there', async () => {
      const writer = await Writer.claim(test.store);
      const stream = test.key('s');
      await writer.commit([
        put(h(), ['a', '1']),
        { kind: 'append', key: stream, fields: ['n', '1'], maxLength: 5 },
      ]);
      const keys = [h(), stream, test.key('none')];
      expect(await writer.commit(keys.map((key): Output => ({ kind: 'delete', key })))).toEqual(DONE);
      expect(await hashOf(test.store, h())).toBeNull();
      const { streams } = await test.store.read([{ stream, after: '0-0', count: 5 }]);
      expect(streams[0]).toEqual({ stream, entries: [], facts: null, error: null });
    });

    it('comes in the order of the outputs', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([put(h(), ['a', '1']), { kind: 'delete', key: h() }]);
      expect(await hashOf(test.store, h())).toBeNull();
      await writer.commit([put(h(), ['a', '1']), { kind: 'delete', key: h() }, put(h(), ['b', '2'])]);
      expect(await hashOf(test.store, h())).toEqual({ b: '2' });
    });
  });

  describe('an output the store refuses', () => {
    it('is named with the reason; the others and the state go on', async () => {
      const writer = await Writer.claim(test.store);
      const [stream, hash] = [test.key('s'), h()];
      await test.store.append([{ stream, fields: ['n', '1'], maxLength: null }]);
      await test.store.writeFields(hash, [['a', '1']]);
      const result = await writer.commit(
        [
          put(stream, ['a', '2']),
          { kind: 'append', key: hash, fields: ['n', '2'], maxLength: 5 },
          { ...deadLetter('5-0'), key: hash },
          put(test.key('after'), ['a', '1']),
        ],
        { meta: ['a', '1'] },
      );
      expect(result).toEqual({
        outcome: 'done',
        rewrite: [],
        refused: [stream, hash, hash].map((key) => ({
          key,
          error: expect.stringMatching(/^WRONGTYPE/) as string,
        })),
      });
      expect(await fieldsIn(test.store, stream)).toEqual([['n', '1']]);
      expect(await hashOf(test.store, hash)).toEqual({ a: '1' });
      expect(await hashOf(test.store, test.key('after'))).toEqual({ a: '1' });
      expect(await test.store.load('budget')).toMatchObject({ sequence: 1, meta: new Map([['a', '1']]) });
    });
  });

  describe('a dead letter', () => {
    it('is written with its fields', async () => {
      const writer = await Writer.claim(test.store);
      expect(await writer.commit([deadLetter('5-0'), deadLetter('5-1'), deadLetter('7-0')])).toEqual(DONE);
      expect(await fieldsIn(test.store, test.key('in.dlq'))).toEqual([
        letter('5-0'),
        letter('5-1'),
        letter('7-0'),
      ]);
    });

    it('is written once however many components meet it', async () => {
      const budget = await Writer.claim(test.store, 'budget', 'one');
      const other = await test.second();
      const allocation = await Writer.claim(other, 'allocation', 'two');
      await budget.commit([deadLetter('5-0'), deadLetter('9-3')]);
      expect(await allocation.commit([deadLetter('5-0')])).toEqual(DONE);
      await allocation.commit([deadLetter('9-3'), deadLetter('10-0')]);
      await budget.commit([deadLetter('10-0')]);
      expect(await fieldsIn(test.store, test.key('in.dlq'))).toEqual([
        letter('5-0'),
        letter('9-3'),
        letter('10-0'),
      ]);
    });

    it('tells ids apart by number, not by letters, and the sequences of one millisecond', async () => {
      const writer = await Writer.claim(test.store);
      const ids = ['9-0', '10-0', '10-2', '10-10', '1700000000000-0', '1700000000000-18446744073709551615'];
      for (const id of ids) await writer.commit([deadLetter(id)]);
      for (const id of ids) await writer.commit([deadLetter(id)]);
      expect((await fieldsIn(test.store, test.key('in.dlq'))).map((fields) => fields[1])).toEqual(ids);
    });

    it('of one stream does not hide one of another', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([deadLetter('9-0'), deadLetter('5-0', 'out'), deadLetter('9-0', 'out')]);
      expect(await fieldsIn(test.store, test.key('in.dlq'))).toEqual([letter('9-0')]);
      expect(await fieldsIn(test.store, test.key('out.dlq'))).toEqual([letter('5-0'), letter('9-0')]);
    });

    it('keeps about as many as said', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit(
        Array.from({ length: 600 }, (_, n) => ({ ...deadLetter(`${n + 1}-0`), maxLength: 20 })),
      );
      const count = (await entriesOf(test.store, test.key('in.dlq'))).length;
      expect(count).toBeGreaterThanOrEqual(20);
      expect(count).toBeLessThan(250);
    });
  });

  describe('known symbols', () => {
    it('are none to begin with, and all that were made known afterwards', async () => {
      const writer = await Writer.claim(test.store);
      expect(await test.store.knownSymbols(0)).toBeNull();
      await writer.commit([{ kind: 'index', symbols: ['BTCUSDT', 'ETHUSDT'] }]);
      const other = await test.second();
      expect(new Set(await other.knownSymbols(0))).toEqual(new Set(['BTCUSDT', 'ETHUSDT']));
      expect(await other.knownSymbols(2)).toBeNull();
    });

    it('are told again when some came, once each', async () => {
      const writer = await Writer.claim(test.store);
      await writer.commit([{ kind: 'index', symbols: ['A', 'B', 'A'] }]);
      await writer.commit([{ kind: 'index', symbols: ['B'] }]);
      expect(await test.store.knownSymbols(2)).toBeNull();
      await writer.commit([{ kind: 'index', symbols: ['C', 'A'] }]);
      const known = await test.store.knownSymbols(2);
      expect(known!.toSorted()).toEqual(['A', 'B', 'C']);
      expect(await writer.commit([{ kind: 'index', symbols: [] }])).toEqual(DONE);
      expect(await test.store.knownSymbols(3)).toBeNull();
    });
  });

  function letter(sourceId: string): FlatFields {
    return ['source_id', sourceId, 'reason', 'no_symbol', 'note', 'a "b"\nc'];
  }

  function deadLetter(sourceId: string, stream = 'in'): Extract<Output, { kind: 'deadLetter' }> {
    const key = test.key(`${stream}.dlq`);
    return {
      kind: 'deadLetter',
      stream: test.key(stream),
      sourceId,
      key,
      fields: letter(sourceId),
      maxLength: 100,
    };
  }
}
