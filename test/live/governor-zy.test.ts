/**
 * Random plans, takes, results, positions, kills, crashes and clock steps: whatever happens, the stream of events shows that no
 * permit was used twice, no plan had two, nothing was issued after a halt, and no limit was passed; and a governor that was killed
 * again and again decides what one that never was decides.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cut, GovernorWorld, type RunningGovernor } from '../support/governor-world.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import { GOVERNED } from '../support/governor-run.ts';

const RUNS = 25;
const RUNS_COMPARED = 80;
const RUNS_ON_REDIS = 4;
const STEPS = 70;

const LIMITS = {
  GOV_MAX_EXEC_PER_HOUR: 6,
  GOV_MAX_EXEC_PER_5MIN: 4,
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  GOV_MAX_NOTIONAL_PER_DAY_PCT: 0.01,
  GOV_MAX_TOTAL_NOTIONAL_PCT: 0.02,
  GOV_DISARM_ALL_AFTER: 2,
};
const EQUITY_USD = 100_000;

describe('a governor to whom anything happens', () => {
  it('keeps every rule, killed at any moment', async () => {
    let issued = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const world = await GovernorWorld.open();
      const { story } = await live(world, seed, { crashes: true, steps: true });
      issued += await check(world, story, seed);
      await world.end();
    }
    expect(issued).toBeGreaterThan(RUNS * 4);
  }, 900_000);

  it('decides after every restart what it would have decided without', async () => {
    let compared = 0;
    for (let seed = 7001; seed <= 7000 + RUNS_COMPARED; seed++) {
      const worlds = [await GovernorWorld.open(), await GovernorWorld.open()] as const;
      const killed = await live(worlds[0], seed, { crashes: true, steps: false });
      const whole = await live(worlds[1], seed, { crashes: false, steps: false });
      expect({ seed, decided: killed.decided }).toEqual({ seed, decided: whole.decided });
      compared += whole.decided.length;
      for (const world of worlds) await world.end();
    }
    expect(compared).toBeGreaterThan(RUNS_COMPARED * 10);
  }, 900_000);
});

describe('on Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.stop();
  });

  it('keeps every rule, killed at any moment', async () => {
    for (let seed = 1; seed <= RUNS_ON_REDIS; seed++) {
      await redis.send('FLUSHALL');
      const world = GovernorWorld.onRedis(await connectedStore({ url: redis.url, namespace: GOVERNED }));
      const { story } = await live(world, seed, { crashes: true, steps: false });
      await check(world, story, seed);
      await world.end();
    }
  }, 900_000);
});

/** What the test did, in order; `at` is the store's clock. */
interface Story {
  /** Plans that were published, and whether they reduce. */
  readonly plans: Map<string, { readonly reduces: boolean; readonly symbol: string }>;
  /** Permits that were taken, and those that someone took with a plain `GETDEL`. */
  readonly used: { readonly planId: string; readonly event: number }[];
  readonly gone: { readonly planId: string; readonly event: number }[];
  readonly failed: { readonly planId: string; readonly event: number }[];
}

async function live(
  world: GovernorWorld,
  seed: number,
  { crashes, steps }: { readonly crashes: boolean; readonly steps: boolean },
): Promise<{ readonly story: Story; readonly decided: string[] }> {
  const random = mulberry(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const story: Story = { plans: new Map(), used: [], gone: [], failed: [] };
  const fieldsOf = new Map<string, Record<string, string>>();
  let cut = new Cut();
  let governor: RunningGovernor = await world.govern(LIMITS, { cut, owner: 'one' });
  const seen = async (): Promise<number> => (await world.events()).length;
  for (let step = 0; step < STEPS; step++) {
    const dice = below(100);
    const ids = [...story.plans.keys()];
    if (dice < 40 || ids.length === 0) {
      const planId = `p${step}`;
      const symbol = one(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
      const reduces = below(3) === 0;
      const fields = {
        plan_id: planId,
        symbol,
        qty: String(1 + below(3)),
        ...(reduces ? { action: one(['FULL_CLOSE_PROPOSED', 'PARTIAL_50']), side: 'SELL' } : {}),
      };
      story.plans.set(planId, { reduces, symbol });
      fieldsOf.set(planId, fields);
      await world.plan(fields);
    } else if (dice < 50) await world.plan(fieldsOf.get(one(ids))!);
    else if (dice < 62) {
      const planId = one(ids);
      for (let times = 1 + below(2); times > 0; times--)
        if ((await world.take(planId)) === 'taken') story.used.push({ planId, event: await seen() });
    } else if (dice < 65) {
      const planId = one(ids);
      if ((await world.getdel(planId)) !== null) story.gone.push({ planId, event: await seen() });
    } else if (dice < 73) {
      const planId = one(ids);
      const executed = below(2) === 0;
      if (!executed) story.failed.push({ planId, event: await seen() });
      await world.add('results', { plan_id: planId, executed: String(executed) });
    } else if (dice < 80) {
      await world.position(one(['BTCUSDT', 'ETHUSDT']), below(6));
      // Positions of other symbols than a plan's are looked at once a second.
      await world.pass(1.1);
    } else if (dice < 85) {
      await world.kill(one(['1', 'reduce', '0', '0', null, 'what']));
      // A flag that a hand sets and takes away sooner may be missed.
      await world.pass(0.25);
    } else if (dice < 87) await world.store.permits.rearm(null, 'test', 'as it comes');
    else if (dice < 89) {
      if (steps) world.time.shiftMs += one([200, 5000, 3_600_000]);
    } else if (dice < 95) {
      const after = 1 + below(5);
      const planId = `c${step}`;
      const fields = { plan_id: planId, symbol: 'SOLUSDT', qty: '1' };
      story.plans.set(planId, { reduces: false, symbol: 'SOLUSDT' });
      fieldsOf.set(planId, fields);
      if (crashes) cut.atCall = cut.calls + after;
      await world.plan(fields);
      await world.pass(0.15);
      if (crashes) {
        cut.isCut = true;
        await governor.stop();
        cut = new Cut();
        governor = await world.govern(LIMITS, { cut, owner: 'one' });
      } else await world.pass(0.25);
      await world.pass(1.1);
    }
    // Every now and then everything that is outstanding runs out.
    await world.pass(below(10) === 0 ? one([59, 61, 130, 310]) : random() * 0.4 + 0.02);
  }
  await world.kill('0');
  await world.pass(2);
  await world.pass(2);
  const events = await world.events();
  const decided = events
    .filter(({ event }) => event === 'PERMIT_ISSUED' || event === 'PLAN_BLOCKED' || event === 'AUTO_DISARM')
    .map(({ event, plan_id, reason, computed_qty, value, limit, scope }) =>
      [event, plan_id, reason, computed_qty, reason === 'symbol_cooldown' ? '' : value, limit, scope].join(
        ' ',
      ),
    );
  return { story, decided };
}

/** Holds what was told against the rules; returns how many permits there were. */
async function check(
  world: GovernorWorld,
  { plans, used, gone, failed }: Story,
  seed: number,
): Promise<number> {
  const events = await world.events();
  const broken: string[] = [];
  let state = 'ACTIVE';
  const issues = new Map<string, number[]>();
  const takes = new Map<string, number>();
  const decided = new Set<string>();
  const openings: { planId: string; symbol: string; at: number; event: number; usd: number }[] = [];
  events.forEach((entry, i) => {
    const { event, plan_id: planId = '', reduce_only: reduceOnly, symbol = '' } = entry;
    const at = Number(entry['timestamp']);
    if (event === 'KILL_SWITCH') state = entry['state']!;
    if (event === 'AUTO_DISARM' && entry['scope'] === 'all') state = 'REDUCING';
    if (event === 'PLAN_BLOCKED') decided.add(planId);
    if (event === 'PERMIT_TAKEN') {
      takes.set(planId, (takes.get(planId) ?? 0) + 1);
      if (state === 'HALTED') broken.push(`${planId} was taken while halted`);
      if (takes.get(planId)! > (issues.get(planId)?.length ?? 0)) broken.push(`${planId} was taken twice`);
    }
    if (event !== 'PERMIT_ISSUED') return;
    decided.add(planId);
    const opens = reduceOnly === 'false';
    if (state === 'HALTED' || (opens && state === 'REDUCING'))
      broken.push(`${planId} was issued while ${state}`);
    const before = issues.get(planId)?.at(-1);
    if (before !== undefined) {
      if (opens) broken.push(`${planId} was issued twice`);
      const isUsed = used.some((one) => one.planId === planId && one.event > before && one.event <= i);
      const isFailed = failed.some((one) => one.planId === planId && one.event > before && one.event <= i);
      if (isUsed && !isFailed) broken.push(`${planId} was issued again though its permit was used`);
    }
    issues.set(planId, [...(issues.get(planId) ?? []), i]);
    if (!opens) return;
    // What failed before this one was issued counts no more.
    const counted = openings.filter(
      (one) =>
        !failed.some(({ planId: id, event: when }) => id === one.planId && when > one.event && when <= i),
    );
    const own = counted.filter((one) => one.symbol === symbol);
    const within = (sec: number): number => own.filter((one) => at - one.at < sec).length;
    if (within(3600) >= LIMITS.GOV_MAX_EXEC_PER_HOUR) broken.push(`${planId} is one too many in an hour`);
    if (within(300) >= LIMITS.GOV_MAX_EXEC_PER_5MIN) broken.push(`${planId} is one too many in five minutes`);
    const usd = Number(entry['computed_notional']);
    const dayUsd = own.reduce((sum, one) => sum + (at - one.at < 86_400 ? one.usd : 0), usd);
    if (dayUsd > EQUITY_USD * LIMITS.GOV_MAX_NOTIONAL_PER_DAY_PCT + 1e-6)
      broken.push(`${planId} passes the daily limit: ${dayUsd}`);
    openings.push({ planId, symbol, at, event: i, usd });
  });
  for (const planId of plans.keys()) if (!decided.has(planId)) broken.push(`${planId} was never decided`);
  for (const planId of issues.keys()) {
    const outcome = await world.outcome(planId);
    const isUsed = used.some((one) => one.planId === planId && one.event > issues.get(planId)!.at(-1)!);
    if (isUsed && outcome !== 'used') broken.push(`${planId} was used, its record says ${outcome}`);
    // One that is gone with a step of the clock, or after its plan failed, may be called expired; nothing stays open.
    const isGone = gone.some((one) => one.planId === planId && one.event > issues.get(planId)!.at(-1)!);
    if (isGone && outcome !== 'used' && outcome !== 'expired')
      broken.push(`${planId} is gone, its record says ${outcome}`);
  }
  expect({ seed, broken }).toEqual({ seed, broken: [] });
  return [...issues.values()].flat().length;
}

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
