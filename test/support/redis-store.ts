/** Redis stores for tests, connected before they are handed out. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  openRedisStore,
  type RedisStore,
  type RedisStoreOptions,
} from '../../src/store/redis/redis-store.ts';

/** Opens a store and waits until it answers. */
export async function connectedStore(options: RedisStoreOptions): Promise<RedisStore> {
  const store = openRedisStore(options);
  await untilItWorks(() => store.read([]));
  return store;
}

/** Calls until a call succeeds; returns what it gave and how long that took. Rejects with the last error after `limitMs`. */
export async function untilItWorks<T>(
  call: () => Promise<T>,
  limitMs = 5000,
): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startMs = performance.now();
  for (;;) {
    try {
      return { value: await call(), tookMs: performance.now() - startMs };
    } catch (error) {
      if (performance.now() - startMs > limitMs) throw error;
      await sleep(10);
    }
  }
}
