/** The Redis store keeps the rules of every store, on a real server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import { describeStore } from './store-suite.ts';

let server: RedisServer;
let tests = 0;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describeStore('Redis', async () => {
  const namespace = `test${tests++}`;
  const opened: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = await connectedStore({ url: server.url, namespace });
    opened.push(store);
    return store;
  };
  return {
    store: await open(),
    second: open,
    namespace,
    close: async () => {
      for (const store of opened) await store[Symbol.asyncDispose]();
    },
  };
});

it('loads its functions once, however many stores there were', async () => {
  await using store = await connectedStore({ url: server.url, namespace: 'last' });
  await store.claim('one', ['budget']);
  expect(await server.send('FUNCTION', 'LIST')).toHaveLength(1);
});
