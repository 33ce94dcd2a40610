/** Streams: adding, reading, facts, ids and the clock. */
import { describe, expect, it } from 'vitest';
import { compareIds, idMs, type EntryId, type FlatFields, type Store } from '../../src/store/store.ts';
import { bench, entriesOf, fieldsIn, STRANGE, type Open } from './suite-support.ts';

export function describeStreams(open: Open): void {
  const test = bench(open);
  const fill = async (stream: string, count: number): Promise<readonly EntryId[]> =>
    await add(test.store, stream, count);

  describe('reading streams', () => {
    it('knows nothing of a stream that is not there', async () => {
      const { streams } = await test.store.read([{ stream: test.key('none'), after: '0-0', count: 10 }]);
      expect(streams).toEqual([{ stream: test.key('none'), entries: [], facts: null, error: null }]);
    });

    it('gives all entries from 0-0, oldest first, under the ids that adding them returned', async () => {
      const stream = test.key('s');
      const ids = await fill(stream, 5);
      expect(await entriesOf(test.store, stream)).toEqual(
        ids.map((id, n) => ({ id, fields: ['n', `${n}`] })),
      );
    });

    it('gives what came after a position, and nothing after the last', async () => {
      const stream = test.key('s');
      const ids = await fill(stream, 5);
      const after = async (id: EntryId): Promise<readonly EntryId[]> => {
        const { streams } = await test.store.read([{ stream, after: id, count: 10 }]);
        return streams[0]!.entries.map((entry) => entry.id);
      };
      expect(await after(ids[1]!)).toEqual(ids.slice(2));
      expect(await after(ids[4]!)).toEqual([]);
      expect(await after(`${idMs(ids[4]!) + 60_000}-0`)).toEqual([]);
      expect(await after(`${idMs(ids[0]!) - 1}-7`)).toEqual(ids);
    });

    it('gives at most as many as asked for, and going on from the last gives each once', async () => {
      const stream = test.key('s');
      const ids = await fill(stream, 10);
      const found: EntryId[] = [];
      const sizes: number[] = [];
      for (let after = '0-0', size = 3; size === 3; after = found.at(-1)!) {
        const { streams } = await test.store.read([{ stream, after, count: 3 }]);
        size = streams[0]!.entries.length;
        sizes.push(size);
        found.push(...streams[0]!.entries.map(({ id }) => id));
      }
      expect(sizes).toEqual([3, 3, 3, 1]);
      expect(found).toEqual(ids);
    });

    it('answers in the order asked, a stream asked for twice too', async () => {
      const [a, b] = [test.key('a'), test.key('b')];
      const ids = await fill(a, 3);
      await fill(b, 1);
      const { streams } = await test.store.read([
        { stream: b, after: '0-0', count: 5 },
        { stream: a, after: ids[1]!, count: 5 },
        { stream: test.key('none'), after: '0-0', count: 5 },
        { stream: a, after: '0-0', count: 2 },
      ]);
      expect(streams.map(({ stream, entries }) => [stream, entries.length])).toEqual([
        [b, 1],
        [a, 1],
        [test.key('none'), 0],
        [a, 2],
      ]);
    });

    it('answers a question for nothing with the clock', async () => {
      const reading = await test.store.read([]);
      expect(reading.streams).toEqual([]);
      expect(Math.abs(reading.nowMs - Date.now())).toBeLessThan(60_000);
    });

    it('says of a key of another type why it cannot be read, and reads the others', async () => {
      const [hash, stream] = [test.key('h'), test.key('s')];
      await test.store.writeFields(hash, [['a', '1']]);
      await fill(stream, 2);
      const { streams } = await test.store.read([
        { stream: hash, after: '0-0', count: 5 },
        { stream, after: '0-0', count: 5 },
      ]);
      expect(streams[0]).toEqual({
        stream: hash,
        entries: [],
        facts: null,
        error: expect.stringContaining('WRONGTYPE') as string,
      });
      expect(streams[1]).toMatchObject({ error: null, entries: [{}, {}], facts: { length: 2 } });
    });
  });

  describe('the facts of a stream', () => {
    it('count its entries and name its first and its newest', async () => {
      const stream = test.key('s');
      const ids = await fill(stream, 7);
      const { streams } = await test.store.read([{ stream, after: ids[6]!, count: 1 }]);
      expect(streams[0]!.facts).toEqual({ length: 7, added: 7, firstId: ids[0], lastId: ids[6] });
    });

    it('count removed entries as added, and a bounded stream keeps about the newest', async () => {
      const stream = test.key('s');
      const ids: EntryId[] = [];
      for (let n = 0; n < 10; n++) ids.push(...(await add(test.store, stream, 100, 20)));
      const { streams } = await test.store.read([{ stream, after: '0-0', count: 2000 }]);
      const { facts, entries } = streams[0]!;
      expect(facts).toMatchObject({ added: 1000, lastId: ids.at(-1) });
      expect(facts!.length).toBeGreaterThanOrEqual(20);
      expect(facts!.length).toBeLessThan(250);
      expect(facts!.firstId).toBe(ids.at(-facts!.length));
      expect(entries.map(({ id }) => id)).toEqual(ids.slice(-facts!.length));
    });

    it('keep everything where no length is asked for', async () => {
      const stream = test.key('s');
      for (let n = 0; n < 12; n++) await fill(stream, 100);
      expect(await entriesOf(test.store, stream)).toHaveLength(1200);
    });
  });

  describe('the clock', () => {
    it('is read before the entries: whatever is not among them has an id of that millisecond or a later one', async () => {
      const stream = test.key('s');
      const other = await test.second();
      const pending: Promise<readonly EntryId[]>[] = [];
      const readings = [];
      for (let n = 0; n < 40; n++) {
        pending.push(add(other, stream, 5));
        readings.push(await test.store.read([{ stream, after: '0-0', count: 1000 }]));
      }
      const ids = (await Promise.all(pending)).flat();
      expect(ids).toHaveLength(200);
      for (const { nowMs, streams } of readings) {
        const found = new Set(streams[0]!.entries.map(({ id }) => id));
        const missed = ids.filter((id) => !found.has(id));
        expect(missed.filter((id) => idMs(id) < nowMs)).toEqual([]);
      }
    });

    it('never goes back from one reading to the next', async () => {
      const times: number[] = [];
      for (let n = 0; n < 50; n++) {
        times.push((await test.store.read([])).nowMs);
        if (n % 10 === 0) await fill(test.key('s'), 1);
      }
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });
  });

  describe('adding to streams', () => {
    it('gives ids that only rise, many in one millisecond and from several sides too', async () => {
      const stream = test.key('s');
      const other = await test.second();
      const many = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => await add(n % 2 === 0 ? test.store : other, stream, 30)),
      );
      for (const ids of many) expect(ids.slice(1).every((id, n) => compareIds(ids[n]!, id) < 0)).toBe(true);
      const stored = (await entriesOf(test.store, stream)).map(({ id }) => id);
      expect(new Set(stored).size).toBe(600);
      expect(stored.slice(1).every((id, n) => compareIds(stored[n]!, id) < 0)).toBe(true);
      expect(new Set(many.flat())).toEqual(new Set(stored));
    });

    it('adds to several streams at once and returns the ids in the order asked', async () => {
      const [a, b] = [test.key('a'), test.key('b')];
      const request = (
        stream: string,
        n: string,
      ): { stream: string; fields: FlatFields; maxLength: null } => ({
        stream,
        fields: ['n', n],
        maxLength: null,
      });
      const ids = await test.store.append([request(a, '0'), request(b, '1'), request(a, '2')]);
      expect(await entriesOf(test.store, a)).toEqual([
        { id: ids[0], fields: ['n', '0'] },
        { id: ids[2], fields: ['n', '2'] },
      ]);
      expect(await entriesOf(test.store, b)).toEqual([{ id: ids[1], fields: ['n', '1'] }]);
      expect(await test.store.append([])).toEqual([]);
    });

    it('is seen by everyone once it is answered', async () => {
      const other = await test.second();
      await fill(test.key('s'), 1);
      expect(await fieldsIn(other, test.key('s'))).toEqual([['n', '0']]);
    });

    it('keeps fields in their order, repeated names and strange texts', async () => {
      const stream = test.key('s');
      const texts = STRANGE.flatMap((text) => [text, text]);
      const fields = ['b', '2', 'a', '1', 'b', '3', ...texts];
      await test.store.append([{ stream, fields, maxLength: null }]);
      expect(await fieldsIn(test.store, stream)).toEqual([fields]);
    });

    it('is refused for a key of another type, and leaves it', async () => {
      const hash = test.key('h');
      await test.store.writeFields(hash, [['a', '1']]);
      await expect(
        test.store.append([{ stream: hash, fields: ['n', '1'], maxLength: null }]),
      ).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'refused',
        code: 'WRONGTYPE',
      });
      const [answer] = await test.store.hashes([{ key: hash, fields: null }]);
      expect(answer).toEqual(new Map([['a', '1']]));
    });

    it('takes streams with strange names', async () => {
      for (const text of STRANGE.filter(({ length }) => length < 1000)) {
        const stream = test.key(`s:${text}`);
        await fill(stream, 1);
        expect(await fieldsIn(test.store, stream)).toEqual([['n', '0']]);
      }
    });
  });
}

async function add(
  store: Store,
  stream: string,
  count: number,
  maxLength: number | null = null,
): Promise<readonly EntryId[]> {
  const requests = Array.from({ length: count }, (_, n) => ({ stream, fields: ['n', String(n)], maxLength }));
  return await store.append(requests);
}
