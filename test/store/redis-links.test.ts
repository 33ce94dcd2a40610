/** Links that freeze, die silently or are not there: every call ends by its deadline, and work goes on once the link does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionEvent } from '../../src/store/redis/connection.ts';
import { openRedisStore, type RedisStore } from '../../src/store/redis/redis-store.ts';
import { LEASE_MS, type Store } from '../../src/store/store.ts';
import { prepared, smallCommit } from '../support/redis-commits.ts';
import { contentsOf } from '../support/redis-contents.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore, untilItWorks } from '../support/redis-store.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let server: RedisServer;
let proxy: TcpProxy;
let spaces = 100;
const opened: RedisStore[] = [];

beforeAll(async () => {
  server = await startRedis();
  proxy = await startProxy(server.port);
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
  proxy.reset();
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

const newSpace = (): string => `n${spaces++}`;

async function open(namespace: string, port = server.port): Promise<RedisStore> {
  const store = await connectedStore({ url: `redis://127.0.0.1:${port}`, namespace });
  opened.push(store);
  return store;
}

function openAtOnce(url: string): { readonly store: RedisStore; readonly events: ConnectionEvent[] } {
  const events: ConnectionEvent[] = [];
  const store = openRedisStore({ url, namespace: 'n', onEvent: (event) => events.push(event) });
  opened.push(store);
  return { store, events };
}

/** One call of each kind. */
const callsOf = (store: Store): Promise<unknown>[] => [
  store.read([{ stream: 's', after: '0-0', count: 10 }]),
  store.hashes([{ key: 'h', fields: null }]),
  store.scan('n', '0'),
  store.knownSymbols(5),
  store.claim('two', ['budget']),
  store.release('two', [{ component: 'budget', epoch: 1 }]),
  store.load('budget'),
  store.append([{ stream: 's', fields: ['a', '1'], maxLength: null }]),
  store.writeFields('h', [['a', '1']]),
  store.facts(),
];

describe('a server that stands still', () => {
  it('lets a commit end by the deadline; sent again afterwards it is done once', async () => {
    const wanted = await reference();
    const namespace = newSpace();
    const store = await open(namespace);
    const commit = smallCommit(await prepared(store, namespace), namespace);
    await server.kill('SIGSTOP');
    const startMs = performance.now();
    try {
      await expect(store.commit(commit)).rejects.toMatchObject({ kind: 'unreachable', code: 'TIMEOUT' });
      expect(performance.now() - startMs).toBeLessThan(700);
      await expect(store.commit(commit)).rejects.toMatchObject({ kind: 'unreachable', code: 'CLOSED' });
      await sleep(1500);
    } finally {
      await server.kill('SIGCONT');
    }
    const { value, tookMs } = await untilItWorks(() => store.commit(commit));
    expect(value.outcome).toBe('done');
    expect(tookMs).toBeLessThan(2000);
    expect(await contentsOf(server, namespace)).toEqual(wanted);
  });

  it('never does a commit that was given up on top of another one', async () => {
    const namespace = newSpace();
    const store = await open(namespace);
    const held = await prepared(store, namespace);
    const given = smallCommit(held, namespace);
    const other = { ...given, outputs: [{ kind: 'index', symbols: ['OTHER'] }] } as const;
    await server.kill('SIGSTOP');
    try {
      await expect(store.commit(given)).rejects.toMatchObject({ code: 'TIMEOUT' });
    } finally {
      await server.kill('SIGCONT');
    }
    // What was sent waits in the old socket: one of the two is done, and the other one does not count as its repeat.
    const { value } = await untilItWorks(() => store.commit(other));
    const known = (await server.send('SMEMBERS', `${namespace}:ballast:known.symbols`)) as string[];
    expect(value.outcome === 'done' ? ['OTHER'] : ['BTCUSDT', 'ETHUSDT']).toEqual(known.toSorted());
  });
});

describe('a link that swallows everything', () => {
  it('is noticed within two seconds, also while nobody calls', async () => {
    const { store, events } = openAtOnce(`redis://127.0.0.1:${proxy.port}`);
    await untilItWorks(() => store.read([]));
    proxy.drop();
    const startMs = performance.now();
    while (events.at(-1)!.kind === 'connected' && performance.now() - startMs < 5000) await sleep(10);
    expect(events.map(({ kind }) => kind)).toEqual(['connected', 'disconnected']);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it('leaves no call without an end', async () => {
    const namespace = newSpace();
    const direct = await open(namespace);
    const commit = smallCommit(await prepared(direct, namespace), namespace);
    const store = await open(namespace, proxy.port);
    proxy.drop();
    const startMs = performance.now();
    const calls = [...callsOf(store), store.commit(commit)];
    expect(store.waiting).toBe(calls.length);
    const ends = await Promise.allSettled(calls);
    expect(performance.now() - startMs).toBeLessThan(2000);
    for (const end of ends)
      expect(end).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', kind: 'unreachable' } });
    expect(store.waiting).toBe(0);
    proxy.reset();
    const { value } = await untilItWorks(() => store.commit(commit));
    expect(value.outcome).toBe('done');
  });
});

describe('a slow link', () => {
  it.each([
    ['in single bytes', (): void => proxy.slice(1)],
    ['late', (): void => proxy.latency(100)],
  ])('that delivers %s gives the same answers', async (_how, slow) => {
    const wanted = await reference();
    const namespace = newSpace();
    const store = await open(namespace, proxy.port);
    slow();
    const held = await prepared(store, namespace);
    expect((await store.commit(smallCommit(held, namespace))).outcome).toBe('done');
    expect((await store.load('budget'))!.sequence).toBe(2);
    expect(
      (await store.read([{ stream: `${namespace}:stream`, after: '0-0', count: 5 }])).streams[0]!.entries,
    ).toHaveLength(1);
    expect(await contentsOf(server, namespace)).toEqual(wanted);
  });
});

describe('a server that is not there', () => {
  it('is said once, and found when it comes', async () => {
    const other = await startRedis();
    try {
      await other.kill('SIGKILL');
      const { store, events } = openAtOnce(other.url);
      const startMs = performance.now();
      const ends = await Promise.allSettled(callsOf(store));
      expect(performance.now() - startMs).toBeLessThan(100);
      for (const end of ends)
        expect(end).toMatchObject({ reason: { name: 'StoreError', kind: 'unreachable', code: 'CLOSED' } });
      await sleep(1500);
      expect(events).toEqual([{ kind: 'error', message: expect.stringContaining('ECONNREFUSED') as string }]);
      await other.restart();
      const { tookMs } = await untilItWorks(() => store.read([]));
      expect(tookMs).toBeLessThan(2000);
      expect(events.map(({ kind }) => kind)).toEqual(['error', 'connected']);
    } finally {
      await other.stop();
    }
  });

  it('is lost and found again, each said once', async () => {
    const other = await startRedis();
    try {
      const { store, events } = openAtOnce(other.url);
      await untilItWorks(() => store.read([]));
      await other.kill('SIGKILL');
      await sleep(500);
      await other.restart();
      await untilItWorks(() => store.read([]));
      expect(events.map(({ kind }) => kind)).toEqual(['connected', 'disconnected', 'error', 'connected']);
    } finally {
      await other.stop();
    }
  });
});

describe('a wrong password', () => {
  it('is said once, without the password, and every call is refused', async () => {
    const { store, events } = openAtOnce(server.url.replace('//', '//default:s3cret-word@'));
    await server.send('CONFIG', 'SET', 'requirepass', 'right');
    try {
      await sleep(700);
      const ends = await Promise.allSettled(callsOf(store));
      for (const end of ends)
        expect(end).toMatchObject({ reason: { name: 'StoreError', kind: 'refused', code: 'WRONGPASS' } });
      expect(events.filter(({ kind }) => kind === 'error')).toHaveLength(1);
      expect(
        JSON.stringify([events, ends.map((end) => String((end as PromiseRejectedResult).reason))]),
      ).not.toContain('s3cret');
    } finally {
      await server.send('CONFIG', 'SET', 'requirepass', '');
    }
  });
});

describe('a process that was held up itself', () => {
  it('does not take answers that came meanwhile for missing', async () => {
    const store = await open(newSpace());
    const call = store.read([]);
    // The command goes out first.
    await sleep(5);
    const again = store.read([]);
    const untilMs = performance.now() + 800;
    while (performance.now() < untilMs);
    await expect(Promise.all([call, again])).resolves.toHaveLength(2);
  });
});

describe('a store that is closed', () => {
  it('ends what is underway at once and keeps nothing open', async () => {
    const store = await open(newSpace(), proxy.port);
    proxy.hold();
    const calls = callsOf(store);
    const startMs = performance.now();
    await store[Symbol.asyncDispose]();
    const ends = await Promise.allSettled(calls);
    expect(performance.now() - startMs).toBeLessThan(200);
    for (const end of ends)
      expect(end).toMatchObject({ status: 'rejected', reason: { kind: 'unreachable' } });
    expect(store.waiting).toBe(0);
    await sleep(100);
    expect(proxy.connections).toBe(0);
  });
});

describe('a holder that is silent while its lease, by the server, has an hour to go', () => {
  it('is replaced once it was not heard of for a lease', { timeout: 15_000 }, async () => {
    const namespace = newSpace();
    const store = await open(namespace);
    await store.claim('dead', ['budget']);
    const key = `${namespace}:ballast:owner:budget`;
    await server.send('HSET', key, 'expires_ms', String(Date.now() + 3_600_000));
    const startMs = performance.now();
    let epoch: number | undefined;
    while (epoch === undefined && performance.now() - startMs < 8000) {
      epoch = (await store.claim('next', ['budget'])).held[0]?.epoch;
      await sleep(300);
    }
    expect(epoch).toBe(2);
    expect(performance.now() - startMs).toBeGreaterThan(LEASE_MS);
    expect(performance.now() - startMs).toBeLessThan(LEASE_MS + 1500);
  });

  it('stays where it is heard of', { timeout: 15_000 }, async () => {
    const namespace = newSpace();
    const store = await open(namespace);
    const holder = await open(namespace);
    await holder.claim('alive', ['budget']);
    const startMs = performance.now();
    while (performance.now() - startMs < LEASE_MS * 1.5) {
      await holder.claim('alive', ['budget']);
      expect((await store.claim('next', ['budget'])).held).toEqual([]);
      await sleep(300);
    }
  });
});

async function reference(): Promise<unknown> {
  const namespace = newSpace();
  const store = await open(namespace);
  await store.commit(smallCommit(await prepared(store, namespace), namespace));
  return contentsOf(server, namespace);
}
