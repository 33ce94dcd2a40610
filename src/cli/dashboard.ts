/** The dashboard beside whatever the command line runs: on the live store, or on the demo's. */
import { randomBytes } from 'node:crypto';
import { startDashboard, type RunningDashboard } from '../dashboard/server/run.ts';
import { unsafeHost } from '../dashboard/server/serve.ts';
import { InputError } from '../replay/formats/format.ts';
import { ListenError } from '../runtime/http/listen.ts';
import { createLog, type Log } from '../runtime/log/log.ts';
import { deploymentOf, type DeploymentSettings } from './operator.ts';
import { UsageError } from './usage-error.ts';
import type { DemoStore } from '../demo/run.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { Store } from '../store/store.ts';

export interface LiveDashboard {
  readonly store: Store;
  /** For people; holds no secret. */
  readonly storeWhere: string;
  readonly resolved: DeploymentSettings & { readonly clusters: ReadonlyMap<string, string> };
  /** Of the embedded store; undefined: it is Redis, or keeps nothing. */
  readonly dataFolder: string | undefined;
  readonly log: Log;
  /** Nothing else runs in this process. */
  readonly isAlone: boolean;
}

/**
 * Serves until `signal` aborts. Rejects with `ListenError` where the port cannot be had. A bug in what reads the store ends it
 * where it is alone, so that whoever supervises it starts it again; beside components that trade it ends nothing: the log and
 * `/health` say it, and what stops trading goes on.
 */
export async function runLiveDashboard(options: LiveDashboard, signal: AbortSignal): Promise<void> {
  await using dashboard = await liveDashboard(options);
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await (options.isAlone ? Promise.race([stopped, dashboard.ended]) : stopped);
}

/** Throws `UsageError` where settings do not let it start: in one line, before anything else is started. */
export function mustBeServable({ DASHBOARD_HOST: host, DASHBOARD_READ_TOKEN: read }: RuntimeSettings): void {
  const unsafe = unsafeHost(host, { read });
  if (unsafe !== null) throw new UsageError([unsafe]);
}

async function liveDashboard(options: LiveDashboard): Promise<RunningDashboard> {
  const { store, storeWhere, resolved, dataFolder, log } = options;
  const { runtime } = resolved;
  if (runtime.DASHBOARD_REARM_TOKEN !== null && runtime.DASHBOARD_STOP_TOKEN === null)
    log.warn('DASHBOARD_REARM_TOKEN is of no use without DASHBOARD_STOP_TOKEN: the dashboard only reads');
  return await startDashboard({
    deployment: { ...deploymentOf(resolved, dataFolder), store },
    ...{ storeWhere, kind: 'live', rate: () => 1, clusters: resolved.clusters },
    tokens: {
      read: runtime.DASHBOARD_READ_TOKEN,
      stop: runtime.DASHBOARD_STOP_TOKEN,
      rearm: runtime.DASHBOARD_REARM_TOKEN,
    },
    host: runtime.DASHBOARD_HOST,
    port: runtime.DASHBOARD_METRICS_PORT,
    portSetting: 'DASHBOARD_METRICS_PORT',
    allowedHosts: runtime.DASHBOARD_ALLOWED_HOSTS,
    log,
  });
}

/** How the demo's dashboard is reached, and what lets its reader act. */
export interface DemoDashboard {
  readonly running: RunningDashboard;
  /** With the token that may stop; the page takes it out of the address. */
  readonly address: string;
  readonly rearmToken: string;
}

const USUAL_PORT = 8060;
/** Made for this run, and short enough for a line of a terminal. */
const TOKEN_BYTES = 12;

/** `port` null: the usual one or, where that is taken, any free one. Rejects with `InputError`. */
export async function demoDashboard(opened: DemoStore, port: number | null): Promise<DemoDashboard> {
  const { store, namespace, settings, reachedSpeed } = opened;
  const [stop, rearm] = [newToken(), newToken()];
  const deployment = {
    ...{ store, namespace, settings, aliases: new Map<string, string>() },
    openScratch: () => Promise.reject(new Error('the demo has no store for drills')),
  };
  const start = (at: number): Promise<RunningDashboard> =>
    startDashboard({
      ...{ deployment, storeWhere: 'the demo', kind: 'paper', rate: reachedSpeed, clusters: new Map() },
      tokens: { read: null, stop, rearm },
      ...{ host: '127.0.0.1', port: at, portSetting: '--port', allowedHosts: [] },
      // The screen is the demo's.
      log: createLog({ level: 'silent', service: 'dashboard' }),
    });
  const running = await startOrSay(port ?? USUAL_PORT, port === null, start);
  return { running, address: `${running.url}#token=${stop}`, rearmToken: rearm };
}

async function startOrSay(
  port: number,
  mayBeAnother: boolean,
  start: (port: number) => Promise<RunningDashboard>,
): Promise<RunningDashboard> {
  try {
    return await start(port);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    if (!mayBeAnother) throw new InputError(error.message, { cause: error });
    return await start(0);
  }
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}
