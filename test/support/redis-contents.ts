/** Everything below a namespace of a Redis server, to compare what two courses of events left behind. */
import type { RedisServer } from './redis-server.ts';

/** Key (without the namespace) → its contents; without what depends on time and place: ids, owners, tokens. */
export async function contentsOf(server: RedisServer, namespace: string): Promise<Record<string, unknown>> {
  const contents: Record<string, unknown> = {};
  const keys = (await server.send('KEYS', `${namespace}:*`)) as string[];
  for (const key of keys.toSorted()) {
    const name = key.slice(namespace.length + 1);
    if (name.startsWith('ballast:owner:')) continue;
    const lives = Number(await server.send('PTTL', key)) > 0;
    contents[name] = { lives, holds: withoutNamespace(await contentsOfKey(server, key), namespace) };
  }
  return contents;
}

async function contentsOfKey(server: RedisServer, key: string): Promise<unknown> {
  const type = String(await server.send('TYPE', key));
  if (type === 'hash') {
    const flat = (await server.send('HGETALL', key)) as string[];
    const fields = new Map<string, string>();
    for (let i = 0; i < flat.length; i += 2) if (flat[i] !== '#token') fields.set(flat[i]!, flat[i + 1]!);
    return Object.fromEntries(fields);
  }
  if (type === 'stream')
    return ((await server.send('XRANGE', key, '-', '+')) as [string, string[]][]).map(([, fields]) => fields);
  if (type === 'list') return server.send('LRANGE', key, '0', '-1');
  if (type === 'set') return ((await server.send('SMEMBERS', key)) as string[]).toSorted();
  if (type === 'string') return server.send('GET', key);
  throw new Error(`${key} is a ${type}, which this does not compare`);
}

function withoutNamespace(value: unknown, namespace: string): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(namespace, 'NAMESPACE'));
}
