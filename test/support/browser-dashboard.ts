/** Dashboards for browser tests: on the demo as it runs, on the demo when it is over, on a store a test fills. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../src/runtime/log/log.ts';
import { startDashboard, type RunOptions, type RunningDashboard } from '../../src/dashboard/server/run.ts';
import { runDemo, type DemoStore } from '../../src/demo/run.ts';
import { testSettings } from './engine-run.ts';
import { withOther } from './live-governor.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Snapshot } from '../../src/dashboard/wire.ts';
import type { Store } from '../../src/store/store.ts';

export const STOP_TOKEN = 'stop-token-for-tests';
export const REARM_TOKEN = 'rearm-token-for-tests';

export interface Served extends AsyncDisposable {
  readonly dashboard: RunningDashboard;
  /** Without a slash at its end. */
  readonly url: string;
  readonly store: Store;
  readonly namespace: string;
  /** Lines of its log. */
  readonly log: readonly string[];
  /** What the page is told too. */
  snapshot(): Promise<Snapshot>;
  /** Things a browser was kept from doing, as the server counts them. */
  cspReports(): Promise<number>;
}

export interface ServeOptions {
  readonly store: Store;
  readonly namespace?: string;
  readonly settings?: Settings;
  readonly kind?: RunOptions['kind'];
  readonly rate?: RunOptions['rate'];
  readonly clusters?: ReadonlyMap<string, string>;
  /** 0: any. */
  readonly port?: number;
  readonly tokens?: RunOptions['tokens'];
}

const ALL_TOKENS = { read: null, stop: STOP_TOKEN, rearm: REARM_TOKEN };

/** The store stays the caller's to close. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { store, namespace = 'quantum', settings = testSettings(), kind = 'live', port = 0 } = options;
  const log: string[] = [];
  const dashboard = await startDashboard({
    deployment: {
      ...{ store, namespace, settings, aliases: new Map() },
      openScratch: () => Promise.reject(new Error('these tests have no drills')),
    },
    ...{ kind, storeWhere: 'a test', rate: options.rate ?? (() => 1) },
    clusters: options.clusters ?? new Map(),
    tokens: options.tokens ?? ALL_TOKENS,
    ...{ host: '127.0.0.1', port, portSetting: '--port', allowedHosts: [] },
    log: createLog({
      level: 'info',
      service: 'dashboard',
      destination: { write: (line) => void log.push(line) },
    }),
  });
  const url = `http://127.0.0.1:${dashboard.port}`;
  return {
    ...{ dashboard, url, store, namespace, log },
    snapshot: async () => (await (await fetch(`${url}/api/v1/snapshot`)).json()) as Snapshot,
    cspReports: async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const count = /^dashboard_csp_reports_total(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1];
      if (count === undefined) throw new Error('/metrics does not count reports of a broken policy');
      return Number(count);
    },
    [Symbol.asyncDispose]: () => dashboard[Symbol.asyncDispose](),
  };
}

export interface DemoServed extends Served {
  /** Resolves once so many simulated seconds passed since its beginning. */
  readonly until: (elapsedSec: number) => Promise<void>;
}

/** The demo as `ballast demo` runs it, until it is disposed. */
export function serveDemo(speed: number): Promise<DemoServed> {
  return demo(speed, null, (opened) => serve({ ...opened, kind: 'paper', rate: opened.reachedSpeed }));
}

/** A demo of so many seconds that is over: nothing on its store moves any more, and it is `laterSec` later. */
export function serveEndedDemo(simulatedSec: number, laterSec: number): Promise<DemoServed> {
  return demo(null, simulatedSec, (opened) => serve({ ...opened, store: later(opened.store, laterSec) }));
}

async function demo(
  speed: number | null,
  simulatedSec: number | null,
  open: (opened: DemoStore) => Promise<Served>,
): Promise<DemoServed> {
  const stop = new AbortController();
  // What the demo waits for before it closes its store.
  let end: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => (end = resolve));
  const progress = { sec: 0 };
  let began: (opened: DemoStore) => void = () => undefined;
  const beginning = new Promise<DemoStore>((resolve) => (began = resolve));
  let ended: () => void = () => undefined;
  const ending = new Promise<void>((resolve) => (ended = resolve));
  const running = runDemo(
    {
      ...{ seed: 1, speed, simulatedSec, onDecision: () => undefined },
      onSecond: ({ story }) => (progress.sec = story.elapsedSec),
      onStore: (opened) => {
        began(opened);
        return Promise.resolve({
          [Symbol.asyncDispose]: async () => {
            ended();
            await isOver;
          },
        });
      },
    },
    stop.signal,
  );
  const opened = await Promise.race([beginning, running.then(() => beginning)]);
  if (simulatedSec !== null) await Promise.race([ending, running]);
  const served = await open(opened);
  return {
    ...served,
    until: async (sec) => {
      while (progress.sec < sec) await sleep(50);
    },
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      stop.abort();
      end();
      await running;
    },
  };
}

/** The same store, whose clock goes on by itself from so much later. */
function later(store: Store, laterSec: number): Store {
  const begunMs = performance.now();
  const shift = (nowMs: number): number => nowMs + laterSec * 1000 + Math.floor(performance.now() - begunMs);
  const read: Store['read'] = async (positions) => {
    const reading = await store.read(positions);
    return { ...reading, nowMs: shift(reading.nowMs) };
  };
  const look: Store['permits']['look'] = async (requests) => {
    const looked = await store.permits.look(requests);
    return { ...looked, nowMs: shift(looked.nowMs) };
  };
  return withOther(store, { read, permits: withOther(store.permits, { look }) });
}
