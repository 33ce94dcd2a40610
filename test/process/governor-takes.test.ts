/** Many programs after the same permits at once: each permit is used once, whoever takes it and however. */
import { expect, it } from 'vitest';
import {
  ALL_PASS,
  EventTail,
  PlanFeed,
  planOf,
  startGovernorProcess,
  untilDecided,
} from '../support/governor-fleet.ts';
import { startExecutors, type ExecutorReport } from '../support/executors.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';

const LIFE_SEC = 3600;
let given: ProgramOnRedis;
programOnRedis((program) => (given = program));

/** Issues permits `p0`, `p1`, … and lets eight clients in two processes take every one of them. */
async function race(
  namespace: string,
  permits: number,
  plainLanes: number,
): Promise<{ reports: ExecutorReport[]; tail: EventTail; tookMs: number }> {
  const { redis } = given;
  const sets = { ...ALL_PASS, GOV_PERMIT_TTL_SEC: LIFE_SEC };
  const governor = startGovernorProcess(given, namespace, sets);
  const tail = new EventTail(redis, namespace).follow();
  await using feed = await PlanFeed.on(redis, namespace);
  await feed.publish(Array.from({ length: permits }, (_, i) => planOf(`p${i}`)));
  await untilDecided(redis, namespace);
  const task = { url: redis.url, namespace, lanes: 4, plans: permits, plainLanes };
  const executors = await startExecutors([
    { ...task, seed: 1 },
    { ...task, seed: 2 },
  ]);
  const startMs = performance.now();
  for (const executor of executors) executor.go();
  const reports = await Promise.all(executors.map((executor) => executor.report()));
  const tookMs = performance.now() - startMs;
  await tail.stop();
  expect(await governor.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  return { reports, tail, tookMs };
}

async function usesOf(namespace: string, permits: number): Promise<string[]> {
  const uses: string[] = [];
  for (let from = 0; from < permits; from += 2500) {
    const keys = Array.from({ length: 2500 }, (_, i) => `${namespace}:permit:used:p${from + i}`);
    uses.push(...((await given.redis.send('MGET', ...keys)) as string[]));
  }
  return uses;
}

it(
  'of a hundred thousand takes of 12,500 permits by eight clients, each permit is used once',
  { timeout: 120_000 },
  async () => {
    const permits = 12_500;
    const { reports, tail, tookMs } = await race('race', permits, 0);
    const taken = reports.flatMap((report) => report.taken);
    expect(taken.length).toBe(permits);
    expect(new Set(taken).size).toBe(permits);
    const refusals = reports.flatMap(({ refused }) => Object.entries(refused));
    expect(new Set(refusals.map(([reason]) => reason))).toEqual(new Set(['used']));
    expect(refusals.reduce((sum, [, count]) => sum + count, 0)).toBe(7 * permits);
    expect(tail.count('PERMIT_ISSUED').size).toBe(permits);
    const events = tail.count('PERMIT_TAKEN');
    expect(events.size).toBe(permits);
    expect([...events.values()].filter((count) => count !== 1)).toEqual([]);
    const uses = await usesOf('race', permits);
    expect(uses.filter((use) => use.startsWith('{"outcome":"used"')).length).toBe(permits);
    process.stdout.write(`takes a second: ${Math.round((8 * permits) / (tookMs / 1000))}\n`);
  },
);

it('where some take with a plain GETDEL, no permit is had twice', { timeout: 60_000 }, async () => {
  const permits = 2500;
  const { reports, tail } = await race('mixed', permits, 2);
  const taken = reports.flatMap((report) => report.taken);
  const plain = reports.flatMap((report) => report.plain);
  expect(taken.length + plain.length).toBe(permits);
  expect(new Set([...taken, ...plain]).size).toBe(permits);
  expect(taken.length).toBeGreaterThan(100);
  expect(plain.length).toBeGreaterThan(100);
  expect([...tail.count('PERMIT_TAKEN').keys()].toSorted()).toEqual(taken.toSorted());
});
