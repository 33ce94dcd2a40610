/** `status` and `doctor` as an operator calls them: on a real Redis, on a data folder, and on neither. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { fill, NAMESPACE, put, runComponents } from '../support/doctor-situations.ts';
import { runCli, scratchFolder, type CliRun } from '../support/cli.ts';
import { connectedStore } from '../support/redis-store.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import type { Diagnosis } from '../../src/ops/doctor.ts';
import type { Status } from '../../src/ops/status.ts';

/** Ports nobody listens on. */
const SILENT = Object.fromEntries(
  ['P28', 'P29', 'P30', 'P31', 'PROPOSER', 'GOV'].map((name, i) => [`${name}_METRICS_PORT`, String(i + 1)]),
);

const run = (words: readonly string[], env: Record<string, string> = {}): Promise<CliRun> =>
  runCli(words, { env: { ...SILENT, ...env } });
const statusIn = ({ out }: CliRun): Status => JSON.parse(out) as Status;
const diagnosisIn = ({ out }: CliRun): Diagnosis => JSON.parse(out) as Diagnosis;

/** A component's port that answers; ends with the test. */
async function healthPort(body: string, delayMs = 0): Promise<string> {
  const server: Server = createServer(
    (_request, response) => void setTimeout(() => response.end(body), delayMs),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return String((server.address() as AddressInfo).port);
}

describe('on Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
    const store = await connectedStore({ url: redis.url, namespace: NAMESPACE });
    await fill(
      store,
      () => undefined,
      () => Date.now() / 1000,
    );
    await store[Symbol.asyncDispose]();
  });
  afterAll(() => redis.stop());

  /** Components live only as long as they are heard of. */
  async function alive(): Promise<void> {
    const store = await connectedStore({ url: redis.url, namespace: NAMESPACE });
    const now = String(Math.floor(Date.now() / 1000));
    await put(store, 'state:portfolio', { timestamp: now });
    await runComponents(store, Number(now));
    await store[Symbol.asyncDispose]();
  }

  it('status shows each component, the streams and the store', async () => {
    await alive();
    const { code, out, errors } = await run(['status'], { REDIS_URL: redis.url });
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    expect(out).toMatch(/^5 of 5 components run\.$/m);
    for (const name of ['budget', 'attribution', 'allocation', 'efficiency', 'proposer'])
      expect(out).toMatch(new RegExp(String.raw`^${name} +P\S.* running +shadow .* host-1$`, 'm'));
    expect(out).toMatch(/^execution\.result +60 /m);
    expect(out).toContain(`Store: redis 7.`);
    expect(out).toContain('appendonly yes, appendfsync always');
  });

  it('status --json is one object', async () => {
    await alive();
    const status = statusIn(await run(['status', '--json'], { REDIS_URL: redis.url }));
    expect(status).toMatchObject({ running: 5, store_error: null, answered: [] });
    expect(status.store).toMatchObject({ kind: 'redis', memory_bytes: expect.any(Number) });
    expect(status.components[0]).toMatchObject({
      component: 'budget',
      state: 'running',
      epoch: 1,
      symbols: 2,
    });
  });

  it('doctor finds nothing, and exit 0', async () => {
    await alive();
    const result = await run(['doctor', '--json'], { REDIS_URL: redis.url });
    expect(diagnosisIn(result).findings).toEqual([]);
    expect(result).toMatchObject({ code: 0, errors: [] });
  });

  it('doctor sees a string where a hash belongs, a foreign name and a weak server, and exit 1', async () => {
    await alive();
    await redis.send('SET', 'quantum:state:market:SOLUSDT', 'x');
    await redis.send('HSET', 'quantum:state:market:btcusdt', 'mark_price', '1');
    await redis.send('CONFIG', 'SET', 'appendonly', 'no');
    onTestFinished(async () => {
      await redis.send('DEL', 'quantum:state:market:SOLUSDT', 'quantum:state:market:btcusdt');
      await redis.send('CONFIG', 'SET', 'appendonly', 'yes');
    });
    const { code, out, errors } = await run(['doctor'], { REDIS_URL: redis.url });
    expect({ code, errors }).toEqual({ code: 1, errors: ['ballast: doctor found 3 problems'] });
    for (const id of ['redis-persistence-off', 'symbol-not-canonical', 'key-type'])
      expect(out).toMatch(new RegExp(`^problem ${id}$`, 'm'));
  });

  it('a wrong password is one line and exit 1, without the password', async () => {
    const url = redis.url.replace('redis://', 'redis://someone:secret77@');
    for (const command of ['status', 'doctor']) {
      const { code, out, errors } = await run([command], { REDIS_URL: url });
      expect(code).toBe(1);
      expect(out).toBe('');
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(/^ballast: .*(?:WRONGPASS|invalid username-password)/);
      expect(errors[0]).not.toContain('secret77');
    }
  });
});

describe('without a store', () => {
  it.each(['status', 'doctor'])(
    '%s says in one line that Redis cannot be reached, exit 1',
    async (command) => {
      const { code, out, errors } = await run([command], { REDIS_URL: 'redis://127.0.0.1:1' });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(errors).toEqual([expect.stringMatching(/^ballast: .*127\.0\.0\.1:1.*ECONNREFUSED/)]);
    },
  );

  it('status shows plainly that nothing runs', async () => {
    const { code, out } = await run(['status']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Nothing runs/);
    expect(out).toContain('REDIS_URL is not set and there is no ballast-data here');
  });

  it('status asks the ports, and waits for none longer than half a second', async () => {
    const body = JSON.stringify({
      status: 'degraded',
      mode: 'enforce',
      version: '0.1.0',
      redis: 'ok',
      last_tick: Date.now() / 1000,
      lag: 2,
      degraded: ['the archive drops lines'],
    });
    const env = {
      P28_METRICS_PORT: await healthPort(body),
      P29_METRICS_PORT: await healthPort(body, 5000),
      P30_METRICS_PORT: await healthPort('<html>another program</html>'),
    };
    const startMs = performance.now();
    const status = statusIn(await run(['status', '--json'], env));
    expect(performance.now() - startMs).toBeLessThan(2500);
    expect(status.answered).toEqual([`http://127.0.0.1:${env.P28_METRICS_PORT}/health`]);
    expect(status.components[0]).toMatchObject({
      state: 'running',
      mode: 'enforce',
      degraded: ['the archive drops lines'],
    });
  });

  it('a wrong setting is exit 2 and a line that names it', async () => {
    for (const command of ['status', 'doctor']) {
      const { code, errors } = await run([command, '--set', 'P30_EWMA_ALPHA=2']);
      expect(code).toBe(2);
      expect(errors.join('\n')).toContain('P30_EWMA_ALPHA');
    }
  });
});

describe('on a data folder', () => {
  it('doctor reads what is in it, and leaves it to the next', async () => {
    const folder = scratchFolder();
    const store = await openMemoryStore({ namespace: NAMESPACE, folder });
    await fill(
      store,
      () => undefined,
      () => Date.now() / 1000,
    );
    await store[Symbol.asyncDispose]();
    for (const _ of [1, 2]) {
      const diagnosis = diagnosisIn(await run(['doctor', '--data', folder, '--json']));
      expect(diagnosis).toMatchObject({ problems: 0, store: folder, executions: 60 });
    }
    const { out } = await run(['status', '--data', folder]);
    expect(out).toMatch(/^Nothing runs\.$/m);
    expect(out).toMatch(/^budget .* stopped /m);
  });

  it('of a running process they say who has it, and ask the ports', async () => {
    const folder = scratchFolder();
    const store = await openMemoryStore({ namespace: NAMESPACE, folder });
    const port = await healthPort(JSON.stringify({ status: 'ok', mode: 'shadow', last_tick: 5 }));
    const status = statusIn(await run(['status', '--data', folder, '--json'], { P30_METRICS_PORT: port }));
    expect(status).toMatchObject({ running: 1, store: null });
    expect(status.store_error).toContain(`process ${process.pid} has`);
    const doctor = diagnosisIn(await run(['doctor', '--data', folder, '--json']));
    expect(doctor.findings.map(({ id }) => id)).toEqual(['store-not-read']);
    await store[Symbol.asyncDispose]();
  });

  it('that is not there is not made', async () => {
    const folder = join(scratchFolder(), 'none');
    for (const command of ['status', 'doctor']) {
      const { code, errors } = await run([command, '--data', folder]);
      expect(code).toBe(1);
      expect(errors).toEqual([expect.stringContaining('is no folder')]);
    }
    expect(existsSync(folder)).toBe(false);
  });
});
