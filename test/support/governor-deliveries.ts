/** Plans delivered one to five times, also after their permit was used or ran out, to two governors that take turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ALL_PASS,
  EventTail,
  PlanFeed,
  planOf,
  shuffled,
  startGovernorProcess,
  untilDecided,
  untilHolding,
} from './governor-fleet.ts';
import { startExecutors } from './executors.ts';
import type { ProgramOnRedis } from './program-on-redis.ts';

const LIFE_SEC = 1;

export interface Deliveries {
  /** Openings with more than one permit. */
  readonly twice: readonly string[];
  readonly withoutAnyPermit: readonly string[];
  /** Exits that had another permit after the first ran out. */
  readonly exitsTwice: number;
  /** Exits with another permit although one was taken, or was still alive. */
  readonly wrongExits: readonly string[];
  /** How often another process became the governor. */
  readonly turnsOfGovernors: number;
}

/** `times`: how often the plans are poured out, another governor taking over in the midst of each. */
export async function deliverAgainAndAgain(
  given: ProgramOnRedis,
  namespace: string,
  plans: number,
  random: () => number,
  times: number,
): Promise<Deliveries> {
  const { redis } = given;
  // A plan delivered again is not older for that.
  const sets = {
    ...ALL_PASS,
    GOV_PERMIT_TTL_SEC: LIFE_SEC,
    GOV_PLAN_MAX_AGE_SEC: 86_400,
    GOV_EXIT_MAX_AGE_SEC: 86_400,
  };
  const start = () => startGovernorProcess(given, namespace, sets);
  const lives = [start(), start()];
  const tail = new EventTail(redis, namespace).follow();
  const [executor] = await startExecutors([{ url: redis.url, namespace, lanes: 2, plans: 'follow' }]);
  const isExit = (n: number): boolean => n % 5 === 0;
  const planAt = (n: number) =>
    planOf(`p${n}`, isExit(n) ? { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' } : {});
  const rounds: number[][] = Array.from({ length: times }, () => []);
  for (let n = 0; n < plans; n++)
    for (let copies = 1 + Math.floor(random() * 5); copies > 0; copies--)
      rounds[Math.floor(random() * times)]!.push(n);
  await using feed = await PlanFeed.on(redis, namespace);
  let turnsOfGovernors = 0;
  let isTaking = false;
  for (const round of rounds) {
    // From the second round on, permits are taken: those of the first run out.
    if (!isTaking && round !== rounds[0]) {
      executor!.go();
      isTaking = true;
    }
    const holder = await untilHolding(redis, namespace, lives);
    const publishing = feed.publish(shuffled(round, random).map(planAt));
    await sleep(random() * 200);
    // It is frozen in the midst of it, wakes up later, and finds another in its place; or it is gone for good.
    const isFrozen = random() < 0.5;
    if (isFrozen) holder.pause();
    else await holder.kill('SIGKILL');
    if (!isFrozen) lives.splice(lives.indexOf(holder), 1, start());
    await publishing;
    const successor = await untilOther(given, namespace, lives, holder.pid);
    if (successor !== holder.pid) turnsOfGovernors++;
    if (isFrozen) holder.resume();
    await untilDecided(redis, namespace);
    await sleep(1000 * LIFE_SEC + 200);
  }
  await executor!.report();
  await tail.stop();
  for (const life of lives) await life.kill('SIGTERM');

  const issued = tail.count('PERMIT_ISSUED');
  const twice = [...issued].filter(([planId, count]) => count > 1 && !isExit(numberOf(planId)));
  const exitsTwice = [...issued].filter(([planId, count]) => count > 1 && isExit(numberOf(planId)));
  return {
    twice: twice.map(([planId]) => planId),
    withoutAnyPermit: Array.from({ length: plans }, (_, n) => `p${n}`).filter(
      (planId) => !issued.has(planId),
    ),
    exitsTwice: exitsTwice.length,
    wrongExits: wrongExits(tail),
    turnsOfGovernors,
  };
}

/** Exits whose second permit came although the first was taken, or before its time was over. */
function wrongExits({ events }: EventTail): string[] {
  const wrong: string[] = [];
  const last = new Map<string, { readonly expiresAt: number; isTaken: boolean }>();
  for (const { fields } of events) {
    const planId = fields['plan_id']!;
    const before = last.get(planId);
    if (fields['event'] === 'PERMIT_TAKEN' && before !== undefined) before.isTaken = true;
    if (fields['event'] !== 'PERMIT_ISSUED') continue;
    const createdAt = Number(fields['created_at']);
    if (before !== undefined && (before.isTaken || !(createdAt > before.expiresAt))) wrong.push(planId);
    last.set(planId, { expiresAt: Number(fields['expires_at']), isTaken: false });
  }
  return wrong;
}

function numberOf(planId: string): number {
  return Number(planId.slice(1));
}

async function untilOther(
  { redis }: ProgramOnRedis,
  namespace: string,
  lives: Parameters<typeof untilHolding>[2],
  before: number,
): Promise<number> {
  for (;;) {
    const { pid } = await untilHolding(redis, namespace, lives);
    if (pid !== before) return pid;
    await sleep(20);
  }
}
