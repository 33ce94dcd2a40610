/** Whatever Redis answers instead of doing a commit: it is said by its code, nothing was changed, and it goes on after the repair. */
import { mkdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';
import { StoreError, type StoreErrorKind } from '../../src/store/store.ts';
import { largeCommit, prepared, smallCommit } from '../support/redis-commits.ts';
import { contentsOf } from '../support/redis-contents.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore, untilItWorks } from '../support/redis-store.ts';

interface Fault {
  readonly kind: StoreErrorKind;
  readonly code: string;
  readonly breaks: (namespace: string) => Promise<unknown>;
  readonly repairs: (namespace: string) => Promise<unknown>;
  /** The server answers nobody meanwhile. */
  readonly isDeaf?: boolean;
}

let server: RedisServer;
let spaces = 100;
const opened: RedisStore[] = [];

beforeAll(async () => {
  server = await startRedis();
  await server.send('ACL', 'SETUSER', 'app', 'on', '>p:w@d', '~*', '+@all');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
  await server.send('FLUSHALL');
});
afterAll(() => server.stop());

const config = (...words: string[]): Promise<unknown> => server.send('CONFIG', 'SET', ...words);
const acl = (...words: string[]): Promise<unknown> => server.send('ACL', 'SETUSER', 'app', ...words);
const killOthers = (): Promise<unknown> => server.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

/** One command over a connection of its own, for a server that is busy with another one. */
function aside(line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(server.port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    socket.on('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function untilItAnswers(): Promise<void> {
  await untilItWorks(async () => {
    const answer = await aside('PING');
    if (answer.startsWith('-')) throw new Error(answer);
  });
}

async function savedWell(isWell: boolean): Promise<void> {
  await server.send('BGSAVE');
  await untilItWorks(async () => {
    const info = String(await server.send('INFO', 'persistence'));
    const status = isWell ? 'ok' : 'err';
    if (!info.includes(`rdb_last_bgsave_status:${status}`) || !info.includes('rdb_bgsave_in_progress:0'))
      throw new Error('it is still being saved');
  });
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'it is a replica': {
    kind: 'refused',
    code: 'READONLY',
    breaks: () => server.send('REPLICAOF', '127.0.0.1', '1'),
    repairs: () => server.send('REPLICAOF', 'NO', 'ONE'),
  },
  'its memory is full': {
    kind: 'refused',
    code: 'OOM',
    breaks: () => config('maxmemory', '1'),
    repairs: () => config('maxmemory', '0'),
  },
  'it cannot save to its disk': {
    kind: 'refused',
    code: 'MISCONF',
    breaks: async () => {
      rmSync(join(server.dir, 'dump.rdb'), { recursive: true, force: true });
      mkdirSync(join(server.dir, 'dump.rdb', 'in-the-way'), { recursive: true });
      await config('save', '3600 1');
      await savedWell(false);
    },
    repairs: async () => {
      rmSync(join(server.dir, 'dump.rdb'), { recursive: true });
      await savedWell(true);
      await config('save', '');
    },
  },
  'it has too few replicas': {
    kind: 'refused',
    code: 'NOREPLICAS',
    breaks: () => config('min-replicas-to-write', '1'),
    repairs: () => config('min-replicas-to-write', '0'),
  },
  'a script runs for too long': {
    kind: 'refused',
    code: 'BUSY',
    breaks: async () => {
      await config('busy-reply-threshold', '20');
      aside('EVAL "while true do end" 0').catch(() => undefined);
      await sleep(100);
    },
    repairs: async () => {
      await aside('SCRIPT KILL');
      await untilItAnswers();
    },
    isDeaf: true,
  },
  'it loads its data': {
    kind: 'refused',
    code: 'LOADING',
    breaks: async () => {
      await config('loading-process-events-interval-bytes', '1024');
      for (let i = 0; i < 100; i++) await server.send('SET', `ballast:${i}`, 'x'.repeat(100));
      await config('key-load-delay', '5000', 'rdbcompression', 'no');
      server.send('DEBUG', 'RELOAD').catch(() => undefined);
      await sleep(200);
    },
    repairs: async () => {
      await aside('CONFIG SET key-load-delay 0');
      await untilItAnswers();
    },
    isDeaf: true,
  },
  'the user may call no function': {
    kind: 'refused',
    code: 'NOPERM',
    breaks: () => acl('-fcall'),
    repairs: () => acl('+fcall'),
  },
  'the user may not run a command of the commit': {
    kind: 'refused',
    code: 'NOPERM',
    breaks: () => acl('-rpush'),
    repairs: () => acl('+rpush'),
  },
  'the user may not write the keys': {
    kind: 'refused',
    code: 'NOPERM',
    breaks: (namespace) => acl('resetkeys', `%R~${namespace}:*`),
    repairs: () => acl('~*'),
  },
  'it wants a password now': {
    kind: 'refused',
    code: 'NOAUTH',
    breaks: async () => {
      await config('requirepass', 'new');
      await server.send('ACL', 'SETUSER', 'app', 'resetpass');
      await killOthers();
    },
    repairs: async () => {
      await config('requirepass', '');
      await server.send('ACL', 'SETUSER', 'app', '>p:w@d');
    },
  },
  'a key of ours is of another type': {
    kind: 'refused',
    code: 'WRONGTYPE',
    breaks: async (namespace) => {
      await server.send('RENAME', `${namespace}:ballast:records:attribution`, `aside:${namespace}`);
      await server.send('SET', `${namespace}:ballast:records:attribution`, 'x');
    },
    repairs: (namespace) =>
      server.send('RENAME', `aside:${namespace}`, `${namespace}:ballast:records:attribution`),
  },
  'it has too many clients': {
    kind: 'unreachable',
    code: 'CLOSED',
    breaks: async () => {
      await config('maxclients', '1');
      await killOthers();
      await sleep(100);
    },
    repairs: () => config('maxclients', '1000'),
  },
  'writes are paused': {
    kind: 'unreachable',
    code: 'TIMEOUT',
    breaks: () => server.send('CLIENT', 'PAUSE', '60000', 'WRITE'),
    repairs: () => server.send('CLIENT', 'UNPAUSE'),
  },
};

describe.each(Object.entries(FAULTS))('a commit while %s', (name, fault) => {
  it.each([
    ['small', smallCommit],
    ['large', (...[held, namespace]: Parameters<typeof smallCommit>) => largeCommit(held, namespace, 700)],
  ])('of a %s size is not done, says why, and is done after the repair', async (_size, commitOf) => {
    const wanted = await reference(commitOf);
    const namespace = `n${spaces++}`;
    // Without a password where that is what is about to be missing.
    const url = name.includes('password') ? server.url : server.url.replace('//', '//app:p%3Aw%40d@');
    const store = await connectedStore({ url, namespace });
    opened.push(store);
    const held = await prepared(store, namespace);
    const before = await contentsOf(server, namespace);
    const commit = commitOf(held, namespace);
    await fault.breaks(namespace);
    let error: unknown;
    try {
      error = await failure(() => store.commit(commit), fault.code);
      if (fault.isDeaf !== true && fault.code !== 'WRONGTYPE')
        expect(await decidedContents(namespace)).toEqual(before);
    } finally {
      await fault.repairs(namespace);
    }
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ kind: fault.kind, code: fault.code });
    expect(String(error)).not.toContain('p:w@d');
    expect(await decidedContents(namespace)).toEqual(before);
    const { value, tookMs } = await untilItWorks(() => store.commit(commit));
    expect(tookMs).toBeLessThan(2000);
    expect(value).toEqual({ outcome: 'done', rewrite: [], refused: [] });
    expect(await decidedContents(namespace)).toEqual(wanted);
    expect(store.waiting).toBe(0);
  });
});

describe('a replica that lost its primary', () => {
  it('refuses reads as well, if it is told to', async () => {
    const store = await connectedStore({ url: server.url, namespace: 'n' });
    opened.push(store);
    await config('replica-serve-stale-data', 'no');
    await server.send('REPLICAOF', '127.0.0.1', '1');
    try {
      for (const call of [
        () => store.read([{ stream: 's', after: '0-0', count: 1 }]),
        () => store.hashes([{ key: 'h', fields: null }]),
        () => store.load('budget'),
      ])
        await expect(call()).rejects.toMatchObject({ kind: 'refused', code: 'MASTERDOWN' });
    } finally {
      await server.send('REPLICAOF', 'NO', 'ONE');
      await config('replica-serve-stale-data', 'yes');
    }
    expect((await store.read([])).nowMs).toBeGreaterThan(0);
  });
});

describe('a server whose functions were flushed', () => {
  it('gets them again with the next call, which is done', async () => {
    const namespace = `n${spaces++}`;
    const store = await connectedStore({ url: server.url, namespace });
    opened.push(store);
    const held = await prepared(store, namespace);
    await server.send('FUNCTION', 'FLUSH');
    expect((await store.commit(smallCommit(held, namespace))).outcome).toBe('done');
    await server.send('FUNCTION', 'FLUSH');
    const calls = [
      store.claim('one', ['budget']),
      store.claim('one', ['attribution']),
      store.release('two', held),
    ];
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(
      calls.map(() => 'fulfilled'),
    );
    expect(await server.send('FUNCTION', 'LIST')).toHaveLength(1);
  });
});

describe('an output the user may not write', () => {
  it('is refused by itself', async () => {
    const namespace = `n${spaces++}`;
    const store = await connectedStore({ url: server.url.replace('//', '//app:p%3Aw%40d@'), namespace });
    opened.push(store);
    const held = await prepared(store, namespace);
    await acl('resetkeys', `~${namespace}:ballast:*`, `~${namespace}:stream`, `%R~${namespace}:*`);
    try {
      const result = await store.commit(smallCommit(held, namespace));
      expect(result.outcome).toBe('done');
      const refused = result.outcome === 'done' ? result.refused : [];
      expect(refused.map(({ key }) => key)).toEqual(
        ['replaced', 'kept', 'deleted', 'input.dlq'].map((key) => `${namespace}:${key}`),
      );
      for (const { error } of refused) expect(error).toMatch(/can't access at least one of the keys/);
      expect(await server.send('XLEN', `${namespace}:stream`)).toBe(1);
      expect(await server.send('SCARD', `${namespace}:ballast:known.symbols`)).toBe(2);
    } finally {
      await acl('~*');
    }
  });
});

/** How a call fails once it fails as the fault wants it: where the connection has to be lost first, it fails otherwise before. */
async function failure(call: () => Promise<unknown>, code: string): Promise<unknown> {
  let last: unknown = 'it was done';
  const start = performance.now();
  while (performance.now() - start < 3000) {
    try {
      await call();
      return 'it was done';
    } catch (error) {
      last = error;
      if (error instanceof StoreError && error.code === code) return error;
      await sleep(20);
    }
  }
  return last;
}

async function reference(commitOf: typeof smallCommit): Promise<unknown> {
  const namespace = `n${spaces++}`;
  const store = await connectedStore({ url: server.url, namespace });
  opened.push(store);
  await store.commit(commitOf(await prepared(store, namespace), namespace));
  const contents = await decidedContents(namespace);
  await server.send('FLUSHALL');
  return contents;
}

/** Without chunks of a commit that was not decided, which nobody sees and which go by themselves. */
async function decidedContents(namespace: string): Promise<unknown> {
  const contents = Object.entries(await contentsOf(server, namespace));
  return Object.fromEntries(contents.filter(([key]) => !key.startsWith('ballast:pending:')));
}
