/** A client with a connection to Redis of its own. */
import { StoreError, type Store } from '../store/store.ts';
import { clientOwning, namespaceOf, type Client, type ClientOptions } from './client.ts';
import type { ConnectionEvent } from '../store/redis/connection.ts';

export interface OpenClientOptions extends ClientOptions {
  /** `redis://user:password@host:port/db`, `rediss://` for TLS, `unix:///path?db=n`. */
  readonly url: string;
  /** How long the first connection may take, milliseconds; absent: 5000. */
  readonly connectMs?: number;
  /** How long an answer of Redis may take, milliseconds; then the connection is given up and made anew. Absent: 500. */
  readonly deadlineMs?: number;
  /** Told of every change of the connection, once; for a log. */
  readonly onEvent?: (event: ConnectionEvent) => void;
}

const CONNECT_MS = 5000;

/**
 * Resolves once Redis answered; from then on a lost connection comes back by itself. Rejects with `StoreError` where it does not
 * answer in time, with `RangeError` where the URL or a key cannot be used.
 */
export async function openClient(options: OpenClientOptions): Promise<Client> {
  const { url, connectMs = CONNECT_MS, deadlineMs, onEvent = () => undefined } = options;
  // Who has the store in this process needs no client of Redis.
  const { openRedisStore } = await import('../store/redis/redis-store.ts');
  let hear: (event: ConnectionEvent) => void = onEvent;
  let trouble = 'it did not answer';
  const store: Store = openRedisStore({
    url,
    namespace: namespaceOf(options),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    onEvent: (event) => hear(event),
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const client = clientOwning(store, options);
    await new Promise<void>((resolve, reject) => {
      hear = (event) => {
        onEvent(event);
        if (event.kind === 'connected') resolve();
        else trouble = event.message;
      };
      timer = setTimeout(
        () => reject(new StoreError('unreachable', 'TIMEOUT', `no Redis within ${connectMs} ms: ${trouble}`)),
        connectMs,
      );
    });
    return client;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
