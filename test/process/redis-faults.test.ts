/** Redis away, locked, killed, stopped or behind a dead link: the process goes on by itself, loses nothing and does nothing twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { entriesOf, xadd, xaddAll, type Fields } from '../support/bare-client.ts';
import { ALL_ENFORCE, EVERY_SECOND, startLive, until, type LiveProcess } from '../support/live-process.ts';
import { appliedCount, OutputReader, statesAtOneTick } from '../support/live-state.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { sampleExecutions } from '../support/sample-executions.ts';
import { startProxy } from '../support/tcp-proxy.ts';

const RECOVERY_MS = 2000;
let program: ProgramOnRedis['program'];
let redis: RedisServer;
programOnRedis((given) => ({ program, redis } = given), {
  appendonly: true,
  args: ['--appendfsync', 'always'],
});

function start(namespace: string, url = redis.url): LiveProcess {
  return startLive({ main: program.main, url, namespace, sets: { ...EVERY_SECOND, ...ALL_ENFORCE } });
}

it('waits for a Redis that comes later: not ready, a line a second at most, then ready', async () => {
  await redis.kill('SIGKILL');
  const live = start('late');
  await live.untilSaid(/^cannot connect to Redis at 127\.0\.0\.1/);
  const { status, redis: link } = await live.health('budget');
  expect({ status, link }).toEqual({ status: 'starting', link: 'disconnected' });
  const before = live.lines.length;
  await sleep(5000);
  expect(await live.isReady('budget')).toBe(false);
  expect(live.lines.length - before).toBeLessThanOrEqual(7);
  expect(live.lines.length - before).toBeGreaterThan(0);
  await redis.restart();
  const backMs = performance.now();
  await live.untilReady();
  expect(performance.now() - backMs).toBeLessThan(RECOVERY_MS);
  expect(live.said().some((line) => line.includes('the store works again after '))).toBe(true);
  expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

it('says that its password is wrong, keeps trying, and never says which it was', async () => {
  await redis.send('CONFIG', 'SET', 'requirepass', 'the-right-one');
  const live = start('locked', `redis://:tomorrow-it-fits@127.0.0.1:${redis.port}`);
  const { msg } = await live.untilSaid(/WRONGPASS/);
  expect(msg).toMatch(/Redis at 127\.0\.0\.1:\d+/);
  await sleep(1500);
  expect(await live.isReady('budget')).toBe(false);
  expect(live.lines.filter(({ level }) => level !== 'info').length).toBeLessThan(6);
  await redis.send('CONFIG', 'SET', 'requirepass', 'tomorrow-it-fits');
  await live.untilReady();
  await redis.send('CONFIG', 'SET', 'requirepass', '');
  expect(JSON.stringify([live.lines, live.errors, await live.health('budget')])).not.toContain('tomorrow');
});

/** A producer that does not give up: each execution is sent until Redis acknowledged it, so some come twice. */
class Producer {
  readonly acknowledged: { readonly id: string; readonly executionId: string }[] = [];
  pnlUsd = 0;
  readonly #stream: string;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(namespace: string) {
    this.#stream = `${namespace}:stream:execution.result`;
    this.#running = this.#run();
    this.#running.catch(() => undefined);
    onTestFinished(() => {
      this.#isOver = true;
    });
  }

  async finish(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#isOver; n += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => this.#send(n + i)));
      await sleep(10);
    }
  }

  async #send(n: number): Promise<void> {
    const executionId = `e${n}`;
    const pnl = (n % 41) - 19;
    const fields: Fields = { symbol: `S${n % 7}USDT`, pnl: String(pnl), execution_id: executionId };
    const id = await until('Redis taking an execution', () =>
      xadd(redis, this.#stream, fields).catch(() => undefined),
    );
    this.acknowledged.push({ id, executionId });
    this.pnlUsd += pnl;
  }
}

/** Milliseconds until more has been committed than there was. */
async function untilCommits(namespace: string, before: number): Promise<number> {
  const startMs = performance.now();
  await until('a commit', async () => {
    const count = await appliedCount(redis, namespace, 'efficiency').catch(() => 0);
    return count > before ? true : undefined;
  });
  return performance.now() - startMs;
}

async function untilMoreCommits(namespace: string): Promise<number> {
  return untilCommits(namespace, await appliedCount(redis, namespace, 'efficiency'));
}

it(
  'loses no acknowledged execution when Redis is killed five times and stopped twice under load',
  { timeout: 60_000 },
  async () => {
    const namespace = 'load';
    const outputs = new OutputReader(redis, namespace);
    const live = start(namespace);
    await live.untilReady();
    const producer = new Producer(namespace);
    const tookMs: number[] = [];
    for (let n = 0; n < 5; n++) {
      await sleep(600 + 130 * n);
      await redis.kill('SIGKILL');
      // Once long enough for the pauses between attempts to grow.
      await sleep(n === 3 ? 2000 : 0);
      await redis.restart();
      tookMs.push(await untilMoreCommits(namespace));
    }
    for (const pauseMs of [200, 2000]) {
      await redis.kill('SIGSTOP');
      await sleep(pauseMs / 2);
      const askedMs = performance.now();
      await live.health('budget');
      expect(performance.now() - askedMs, 'its pages answer meanwhile').toBeLessThan(500);
      await sleep(pauseMs / 2);
      await redis.kill('SIGCONT');
      tookMs.push(await untilMoreCommits(namespace));
    }
    expect(tookMs.filter((ms) => ms > RECOVERY_MS)).toEqual([]);
    await producer.finish();

    const entries = await entriesOf(redis, `${namespace}:stream:execution.result`);
    const kept = new Set(entries.map(({ id }) => id));
    expect(producer.acknowledged.filter(({ id }) => !kept.has(id))).toEqual([]);
    expect(producer.acknowledged.length).toBeGreaterThan(1000);
    const [state] = await statesAtOneTick(redis, [namespace], ({ attribution }) =>
      attribution.meta['inputs']!.includes(`,${entries.length}]`),
    );
    const expected = [...new Set(entries.map(({ fields }) => fields['execution_id']))];
    expect(expected).toHaveLength(producer.acknowledged.length);
    for (const component of ['budget', 'attribution', 'allocation', 'efficiency'] as const) {
      expect(state![component].seen).toEqual(expected);
      expect(state![component].meta['inputs']).toContain(`,${entries.length}]`);
    }
    const { ownEquityUsd } = JSON.parse(state!.budget.meta['portfolio']!) as { ownEquityUsd: number };
    expect(ownEquityUsd).toBe(100_000 + producer.pnlUsd);
    const { twice, unseen } = await outputs.finish();
    expect({ twice, unseen }).toEqual({ twice: [], unseen: 0 });
    const health = await live.health('budget');
    expect(health.duplicates + health.applied).toBe(entries.length);
    expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  },
);

it(
  'does nothing twice when Redis stops answering again and again while commits are underway',
  { timeout: 60_000 },
  async () => {
    const stream = 'stutter:stream:execution.result';
    const nowMs = Date.now();
    const span = { fromMs: nowMs - 400_000, toMs: nowMs - 1000 };
    const sample = sampleExecutions({ seed: 6, count: 40_000, symbols: 80, ...span });
    await xaddAll(redis, stream, sample.entries);
    const outputs = new OutputReader(redis, 'stutter');
    const live = start('stutter');
    for (let n = 0; n < 6; n++) {
      await untilMoreCommits('stutter');
      await redis.kill('SIGSTOP');
      // Longer than an answer may take: what was sent is done once Redis wakes, and sent again.
      await sleep(650);
      await redis.kill('SIGCONT');
    }
    await live.untilReady();
    const [state] = await statesAtOneTick(redis, ['stutter'], ({ attribution }) =>
      attribution.meta['inputs']!.includes(`,40000]`),
    );
    for (const component of ['budget', 'attribution', 'allocation', 'efficiency'] as const)
      expect(state![component].seen).toEqual(sample.ids);
    const { ownEquityUsd } = JSON.parse(state!.budget.meta['portfolio']!) as { ownEquityUsd: number };
    expect(ownEquityUsd).toBe(100_000 + sample.pnlUsd);
    const letters = await entriesOf(redis, `${stream}.dlq`);
    expect(letters.map(({ fields }) => fields['source_id'])).toEqual(sample.unusable);
    const { twice, unseen } = await outputs.finish();
    expect({ twice, unseen }).toEqual({ twice: [], unseen: 0 });
    expect(await live.health('budget')).toMatchObject({
      applied: sample.ids.length,
      duplicates: sample.repeats,
    });
    await live.kill('SIGTERM');
  },
);

it('notices a link that swallows everything within two seconds, and goes on once there is one again', async () => {
  const proxy = await startProxy(redis.port);
  onTestFinished(() => proxy.stop());
  const live = start('halfopen', `redis://127.0.0.1:${proxy.port}`);
  await live.untilReady();
  const stream = 'halfopen:stream:execution.result';
  await xadd(redis, stream, { symbol: 'BTCUSDT', pnl: '1' });
  await untilCommits('halfopen', 0);

  proxy.drop();
  const droppedMs = performance.now();
  await live.untilHealth('the loss being known', 'budget', ({ redis: link }) => link === 'disconnected');
  expect(performance.now() - droppedMs).toBeLessThan(RECOVERY_MS);
  await xadd(redis, stream, { symbol: 'BTCUSDT', pnl: '1' });
  await sleep(1500);
  const { degraded } = await live.health('budget');
  expect(degraded.join()).toContain('the store fails at ');

  proxy.reset();
  expect(await untilCommits('halfopen', 1)).toBeLessThan(RECOVERY_MS);
  await live.untilHealth(
    'all being well',
    'budget',
    ({ status, degraded: left }) => status === 'ok' && left.length === 0,
  );
  expect(await live.health('budget')).toMatchObject({ redis: 'connected', applied: 2, duplicates: 0 });
  expect((await live.metric('budget', 'ballast_store_errors_total')).size).toBeGreaterThan(0);
});
