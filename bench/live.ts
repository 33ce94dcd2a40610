/** The live system on a real Redis, beside what the same client can do at most. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@redis/client';
import { TICKING_COMPONENTS } from '../src/components/declarations.ts';
import { TradingMachine } from '../src/components/machine.ts';
import { Watch } from '../src/components/watch/watch.ts';
import { decodeEntry } from '../src/contract/decode.ts';
import { keyOf } from '../src/contract/keys.ts';
import { parseSettings } from '../src/contract/settings.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { createLog } from '../src/runtime/log/log.ts';
import { supervise } from '../src/runtime/supervisor.ts';
import { idMs } from '../src/store/store.ts';
import { freePort, startRedis, type RedisServer } from '../test/support/redis-server.ts';
import { connectedStore } from '../test/support/redis-store.ts';
import type { Round } from '../src/runtime/runner-options.ts';

const NAMESPACE = 'quantum';
const STREAM = keyOf(NAMESPACE, 'executions');
const MODES = ['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE'];
const PORTS = ['P28', 'P29', 'P30', 'P31', 'PROPOSER', 'GOV', 'DASHBOARD'].map(
  (name) => `${name}_METRICS_PORT`,
);
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

export interface LiveRow {
  readonly what: string;
  readonly figure: string;
  readonly beside: string;
  readonly goal: string;
}

/** `scale` 1 is the full size. Needs `redis-server` and a built `dist`. */
export async function measureLive(scale: number): Promise<LiveRow[]> {
  const redis = await startRedis();
  try {
    return await measureOn(redis, scale);
  } finally {
    await redis.stop();
  }
}

async function measureOn(redis: RedisServer, scale: number): Promise<LiveRow[]> {
  const rows: LiveRow[] = [];
  const isWhole = scale >= 1;
  rows.push(await ingest(redis, Math.ceil(1_000_000 * scale), isWhole ? 3 : 1));
  rows.push(await ticks(redis, isWhole ? 500 : 5, isWhole ? 25 : 1, 80));
  if (isWhole) rows.push(await ticks(redis, 10_000, 12, 1500));
  rows.push(...(await startAndMemory(redis, isWhole ? 40_000 : 100)));
  return rows;
}

/** Many commands at once, which a test's own connection does one after the other. */
async function sendAll(redis: RedisServer, commands: readonly (readonly string[])[]): Promise<unknown[]> {
  const client = createClient({ url: redis.url, RESP: 2 });
  client.on('error', () => undefined);
  await client.connect();
  const answers = await Promise.all(commands.map((command) => client.sendCommand([...command])));
  client.destroy();
  return answers;
}

async function fill(redis: RedisServer, count: number, symbols: number): Promise<void> {
  await sendAll(redis, [['FLUSHALL']]);
  for (let from = 0; from < count; from += 20_000)
    await sendAll(
      redis,
      Array.from({ length: Math.min(20_000, count - from) }, (_, i) => execution(from + i, symbols)),
    );
}

function execution(i: number, symbols: number): string[] {
  const pnl = String((((i * 7919) % 2001) - 1000) / 10);
  const names = ['regime', i % 2 === 0 ? 'TREND' : 'CHOP', 'signal', `signal-${i % 5}`, 'bot', 'b1'];
  return [
    'XADD',
    STREAM,
    '*',
    'symbol',
    `S${i % symbols}USDT`,
    'pnl',
    pnl,
    'execution_id',
    `id-${i}`,
    ...names,
  ];
}

/** Entries a second through the whole pipeline, and through a loop that reads and decodes and does nothing else. */
async function ingest(redis: RedisServer, count: number, rounds: number): Promise<LiveRow> {
  await fill(redis, count, 500);
  const ratios: number[] = [];
  const rates: number[] = [];
  const limits: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < rounds; round++) {
    plain.push(await plainLoop(redis));
    const limit = await bareLoop(redis);
    await sendAll(redis, [
      [
        'EVAL',
        "for _,k in ipairs(redis.call('keys', ARGV[1])) do redis.call('del', k) end",
        '0',
        `${NAMESPACE}:ballast:*`,
      ],
    ]);
    const seconds = await pipelineOver(redis, 5, (state) =>
      state.applied >= count && state.isCaughtUp ? state.sinceFirstSec : null,
    );
    rates.push(count / seconds);
    limits.push(limit);
    ratios.push(count / seconds / limit);
  }
  return {
    what: `ingest through Redis, all components with state and metrics, ${count} executions of 500 symbols`,
    figure: `${thousands(median(rates))} entries a second`,
    beside: `a loop of the client's xRead and the decoder: ${thousands(median(plain))}, ratio ${median(rates.map((rate, i) => rate / plain[i]!)).toFixed(2)}; the same on raw replies: ${thousands(median(limits))}, ratio ${median(ratios).toFixed(2)}`,
    goal: 'at least 0.80 of the bare loop',
  };
}

/** As one reads a stream with the client's own call. */
async function plainLoop(redis: RedisServer): Promise<number> {
  const client = createClient({ url: redis.url, RESP: 2 });
  client.on('error', () => undefined);
  await client.connect();
  const started = performance.now();
  const options = { aliases: new Map<string, string>() };
  let id = '0-0';
  let decoded = 0;
  for (;;) {
    const answer = (await client.xRead({ key: STREAM, id }, { COUNT: 1000 })) as
      { messages: { id: string; message: Record<string, string> }[] }[] | null;
    if (answer === null) break;
    for (const entry of answer[0]!.messages) {
      const { event } = decodeEntry('execution', entry.message, idMs(entry.id) / 1000, options);
      if (event !== null) decoded++;
      id = entry.id;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  client.destroy();
  return decoded / seconds;
}

/** The same with raw commands and replies, as little as can be done at all. */
async function bareLoop(redis: RedisServer): Promise<number> {
  const client = createClient({ url: redis.url, RESP: 2 });
  client.on('error', () => undefined);
  await client.connect();
  const started = performance.now();
  const options = { aliases: new Map<string, string>() };
  let after = '0-0';
  let decoded = 0;
  for (;;) {
    const answer = (await client.sendCommand(['XREAD', 'COUNT', '1000', 'STREAMS', STREAM, after])) as
      [string, [string, string[]][]][] | null;
    if (answer === null) break;
    for (const [id, flat] of answer[0]![1]) {
      const fields = Object.create(null) as Record<string, string>;
      for (let i = 0; i < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!;
      if (decodeEntry('execution', fields, idMs(id) / 1000, options).event !== null) decoded++;
      after = id;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  client.destroy();
  return decoded / seconds;
}

interface State {
  applied: number;
  isCaughtUp: boolean;
  sinceFirstSec: number;
  readonly cyclesSec: number[];
}

/** Runs all components in this process until `until` answers. */
async function pipelineOver(
  redis: RedisServer,
  intervalSec: number,
  until: (state: State) => number | null,
): Promise<number> {
  const texts = new Map(MODES.map((name) => [name, { text: 'enforce', source: 'bench' }]));
  for (const name of [
    'P28_INTERVAL_SEC',
    'P29_INTERVAL_SEC',
    'P30_INTERVAL_SEC',
    'P31_LOOP_SEC',
    'LOOP_INTERVAL_SEC',
  ])
    texts.set(name, { text: String(intervalSec), source: 'bench' });
  const { settings } = parseSettings(texts);
  if (settings === null) throw new Error('the benchmark settings do not parse');
  await using store = await connectedStore({ url: redis.url, namespace: NAMESPACE });
  const log = createLog({ level: 'error', service: 'bench' });
  const watch = new Watch({
    components: TICKING_COMPONENTS,
    log: () => log,
    maxSymbols: 1000,
    storeWhere: redis.url,
    storeKind: 'redis',
    clock: systemClock,
    archive: null,
  });
  const stop = new AbortController();
  const state: State = { applied: 0, isCaughtUp: false, sinceFirstSec: 0, cyclesSec: [] };
  let firstMs = 0;
  let result = NaN;
  const round = watch.round.bind(watch);
  watch.round = (told: Round): void => {
    round(told);
    state.applied += told.applied;
    state.isCaughtUp = told.isCaughtUp;
    state.sinceFirstSec = (performance.now() - firstMs) / 1000;
    if (told.cycleSec !== null) state.cyclesSec.push(told.cycleSec);
    const answer = until(state);
    if (answer === null) return;
    result = answer;
    stop.abort();
  };
  const begins = watch.begins.bind(watch);
  watch.begins = (machine): void => {
    firstMs = performance.now();
    begins(machine);
  };
  await supervise(
    {
      store,
      components: TICKING_COMPONENTS,
      owner: `bench-${firstMs}-${Math.random()}`,
      clock: systemClock,
      events: watch,
      makeMachine: () =>
        new TradingMachine({
          components: TICKING_COMPONENTS,
          namespace: NAMESPACE,
          settings,
          modesSet: new Set(MODES),
          aliases: new Map(),
          clusters: new Map(),
          maxSymbols: 20_000,
          listener: watch,
        }),
    },
    stop.signal,
  );
  return result;
}

/** From looking at the hashes to the commit being done, a tick of every component in enforce at a time. */
async function ticks(redis: RedisServer, symbols: number, count: number, goalMs: number): Promise<LiveRow> {
  await fill(redis, symbols * 3, symbols);
  await sendAll(redis, [
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '1000'],
    ['CONFIG', 'SET', 'slowlog-max-len', '10000'],
  ]);
  const warmUp = 1;
  const intervalSec = symbols > 1000 ? 3 : 1;
  let warmed = false;
  const medianSec = await pipelineOver(redis, intervalSec, ({ cyclesSec }) => {
    if (!warmed && cyclesSec.length >= warmUp) {
      warmed = true;
      void sendAll(redis, [['SLOWLOG', 'RESET']]);
    }
    return cyclesSec.length >= warmUp + count ? median(cyclesSec.slice(warmUp)) : null;
  });
  const [slow] = (await sendAll(redis, [['SLOWLOG', 'GET', '10000']])) as [
    [number, number, number, string[]][],
  ];
  const holds = slow
    .filter(([, , , command]) => command[0] !== 'EVAL' && command[0] !== 'FLUSHALL')
    .map(([, , micros]) => micros / 1000);
  const over = holds.filter((ms) => ms > 2);
  return {
    what: `tick of all components in enforce, ${symbols} symbols, read to committed`,
    figure: `median ${(medianSec * 1000).toFixed(0)} ms`,
    beside: `Redis held at most ${holds.length === 0 ? '1 ms' : `${Math.max(...holds).toFixed(1)} ms`} by a call, over 2 ms in ${over.length} calls of ${count} ticks`,
    goal: `at most ${goalMs} ms, Redis held at most 2 ms`,
  };
}

/** The built program: from being started to being ready, and its memory after ticks of 500 symbols. */
async function startAndMemory(redis: RedisServer, waitMs: number): Promise<LiveRow[]> {
  await fill(redis, 10_000, 500);
  const port = await freePort();
  const sets = [
    ...MODES.map((name) => `${name}=enforce`),
    ...PORTS.map((name) => `${name}=${name === 'P30_METRICS_PORT' ? port : 0}`),
  ];
  const args = [MAIN, 'up', ...sets.flatMap((set) => ['--set', set]), '--set', 'BALLAST_LOG_LEVEL=error'];
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: '', REDIS_URL: redis.url },
    stdio: 'ignore',
  });
  try {
    while (!(await isReady(port))) await sleep(20);
    const readySec = (performance.now() - started) / 1000;
    await sleep(waitMs);
    const rssMb = residentMb(child.pid!);
    return [
      {
        what: 'start to ready: 10,000 executions of 500 symbols to catch up with',
        figure: `${readySec.toFixed(2)} s`,
        beside: `Node alone: ${nodeAloneSec().toFixed(2)} s`,
        goal: 'at most 1.5 s',
      },
      {
        what: `resident memory of \`ballast up\` at 500 symbols after ${(waitMs / 1000).toFixed(0)} s`,
        figure: `${rssMb.toFixed(0)} MB`,
        beside: 'bare Node 41 MB, with the client 57 to 64 MB',
        goal: 'at most 150 MB',
      },
    ];
  } finally {
    child.kill('SIGTERM');
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function nodeAloneSec(): number {
  const started = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? NaN;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
