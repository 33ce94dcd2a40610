/** Several processes for the same components: one works, the others stand by; and five processes of one component each. */
import { expect, it } from 'vitest';
import { hashOf, xadd, xaddAll } from '../support/bare-client.ts';
import {
  ALL_ENFORCE,
  EVERY_SECOND,
  startLive,
  until,
  type LiveOptions,
  type LiveProcess,
} from '../support/live-process.ts';
import { COMPONENTS, OutputReader, statesAtOneTick, type Committed } from '../support/live-state.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { sampleExecutions } from '../support/sample-executions.ts';

let program: ProgramOnRedis['program'];
let redis: RedisServer;
programOnRedis((given) => ({ program, redis } = given));

function start(namespace: string, more: Partial<LiveOptions> = {}): LiveProcess {
  const sets = { ...EVERY_SECOND, ...ALL_ENFORCE };
  return startLive({ main: program.main, url: redis.url, namespace, sets, ...more });
}

/** Owner and epoch of each component. */
async function owners(namespace: string): Promise<string[]> {
  const all = COMPONENTS.map(async (component) => {
    const { owner, epoch } = await hashOf(redis, `${namespace}:ballast:owner:${component}`);
    return `${component} ${owner} ${epoch}`;
  });
  return Promise.all(all);
}

/** Adds an execution, and waits until an attribution counts so many. */
async function untilCounted(namespace: string, window: number): Promise<void> {
  await xadd(redis, `${namespace}:stream:execution.result`, { symbol: 'BTCUSDT', pnl: '10' });
  await until(`an attribution of ${window} executions`, async () => {
    const hash = await hashOf(redis, `${namespace}:alpha:attribution:BTCUSDT`);
    return hash['window'] === String(window) ? true : undefined;
  });
}

it.concurrent(
  'runs in one of two copies; the other takes over from a killed or stopped one, which writes nothing when it wakes',
  async () => {
    const outputs = new OutputReader(redis, 'two');
    const first = start('two');
    await first.untilReady();
    const second = start('two');
    const standby = await second.untilHealth(
      'the second standing by',
      'allocation',
      ({ status }) => status === 'standby',
    );
    expect(standby.owner).toContain(`:${first.pid}:`);
    expect(await second.isReady('allocation')).toBe(false);
    expect(second.said().some((line) => line.includes('stands by: '))).toBe(true);
    await untilCounted('two', 1);

    const killedMs = performance.now();
    await first.kill('SIGKILL');
    await second.untilHealth('the second working', 'proposer', ({ status }) => status === 'ok');
    expect(performance.now() - killedMs).toBeLessThan(5000);
    await untilCounted('two', 2);

    const third = start('two');
    await third.untilHealth('the third standing by', 'budget', ({ status }) => status === 'standby');
    const pausedMs = performance.now();
    second.pause();
    await third.untilHealth('the third working', 'proposer', ({ status }) => status === 'ok');
    expect(performance.now() - pausedMs).toBeLessThan(5000);
    await untilCounted('two', 3);
    const before = await owners('two');
    expect(new Set(before.map((line) => line.split(' ')[2]))).toEqual(new Set(['3']));

    second.resume();
    const asleep = await second.untilHealth(
      'the zombie standing by',
      'proposer',
      ({ status }) => status === 'standby',
    );
    expect(asleep.owner).toContain(`:${third.pid}:`);
    expect(second.said().some((line) => line.includes('was taken over: '))).toBe(true);
    await untilCounted('two', 4);
    expect(await owners('two')).toEqual(before);
    const { twice, unseen, count } = await outputs.finish();
    expect({ twice, unseen }).toEqual({ twice: [], unseen: 0 });
    expect(count).toBeGreaterThan(15);

    // One that stops gives way at once.
    const stoppedMs = performance.now();
    await third.kill('SIGTERM');
    await second.untilHealth('the second working again', 'budget', ({ status }) => status === 'ok');
    expect(performance.now() - stoppedMs).toBeLessThan(2500);
  },
);

/** What follows from executions alone: it does not depend on which process read what when. */
function fromExecutions(state: Committed): unknown {
  const { attribution, budget, allocation, efficiency } = state;
  const rows = (records: Readonly<Record<string, string>>, columns: readonly number[]) =>
    Object.entries(records)
      .map(([symbol, text]) => {
        const bytes = Buffer.from((JSON.parse(text) as string[])[0]!, 'base64');
        return [symbol, columns.map((column) => bytes.readDoubleLE(8 * column))];
      })
      .toSorted(([a], [b]) => (a! < b! ? -1 : 1));
  return {
    attribution: attribution.records,
    portfolios: [attribution, budget, allocation].map(({ meta }) => meta['portfolio']),
    // Losses and how much they vary, the last execution, and the gap between two.
    efficiency: rows(efficiency.records, [1, 2, 3, 4]),
    seen: [attribution, budget, allocation, efficiency].map(({ seen }) => seen),
    read: [attribution, budget, allocation, efficiency].map(({ meta }) => meta['inputs']),
  };
}

it.concurrent(
  'gives the same from five processes of one component as from one of five, and goes on from either as the other',
  { timeout: 60_000 },
  async () => {
    const nowMs = Date.now();
    const { entries } = sampleExecutions({
      seed: 3,
      count: 4000,
      symbols: 12,
      fromMs: nowMs - 120_000,
      toMs: nowMs - 1000,
    });
    const addBoth = async (from: number, to: number): Promise<void> => {
      for (const namespace of ['one', 'five'])
        await xaddAll(redis, `${namespace}:stream:execution.result`, entries.slice(from, to));
    };
    const same = async (count: number): Promise<void> => {
      const isThere = ({ attribution, efficiency }: Committed): boolean =>
        [attribution, efficiency].every(({ meta }) => meta['inputs']!.includes(`,${count}]`));
      const [one, five] = await statesAtOneTick(redis, ['one', 'five'], isThere);
      expect(fromExecutions(five!)).toEqual(fromExecutions(one!));
      expect(Object.keys(one!.attribution.records)).toHaveLength(12);
    };
    const startFive = (): LiveProcess[] =>
      COMPONENTS.map((component) => start('five', { words: ['run', component] }));
    const stop = async (lives: readonly LiveProcess[]): Promise<void> => {
      const ends = await Promise.all(lives.map((live) => live.kill('SIGTERM')));
      expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([0]));
    };

    await addBoth(0, 2000);
    start('one');
    const five = startFive();
    await Promise.all(five.map((live) => live.untilReady(20_000)));
    await same(2000);
    // They stop one after the other, each at another place.
    for (const live of five) await stop([live]);

    await addBoth(2000, 3000);
    const up = start('five');
    await up.untilReady();
    await same(3000);
    await stop([up]);

    await addBoth(3000, 4000);
    const again = startFive();
    await Promise.all(again.map((live) => live.untilReady(20_000)));
    await same(4000);
  },
);
