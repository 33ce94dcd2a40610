/** The memory store keeps the rules of every store, held in memory only and with a folder. */
import { expect, it } from 'vitest';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { LEASE_MS, type Store } from '../../src/store/store.ts';
import { newFolder } from './memory-support.ts';
import { describeStore, type StoreUnderTest } from './store-suite.ts';

describeStore('memory', async () => await underTest(null));
describeStore('memory, with a folder,', async () => await underTest(newFolder()));

it('the memory store takes over a silent holder’s component though the clock was set back', async () => {
  let wallMs = 1_700_000_000_000;
  let monotonicMs = 0;
  const clocks = { nowMs: () => wallMs, monotonicMs: () => monotonicMs };
  await using store = await openMemoryStore({ namespace: 'test', folder: null, ...clocks });
  await store.claim('one', ['budget']);
  expect((await store.claim('two', ['budget'])).held).toEqual([]);
  wallMs -= 3_600_000;
  monotonicMs = LEASE_MS - 1;
  expect((await store.claim('two', ['budget'])).held).toEqual([]);
  monotonicMs = LEASE_MS;
  expect((await store.claim('two', ['budget'])).held).toEqual([{ component: 'budget', epoch: 2 }]);
  await store.claim('two', ['budget']);
  monotonicMs = 2 * LEASE_MS;
  // Heard of with the claim before: another has to wait from when it first sees that.
  expect((await store.claim('three', ['budget'])).held).toEqual([]);
  monotonicMs = 3 * LEASE_MS;
  expect((await store.claim('three', ['budget'])).held).toEqual([{ component: 'budget', epoch: 3 }]);
});

it('the memory store gives ids that rise and a clock that never goes back when the clock is set back', async () => {
  let wallMs = 2_000;
  await using store = await openMemoryStore({ namespace: 'test', folder: null, nowMs: () => wallMs });
  const add = async (): Promise<readonly string[]> =>
    await store.append([{ stream: 'test:s', fields: ['a', '1'], maxLength: null }]);
  expect(await add()).toEqual(['2000-0']);
  wallMs = 1_000;
  expect(await add()).toEqual(['2000-1']);
  expect((await store.read([])).nowMs).toBe(2000);
  wallMs = 2_001;
  expect(await add()).toEqual(['2001-0']);
});

async function underTest(folder: string | null): Promise<StoreUnderTest> {
  const namespace = 'test';
  const store = await openMemoryStore({ namespace, folder });
  return {
    store,
    second: async () => await Promise.resolve(sharing(store)),
    namespace,
    close: async () => {
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The same data for another; its disposal closes nothing. */
function sharing(store: Store): Store {
  return {
    kind: store.kind,
    read: store.read.bind(store),
    wait: store.wait.bind(store),
    hashes: store.hashes.bind(store),
    scan: store.scan.bind(store),
    knownSymbols: store.knownSymbols.bind(store),
    claim: store.claim.bind(store),
    release: store.release.bind(store),
    load: store.load.bind(store),
    commit: store.commit.bind(store),
    append: store.append.bind(store),
    writeFields: store.writeFields.bind(store),
    setText: store.setText.bind(store),
    permits: store.permits,
    facts: store.facts.bind(store),
    [Symbol.asyncDispose]: async () => await Promise.resolve(),
  };
}
