/** The same thirty thousand executions for a process that runs undisturbed, ones that are killed or stopped again and again, and one that freezes. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entriesOf, xaddAll } from '../support/bare-client.ts';
import { buildProgram, scratchFolder } from '../support/cli.ts';
import { seededRandom } from '../support/event-lines.ts';
import {
  ALL_ENFORCE,
  endLives,
  EVERY_SECOND,
  startLive,
  until,
  type LiveProcess,
} from '../support/live-process.ts';
import {
  appliedCount,
  differences,
  digestsIn,
  OutputReader,
  statesAtOneTick,
  type Committed,
} from '../support/live-state.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { sampleExecutions, type SampleExecutions } from '../support/sample-executions.ts';

const COUNT = 30_000;
const NAMESPACES = ['calm', 'killed', 'stopped', 'frozen'];
const random = seededRandom(5);
let program: ReturnType<typeof buildProgram>;
let redis: RedisServer;
let sample: SampleExecutions;

beforeAll(async () => {
  program = buildProgram();
  redis = await startRedis();
  const nowMs = Date.now();
  sample = sampleExecutions({
    seed: 8,
    count: COUNT,
    symbols: 60,
    fromMs: nowMs - 400_000,
    toMs: nowMs - 1000,
  });
  for (const namespace of NAMESPACES)
    await xaddAll(redis, `${namespace}:stream:execution.result`, sample.entries);
});

afterAll(async () => {
  await endLives();
  program.remove();
  await redis.stop();
});

it(
  'comes to the same state bit for bit after five kills, three stops and two freezes, with nothing twice',
  { timeout: 90_000 },
  async () => {
    const folder = scratchFolder();
    const outputs = NAMESPACES.slice(1).map((name) => new OutputReader(redis, name));
    const calm = start('calm', folder);
    const [killed, stopped, thawed] = await Promise.all([
      endAgainAndAgain('killed', 5, folder, async (live) => {
        expect(await live.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      }),
      endAgainAndAgain('stopped', 3, folder, async (live) => {
        const askedMs = performance.now();
        expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
        expect(performance.now() - askedMs).toBeLessThan(2000);
      }),
      freezeTwice(folder),
    ]);
    const states = await statesAtOneTick(redis, NAMESPACES, ({ attribution }) =>
      attribution.meta['inputs']!.includes(`,${COUNT}]`),
    );
    expect(Object.keys(states[0]!.attribution.records)).toHaveLength(60);
    expect(differences(states[0]!, states[1]!)).toEqual([]);
    expect(differences(states[0]!, states[2]!)).toEqual([]);
    expect(differences(states[0]!, states[3]!)).toEqual([]);
    await expectEveryEntryOnce(states[0]!);
    for (const reader of outputs) {
      const { twice, unseen, count } = await reader.finish();
      expect({ twice, unseen }).toEqual({ twice: [], unseen: 0 });
      expect(count).toBeGreaterThanOrEqual(240);
    }
    await Promise.all([calm, killed, stopped, ...thawed].map((live) => live.kill('SIGTERM')));
    await expectSameTicks(folder);
  },
);

function start(namespace: string, folder: string): LiveProcess {
  return startLive({
    main: program.main,
    words: ['up', '--archive', join(folder, namespace)],
    url: redis.url,
    namespace,
    sets: { ...EVERY_SECOND, ...ALL_ENFORCE },
  });
}

/** So many times: starts a process, and ends it once it has committed something more. Returns the one that may live. */
async function endAgainAndAgain(
  namespace: string,
  times: number,
  folder: string,
  end: (live: LiveProcess) => Promise<void>,
): Promise<LiveProcess> {
  for (let n = 0; n < times; n++) {
    const before = await appliedCount(redis, namespace, 'attribution');
    expect(before, `${namespace} is not through before end ${n + 1}`).toBeLessThan(COUNT);
    const live = start(namespace, folder);
    await until(`${namespace} moving on from entry ${before}`, async () =>
      (await appliedCount(redis, namespace, 'attribution')) > before ? true : undefined,
    );
    await sleep(random() * 60);
    await end(live);
  }
  const last = start(namespace, folder);
  await last.untilReady();
  return last;
}

/** A process freezes in the midst of its work, another takes over and freezes as well; they wake once a third has done it all. */
async function freezeTwice(folder: string): Promise<LiveProcess[]> {
  const frozen: LiveProcess[] = [];
  for (let n = 0; n < 2; n++) {
    const before = await appliedCount(redis, 'frozen', 'attribution');
    expect(before).toBeLessThan(COUNT);
    const live = start('frozen', folder);
    await until(`frozen moving on from entry ${before}`, async () =>
      (await appliedCount(redis, 'frozen', 'attribution')) > before ? true : undefined,
    );
    live.pause();
    frozen.push(live);
  }
  const last = start('frozen', folder);
  await last.untilReady();
  for (const live of frozen) {
    live.resume();
    const { owner } = await live.untilHealth(
      'one that woke standing by',
      'proposer',
      ({ status }) => status === 'standby',
    );
    expect(owner).toContain(`:${last.pid}:`);
  }
  return [last, ...frozen];
}

/** Applied, a dead letter, or a repeat. */
async function expectEveryEntryOnce(state: Committed): Promise<void> {
  for (const component of ['budget', 'attribution', 'allocation', 'efficiency'] as const)
    expect(state[component].seen).toEqual(sample.ids);
  const { ownEquityUsd } = JSON.parse(state.budget.meta['portfolio']!) as { ownEquityUsd: number };
  expect(ownEquityUsd).toBe(100_000 + sample.pnlUsd);
  expect(sample.ids.length + sample.unusable.length + sample.repeats).toBe(COUNT);
  for (const namespace of NAMESPACES) {
    const letters = await entriesOf(redis, `${namespace}:stream:execution.result.dlq`);
    expect(letters.map(({ fields }) => fields['source_id'])).toEqual(sample.unusable);
  }
}

/** A tick that was computed by several processes, or again after a kill, came out the same each time. */
async function expectSameTicks(folder: string): Promise<void> {
  const digests = await digestsIn(folder);
  const ticks = [...digests].filter(([key]) => key.split(',').length === 5);
  expect(ticks.length).toBeGreaterThan(390);
  expect(ticks.filter(([, found]) => found.length > 1).length).toBeGreaterThan(390);
  // A killed process leaves what it had written to the archive last, not all it had computed.
  expect(ticks.filter(([, found]) => found.length > 2).length).toBeGreaterThan(150);
  expect(ticks.filter(([, found]) => new Set(found).size > 1)).toEqual([]);
}
