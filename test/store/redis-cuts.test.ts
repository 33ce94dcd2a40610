/** A commit cut off at any byte, on its way to Redis, on the way back, or on the disk: all or nothing, and once. */
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepared, smallCommit } from '../support/redis-commits.ts';
import { contentsOf } from '../support/redis-contents.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore, untilItWorks } from '../support/redis-store.ts';
import { startProxy, type Direction, type TcpProxy } from '../support/tcp-proxy.ts';

describe('a connection cut while a commit is underway', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  // Equal lengths, so that a commit is as many bytes wherever it goes.
  let spaces = 1000;

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  /** Commits through the proxy, cut after so many bytes of the commit, again until it is answered. */
  const committed = async (
    direction: Direction | null,
    bytes: number,
  ): Promise<{
    readonly contents: unknown;
    readonly sizes: Record<Direction, number>;
    readonly tries: number;
  }> => {
    const namespace = `n${spaces++}`;
    await using direct = await connectedStore({ url: server.url, namespace });
    const held = await prepared(direct, namespace);
    const commit = smallCommit(held, namespace);
    await using store = await connectedStore({ url: `redis://127.0.0.1:${proxy.port}`, namespace });
    const before = { ...proxy.passed };
    if (direction !== null) proxy.cutAfter(direction, bytes);
    let tries = 0;
    const { value } = await untilItWorks(() => {
      tries++;
      return store.commit(commit);
    });
    expect(value.outcome).toBe('done');
    const sizes = {
      request: proxy.passed.request - before.request,
      reply: proxy.passed.reply - before.reply,
    };
    return { contents: await contentsOf(server, namespace), sizes, tries };
  };

  it.each<Direction>(['request', 'reply'])(
    'in its %s ends as if nothing had happened',
    { timeout: 120_000 },
    async (direction) => {
      const { contents, sizes } = await committed(null, 0);
      // A sign of life of the connection may have come in between.
      const again = [await committed(null, 0), await committed(null, 0)];
      const size = Math.min(sizes[direction], ...again.map((one) => one.sizes[direction]));
      expect(size).toBeGreaterThan(20);
      const step = direction === 'request' ? 10 : 1;
      for (let bytes = 0; bytes < size; bytes += step) {
        const run = await committed(direction, bytes);
        expect(run.contents, `cut after ${bytes} of ${size} bytes of the ${direction}`).toEqual(contents);
        // The last bytes may come in time: the answer tells how long it took, in more digits or fewer.
        if (bytes < size - 8) expect(run.tries).toBeGreaterThan(1);
      }
    },
  );
});

describe('an append-only file cut at any byte of its last commit', () => {
  it('holds all of it or nothing after the restart', { timeout: 120_000 }, async () => {
    const first = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
    const folder = join(first.dir, 'appendonlydir');
    const fileOf = (): string => readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!;
    let sizes: [number, number];
    let contents: [unknown, unknown];
    const copies = mkdtempSync(join(tmpdir(), 'ballast-aof-'));
    try {
      const store = await connectedStore({ url: first.url, namespace: 'n' });
      const held = await prepared(store, 'n');
      const nothing = await contentsOf(first, 'n');
      const size = statSync(join(folder, fileOf())).size;
      expect((await store.commit(smallCommit(held, 'n'))).outcome).toBe('done');
      contents = [nothing, await contentsOf(first, 'n')];
      sizes = [size, statSync(join(folder, fileOf())).size];
      await store[Symbol.asyncDispose]();
      await first.kill('SIGKILL');
      cpSync(folder, join(copies, 'appendonlydir'), { recursive: true });
    } finally {
      await first.stop();
    }
    const name = readdirSync(join(copies, 'appendonlydir')).find((file) => file.endsWith('.incr.aof'))!;
    const counts = [0, 0];
    const cuts: number[] = [];
    for (let bytes = sizes[0]; bytes < sizes[1]; bytes += 3) cuts.push(bytes);
    cuts.push(sizes[1] - 1, sizes[1]);
    expect(cuts.length).toBeGreaterThan(100);
    const tryCuts = async (lane: number): Promise<void> => {
      const dir = join(copies, `lane${lane}`);
      for (let i = lane; i < cuts.length; i += 2) {
        rmSync(dir, { recursive: true, force: true });
        cpSync(join(copies, 'appendonlydir'), join(dir, 'appendonlydir'), { recursive: true });
        truncateSync(join(dir, 'appendonlydir', name), cuts[i]);
        const server = await startRedis({ appendonly: true, dir });
        try {
          const found = await contentsOf(server, 'n');
          const way = cuts[i] === sizes[1] ? 1 : 0;
          expect(found, `cut at ${cuts[i]} of ${sizes[1]}`).toEqual(contents[way]);
          counts[way]!++;
        } finally {
          await server.stop();
        }
      }
    };
    try {
      await Promise.all([tryCuts(0), tryCuts(1)]);
    } finally {
      rmSync(copies, { recursive: true, force: true });
    }
    expect(counts).toEqual([cuts.length - 1, 1]);
  });
});
