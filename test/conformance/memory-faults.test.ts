/** A disk that is full, broken or silent: nothing is answered as done that is not there, and nothing is left half done. */
import { describe, expect, it } from 'vitest';
import { add, diskError, failingFolder, newFolder, openIn, textsIn, type Fault } from './memory-support.ts';
import { hashOf, own, part, put } from './suite-support.ts';

/** Fails what is named while it is. */
function faults(code: 'ENOSPC' | 'EIO' = 'ENOSPC'): { failing: Set<string>; fault: Fault } {
  const failing = new Set<string>();
  return {
    failing,
    fault: (doing) => {
      if (failing.has(doing)) throw diskError(code);
    },
  };
}

describe('a disk that', () => {
  it.each([
    ['is full', 'write', 'ENOSPC'],
    ['cannot be reached', 'sync', 'EIO'],
  ] as const)('%s refuses changes and changes nothing, until it works again', async (_name, doing, code) => {
    const folder = newFolder();
    const failing = { once: false };
    const openFolder = failingFolder((done) => {
      if (failing.once && done === doing) {
        failing.once = false;
        throw diskError(code);
      }
    });
    const store = await openIn(folder, { openFolder });
    const held = await own(store, 'one', 'budget');
    await add(store, 'before');
    const commit = {
      owner: 'one',
      parts: [part(held, 0, { seen: 'x' })],
      outputs: [put('test:h', ['a', '1'])],
    };
    for (const change of [
      async () => await add(store, 'lost'),
      async () => await store.commit(commit),
      async () => await store.writeFields('test:h', [['lost', '1']]),
      async () => await store.claim('two', ['allocation']),
      async () => await store.release('one', [held]),
    ]) {
      failing.once = true;
      await expect(change()).rejects.toMatchObject({ name: 'StoreError', kind: 'refused', code });
    }
    expect(await textsIn(store)).toEqual(['before']);
    expect(await store.load('budget')).toBeNull();
    expect(await hashOf(store, 'test:h')).toBeNull();
    expect(await store.commit(commit)).toMatchObject({ outcome: 'done' });
    await add(store, 'after');
    await store[Symbol.asyncDispose]();
    await using again = await openIn(folder);
    expect(await textsIn(again)).toEqual(['before', 'after']);
    expect(await again.load('budget')).toMatchObject({ sequence: 1, seen: ['x'] });
  });

  it('takes nothing back either says so, and changes nothing before it could', async () => {
    const folder = newFolder();
    const { failing, fault } = faults('EIO');
    const store = await openIn(folder, { openFolder: failingFolder(fault) });
    await add(store, 'before');
    failing.add('write').add('truncate');
    await expect(add(store, 'unknown')).rejects.toMatchObject({ kind: 'unreachable', code: 'EIO' });
    failing.delete('write');
    await expect(add(store, 'lost')).rejects.toMatchObject({ kind: 'refused', code: 'EIO' });
    expect(await textsIn(store)).toEqual(['before']);
    failing.clear();
    await add(store, 'after');
    await store[Symbol.asyncDispose]();
    await using again = await openIn(folder);
    expect(await textsIn(again)).toEqual(['before', 'after']);
  });

  it('is silent leaves nobody waiting longer than the deadline, and is told apart from one not asked', async () => {
    const folder = newFolder();
    let answer: () => void = () => undefined;
    let isSilent = false;
    const silence = new Promise<void>((resolve) => (answer = resolve));
    const openFolder = failingFolder(async (doing) => {
      if (isSilent && doing === 'sync') await silence;
    });
    const store = await openIn(folder, { openFolder, deadlineMs: 150 });
    await add(store, 'before');
    isSilent = true;
    const since = Date.now();
    const first = add(store, 'written');
    const outcome = expect(first).rejects.toMatchObject({ kind: 'unreachable', code: 'TIMEOUT' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(add(store, 'waiting')).rejects.toMatchObject({ kind: 'refused', code: 'TIMEOUT' });
    await outcome;
    expect(Date.now() - since).toBeLessThan(2000);
    // Reading goes on, and its clock stays where something may still come.
    const { nowMs } = await store.read([]);
    expect(nowMs).toBeLessThanOrEqual(since + 20);
    expect(await textsIn(store)).toEqual(['before']);
    isSilent = false;
    answer();
    await add(store, 'after');
    expect(await textsIn(store)).toEqual(['before', 'written', 'after']);
    expect((await store.read([])).nowMs).toBeGreaterThan(since + 100);
    await store[Symbol.asyncDispose]();
    await using again = await openIn(folder);
    expect(await textsIn(again)).toEqual(['before', 'written', 'after']);
  });

  it('is full when the folder is opened refuses it, and leaves it unlocked', async () => {
    const folder = newFolder();
    const { failing, fault } = faults();
    failing.add('write');
    await expect(openIn(folder, { openFolder: failingFolder(fault) })).rejects.toMatchObject({
      kind: 'refused',
      code: 'ENOSPC',
    });
    await using store = await openIn(folder);
    expect(await add(store, 'a')).toMatch(/^\d+-0$/);
  });
});

it('an entry being written is not seen, and the clock of a reading is not after it', async () => {
  const folder = newFolder();
  let nowMs = 1000;
  let release: () => void = () => undefined;
  let gate: Promise<void> | null = null;
  const openFolder = failingFolder(async (doing) => {
    if (doing === 'sync' && gate !== null) await gate;
  });
  await using store = await openIn(folder, { openFolder, nowMs: () => nowMs });
  gate = new Promise((resolve) => (release = resolve));
  const adding = add(store, 'a');
  nowMs = 1500;
  const early = await store.read([{ stream: 'test:s', after: '0-0', count: 5 }]);
  expect([early.nowMs, early.streams[0]!.entries.length]).toEqual([1000, 0]);
  gate = null;
  release();
  expect(await adding).toBe('1000-0');
  const late = await store.read([{ stream: 'test:s', after: '0-0', count: 5 }]);
  expect([late.nowMs, late.streams[0]!.entries.length]).toEqual([1500, 1]);
});
