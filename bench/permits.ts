/** From a plan to its permit: embedded, and over Redis beside the least that can answer at all. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keyOf } from '../src/contract/keys.ts';
import { writeNewKeys } from '../src/signing/new-keys.ts';
import { openSigner } from '../src/signing/signer.ts';
import { openMemoryStore } from '../src/store/memory/memory-store.ts';
import { testSettings } from '../test/support/engine-run.ts';
import { startGovernor } from '../test/support/governor-run.ts';
import { startRedis, type RedisServer } from '../test/support/redis-server.ts';
import { connectedStore } from '../test/support/redis-store.ts';
import type { LiveRow } from './live.ts';
import type { AppendRequest, Store } from '../src/store/store.ts';

const NAMESPACE = 'quantum';
const BATCH = 500;
const PLANS_A_SECOND = 1000;
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('bare-answers.ts', import.meta.url));
const never = new AbortController().signal;
/** Every plan gets a permit: what is measured is the way to it. */
const GENEROUS = {
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  INITIAL_EQUITY_USD: 1_000_000_000,
} as const;

/** `scale` 1 is the full size. Needs `redis-server` and a built `dist`. */
export async function measurePermits(scale: number): Promise<LiveRow[]> {
  const rows = [await embedded(scale, false), await embedded(scale, true)];
  const redis = await startRedis();
  try {
    rows.push(...(await overRedis(redis, scale)));
  } finally {
    await redis.stop();
  }
  return rows;
}

async function embedded(scale: number, isSigned: boolean): Promise<LiveRow> {
  await using store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
  const folder = mkdtempSync(join(tmpdir(), 'ballast-bench-keys-'));
  try {
    const signer = isSigned ? openSigner({ keyFile: writeNewKeys(folder).privateKey, secret: null }) : null;
    const governor = startGovernor(store, testSettings(GENEROUS), {
      sign: signer === null ? null : (permit) => signer.sign(permit),
    });
    const plans = new Plans('e');
    const rates: number[] = [];
    for (let round = 0; round < 5; round++) rates.push(await burst(store, plans, Math.ceil(20_000 * scale)));
    await governor.stop();
    const signed = isSigned ? 'signed with Ed25519' : 'unsigned';
    return {
      what: `plan to permit, embedded, ${signed}`,
      figure: `${whole(median(rates))} a second`,
      beside: `best round ${whole(Math.max(...rates))}`,
      goal: isSigned ? '≥ 15,000' : '≥ 50,000',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function overRedis(redis: RedisServer, scale: number): Promise<LiveRow[]> {
  await using client = await connectedStore({ url: redis.url, namespace: NAMESPACE });
  const seconds = Math.max(0.2, 10 * scale);
  const bare = spawn(process.execPath, ['--import', 'tsx', BARE, redis.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(bare.stdout, 'data');
  const bareMs = await paced(client, new Plans('b'), seconds);
  await ended(bare);
  await redis.send('FLUSHALL');
  const sets = Object.entries(GENEROUS).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const governor = spawn(process.execPath, [MAIN, 'run', 'governor', ...sets], {
    env: { REDIS_URL: redis.url, GOV_METRICS_PORT: '0', BALLAST_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const first = new Plans('f');
  await burst(client, first, 1);
  const governedMs = await paced(client, new Plans('g'), seconds);
  const rates: number[] = [];
  const plans = new Plans('h');
  for (let round = 0; round < 5; round++) rates.push(await burst(client, plans, Math.ceil(16_000 * scale)));
  await ended(governor);
  return [
    {
      what: `plan to reply over Redis, ${PLANS_A_SECOND} plans a second`,
      figure: `median ${governedMs.median.toFixed(2)} ms, 99 % ${governedMs.p99.toFixed(2)} ms`,
      beside: `bare request and reply: ${bareMs.median.toFixed(2)} ms, ${bareMs.p99.toFixed(2)} ms (${(governedMs.median / bareMs.median).toFixed(1)} times)`,
      goal: '≤ 3 times the bare median',
    },
    {
      what: `plan to permit over Redis, ${BATCH} plans at once`,
      figure: `${whole(median(rates))} permits a second`,
      beside: `best round ${whole(Math.max(...rates))}`,
      goal: '≥ 8,000',
    },
  ];
}

/** Publishes plans by the batch; returns permits a second up to the answer of the last. */
async function burst(store: Store, plans: Plans, count: number): Promise<number> {
  const startMs = performance.now();
  for (let left = count; left > 0; left -= BATCH)
    await store.append(Array.from({ length: Math.min(BATCH, left) }, () => plans.next()));
  const reply = await store.permits.awaitReply(plans.last, 60_000, never);
  if (reply?.includes('"granted":true') !== true) throw new Error(`${plans.last} was answered ${reply}`);
  return count / ((performance.now() - startMs) / 1000);
}

/** Publishes a plan a millisecond, whatever becomes of those before; returns how long each waited for its reply. */
async function paced(store: Store, plans: Plans, seconds: number): Promise<{ median: number; p99: number }> {
  const waitedMs: number[] = [];
  const waits: Promise<void>[] = [];
  const startMs = performance.now();
  for (let sent = 0; sent < seconds * PLANS_A_SECOND;) {
    const due = Math.min(seconds * PLANS_A_SECOND, ((performance.now() - startMs) * PLANS_A_SECOND) / 1000);
    for (; sent < due; sent++) waits.push(ask(store, plans.next(), plans.last, waitedMs));
    await sleep(1);
  }
  await Promise.all(waits);
  const sorted = waitedMs.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, p99: sorted[Math.floor(sorted.length * 0.99)]! };
}

async function ask(store: Store, plan: AppendRequest, planId: string, waitedMs: number[]): Promise<void> {
  const startMs = performance.now();
  const [reply] = await Promise.all([store.permits.awaitReply(planId, 10_000, never), store.append([plan])]);
  if (reply === null) throw new Error(`${planId} was not answered`);
  waitedMs.push(performance.now() - startMs);
}

class Plans {
  readonly #prefix: string;
  #count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get last(): string {
    return `${this.#prefix}${this.#count}`;
  }

  next(): AppendRequest {
    this.#count++;
    const names = ['plan_id', this.last, 'symbol', `S${this.#count % 200}USDT`, 'action', 'OPEN_PROPOSED'];
    const fields = [...names, 'decision', 'EXECUTE', 'side', 'BUY', 'qty', '0.01', 'price', '100'];
    return { stream: keyOf(NAMESPACE, 'plans'), fields, maxLength: 100_000 };
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
