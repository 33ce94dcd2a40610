/** Permits that are outstanding when trading is stopped: none of them can be had any more, by any way of taking. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';
import { decodePermitUse } from '../../src/contract/governor-records.ts';
import { governing, issueOf } from '../support/permit-steps.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';

const COUNT = 10_000;
const HALT = { kind: 'switch', state: 'HALTED', by: 'me', reason: 'test' } as const;
const REDUCE = { ...HALT, state: 'REDUCING' } as const;
const NOTE = { kind: 'note', state: null, by: 'hand', reason: 'seen' } as const;

let server: RedisServer;
let store: RedisStore;
beforeAll(async () => {
  server = await startRedis();
  store = await connectedStore({ url: server.url, namespace: 'n', deadlineMs: 20_000 });
});
beforeEach(() => server.send('FLUSHALL'));
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server.stop();
});

/** Permits `P0`, `P1`, …: every other one of an exit. */
async function outstanding(): Promise<string[]> {
  const at = await governing(store);
  const planIds = Array.from({ length: COUNT }, (_, i) => `P${i}`);
  for (let from = 0; from < COUNT; from += 1000) {
    const some = planIds.slice(from, from + 1000);
    const steps = some.map((planId, i) => issueOf(planId, { opens: i % 2 === 0 }));
    expect(await store.permits.decide({ ...at, sequence: at.sequence + from }, steps)).toMatchObject({
      done: 1000,
    });
  }
  return planIds;
}

/** Why each could not be taken, or `taken`; with how many there are of each. */
async function takeEach(planIds: readonly string[]): Promise<Record<string, number>> {
  const answers = await Promise.all(planIds.map((planId) => store.permits.take(planId)));
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const word = answer.taken ? 'taken' : answer.why;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

/** How many can be had with a plain `GETDEL`. */
async function getdelEach(planIds: readonly string[]): Promise<number> {
  const texts = await Promise.all(planIds.map((planId) => server.send('GETDEL', `n:permit:${planId}`)));
  return texts.filter((text) => text !== null).length;
}

function isOpening(_: string, i: number): boolean {
  return i % 2 === 0;
}

function isExit(_: string, i: number): boolean {
  return i % 2 === 1;
}

describe(`of ${COUNT} outstanding permits`, () => {
  it('a halt leaves none', async () => {
    const planIds = await outstanding();
    expect(await store.permits.change(HALT)).toMatchObject({ state: 'HALTED', voided: COUNT });
    expect(await takeEach(planIds)).toEqual({ voided: COUNT });
    expect(await getdelEach(planIds)).toBe(0);
    // Neither does the end of the halt bring them back, nor their bytes put back by hand.
    await store.permits.change({ ...HALT, state: 'ACTIVE' });
    const step = issueOf('P0');
    await server.send('SET', 'n:permit:P0', step.permit);
    expect(await takeEach(planIds)).toEqual({ voided: COUNT });
    const uses = await store.permits.find(planIds);
    expect(uses.filter(({ use }) => decodePermitUse(use!)?.outcome === 'voided')).toHaveLength(COUNT);
  });

  it('a flag set by hand leaves none to the client at once, and none to anybody once it is noted', async () => {
    const planIds = await outstanding();
    await server.send('SET', 'n:kill', '1');
    expect(await takeEach(planIds)).toEqual({ halted: COUNT });
    expect(await store.permits.change(NOTE)).toMatchObject({ state: 'HALTED', voided: COUNT });
    expect(await takeEach(planIds)).toEqual({ voided: COUNT });
    expect(await getdelEach(planIds)).toBe(0);
  });

  it.each([
    ['through Ballast', () => store.permits.change(REDUCE)],
    [
      'by hand',
      async () => {
        await server.send('SET', 'n:kill', 'reduce');
        return await store.permits.change(NOTE);
      },
    ],
  ])('REDUCING leaves the exits: %s', async (_way, reduce) => {
    const planIds = await outstanding();
    expect(await reduce()).toMatchObject({ state: 'REDUCING', voided: COUNT / 2 });
    expect(await takeEach(planIds.filter(isOpening))).toEqual({ voided: COUNT / 2 });
    expect(await getdelEach(planIds.filter(isOpening))).toBe(0);
    const exits = planIds.filter(isExit);
    expect(await takeEach(exits.slice(1000))).toEqual({ taken: COUNT / 2 - 1000 });
    expect(await getdelEach(exits)).toBe(1000);
  });
});
