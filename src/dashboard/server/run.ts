/** The dashboard as a whole: what reads the store, what explains, and the server before them. */
import { randomBytes } from 'node:crypto';
import { serveDashboard, type DashboardOptions } from './serve.ts';
import { openFeed, type FeedOptions } from '../feed/feed.ts';
import { VERSION } from '../../contract/version.ts';
import { explain } from '../../ops/explain/explain.ts';
import { systemClock } from '../../runtime/clock.ts';

export interface RunOptions
  extends
    Pick<FeedOptions, 'kind' | 'rate' | 'storeWhere'>,
    Omit<DashboardOptions, 'feed' | 'explain' | 'hasFailed'> {
  /** Symbol → cluster. */
  readonly clusters: ReadonlyMap<string, string>;
}

export interface RunningDashboard extends AsyncDisposable {
  readonly port: number;
  /** With a slash at its end. */
  readonly url: string;
  /** Resolves once it is disposed; rejects on a bug. */
  readonly ended: Promise<void>;
}

const PAPER_EVERY_MS = 250;

/** Listens before anything is read. Rejects with `ListenError` where the port cannot be had. */
export async function startDashboard(options: RunOptions): Promise<RunningDashboard> {
  const { deployment, kind, rate, storeWhere, clusters, log } = options;
  const { store, namespace, settings, aliases } = deployment;
  const feed = openFeed({
    ...{ store, namespace, settings, aliases, clusters, kind, rate, storeWhere },
    version: VERSION,
    // Its readings are told apart by it from those of the process before.
    processId: randomBytes(6).toString('hex'),
    clock: systemClock,
    // The demo's time runs fast: between two readings a minute would pass.
    ...(kind === 'paper' && { everyMs: PAPER_EVERY_MS }),
    log: (message) => log.warn(message),
  });
  let hasFailed = false;
  const listening = await serveDashboard({
    ...options,
    feed,
    hasFailed: () => hasFailed,
    explain: async (what) => await explain({ store, namespace, settings, aliases }, what),
  });
  log.info({ url: listening.url }, `serving ${listening.url}/, its API, /metrics, /health and /ready`);
  const over = new AbortController();
  const ended = feed.run(over.signal);
  // Whoever waits for its end hears of it; a bug that nobody waits for yet is not to end the process.
  ended.catch((error: unknown) => {
    hasFailed = true;
    log.error({ err: error }, 'the dashboard reads no more: start it again; its actions go on');
  });
  return {
    port: listening.port,
    url: `${listening.url}/`,
    ended,
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await listening.close();
      await Promise.allSettled([ended]);
    },
  };
}
