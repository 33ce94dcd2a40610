/** The clock of Redis is set while permits are out: none of them lives longer for it, and nothing is opened until it is steady again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AskedGovernor, KEY } from '../support/asked-governor.ts';
import { startShiftedRedis, whyNoShift, type ShiftedRedis } from '../support/clock-shim.ts';
import { entriesOf } from '../support/bare-client.ts';
import { until } from '../support/live-process.ts';
import { systemClock } from '../../src/runtime/clock.ts';

const HOUR_MS = 3_600_000;
const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };
const why = whyNoShift();
if (why !== null) process.stdout.write(`the clock tests are skipped: ${why}\n`);

// Skipped where the clock of a process cannot be set; the reason is printed.
describe.skipIf(why !== null)('a clock of Redis that is set', () => {
  let shifted: ShiftedRedis;
  beforeAll(async () => {
    shifted = await startShiftedRedis();
  });
  beforeEach(async () => {
    shifted.shift(0);
    await shifted.redis.send('FLUSHALL');
  });
  afterAll(() => shifted.stop());

  async function redisMs(): Promise<number> {
    const [sec] = (await shifted.redis.send('TIME')) as [string];
    return Number(sec) * 1000;
  }

  it.each([
    ['an hour back', -HOUR_MS],
    ['three hours ahead', 3 * HOUR_MS],
    ['a day back', -24 * HOUR_MS],
  ])('%s: permits that are out are void, openings wait for a minute, exits pass', async (_what, ms) => {
    // The minute goes by when the test says so, on both clocks at once.
    let laterMs = 0;
    const pass = (sec: number): void => {
      laterMs += sec * 1000;
      shifted.shift(ms + laterMs);
    };
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + laterMs };
    const more = { GOV_DISARM_ON_ERROR_COUNT: 1_000_000, GOV_PERMIT_TTL_SEC: 2 };
    await using asked = await AskedGovernor.on(shifted.redis, more, undefined, { clock });
    const planIds = ['a', 'b', 'c', 'd'];
    for (const plan_id of planIds) expect(await asked.ask({ plan_id })).toBe('granted');
    const issuedMs = performance.now();
    shifted.shift(ms);
    expect(Math.abs((await redisMs()) - Date.now() - ms)).toBeLessThan(60_000);
    // Whoever is faster than the governor finds it out of its time, or has it within it.
    const early = await asked.store.permits.take('a');
    if (early.taken) expect(performance.now() - issuedMs).toBeLessThan(2000);
    await until('the step being noticed', () =>
      Promise.resolve(asked.governor.told.lines.some((line) => line.startsWith('clock ')) ? true : undefined),
    );
    expect(await asked.ask()).toBe('evaluation_error');
    for (const planId of planIds.slice(1))
      expect(await asked.store.permits.take(planId)).toMatchObject({ taken: false });
    for (const planId of planIds.slice(1))
      expect(await shifted.redis.send('EXISTS', KEY(`permit:${planId}`))).toBe(0);
    expect(await asked.ask(EXIT)).toBe('granted');
    pass(50);
    expect(await asked.ask()).toBe('evaluation_error');
    pass(12);
    // Permits of a time that is yet to come go on counting against their own symbol.
    await asked.untilGranted({ symbol: 'ETHUSDT' });
  });

  it('with nobody governing, a permit is taken only within its life', async () => {
    await using asked = await AskedGovernor.on(shifted.redis, { GOV_PERMIT_TTL_SEC: 1 });
    for (const plan_id of ['a', 'b']) expect(await asked.ask({ plan_id })).toBe('granted');
    await asked.governor.stop();
    shifted.shift(-HOUR_MS);
    await sleep(1300);
    // Redis would keep it for an hour: it is its own beginning that refuses it.
    expect(await shifted.redis.send('EXISTS', KEY('permit:a'))).toBe(1);
    expect(await asked.store.permits.take('a')).toEqual({ taken: false, why: 'early' });
    shifted.shift(HOUR_MS);
    expect(await asked.store.permits.take('b')).toEqual({ taken: false, why: 'expired' });
    expect(await entriesOf(shifted.redis, KEY('ballast:takes'))).toEqual([]);
    asked.startAgain();
  });

  it('by a tenth of a second and back is no step', async () => {
    await using asked = await AskedGovernor.on(shifted.redis);
    for (let i = 0; i < 10; i++) {
      shifted.shift(i % 2 === 0 ? 100 : -100);
      expect(await asked.ask()).toBe('granted');
    }
    expect(asked.governor.told.lines.filter((line) => line.startsWith('clock'))).toEqual([]);
  });
});
