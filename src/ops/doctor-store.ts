/** Is the store fit to be relied on: version, durability, memory, replicas, clock, disk. */
import { parseDecimal } from '../contract/decimal.ts';
import { finding, type Finding, type FindingId } from './doctor-table.ts';
import type { Situation, Stored } from './doctor-situation.ts';

const MAX_SKEW_MS = 1000;
const NEAR_SHARE = 0.8;
const FULL_BYTES = 100 * 2 ** 20;
const LOW_BYTES = 2 ** 30;

export function judgeStore(situation: Situation): Finding[] {
  const { stored, notRead } = situation;
  const skipped =
    notRead === null
      ? []
      : [finding('store-not-read', 'store', notRead, 'without it only settings were looked at')];
  if (stored === null) return [...skipped, ...disk(situation)];
  const redis = stored.facts.kind === 'redis' ? redisFindings(situation, stored) : memory(stored);
  return [...skipped, ...redis, ...skew(stored), ...disk(situation), ...walked(stored)];
}

function redisFindings(situation: Situation, stored: Stored): Finding[] {
  const { where } = stored.facts;
  const say = (id: FindingId, what: string, remedy: string): Finding => finding(id, where, what, remedy);
  return [
    ...version(stored, say),
    ...durability(situation, stored, say),
    ...room(stored, say),
    ...topology(situation, stored, say),
  ];
}

type Say = (id: FindingId, what: string, remedy: string) => Finding;

function version({ facts, functionsError }: Stored, say: Say): Finding[] {
  const major = Number(facts.version.split('.')[0]);
  const isOld = Number.isFinite(major) && major < 7;
  const hidden = ['info', 'config'].filter((name) => facts.details.get(name) === 'not permitted');
  return [
    ...(isOld
      ? [
          say(
            'redis-version',
            `it is version ${facts.version}, and has no functions`,
            'install Redis 7.0 or newer',
          ),
        ]
      : []),
    ...(functionsError !== null && !isOld
      ? [
          say(
            'redis-functions',
            functionsError,
            "allow the components' user FUNCTION LOAD and FCALL; if doctor was called as another user, call it as theirs",
          ),
        ]
      : []),
    ...(hidden.length > 0
      ? [
          say(
            'redis-hidden',
            `this user may not call ${hidden.map((name) => name.toUpperCase()).join(' and ')}: durability and memory were not looked at`,
            'call doctor with a user that may: +info +config|get',
          ),
        ]
      : []),
  ];
}

function durability({ settings }: Situation, { facts: { details } }: Stored, say: Say): Finding[] {
  const findings: Finding[] = [];
  const fsync = details.get('appendfsync');
  if (details.get('appendonly') === 'no')
    findings.push(
      say(
        'redis-persistence-off',
        'appendonly is no: a crash loses what came since the last snapshot',
        'CONFIG SET appendonly yes, and in redis.conf',
      ),
    );
  else if (settings.APPLY_MODE === 'production' && fsync !== undefined && fsync !== 'always')
    findings.push(
      say(
        'redis-fsync-production',
        `APPLY_MODE=production, and appendfsync is ${fsync}: a crash can forget that a permit was given`,
        'CONFIG SET appendfsync always, and in redis.conf',
      ),
    );
  else if (fsync === 'everysec')
    findings.push(
      say(
        'redis-fsync-everysec',
        'appendfsync is everysec: a crash of the machine loses up to 2 s',
        'for permits set appendfsync always; for the others this will do',
      ),
    );
  else if (fsync === 'no')
    findings.push(
      say(
        'redis-fsync-never',
        'appendfsync is no: a crash of the machine loses half a minute or more',
        'CONFIG SET appendfsync always or everysec, and in redis.conf',
      ),
    );
  for (const name of ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status']) {
    const status = details.get(name);
    if (status !== undefined && status !== 'ok')
      findings.push(say('redis-write-failing', `${name} is ${status}`, "look at the disk and at Redis' log"));
  }
  return findings;
}

function room({ facts: { details } }: Stored, say: Say): Finding[] {
  const policy = details.get('maxmemory-policy') ?? details.get('maxmemory_policy') ?? 'noeviction';
  const limit = parseDecimal(details.get('maxmemory')) ?? 0;
  const used = parseDecimal(details.get('used_memory')) ?? 0;
  const evicted = parseDecimal(details.get('evicted_keys')) ?? 0;
  const remedy = 'CONFIG SET maxmemory-policy noeviction, and in redis.conf';
  return [
    ...(policy !== 'noeviction' && limit > 0
      ? [
          say(
            'redis-eviction',
            `maxmemory-policy is ${policy}: when memory is short it deletes what components have committed`,
            remedy,
          ),
        ]
      : []),
    ...(policy !== 'noeviction' && limit === 0
      ? [
          say(
            'redis-eviction-latent',
            `maxmemory-policy is ${policy}; it deletes nothing as long as there is no maxmemory`,
            remedy,
          ),
        ]
      : []),
    ...(evicted > 0
      ? [
          say(
            'redis-evicted',
            `it has deleted ${evicted} keys since it started`,
            'give it more memory, and noeviction',
          ),
        ]
      : []),
    ...(limit > 0 && used > NEAR_SHARE * limit
      ? [
          say(
            'redis-memory-near',
            `it uses ${Math.round((100 * used) / limit)} % of its maxmemory; when it is full every commit is refused`,
            'raise maxmemory, or trim streams that nobody needs',
          ),
        ]
      : []),
  ];
}

function topology({ namespace }: Situation, { facts: { details } }: Stored, say: Say): Finding[] {
  const replicas = parseDecimal(details.get('connected_slaves')) ?? 0;
  return [
    ...(details.get('redis_mode') === 'cluster' && !namespace.startsWith('{')
      ? [
          say(
            'redis-cluster',
            `a commit needs all keys on one node, and ${namespace} does not see to that`,
            `set BALLAST_NAMESPACE={${namespace}}, with the braces`,
          ),
        ]
      : []),
    ...(details.get('role') === 'slave'
      ? [say('redis-replica', 'it is a replica and takes no writes', 'name the primary in REDIS_URL')]
      : []),
    ...(replicas > 0 && details.get('min-replicas-to-write') === '0'
      ? [
          say(
            'redis-replicas-unawaited',
            `it has ${replicas} replicas and min-replicas-to-write is 0: a failover loses what it had answered already`,
            'set min-replicas-to-write 1 if a replica is to take over',
          ),
        ]
      : []),
  ];
}

function memory({ facts }: Stored): Finding[] {
  return facts.details.get('durability') === 'none'
    ? [
        finding(
          'store-ephemeral',
          facts.where,
          'everything is gone when this process ends',
          'start it with --data DIR',
        ),
      ]
    : [];
}

function skew({ skewMs, facts }: Stored): Finding[] {
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return [];
  const what = `its clock is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return [finding('clock-skew', facts.where, what, 'let both machines follow the same time servers')];
}

function disk({ disk: found }: Situation): Finding[] {
  if (found === null || found.freeBytes >= LOW_BYTES) return [];
  const what = `${Math.round(found.freeBytes / 2 ** 20)} MiB are free`;
  const id = found.freeBytes < FULL_BYTES ? 'disk-full' : 'disk-low';
  return [finding(id, found.folder, what, 'make room: a change that cannot be written is refused')];
}

function walked({ isWhole, hashes, facts }: Stored): Finding[] {
  if (isWhole) return [];
  const what = `${hashes.length} hashes were looked into, there are more`;
  return [
    finding(
      'walk-incomplete',
      facts.where,
      what,
      'nothing: what was found holds, more of the kind may be there',
    ),
  ];
}
