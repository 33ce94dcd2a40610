/** A writer that dies at any step of a commit leaves nothing of it or all of it, and whoever comes next finds it whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Functions } from '../../src/store/redis/calls.ts';
import { Committer } from '../../src/store/redis/commit.ts';
import { Connection } from '../../src/store/redis/connection.ts';
import { parseEndpoint } from '../../src/store/redis/endpoint.ts';
import type { Answer, Command } from '../../src/store/redis/reply.ts';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';
import type { Commit, CommitResult } from '../../src/store/store.ts';
import { largeCommit, prepared, smallCommit } from '../support/redis-commits.ts';
import { contentsOf } from '../support/redis-contents.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore, untilItWorks } from '../support/redis-store.ts';

let server: RedisServer;
let spaces = 100;
const opened: { [Symbol.asyncDispose](): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const store of opened) await store[Symbol.asyncDispose]();
  await server.stop();
});

const newSpace = (): string => `n${spaces++}`;
const openStore = async (namespace: string): Promise<RedisStore> => {
  const store = await connectedStore({ url: server.url, namespace });
  opened.push(store);
  return store;
};

/** A connection that is gone after so many exchanges; with `sends` the last one still arrives. */
class Dying extends Connection {
  left = Infinity;
  used = 0;
  sends = false;

  override exchange(commands: readonly Command[]): Promise<Answer[]> {
    if (this.used++ < this.left) return super.exchange(commands);
    if (!this.sends) return Promise.reject(new Error('dead'));
    this.sends = false;
    return super.exchange(commands).then(() => Promise.reject(new Error('dead')));
  }
}

async function dyingCommit(
  namespace: string,
  commit: Commit,
  left: number,
  sends: boolean,
): Promise<{ readonly result: CommitResult | null; readonly used: number }> {
  const connection = new Dying(parseEndpoint(server.url), 500, () => undefined);
  await untilItWorks(() => connection.call(['PING']));
  connection.used = 0;
  connection.left = left;
  connection.sends = sends;
  const committer = new Committer(connection, new Functions(connection), namespace);
  const result = await committer.commit(commit).catch((error: unknown) => {
    if (error instanceof Error && error.message === 'dead') return null;
    throw error;
  });
  const { used } = connection;
  connection.close();
  return { result, used };
}

/** What is left behind, with and without the commit, had nothing gone wrong. */
async function reference(commitOf: typeof smallCommit): Promise<{ before: unknown; after: unknown }> {
  const namespace = newSpace();
  const store = await openStore(namespace);
  const held = await prepared(store, namespace);
  const before = await contentsOf(server, namespace);
  expect((await store.commit(commitOf(held, namespace))).outcome).toBe('done');
  const after = await contentsOf(server, namespace);
  expect(after).not.toEqual(before);
  return { before, after };
}

const large: typeof smallCommit = (held, namespace) => largeCommit(held, namespace, 700);

describe.each([
  ['small', smallCommit, 1],
  ['large', large, 10],
] as const)('a writer of a %s commit that dies', (_size, commitOf, least) => {
  it.each([
    ['before', false],
    ['after', true],
  ])('%s any of its exchanges leaves all or nothing', { timeout: 60_000 }, async (_when, sends) => {
    const { before, after } = await reference(commitOf);
    const ways = { nothing: 0, all: 0 };
    let steps = 0;
    for (let left = 0, isOver = false; !isOver; left++) {
      const namespace = newSpace();
      const store = await openStore(namespace);
      const held = await prepared(store, namespace);
      const commit = commitOf(held, namespace);
      const { result, used } = await dyingCommit(namespace, commit, left, sends);
      isOver = result !== null;
      steps = Math.max(steps, used);
      // Whoever takes over first reads: that completes what was decided.
      const sequences = [];
      for (const { component } of held) sequences.push((await store.load(component))!.sequence);
      expect(new Set(sequences).size).toBe(1);
      const isDone = sequences[0] === 2;
      ways[isDone ? 'all' : 'nothing']++;
      const left1 = await contentsOf(server, namespace);
      expect(withoutStaged(left1)).toEqual(isDone ? after : before);
      // And the one who does not know what became of it may send it again.
      expect((await store.commit(commit)).outcome).toBe('done');
      expect(withoutStaged(await contentsOf(server, namespace))).toEqual(after);
      await store[Symbol.asyncDispose]();
    }
    expect(steps).toBeGreaterThanOrEqual(least);
    expect(ways.all).toBeGreaterThan(0);
    expect(ways.nothing).toBeGreaterThanOrEqual(sends && least === 1 ? 0 : 1);
  });
});

describe('chunks that were staged and never decided', () => {
  it('go by themselves', async () => {
    const namespace = newSpace();
    const store = await openStore(namespace);
    const held = await prepared(store, namespace);
    await dyingCommit(namespace, large(held, namespace), 3, false);
    const staged = (await server.send('KEYS', `${namespace}:ballast:pending:*`)) as string[];
    expect(staged).toHaveLength(1);
    const lifeMs = Number(await server.send('PTTL', staged[0]!));
    expect(lifeMs).toBeGreaterThan(0);
    expect(lifeMs).toBeLessThanOrEqual(60_000);
  });
});

describe('a commit that was decided but not all done', () => {
  it('is completed by the next commit of its component, whoever sends it', async () => {
    const { after } = await reference(large);
    const namespace = newSpace();
    const store = await openStore(namespace);
    const held = await prepared(store, namespace);
    // Where nobody owns the components it is staged, refused and removed again: as many steps as to decide it and do a chunk.
    const { used } = await dyingCommit(newSpace(), large(held, namespace), Infinity, false);
    const { result } = await dyingCommit(namespace, large(held, namespace), used, false);
    expect(result).toBeNull();
    expect(await server.send('HGET', `${namespace}:ballast:meta:budget`, '#pending')).not.toBeNull();
    const next: Commit = {
      owner: 'one',
      parts: held.map((own) => ({
        ...own,
        sequence: 2,
        meta: [],
        records: [],
        seen: null,
        dropSeen: 0,
      })),
      outputs: [],
    };
    expect((await store.commit(next)).outcome).toBe('done');
    const contents = (await contentsOf(server, namespace)) as Record<
      string,
      { holds: Record<string, unknown> }
    >;
    for (const [name, { holds }] of Object.entries(contents))
      if (name.startsWith('ballast:meta:')) expect(holds['#sequence']).toBe('3');
    expect(withoutMeta(contents)).toEqual(withoutMeta(after as Record<string, unknown>));
  });
});

describe('a decided commit', () => {
  /** Decides a large commit and does a chunk of it, then `happens`; returns what became of the rest. */
  const interrupted = async (
    namespace: string,
    commit: Commit,
    happens: () => Promise<unknown>,
  ): Promise<unknown> => {
    const connection = new Interrupted(parseEndpoint(server.url), 500, () => undefined);
    await untilItWorks(() => connection.call(['PING']));
    connection.happens = happens;
    const committer = new Committer(connection, new Functions(connection), namespace);
    const end = await committer.commit(commit).catch((error: unknown) => error);
    connection.close();
    return end;
  };

  it('is done to its end although memory became short meanwhile', async () => {
    const { after } = await reference(large);
    const namespace = newSpace();
    const store = await openStore(namespace);
    const commit = large(await prepared(store, namespace), namespace);
    try {
      const end = await interrupted(namespace, commit, () => server.send('CONFIG', 'SET', 'maxmemory', '1'));
      expect(end).toMatchObject({ outcome: 'done', refused: [] });
    } finally {
      await server.send('CONFIG', 'SET', 'maxmemory', '0');
    }
    expect(await contentsOf(server, namespace)).toEqual(after);
  });

  it('counts as unknown, not as refused, where the server stops taking writes in the middle of it', async () => {
    const { after } = await reference(large);
    const namespace = newSpace();
    const store = await openStore(namespace);
    const commit = large(await prepared(store, namespace), namespace);
    let end: unknown;
    try {
      end = await interrupted(namespace, commit, () => server.send('REPLICAOF', '127.0.0.1', '1'));
    } finally {
      await server.send('REPLICAOF', 'NO', 'ONE');
    }
    expect(end).toMatchObject({ name: 'StoreError', kind: 'unreachable', code: 'READONLY' });
    expect((await store.commit(commit)).outcome).toBe('done');
    expect(await contentsOf(server, namespace)).toEqual(after);
  });
});

/** A connection with something happening before its second chunk of a decided commit. */
class Interrupted extends Connection {
  happens: () => Promise<unknown> = () => Promise.resolve();

  override async exchange(commands: readonly Command[]): Promise<Answer[]> {
    const [name, called, , , chunk] = commands[0]!.map(String);
    if (name === 'FCALL' && called!.startsWith('ballast_apply') && chunk === '1') await this.happens();
    return super.exchange(commands);
  }
}

function withoutMeta(contents: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(contents).filter(([name]) => !name.startsWith('ballast:meta:')));
}

function withoutStaged(contents: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(contents).filter(([name]) => !name.startsWith('ballast:pending:')),
  );
}
