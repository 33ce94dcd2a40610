/** What the server says about itself, as far as this user may ask. */
import { StoreError, type StoreFacts } from '../store.ts';
import type { Connection } from './connection.ts';
import { isError, isServerWide, mapOf, refusal, textOf, timeMsOf, type Answer, type Reply } from './reply.ts';

const SETTINGS = [
  'appendonly',
  'appendfsync',
  'no-appendfsync-on-rewrite',
  'maxmemory',
  'maxmemory-policy',
  'save',
  'min-replicas-to-write',
];
const FIGURES = new Set([
  'redis_version',
  'run_id',
  'redis_mode',
  'os',
  'uptime_in_seconds',
  'role',
  'connected_slaves',
  'loading',
  'aof_enabled',
  'aof_last_write_status',
  'aof_last_bgrewrite_status',
  'aof_delayed_fsync',
  'rdb_last_bgsave_status',
  'rdb_last_save_time',
  'used_memory',
  'used_memory_peak',
  'used_memory_rss',
  'mem_fragmentation_ratio',
  'maxmemory',
  'maxmemory_policy',
  'evicted_keys',
  'expired_keys',
  'rejected_connections',
  'total_commands_processed',
  'instantaneous_ops_per_sec',
  'latest_fork_usec',
]);
const NOT_PERMITTED = 'not permitted';

export async function readFacts(connection: Connection): Promise<StoreFacts> {
  const [time, info, config] = await connection.exchange([
    ['TIME'],
    ['INFO', 'server', 'persistence', 'memory', 'stats', 'replication'],
    ['CONFIG', 'GET', ...SETTINGS],
  ]);
  if (isError(time!)) throw refusal(time, connection.where);
  const details = new Map<string, string>();
  if (allowed(info!, connection)) {
    for (const line of textOf(info).split('\r\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon);
      if (FIGURES.has(name)) details.set(name, line.slice(colon + 1));
    }
  } else details.set('info', NOT_PERMITTED);
  // As the file of settings names them; `INFO` has some with underscores as well.
  if (allowed(config!, connection)) for (const [name, value] of mapOf(config)) details.set(name, value);
  else details.set('config', NOT_PERMITTED);
  return {
    kind: 'redis',
    version: details.get('redis_version') ?? 'unknown',
    where: connection.where,
    nowMs: timeMsOf(time),
    details,
  };
}

function allowed(answer: Answer, connection: Connection): answer is Reply {
  if (!isError(answer)) return true;
  const refused = refusal(answer, connection.where);
  if (isServerWide(answer)) throw refused;
  // Renamed or disabled commands are unknown ones.
  if (refused.code === 'NOPERM' || answer.message.includes('unknown command')) return false;
  throw new StoreError('refused', refused.code, refused.message, answer);
}
