import { describe, expect, it } from 'vitest';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { LEASE_MS, type Store } from '../store/store.ts';
import { collectComponents, collectPaces, type ComponentRecord } from './status-collect.ts';

const START_MS = 1_700_000_000_000;
const STREAM = 'q:stream:execution.result';

/** A store whose clock the test sets, where `host-1` has budget and read up to `position`. */
async function deployed(position: string): Promise<{ store: Store; advance: (ms: number) => void }> {
  let nowMs = START_MS;
  const store = await openMemoryStore({ namespace: 'q', folder: null, nowMs: () => nowMs });
  const { held } = await store.claim('host-1', ['budget']);
  const part = { ...held[0]!, sequence: 0, records: [], seen: null, dropSeen: 0 };
  const meta = ['mode', 'enforce', 'inputs', position];
  await store.commit({ owner: 'host-1', parts: [{ ...part, meta }], outputs: [] });
  return { store, advance: (ms) => void (nowMs += ms) };
}

async function add(store: Store, maxLength: number | null = null): Promise<void> {
  await store.append([{ stream: STREAM, fields: ['symbol', 'A'], maxLength }]);
}

async function budgetIn(store: Store): Promise<ComponentRecord> {
  const { components } = await collectComponents(store, 'q');
  return components.find(({ name }) => name === 'budget')!;
}

describe('what the store knows of a component', () => {
  it('is who holds it, until the lease runs out', async () => {
    const { store, advance } = await deployed('{}');
    expect(await budgetIn(store)).toMatchObject({ owner: 'host-1', epoch: 1, isHeld: true, trouble: null });
    advance(LEASE_MS);
    expect(await budgetIn(store)).toMatchObject({ owner: 'host-1', epoch: 1, isHeld: false });
  });

  it('is nothing, where nobody ever had it', async () => {
    const { components } = await collectComponents((await deployed('{}')).store, 'q');
    const allocation = components.find(({ name }) => name === 'allocation');
    expect(allocation).toMatchObject({ owner: null, epoch: null, isHeld: false, meta: null, inputs: [] });
  });

  it('is how many entries wait, and since when', async () => {
    const { store, advance } = await deployed(`{"execution.result":["${START_MS}-0",1]}`);
    await add(store);
    advance(10);
    await add(store);
    await add(store);
    expect((await budgetIn(store)).inputs).toEqual([
      {
        input: 'execution.result',
        stream: STREAM,
        waiting: 2,
        oldestWaitingMs: START_MS + 10,
        gap: null,
        error: null,
      },
    ]);
  });

  it('is what went before it was read, which does not wait any more', async () => {
    const { store, advance } = await deployed(`{"execution.result":["${START_MS}-0",1]}`);
    for (let i = 0; i < 6; i++) {
      await add(store, i === 5 ? 2 : null);
      advance(10);
    }
    const [lag] = (await budgetIn(store)).inputs;
    expect(lag).toMatchObject({ waiting: 2, gap: { kind: 'trimmed', lost: 3 } });
  });

  it.each(['[1', '{"execution.result":"x"}'])(
    'says that positions like %s cannot be read',
    async (inputs) => {
      const { trouble } = await budgetIn((await deployed(inputs)).store);
      expect(trouble).toMatch(/JSON|unreadable/);
    },
  );

  it('ignores positions of streams it does not know', async () => {
    const { store } = await deployed('{"other":["1-0",1]}');
    expect(await budgetIn(store)).toMatchObject({ inputs: [], trouble: null });
  });
});

describe('the pace of the streams', () => {
  it('counts the entries of the last minute', async () => {
    const { store, advance } = await deployed('{}');
    await add(store);
    advance(60_001);
    await add(store);
    expect(await collectPaces(store, 'q', START_MS + 60_001)).toEqual([
      { input: 'execution.result', length: 2, newestMs: START_MS + 60_001, perMinute: 1 },
    ]);
  });
});
