/** The pages that the real components export, in this process, after enough has happened that every metric of theirs has a series. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runProcess } from '../../src/components/process.ts';
import { LIVE_COMPONENTS, type LiveComponent } from '../../src/components/declarations.ts';
import { clientOn } from '../../src/client/client.ts';
import { defaultRuntimeSettings } from '../../src/contract/runtime-settings.ts';
import { keyOf, type KeyName } from '../../src/contract/keys.ts';
import { MetricBook } from '../../src/runtime/metrics/book.ts';
import { METRICS, type MetricName, type MetricSpec } from '../../src/contract/metrics.ts';
import { createLogs } from '../../src/runtime/log/log.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { StoreError, type Store } from '../../src/store/store.ts';
import { testSettings } from './engine-run.ts';
import { withOther } from './live-governor.ts';
import { until } from './live-process.ts';
import { parsePrometheus, type ParsedMetric } from './prometheus-text.ts';
import type { ComponentName } from '../../src/contract/components.ts';
import type { Client } from '../../src/client/client.ts';

export interface ExportedPages {
  readonly urls: ReadonlyMap<LiveComponent, string>;
  /** As they were once every metric had a series. */
  readonly pages: ReadonlyMap<ComponentName, ReadonlyMap<string, ParsedMetric>>;
  readonly stop: () => Promise<void>;
}

const NAMESPACE = 'quantum';
const LIMIT_MS = 25_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const SETTINGS = {
  APPLY_MODE: 'production',
  P28_INTERVAL_SEC: 1,
  // Every other score finds a target that is older than it accepts.
  P29_INTERVAL_SEC: 2,
  P30_INTERVAL_SEC: 1,
  P31_LOOP_SEC: 1,
  LOOP_INTERVAL_SEC: 1,
  P31_STALE_SEC_P29: 0.5,
  GOV_MAX_EXEC_PER_5MIN: 2,
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  GOV_GATE_MODES: new Map([['hourly', 'shadow']] as const),
  GOV_MAX_EXEC_PER_HOUR: 1,
} as const;

/** Starts every component on a store that keeps nothing and feeds them; to be stopped by the caller. */
export async function exportPages(): Promise<ExportedPages> {
  const store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
  const urls = new Map<LiveComponent, string>();
  const stopped = new AbortController();
  const running = runProcess(processOptions(failingOnce(store), urls), stopped.signal);
  const stop = async (): Promise<void> => {
    stopped.abort();
    await running;
    await store[Symbol.asyncDispose]();
  };
  try {
    await until('every page', () => Promise.resolve(urls.size === LIVE_COMPONENTS.length || undefined));
    const feeding = feed(store, stopped.signal);
    const pages = await Promise.race([untilComplete(urls), running.then(neverEnds), feeding.then(neverEnds)]);
    return { urls, pages, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function neverEnds(): never {
  throw new Error('the components or what feeds them ended before every metric had a series');
}

function processOptions(store: Store, urls: Map<LiveComponent, string>): Parameters<typeof runProcess>[0] {
  const log = createLogs({
    level: 'info',
    destination: {
      write: (line) => {
        const { service, url } = JSON.parse(line) as { service: LiveComponent; url?: string };
        if (url !== undefined) urls.set(service, url);
      },
    },
  });
  const runtime = defaultRuntimeSettings();
  for (const name of Object.keys(runtime) as (keyof typeof runtime)[])
    if (name.endsWith('_METRICS_PORT')) Object.assign(runtime, { [name]: 0 });
  return {
    components: LIVE_COMPONENTS,
    log,
    sign: null,
    store,
    settings: testSettings(SETTINGS),
    runtime,
    given: new Set(['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE']),
    aliases: new Map(),
    clusters: new Map(SYMBOLS.map((symbol) => [symbol, 'majors'])),
    owner: 'host-1',
    storeWhere: 'embedded',
    archive: null,
    recorder: null,
  };
}

/** The same store, which refuses some writes and some looks of the governor, so that errors are counted everywhere. */
function failingOnce(store: Store): Store {
  const failsAt = (after: number): (() => void) => {
    let calls = 0;
    return () => {
      if (++calls === after) throw new StoreError('unreachable', 'CLOSED', 'the connection is closed');
    };
  };
  const [read, wait] = [failsAt(5), failsAt(20)];
  const look = failsAt(5);
  return withOther(store, {
    read: async (positions) => (read(), await store.read(positions)),
    wait: async (positions, waitMs, signal) => (wait(), await store.wait(positions, waitMs, signal)),
    permits: withOther(store.permits, {
      look: async (symbols) => (look(), await store.permits.look(symbols)),
    }),
  });
}

/** A little of everything, again and again. */
async function feed(store: Store, signal: AbortSignal): Promise<void> {
  const client = clientOn(store);
  for (let round = 0; !signal.aborted; round++) {
    await publishState(store, client);
    await publishEntries(store, round);
    for (const symbol of SYMBOLS) await trade(client, symbol, round);
    await sleep(400);
  }
}

async function publishState(store: Store, client: Client): Promise<void> {
  const timestamp = String(Date.now() / 1000);
  const put = (key: string, fields: Readonly<Record<string, string>>): Promise<void> =>
    store.writeFields(key, Object.entries({ ...fields, timestamp }));
  await put(keyOf(NAMESPACE, 'portfolio'), { equity_usd: '100000', drawdown: '0.01', source: 'test' });
  await put(keyOf(NAMESPACE, 'clusterStress', 'majors'), { stress: '0.2', alpha: '0.1' });
  for (const symbol of SYMBOLS.slice(1)) {
    await put(keyOf(NAMESPACE, 'market', symbol), {
      mark_price: '100',
      vol_regime: 'NORMAL_VOL',
      sigma: '0.01',
    });
    await client.publishPosition({ symbol, amount: 0, markPriceUsd: 100, notionalUsd: 0 });
  }
}

async function publishEntries(store: Store, round: number): Promise<void> {
  const timestamp = String(Date.now() / 1000);
  const add = (name: Extract<KeyName, 'executions' | 'plans' | 'regimes'>, fields: Record<string, string>) =>
    store.append([
      { stream: keyOf(NAMESPACE, name), fields: Object.entries(fields).flat(), maxLength: null },
    ]);
  await add('regimes', { regime: 'TREND', confidence: '0.8', timestamp });
  await add('regimes', { regime: 'SIDEWAYS', timestamp });
  await add('executions', { symbol: 'BTCUSDT', realized_pnl: 'nan', timestamp });
  // One more each round: for a moment it has no target.
  for (const [i, symbol] of [...SYMBOLS, `NEW${round}USDT`].entries())
    await add('executions', {
      symbol,
      realized_pnl: String(20 * i - 10 + round),
      execution_id: `x${round}-${i}`,
      timestamp,
    });
}

/** An opening whose permit is taken in one round and left to itself in the next. */
async function trade(client: Client, symbol: string, round: number): Promise<void> {
  const planId = `${symbol}-${round}`;
  const order = { action: 'OPEN_PROPOSED', side: 'BUY', qty: 1, price: 100, killScore: 0.1 } as const;
  const answer = await client.requestPermit({ planId, symbol, ...order }, { waitMs: 500 });
  if (answer.granted === true && round % 2 === 0) await client.takePermit(planId);
}

/** The components whose page has to have a series of a metric: one of them at least. */
function exporters(name: MetricName): readonly ComponentName[] {
  const { component }: MetricSpec = METRICS[name];
  return component === 'all' ? LIVE_COMPONENTS : [component];
}

/** What the dashboard exports once it was used: its book of metrics, without its server. */
async function dashboardPage(): Promise<ReadonlyMap<string, ParsedMetric>> {
  const book = new MetricBook('dashboard', { maxSymbols: 1, nameOf: String });
  book.gauge('dashboard_clients').set(2);
  book.counter('dashboard_requests_total').add('/api/v1/overview', '200');
  book.counter('dashboard_actions_total').add('halt');
  book.counter('dashboard_refused_total').add('unauthorized');
  book.gauge('dashboard_feed_age_seconds').set(1.5);
  book.counter('dashboard_csp_reports_total').add();
  return parsePrometheus(await book.text());
}

async function untilComplete(urls: ReadonlyMap<LiveComponent, string>): Promise<ExportedPages['pages']> {
  let missing: readonly string[] = [];
  return await until(
    'a series of every metric',
    async () => {
      const pages = new Map<ComponentName, ReadonlyMap<string, ParsedMetric>>();
      for (const [component, url] of urls)
        pages.set(component, parsePrometheus(await (await fetch(`${url}/metrics`)).text()));
      pages.set('dashboard', await dashboardPage());
      const hasSeries = (name: MetricName) => (component: ComponentName) =>
        (pages.get(component)!.get(name)?.series.size ?? 0) > 0;
      missing = (Object.keys(METRICS) as MetricName[]).filter((name) => {
        return !exporters(name).some(hasSeries(name));
      });
      return missing.length === 0 ? pages : undefined;
    },
    LIMIT_MS,
    () => `; without a series: ${missing.join(', ')}`,
  );
}
