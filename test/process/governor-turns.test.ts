/** Two governors that take turns, since they are killed and frozen: plans that come again and again have one permit, limits hold. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seededRandom } from '../support/event-lines.ts';
import { deliverAgainAndAgain } from '../support/governor-deliveries.ts';
import {
  ALL_PASS,
  EventTail,
  PlanFeed,
  planOf,
  shuffled,
  startGovernorProcess,
  untilDecided,
  untilHolding,
} from '../support/governor-fleet.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let given: ProgramOnRedis;
programOnRedis((program) => (given = program));

it.concurrent(
  `5,000 plans, each up to five times, to two governors that take turns, SEED=${seed}`,
  { timeout: 120_000 },
  async () => {
    const outcome = await deliverAgainAndAgain(given, 'often', 5000, seededRandom(seed), 2);
    expect(outcome.twice).toEqual([]);
    expect(outcome.withoutAnyPermit).toEqual([]);
    expect(outcome.exitsTwice).toBeGreaterThan(0);
    expect(outcome.wrongExits).toEqual([]);
    expect(outcome.turnsOfGovernors).toBeGreaterThan(1);
  },
);

it.concurrent(
  `plans beyond every limit: each is reached and never passed, SEED=${seed}`,
  { timeout: 60_000 },
  async () => {
    const namespace = 'limits';
    const { redis } = given;
    const random = seededRandom(seed);
    const sets = {
      ...ALL_PASS,
      APPLY_MODE: 'production',
      GOV_MAX_EXEC_PER_HOUR: 4,
      GOV_MAX_NOTIONAL_PER_DAY_USD: 1000,
      GOV_GATE_MODES: 'burst=shadow',
      GOV_PLAN_MAX_AGE_SEC: 3600,
    };
    const lives = [
      startGovernorProcess(given, namespace, sets),
      startGovernorProcess(given, namespace, sets),
    ];
    const tail = new EventTail(redis, namespace).follow();
    await using feed = await PlanFeed.on(redis, namespace);
    // Of `H…` the hourly limit binds, of `D…` that of the day: 300 USD each.
    const plans = Array.from({ length: 4000 }, (_, n) => {
      const name = n % 2 === 0 ? 'H' : 'D';
      return planOf(`p${n}`, { symbol: `${name}${n % 80}USDT`, price: name === 'H' ? '10' : '300' });
    });
    const holder = await untilHolding(redis, namespace, lives);
    const publishing = feed.publish(shuffled(plans, random));
    await sleep(random() * 150);
    // It stands still in the midst of it, and wakes up when another has gone on.
    holder.pause();
    await publishing;
    while ((await untilHolding(redis, namespace, lives)).pid === holder.pid) await sleep(20);
    holder.resume();
    await feed.publish(shuffled(plans, random));
    await untilDecided(redis, namespace);
    await tail.stop();
    for (const life of lives) await life.kill('SIGTERM');
    const counts = new Map<string, number>();
    for (const { fields } of tail.events)
      if (fields['event'] === 'PERMIT_ISSUED')
        counts.set(fields['symbol']!, (counts.get(fields['symbol']!) ?? 0) + 1);
    expect(counts.size).toBe(80);
    expect([...counts].filter(([symbol, count]) => count !== (symbol.startsWith('H') ? 4 : 3))).toEqual([]);
  },
);
