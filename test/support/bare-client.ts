/** What a foreign program does to Redis, with the bare commands of its own client: nothing here knows Ballast's code. */
import type { RedisServer } from './redis-server.ts';

export type Fields = Readonly<Record<string, string>>;

export interface BareEntry {
  readonly id: string;
  readonly fields: Fields;
}

export async function hashOf(redis: RedisServer, key: string): Promise<Fields> {
  return recordOf((await redis.send('HGETALL', key)) as string[]);
}

/** Entries of a stream, oldest first; after the one with the id `after` where given. */
export async function entriesOf(redis: RedisServer, stream: string, after?: string): Promise<BareEntry[]> {
  const from = after === undefined ? '-' : `(${after}`;
  const reply = (await redis.send('XRANGE', stream, from, '+')) as [string, string[]][];
  return reply.map(([id, flat]) => ({ id, fields: recordOf(flat) }));
}

/** Adds an entry; returns its id. */
export async function xadd(redis: RedisServer, stream: string, fields: Fields, id = '*'): Promise<string> {
  return String(await redis.send('XADD', stream, id, ...Object.entries(fields).flat()));
}

/** Adds many entries, some hundred underway at a time. */
export async function xaddAll(
  redis: RedisServer,
  stream: string,
  entries: readonly BareEntry[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += 500)
    await Promise.all(entries.slice(at, at + 500).map(({ id, fields }) => xadd(redis, stream, fields, id)));
}

export async function keysOf(redis: RedisServer, pattern: string): Promise<string[]> {
  return ((await redis.send('KEYS', pattern)) as string[]).toSorted();
}

/** Seconds a key still lives; -1: for ever, -2: it is not there. */
export async function lifeOf(redis: RedisServer, key: string): Promise<number> {
  return Number(await redis.send('TTL', key));
}

export function msOf(id: string): number {
  return Number(id.split('-')[0]);
}

export function recordOf(flat: readonly string[]): Fields {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!]);
  return Object.fromEntries(pairs);
}
