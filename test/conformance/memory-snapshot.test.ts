/** Snapshots of the memory store: the same state as the journals they take the place of, whenever all stops. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Output, Store } from '../../src/store/store.ts';
import { contents, diskError, failingFolder, newFolder, openIn, add, textsIn } from './memory-support.ts';
import { DONE, part, put, STRANGE } from './suite-support.ts';

const COMPONENTS = ['attribution', 'budget'];

describe('a snapshot and the journal after it', () => {
  it('hold what the journal alone holds, through many snapshots', async () => {
    const [small, whole] = [newFolder(), newFolder()];
    let snapshots = 0;
    const nowMs = (): number => 1_700_000_000_000;
    const first = await openIn(small, { nowMs, snapshotBytes: 20_000, onEvent: () => snapshots++ });
    const second = await openIn(whole, { nowMs });
    for (const store of [first, second]) await work(store, 150);
    const both = [await contents(first, COMPONENTS), await contents(second, COMPONENTS)];
    expect(both[0]).toEqual(both[1]);
    // What has a life is not kept.
    for (const store of [first, second]) {
      await store.commit({ owner: 'one', parts: [], outputs: [{ kind: 'delete', key: 'test:live' }] });
    }
    const before = await contents(second, COMPONENTS);
    for (const store of [first, second]) await store[Symbol.asyncDispose]();
    expect(snapshots).toBeGreaterThan(3);

    for (const folder of [small, whole]) {
      await using store = await openIn(folder, { nowMs });
      // A walk comes in another order, the keys are the same.
      expect(await contents(store, COMPONENTS)).toEqual(before);
    }
    expect(readdirSync(whole)).toEqual(['journal-00000001']);
    expect(readdirSync(small).filter((name) => name.startsWith('snapshot'))).toHaveLength(1);
    expect(existsSync(join(small, 'journal-00000001'))).toBe(false);
  });

  it('go on from wherever making the snapshot stopped', async () => {
    const [folder, base] = [newFolder(), newFolder()];
    const copies: string[] = [];
    // The folder as a kill would leave it, before each thing that is done to it.
    const openFolder = failingFolder((doing, name) => {
      if (copies.length >= 400 || !(name.startsWith('snapshot') || name.endsWith('2'))) return;
      const copy = join(base, `${copies.length}-${doing}`);
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.includes('/lock') });
      copies.push(copy);
    });
    const texts: string[] = [];
    const store = await openIn(folder, { snapshotBytes: 3000, openFolder });
    const acknowledged = new Map<string, number>();
    for (let n = 0; !existsSync(join(folder, 'snapshot-00000002')); n++) {
      texts.push(`text ${n} ${'x'.repeat(100)}`);
      const known = copies.length;
      await add(store, texts.at(-1)!);
      for (const copy of copies.slice(known)) acknowledged.set(copy, n);
    }
    await store[Symbol.asyncDispose]();
    expect(copies.length).toBeGreaterThan(6);
    for (const copy of copies) {
      await using again = await openIn(copy);
      const found = await textsIn(again);
      const wanted = acknowledged.get(copy) ?? texts.length;
      expect(found.length, copy).toBeGreaterThanOrEqual(wanted);
      expect(found).toEqual(texts.slice(0, found.length));
      await add(again, 'next');
      expect(readdirSync(copy).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('that cannot be written leave the journals, which lose nothing', async () => {
    const folder = newFolder();
    const events: string[] = [];
    const openFolder = failingFolder((doing, name) => {
      if (name.startsWith('snapshot') && doing === 'write') throw diskError('ENOSPC');
    });
    const store = await openIn(folder, {
      snapshotBytes: 2000,
      openFolder,
      onEvent: ({ kind }) => events.push(kind),
    });
    const texts = Array.from({ length: 60 }, (_, n) => `${n} ${'x'.repeat(100)}`);
    for (const text of texts) await add(store, text);
    await store[Symbol.asyncDispose]();
    expect(events.length).toBeGreaterThan(1);
    expect(new Set(events)).toEqual(new Set(['snapshot_failed']));
    expect(readdirSync(folder).filter((name) => !name.startsWith('journal'))).toEqual([]);
    const again = await openIn(folder, { snapshotBytes: 2000 });
    expect(await textsIn(again)).toEqual(texts);
    // The next one succeeds and clears away all before it.
    for (let n = 0; n < 40; n++) await add(again, `${n} ${'x'.repeat(100)}`);
    await again[Symbol.asyncDispose]();
    expect(existsSync(join(folder, 'journal-00000001'))).toBe(false);
  });

  it('are refused where a journal before the last is cut, since the one after it was acknowledged', async () => {
    const folder = newFolder();
    const openFolder = failingFolder((doing, name) => {
      if (name.startsWith('snapshot') && doing === 'write') throw diskError('ENOSPC');
    });
    const store = await openIn(folder, { snapshotBytes: 1000, openFolder });
    for (let n = 0; n < 20; n++) await add(store, `${n} ${'x'.repeat(100)}`);
    await store[Symbol.asyncDispose]();
    const path = join(folder, 'journal-00000001');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, -3));
    await expect(openIn(folder)).rejects.toMatchObject({ kind: 'unusable', code: 'DAMAGED' });

    // With nothing acknowledged after it, it is the end that was being written.
    for (const name of readdirSync(folder)) if (name > 'journal-00000002') rmSync(join(folder, name));
    writeFileSync(join(folder, 'journal-00000002'), 'ballast journal 1 2\n');
    await using again = await openIn(folder);
    await add(again, 'next');
    const texts = await textsIn(again);
    expect(texts.at(-1)).toBe('next');
    expect(texts.slice(0, -1)).toEqual(texts.slice(0, -1).map((_, n) => `${n} ${'x'.repeat(100)}`));
    expect(texts.length).toBeGreaterThan(2);
  });

  it('that are damaged or cut are refused', async () => {
    const folder = newFolder();
    const store = await openIn(folder, { snapshotBytes: 5000 });
    await work(store, 30);
    await store[Symbol.asyncDispose]();
    const name = readdirSync(folder).find((entry) => entry.startsWith('snapshot'))!;
    const bytes = readFileSync(join(folder, name));
    const changed = Buffer.from(bytes);
    changed[bytes.length >> 1]! ^= 1;
    for (const wrong of [
      changed,
      bytes.subarray(0, -1),
      bytes.subarray(0, bytes.lastIndexOf('\n', -2) + 1),
      bytes.subarray(0, 5),
    ]) {
      writeFileSync(join(folder, name), wrong);
      await expect(openIn(folder)).rejects.toMatchObject({ kind: 'unusable', code: 'DAMAGED' });
    }
    writeFileSync(join(folder, name), bytes);
    await using again = await openIn(folder);
    expect(await again.load('budget')).not.toBeNull();
  });
});

/** Changes of every kind. */
async function work(store: Store, rounds: number): Promise<void> {
  const { held } = await store.claim('one', COMPONENTS);
  for (let n = 0; n < rounds; n++) {
    await add(store, `${n} ${STRANGE[n % 11]}`);
    await store.writeFields('test:modes', [
      [`m${n % 7}`, n % 3 === 0 ? null : String(n)],
      [STRANGE[n % 11]!, 'x'],
    ]);
    const outputs: Output[] = [
      put(`test:h${n % 5}`, ['n', String(n), 'text', STRANGE[n % 11]!]),
      put('test:live', ['n', String(n)], 300),
      { kind: 'append', key: 'test:out', fields: ['n', String(n)], maxLength: 10 },
      {
        kind: 'deadLetter',
        stream: 'test:s',
        sourceId: `${n}-0`,
        key: 'test:s.dlq',
        fields: ['n', String(n)],
        maxLength: 20,
      },
      { kind: 'index', symbols: [`S${n % 13}`] },
      ...(n % 9 === 0 ? [{ kind: 'delete', key: `test:h${n % 5}` } as const] : []),
    ];
    const parts = held.map((ownership) =>
      part(ownership, n, {
        meta: ['position', `${n}-0`, '__proto__', String(n)],
        records: [`S${n % 13}`, n % 6 === 0 ? '' : `record ${n}`],
        seen: n % 2 === 0 ? `chunk ${n}` : null,
        dropSeen: n % 8 === 7 ? 3 : 0,
      }),
    );
    expect(await store.commit({ owner: 'one', parts, outputs })).toEqual(DONE);
  }
}
