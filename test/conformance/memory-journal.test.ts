/** What the memory store has answered is in its folder, whatever happens to the end of the journal. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Output } from '../../src/store/store.ts';
import { add, contents, newFolder, openIn, textsIn } from './memory-support.ts';
import { fieldsIn, hashOf, own, part, put, STRANGE, Writer } from './suite-support.ts';

const JOURNAL = 'journal-00000001';

describe('a reopened folder', () => {
  it('holds streams, hashes, saved components, known symbols and dead letters as they were', async () => {
    const folder = newFolder();
    const letter: Output = {
      kind: 'deadLetter',
      stream: 'test:in',
      sourceId: '7-0',
      key: 'test:in.dlq',
      fields: ['a', 'b'],
      maxLength: 10,
    };
    const first = await openIn(folder);
    const writer = await Writer.claim(first);
    for (const text of STRANGE) await add(first, text);
    await first.writeFields(
      'test:modes',
      STRANGE.map((text) => [text, text]),
    );
    await first.writeFields('test:modes', [['', null]]);
    const outputs: Output[] = [put('test:h', ['a', '1']), letter, { kind: 'index', symbols: ['B', 'A'] }];
    await writer.commit(outputs, { meta: ['a', '1'], records: ['B', 'r', 'A', 's'], seen: 'x' });
    await writer.commit([], { records: ['B', ''], seen: 'y', dropSeen: 1 });
    const before = await contents(first, ['budget']);
    await first[Symbol.asyncDispose]();

    await using second = await openIn(folder);
    expect(await contents(second, ['budget'])).toEqual(before);
    expect(await textsIn(second)).toEqual(STRANGE);
    await (await Writer.claim(second, 'allocation')).commit([letter]);
    expect(await fieldsIn(second, 'test:in.dlq')).toHaveLength(1);
  });

  it('forgets hashes that had a life, and nothing else of their commit', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    const writer = await Writer.claim(first);
    await writer.commit([put('test:h', ['a', '1'], 300), put('test:kept', ['a', '1'])], { meta: ['a', '1'] });
    expect(await hashOf(first, 'test:h')).toEqual({ a: '1' });
    await first[Symbol.asyncDispose]();
    await using second = await openIn(folder);
    expect(await hashOf(second, 'test:h')).toBeNull();
    expect(await hashOf(second, 'test:kept')).toEqual({ a: '1' });
    expect(await second.load('budget')).toMatchObject({ sequence: 1 });
  });

  it('lets a new owner in at once, with a higher epoch, and fences the one before', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    const held = await own(first, 'one', 'budget');
    await first[Symbol.asyncDispose]();
    const second = await openIn(folder);
    const taken = await own(second, 'two', 'budget');
    expect(taken.epoch).toBeGreaterThan(held.epoch);
    expect((await second.commit({ owner: 'one', parts: [part(held, 0)], outputs: [] })).outcome).toBe(
      'fenced',
    );
    await second.commit({ owner: 'two', parts: [part(taken, 0)], outputs: [] });
    await second[Symbol.asyncDispose]();
    await using third = await openIn(folder);
    expect((await third.load('budget'))!.sequence).toBe(1);
    expect((await own(third, 'three', 'budget')).epoch).toBeGreaterThan(taken.epoch);
  });

  it('knows a commit again that it had answered before', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    const held = await own(first, 'one', 'budget');
    const entry: Output = { kind: 'append', key: 'test:out', fields: ['a', '1'], maxLength: 10 };
    const commit = { owner: 'one', parts: [part(held, 0, { seen: 'x' })], outputs: [entry] };
    await first.commit(commit);
    await first[Symbol.asyncDispose]();
    await using second = await openIn(folder);
    expect((await second.commit(commit)).outcome).toBe('done');
    expect(await fieldsIn(second, 'test:out')).toHaveLength(1);
    expect(await second.load('budget')).toMatchObject({ sequence: 1, seen: ['x'] });
  });

  it('goes on with ids and a clock that never go back, though the wall clock did', async () => {
    const folder = newFolder();
    const first = await openIn(folder, { nowMs: () => 2_000_000 });
    expect(await add(first, 'a')).toBe('2000000-0');
    await first[Symbol.asyncDispose]();
    await using second = await openIn(folder, { nowMs: () => 1_000_000 });
    expect((await second.read([])).nowMs).toBe(2_000_000);
    expect(await add(second, 'b')).toBe('2000000-1');
    expect(await add(second, 'c', 'test:other')).toBe('2000000-0');
  });

  it('answers many changes at once after few waits for the disk, in their order', async () => {
    const folder = newFolder();
    await using store = await openIn(folder);
    const texts = Array.from({ length: 500 }, (_, n) => String(n));
    await Promise.all(texts.map(async (text) => await add(store, text)));
    expect(await textsIn(store)).toEqual(texts);
    const lines = readFileSync(join(folder, JOURNAL), 'utf8').split('\n');
    expect(lines.length).toBeLessThan(50);
  });
});

describe('a journal cut off', () => {
  it('at any byte of its last record loses that record or nothing', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    const writer = await Writer.claim(first);
    await add(first, 'kept');
    await writer.commit([put('test:h', ['n', '1'])], { meta: ['n', '1'], seen: 'one' });
    const start = statSync(join(folder, JOURNAL)).size;
    const entry: Output = { kind: 'append', key: 'test:s', fields: ['text', 'last'], maxLength: 10 };
    await writer.commit([put('test:h', ['n', '2']), entry], { meta: ['n', '2'], seen: 'two' });
    await first[Symbol.asyncDispose]();
    const end = statSync(join(folder, JOURNAL)).size;
    expect(end - start).toBeGreaterThan(100);

    for (let length = start; length <= end; length++) {
      const copy = join(folder, `cut-${length}`);
      mkdirSync(copy);
      copyFileSync(join(folder, JOURNAL), join(copy, JOURNAL));
      truncateSync(join(copy, JOURNAL), length);
      const events: string[] = [];
      const store = await openIn(copy, { onEvent: ({ kind }) => events.push(kind) });
      const isWhole = length === end;
      expect(await textsIn(store)).toEqual(isWhole ? ['kept', 'last'] : ['kept']);
      expect(await hashOf(store, 'test:h')).toEqual({ n: isWhole ? '2' : '1' });
      expect(await store.load('budget')).toEqual({
        sequence: isWhole ? 2 : 1,
        meta: new Map([['n', isWhole ? '2' : '1']]),
        records: new Map(),
        seen: isWhole ? ['one', 'two'] : ['one'],
      });
      expect(events).toEqual(length === start || isWhole ? [] : ['tail_cut']);
      // What is written next is whole again.
      await add(store, 'next');
      await store[Symbol.asyncDispose]();
      const again = await openIn(copy);
      expect((await textsIn(again)).at(-1)).toBe('next');
      await again[Symbol.asyncDispose]();
    }
  });

  it('within its first line is begun anew', async () => {
    const folder = newFolder();
    for (const length of [0, 1, 17]) {
      writeFileSync(join(folder, JOURNAL), 'ballast journal 1 1\n'.slice(0, length));
      const store = await openIn(folder);
      await add(store, 'a');
      await store[Symbol.asyncDispose]();
      await using again = await openIn(folder);
      expect(await textsIn(again)).toEqual(['a']);
    }
  });

  it('with rubbish behind it loses the rubbish', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    await add(first, 'a');
    await first[Symbol.asyncDispose]();
    appendFileSync(
      join(folder, JOURNAL),
      Buffer.concat([Buffer.alloc(5000), Buffer.from('00 \n{}\n'), Buffer.alloc(9)]),
    );
    const events: string[] = [];
    await using second = await openIn(folder, { onEvent: ({ message }) => events.push(message) });
    expect(await textsIn(second)).toEqual(['a']);
    expect(events).toEqual([expect.stringContaining('5016 bytes at the end were not written whole')]);
  });
});

describe('a damaged folder', () => {
  it('is refused where a record in the middle is changed, naming the file and the place, and left as it is', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    for (const text of ['a', 'b', 'c']) await add(first, text);
    await first[Symbol.asyncDispose]();
    const path = join(folder, JOURNAL);
    const bytes = readFileSync(path);
    const start = bytes.lastIndexOf('\n', bytes.indexOf('"b"')) + 1;
    // Anywhere in the record, its checksum, its length and its line break too.
    for (const at of [start, start + 9, bytes.indexOf('"b"') + 1, bytes.indexOf('\n', start)]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(path, changed);
      await expect(openIn(folder)).rejects.toMatchObject({
        kind: 'unusable',
        code: 'DAMAGED',
        message: expect.stringContaining(`${path} is damaged at byte ${start}`) as string,
      });
      expect(readFileSync(path)).toEqual(changed);
    }
    writeFileSync(path, bytes);
    await using second = await openIn(folder);
    expect(await textsIn(second)).toEqual(['a', 'b', 'c']);
  });

  it('is refused where it is of another version, or no journal at all', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, JOURNAL), 'ballast journal 2 1\n{"new":"form"}\n');
    await expect(openIn(folder)).rejects.toMatchObject({ kind: 'unusable', code: 'VERSION' });
    writeFileSync(join(folder, JOURNAL), 'Dear diary,\n');
    await expect(openIn(folder)).rejects.toMatchObject({ kind: 'unusable', code: 'DAMAGED' });
  });

  it('is refused where a journal is missing', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'journal-00000002'), 'ballast journal 1 2\n');
    await expect(openIn(folder)).rejects.toMatchObject({ kind: 'unusable', code: 'MISSING' });
  });

  it('is refused in words where it is a file', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    const error: unknown = await openIn(join(folder, 'file')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'StoreError',
      kind: 'refused',
      message: expect.stringContaining('file') as string,
    });
  });
});
