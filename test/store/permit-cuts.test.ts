/** Executors behind links that are cut while an answer is on its way: what they cannot know they find in the use record, and nobody acts twice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodePermitUse } from '../../src/contract/governor-records.ts';
import { StoreError } from '../../src/store/store.ts';
import { seededRandom } from '../support/event-lines.ts';
import { entriesOf } from '../support/bare-client.ts';
import { shuffled } from '../support/governor-fleet.ts';
import { governing, issueOf } from '../support/permit-steps.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import { startProxy } from '../support/tcp-proxy.ts';

const PERMITS = 100;
const CLIENTS = 8;
/** An answer with a permit is longer than that: cuts fall before, into and behind it. */
const LONGEST_ANSWER = 250;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

interface Run {
  /** Permits this client had in hand: those it may act on. */
  readonly had: string[];
  /** Takes whose outcome it never learned: the answer was lost, and the next one says used. */
  readonly unknown: string[];
  cuts: number;
}

/** Takes every permit through a link of its own, of whose answers one in ten is cut off, and tries again until it is told. */
async function takeThroughCuts(planIds: readonly string[], random: () => number): Promise<Run> {
  const proxy = await startProxy(server.port);
  const run: Run = { had: [], unknown: [], cuts: 0 };
  try {
    await using store = await connectedStore({
      url: `redis://127.0.0.1:${proxy.port}`,
      namespace: 'n',
      deadlineMs: 5000,
    });
    for (const planId of planIds) {
      if (random() < 0.1) {
        proxy.cutAfter('reply', Math.floor(random() * LONGEST_ANSWER));
        run.cuts++;
      }
      let wasLost = false;
      for (;;) {
        try {
          const answer = await store.permits.take(planId);
          if (answer.taken) run.had.push(planId);
          else if (wasLost) run.unknown.push(planId);
          break;
        } catch (error) {
          if (!(error instanceof StoreError) || error.kind !== 'unreachable') throw error;
          wasLost = true;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
    }
  } finally {
    await proxy.stop();
  }
  return run;
}

it(`one answer in ten is cut: no permit is acted on twice, and every one is accounted for, SEED=${seed}`, async () => {
  const random = seededRandom(seed);
  await using store = await connectedStore({ url: server.url, namespace: 'n' });
  const planIds = Array.from({ length: PERMITS }, (_, i) => `P${i}`);
  const steps = planIds.map((planId) => issueOf(planId));
  expect(await store.permits.decide(await governing(store), steps)).toMatchObject({ done: PERMITS });

  const runs = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) =>
      takeThroughCuts(shuffled(planIds, random), seededRandom(seed + i + 1)),
    ),
  );
  const had = runs.flatMap((run) => run.had);
  expect(new Set(had).size).toBe(had.length);
  expect(runs.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(PERMITS / 4);

  // Whatever nobody had in hand was taken all the same: one of those who never learned of it took it.
  const uses = await store.permits.find(planIds);
  expect(uses.filter(({ use }) => decodePermitUse(use!)?.outcome === 'used')).toHaveLength(PERMITS);
  const doubted = new Set(runs.flatMap((run) => run.unknown));
  expect(planIds.filter((planId) => !had.includes(planId) && !doubted.has(planId))).toEqual([]);

  const takes = (await entriesOf(server, 'n:ballast:takes')).map(({ fields }) => fields['plan_id']!);
  expect(takes.toSorted()).toEqual(planIds.toSorted());
  const events = await entriesOf(server, 'n:stream:governor.events');
  const told = events.filter(({ fields }) => fields['event'] === 'PERMIT_TAKEN');
  expect(told.map(({ fields }) => fields['plan_id']!).toSorted()).toEqual(planIds.toSorted());
});
