/** `kill`, `rearm`, `flatten`, `drill` and what `status` says of them, as an operator types them: on Redis, on a folder, on a running process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CONTROL_FOLDER } from '../../src/components/control/files.ts';
import { controlDesk } from '../../src/cli/control-desk.ts';
import { encodeDisarmed } from '../../src/contract/governor-records.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { defaultRuntimeSettings } from '../../src/contract/runtime-settings.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { runCli, scratchFolder, type CliRun } from '../support/cli.ts';
import { deployed, NAMESPACE, put, startGovernor } from '../support/live-governor.ts';
import { connectedStore } from '../support/redis-store.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import type { Deployment } from '../../src/ops/governor/operation.ts';
import type { KillReport } from '../../src/ops/governor/trading.ts';
import type { FlattenReport } from '../../src/ops/governor/flatten.ts';
import type { DrillReport } from '../../src/ops/governor/drill.ts';
import type { Status } from '../../src/ops/status.ts';
import type { Store } from '../../src/store/store.ts';

/** Ports nobody listens on. */
const SILENT = Object.fromEntries(
  ['P28', 'P29', 'P30', 'P31', 'PROPOSER', 'GOV'].map((name, i) => [`${name}_METRICS_PORT`, String(i + 1)]),
);
const run = (words: readonly string[], env: Record<string, string> = {}): Promise<CliRun> =>
  runCli(words, { env: { ...SILENT, ...env } });

const WHY = ['--reason', 'exchange is down'];
const ANN = ['--by', 'ann'];

async function disarm(store: Store, ...symbols: readonly string[]): Promise<void> {
  await store.writeFields(
    keyOf(NAMESPACE, 'disarmed'),
    symbols.map((symbol) => [symbol, encodeDisarmed({ reason: 'burst_limit_exceeded', timestamp: 5 })]),
  );
}

describe('wrong usage is exit 2 and says what is missing', () => {
  it.each([
    [['kill', 'on'], '--reason TEXT is missing'],
    [['kill', 'on', '--reason', ' \u0007'], '--reason TEXT is missing'],
    [['kill', 'off', ...WHY], 'kill off re-arms, which takes the name of a person: add --by NAME'],
    [['kill', 'reduce', ...WHY, '--by', ' '], '--by NAME is missing'],
    [['kill', 'maybe', ...WHY], 'Allowed choices are on, reduce, off'],
    [['kill'], "missing required argument 'switch'"],
    [['rearm', 'A', ...WHY], '--by NAME is missing'],
    [['rearm', 'A', ...ANN], '--reason TEXT is missing'],
    [['flatten', '--by', ''], '--by NAME is missing'],
    [['drill', '--set', 'GOV_RESERVE_SEC=-1'], 'GOV_RESERVE_SEC'],
  ])('%j', async (words, error) => {
    const { code, out, errors } = await run(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors.join('\n')).toContain(error);
  });
});

describe('on Redis', () => {
  let redis: RedisServer;
  let deployment: Deployment;
  beforeAll(async () => {
    redis = await startRedis();
    const store = await connectedStore({ url: redis.url, namespace: NAMESPACE });
    deployment = await deployed({}, store);
  });
  beforeEach(async () => void (await redis.send('FLUSHALL')));
  afterAll(async () => {
    await deployment.store[Symbol.asyncDispose]();
    await redis.stop();
  });
  const onRedis = (...words: readonly string[]): Promise<CliRun> => run(words, { REDIS_URL: redis.url });

  it('kill on halts, says what that means, and status says it first', async () => {
    const { code, out, errors } = await onRedis('kill', 'on', ...WHY);
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    expect(out).toMatch(
      /^HALTED: no plan gets a permit, exits neither; 0 outstanding permits voided\. Analytics go on\.\nIt was ACTIVE\.\nRe-arm with: npx ballast kill off --by NAME --reason TEXT\nNo governor runs.*\nRecorded: by operator, exchange is down\. Done in \d+\.\d ms\.\n$/,
    );
    expect(await redis.send('GET', 'quantum:kill')).toBe('1');
    const status = await onRedis('status');
    expect(status.out).toMatch(
      /^Trading: HALTED\nSince .* ago, by operator: exchange is down\nOutstanding permits: 0 openings, 0 exits\n\n/,
    );
  });

  it('reduce, off, and what allows more without a name', async () => {
    await onRedis('kill', 'on', ...WHY);
    const refused = await onRedis('kill', 'reduce', ...WHY);
    expect(refused.code).toBe(1);
    expect(refused.errors).toEqual([
      expect.stringContaining('trading is HALTED: to set it REDUCING is to re-arm'),
    ]);
    expect(await redis.send('GET', 'quantum:kill')).toBe('1');
    const reduced = await onRedis('kill', 'reduce', ...WHY, ...ANN);
    expect(reduced.out).toContain('This allows more than before: it was HALTED, and ann re-armed it.');
    await disarm(deployment.store, 'A', 'B');
    const off = await onRedis('kill', 'off', ...WHY, ...ANN, '--json');
    expect(JSON.parse(off.out) as KillReport).toMatchObject({
      state: 'ACTIVE',
      before: 'REDUCING',
      is_rearming: true,
      rearmed: ['A', 'B'],
      by: 'ann',
    });
    expect(await redis.send('GET', 'quantum:kill')).toBe('0');
  });

  it('what a person types cannot move the terminal of who reads it', async () => {
    await onRedis('kill', 'on', '--reason', 'a\u001b[2Jb\nTrading: ACTIVE', '--by', '\u001b]0;x\u0007ann');
    const { out } = await onRedis('status');
    expect(out).toMatch(/^Trading: HALTED\nSince .* ago, by \]0;x ann: a \[2Jb Trading: ACTIVE\n/);
  });

  it('rearm arms a symbol, and says what is needed besides', async () => {
    await disarm(deployment.store, 'BTCUSDT', 'ETHUSDT');
    await onRedis('kill', 'reduce', ...WHY);
    const { out } = await onRedis('rearm', 'btc/usdt', ...WHY, ...ANN);
    expect(out).toMatch(
      /^Armed again: BTCUSDT\.\nStill disarmed: ETHUSDT\.\nTrading is REDUCING: .*kill off/,
    );
    const unknown = await onRedis('rearm', 'SOLUSDT', ...WHY, ...ANN);
    expect(unknown).toMatchObject({
      code: 1,
      errors: ['ballast: SOLUSDT is not disarmed; disarmed: ETHUSDT'],
    });
    const { out: status } = await onRedis('status');
    expect(status).toMatch(/^Disarmed since .*: ETHUSDT, burst_limit_exceeded$/m);
  });

  it('flatten shows each position and its answer; exit 1 where one is not closed', async () => {
    await put(deployment.store, 'position', 'BTCUSDT', {
      position_amt: 2,
      mark_price: 10,
      timestamp: Date.now() / 1000,
    });
    const shown = await onRedis('flatten', '--dry-run');
    expect(shown).toMatchObject({ code: 0, errors: [] });
    expect(shown.out).toMatch(/^BTCUSDT +2 +\+20\.00 +\S+ s +- +would close with SELL$/m);
    await startGovernor(deployment);
    const closed = await onRedis('flatten', 'BTCUSDT', '--json');
    const report = JSON.parse(closed.out) as FlattenReport;
    expect(report.rows).toMatchObject([{ symbol: 'BTCUSDT', outcome: 'granted', apply_mode: 'testnet' }]);
    await onRedis('kill', 'on', ...WHY);
    const halted = await onRedis('flatten');
    expect(halted.code).toBe(1);
    expect(halted.out).toMatch(/^BTCUSDT .* blocked: kill_switch_active$/m);
    expect(halted.out).toContain('Trading is HALTED, which blocks exits too');
    expect(halted.errors).toEqual(['ballast: flatten: 1 symbol without a permit that closes: BTCUSDT']);
  });

  it('drill proves every gate of the governor that runs, and leaves no key of its own', async () => {
    await startGovernor(deployment);
    const { code, out, errors } = await onRedis('drill');
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    expect(out).toMatch(
      /^burst +burst_limit_exceeded +recorded +yes +2 vs 2 +GOV_MAX_EXEC_PER_5MIN +\d+\.\d$/m,
    );
    expect(out).toMatch(/^halt voids what is outstanding +HALTED, 3 voided +yes +\d+\.\d$/m);
    expect(out).toMatch(/All \d+ drills came out as they must\.\n$/);
    expect(await redis.send('KEYS', '*drill*')).toEqual([]);
    expect(await redis.send('EXISTS', 'quantum:kill')).toBe(0);
  });

  it('drill without a governor is exit 1, and says so', async () => {
    const { code, out, errors } = await onRedis('drill');
    expect(code).toBe(1);
    expect(out).toContain('No governor runs: the gates were not drilled.');
    expect(errors[0]).toMatch(/^ballast: drill: did not come out as it must: kill_switch_active, /);
  });
});

describe('without a store', () => {
  it.each([['kill', 'on', ...WHY], ['rearm', ...WHY, ...ANN], ['flatten'], ['drill']])(
    '%s says so in one line',
    async (...words) => {
      const { code, errors } = await run(words);
      expect({ code, errors }).toEqual({
        code: 1,
        errors: [expect.stringContaining('REDIS_URL is not set')],
      });
      const unreachable = await run(words, { REDIS_URL: 'redis://127.0.0.1:1' });
      expect(unreachable.code).toBe(1);
      expect(unreachable.errors).toEqual([expect.stringContaining('ECONNREFUSED')]);
    },
  );
});

describe('on a data folder', () => {
  /** A folder that holds an empty store nobody has open. */
  async function freeFolder(): Promise<string> {
    const folder = scratchFolder();
    await (await openMemoryStore({ namespace: NAMESPACE, folder }))[Symbol.asyncDispose]();
    return folder;
  }

  it('nobody has, kill on is kept for the process that opens it', async () => {
    const folder = await freeFolder();
    const { code, out } = await run(['kill', 'on', ...WHY, '--data', folder]);
    expect(code).toBe(0);
    expect(out).toMatch(/^HALTED: /);
    const { out: status } = await run(['status', '--data', folder]);
    expect(status).toMatch(/^Trading: HALTED\nSince /);
    await using store = await openMemoryStore({ namespace: NAMESPACE, folder });
    const { trading } = await store.permits.look([]);
    expect(trading).toMatchObject({ flag: { kind: 'text', text: '1' }, latched: 'HALTED' });
  });

  it('that a process has to itself, every command is done by that process', async () => {
    const folder = scratchFolder();
    const store = await openMemoryStore({ namespace: NAMESPACE, folder });
    onTestFinished(() => store[Symbol.asyncDispose]());
    const running = await deployed({}, store);
    await startGovernor(running);
    await startDesk(running, folder);
    await put(store, 'position', 'BTCUSDT', { position_amt: -1, timestamp: Date.now() / 1000 });
    const there = ['--data', folder];
    const drilled = await run(['drill', ...there, '--json']);
    expect(drilled.code).toBe(0);
    expect(JSON.parse(drilled.out) as DrillReport).toMatchObject({ passed: true, governor: 'host-1' });
    const flattened = await run(['flatten', ...there, '--json']);
    expect((JSON.parse(flattened.out) as FlattenReport).rows).toMatchObject([
      { side: 'BUY', outcome: 'granted' },
    ]);
    expect((await run(['kill', 'on', ...WHY, ...there])).out).toMatch(
      /^HALTED: .*; 1 outstanding permit voided\./,
    );
    const status = await run(['status', ...there, '--json']);
    expect(JSON.parse(status.out) as Status).toMatchObject({
      store: null,
      trading: { state: 'HALTED', by: 'operator', why: 'exchange is down' },
    });
    const refused = await run(['kill', 'reduce', ...WHY, ...there]);
    expect(refused.code).toBe(1);
    expect(refused.errors).toEqual([expect.stringMatching(/process \d+ has .*it says: trading is HALTED/)]);
    expect((await run(['rearm', 'A', ...WHY, ...ANN, ...there])).errors).toEqual([
      expect.stringContaining('A is not disarmed; no symbol is'),
    ]);
    expect((await run(['kill', 'off', ...WHY, ...ANN, ...there])).out).toMatch(/^ACTIVE: /);
    expect((await store.permits.look([])).trading.flag).toEqual({ kind: 'text', text: '0' });
  });

  it('of a process that takes no commands, they say so, and status still works', async () => {
    const folder = scratchFolder();
    await using _store = await openMemoryStore({ namespace: NAMESPACE, folder });
    const { code, errors } = await run(['kill', 'on', ...WHY, '--data', folder]);
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringContaining(`process ${process.pid} has`)]);
    expect(errors[0]).toContain('takes no commands');
    const status = await run(['status', '--data', folder, '--json']);
    expect(JSON.parse(status.out) as Status).toMatchObject({
      trading: null,
      trading_error: expect.stringContaining('takes no commands') as string,
    });
  });
});

/** The desk of a process, as `ballast up` has one; ends with the test. */
async function startDesk(deployment: Deployment, folder: string): Promise<void> {
  const stop = new AbortController();
  const { store, settings, namespace } = deployment;
  const runtime = { ...defaultRuntimeSettings(), BALLAST_NAMESPACE: namespace };
  const desk = controlDesk(store, { settings, runtime, aliases: new Map() }, folder, () => undefined);
  const running = desk.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  await expect.poll(() => existsSync(join(folder, CONTROL_FOLDER)), { timeout: 5000 }).toBe(true);
  // What is asked in its first moment is not done.
  await expect
    .poll(
      async () => (JSON.parse((await run(['status', '--data', folder, '--json'])).out) as Status).trading,
      {
        timeout: 5000,
      },
    )
    .not.toBeNull();
}
