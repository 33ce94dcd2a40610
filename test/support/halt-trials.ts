/** Trading is halted again and again at moments of chance while plans pour in: what the stream of events says came after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from './cli.ts';
import {
  ALL_PASS,
  EventTail,
  PlanFeed,
  planOf,
  startGovernorProcess,
  untilHolding,
} from './governor-fleet.ts';
import { startExecutors } from './executors.ts';
import { msOf, type BareEntry } from './bare-client.ts';
import { until } from './live-process.ts';
import { connectedStore } from './redis-store.ts';
import type { ProgramOnRedis } from './program-on-redis.ts';
import type { RedisServer } from './redis-server.ts';
import type { Store } from '../../src/store/store.ts';

const PLANS_A_SECOND = 2000;
const FEED_EVERY_MS = 10;

export type Way = 'change' | 'command' | 'hand';
const WAYS: readonly Way[] = ['change', 'command', 'hand'];

export interface Trial {
  readonly way: Way;
  /** Permits issued or taken after the halt in the stream: there may be none. */
  readonly after: readonly string[];
  /** Permits issued before it since trading was resumed. */
  readonly issuedBefore: number;
  /** Permits that can still be taken once the halt is noted. */
  readonly outstanding: number;
  /** Milliseconds from the order until outstanding permits were gone, by the clock of Redis. */
  readonly effectMs: number;
  /** Milliseconds from the halt to the first plan blocked for it. */
  readonly denyMs: number;
}

export async function haltTrials(
  given: ProgramOnRedis,
  namespace: string,
  count: number,
  random: () => number,
): Promise<Trial[]> {
  const { redis } = given;
  const sets = { ...ALL_PASS, GOV_PERMIT_TTL_SEC: 600 };
  const lives = [startGovernorProcess(given, namespace, sets), startGovernorProcess(given, namespace, sets)];
  await untilHolding(redis, namespace, lives);
  const task = { url: redis.url, namespace, lanes: 4, plans: 'follow' as const };
  const executors = await startExecutors([task, task]);
  await using feed = await PlanFeed.on(redis, namespace);
  await using store = await connectedStore({ url: redis.url, namespace });
  const tail = new EventTail(redis, namespace).follow();
  for (const executor of executors) executor.go();
  const pouring = new AbortController();
  const poured = pour(feed, pouring.signal);
  const trials: Trial[] = [];
  try {
    for (let i = 0; i < count; i++)
      trials.push(await trial(given, store, tail, namespace, WAYS[i % WAYS.length]!, random));
  } finally {
    pouring.abort();
    await poured;
    await Promise.all(executors.map((executor) => executor.report()));
    for (const life of lives) await life.kill('SIGTERM');
  }
  await tail.stop();
  return trials;
}

/** Two thousand plans a second, however late the timer is. */
async function pour(feed: PlanFeed, signal: AbortSignal): Promise<void> {
  const startMs = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const due = Math.min(200, Math.floor(((performance.now() - startMs) / 1000) * PLANS_A_SECOND) - sent);
    await feed.publish(
      Array.from({ length: due }, (_, i) => planOf(`p${sent + i}`, { symbol: `S${(sent + i) % 40}USDT` })),
    );
    sent += due;
    await sleep(FEED_EVERY_MS);
  }
}

async function trial(
  given: ProgramOnRedis,
  store: Store,
  tail: EventTail,
  namespace: string,
  way: Way,
  random: () => number,
): Promise<Trial> {
  const { redis } = given;
  await tail.read();
  const from = tail.events.length;
  const seenSince = (event: string): BareEntry[] =>
    tail.events.slice(from).filter(({ fields }) => fields['event'] === event);
  await until('permits', () => Promise.resolve(seenSince('PERMIT_ISSUED').length > 0 ? true : undefined));
  await sleep(random() * 150);
  const { lastId, nowMs } = await halt(given, store, namespace, way);
  const noted = await until('the halt in the stream', async () => {
    await tail.read();
    return seenSince('KILL_SWITCH').find(({ fields }) => fields['state'] === 'HALTED');
  });
  const denied = await until('a plan blocked by the halt', async () => {
    await tail.read();
    return seenSince('PLAN_BLOCKED').find(({ fields }) => fields['reason'] === 'kill_switch_active');
  });
  // Whoever was about to take or to issue something has done it by then.
  await sleep(100);
  await tail.read();
  const since = tail.events.slice(from);
  const borderId = lastId ?? noted.id;
  const border = since.findIndex(({ id }) => id === borderId);
  const isPermit = ({ fields }: BareEntry): boolean =>
    fields['event'] === 'PERMIT_ISSUED' || fields['event'] === 'PERMIT_TAKEN';
  const result: Trial = {
    way,
    after: since
      .slice(border + 1)
      .filter(isPermit)
      .map(({ id, fields }) => `${id} ${fields['event']}`),
    issuedBefore: seenSince('PERMIT_ISSUED').length,
    outstanding: await outstandingOf(redis, namespace),
    effectMs: msOf(noted.id) - nowMs,
    denyMs: msOf(denied.id) - (lastId === null ? msOf(noted.id) : nowMs),
  };
  await store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'tester', reason: 'next trial' });
  return result;
}

/** Halts; returns what the clock of Redis said just before and, of a flag set by hand, the newest entry of the stream then. */
async function halt(
  { redis }: ProgramOnRedis,
  store: Store,
  namespace: string,
  way: Way,
): Promise<{ readonly lastId: string | null; readonly nowMs: number }> {
  const nowMs = await redisMs(redis);
  if (way === 'change') {
    await store.permits.change({ kind: 'switch', state: 'HALTED', by: 'tester', reason: 'trial' });
  } else if (way === 'command') {
    const sets = ['--set', `REDIS_URL=${redis.url}`, '--set', `BALLAST_NAMESPACE=${namespace}`];
    const { code, errors } = await runCli(['kill', 'on', '--reason', 'trial', ...sets]);
    if (code !== 0) throw new Error(errors.join('\n'));
  } else {
    // The flag and what the stream ends with at that very moment.
    const script =
      "redis.call('SET', KEYS[1], '1') return redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1][1]";
    const keys = [`${namespace}:kill`, `${namespace}:stream:governor.events`];
    return { lastId: String(await redis.send('EVAL', script, '2', ...keys)), nowMs };
  }
  return { lastId: null, nowMs };
}

async function redisMs(redis: RedisServer): Promise<number> {
  const [sec, micros] = (await redis.send('TIME')) as [string, string];
  return Number(sec) * 1000 + Number(micros) / 1000;
}

async function outstandingOf(redis: RedisServer, namespace: string): Promise<number> {
  const keys = ['outstanding.openings', 'outstanding.exits'].map((name) => `${namespace}:ballast:${name}`);
  const counts = await Promise.all(keys.map((key) => redis.send('ZCARD', key)));
  return counts.reduce((sum: number, number) => sum + Number(number), 0);
}

/** The value that `share` of them do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Times to effect by way, for people. */
export function timesText(trials: readonly Trial[]): string {
  return WAYS.map((way) => {
    const mine = trials.filter((trial) => trial.way === way);
    const of = (pick: (trial: Trial) => number): string =>
      [0.5, 0.99].map((share) => quantile(mine.map(pick), share).toFixed(0)).join('/');
    return `${way}: effect ${of(({ effectMs }) => effectMs)} ms, first denial ${of(({ denyMs }) => denyMs)} ms (p50/p99 of ${mine.length})`;
  }).join('; ');
}
