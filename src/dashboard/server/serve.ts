/** The dashboard's server: its page, its API and what every component serves, on one port, within limits. */
import { isIP } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Access, type Tokens } from './access.ts';
import { Actions } from './actions.ts';
import { dashboardApp } from './app.ts';
import { handlersOf, type Explain } from './handlers.ts';
import { DASHBOARD_HEADERS } from './headers.ts';
import { PageFiles } from './page-files.ts';
import { MAX_CLIENTS, StreamHub } from './stream-hub.ts';
import { Turns } from './turns.ts';
import { DashboardWatch } from './watch.ts';
import { guarded } from '../../runtime/http/guard.ts';
import { hostCheck } from '../../runtime/http/hosts.ts';
import { listen, type Listening } from '../../runtime/http/listen.ts';
import type { Deployment } from '../../ops/governor/operation.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { Feed } from '../feed-port.ts';

export interface DashboardOptions {
  readonly feed: Feed;
  /** What actions are done to. */
  readonly deployment: Deployment;
  readonly explain: Explain;
  /** Whether a bug ended the feed: then nobody follows it, and `/health` says so. Actions go on. */
  readonly hasFailed?: () => boolean;
  readonly tokens: Tokens;
  readonly host: string;
  /** 0: the system chooses a free one. */
  readonly port: number;
  /** What says the port: a setting, or an option of a command. */
  readonly portSetting: string;
  readonly allowedHosts: readonly string[];
  readonly log: Log;
  /** Where the files of the page lie; where the build puts them unless given. */
  readonly pageFolder?: string;
  /** A clock that is never set back, milliseconds; for tests. */
  readonly nowMs?: () => number;
  /** Who may follow at once, how much may wait for each, and how often they hear that it lives; for tests. */
  readonly stream?: {
    readonly maxClients?: number;
    readonly maxWaitingBytes?: number;
    readonly beatMs?: number;
  };
}

/** Those that follow, and a browser's six for each. */
const MAX_CONNECTIONS = MAX_CLIENTS * 8;

/** Why the dashboard may not listen there, in one line; null: it may. */
export function unsafeHost(host: string, { read }: Pick<Tokens, 'read'>): string | null {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (isLoopback || read !== null) return null;
  return `DASHBOARD_HOST ${host} can be reached from other machines, which takes a token for reading: set DASHBOARD_READ_TOKEN (at least 16 characters), or leave DASHBOARD_HOST at 127.0.0.1`;
}

/** Rejects with `ListenError` where the port cannot be had, and with `RangeError` where the host is unsafe. */
export async function serveDashboard(options: DashboardOptions): Promise<Listening> {
  const { feed, deployment, log, tokens, host, allowedHosts } = options;
  const unsafe = unsafeHost(host, tokens);
  if (unsafe !== null) throw new RangeError(unsafe);
  const nowMs = options.nowMs ?? (() => performance.now());
  const hasFailed = options.hasFailed ?? (() => false);
  const watch = new DashboardWatch({ feed, log, nowMs, storeKind: deployment.store.kind, hasFailed });
  const isAllowedBesides = namedIn(allowedHosts);
  const access = new Access({ tokens, nowMs, mayBeSecure: isAllowedBesides });
  const hub = new StreamHub({ feed, ...options.stream, onClients: (count) => watch.clients(count) });
  const actions = new Actions(deployment, feed, (error) => watch.failed(error, 'refresh'));
  const handlers = handlersOf({
    ...{ feed, access, actions, explain: options.explain },
    onAction: (action, wanted, did) => watch.acted(action, wanted, did),
  });
  const files = new PageFiles(options.pageFolder);
  const app = dashboardApp({ access, handlers, hub, files, watch, reads: new Turns() });
  const answer = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: () => Response.json({ error: 'bad request', code: 'invalid' }, { status: 400 }),
  });
  const guard = {
    isAllowed: hostCheck(host, allowedHosts),
    headers: DASHBOARD_HEADERS,
    refusal: {
      error: 'this host is not served here; DASHBOARD_ALLOWED_HOSTS names further ones',
      code: 'host',
    },
  };
  try {
    const listening = await listen(guarded(answer, guard), {
      ...{ host, port: options.port, portSetting: options.portSetting, hostSetting: 'DASHBOARD_HOST' },
      onError: (error) => log.error({ err: error }, 'the server failed'),
      securityHeaders: DASHBOARD_HEADERS,
      maxConnections: MAX_CONNECTIONS,
    });
    return {
      ...listening,
      close: async () => {
        hub.close();
        await listening.close();
      },
    };
  } catch (error) {
    hub.close();
    throw error;
  }
}

/** Whether a `Host` header names one of these, with a port or without. */
function namedIn(hosts: readonly string[]): (header: string) => boolean {
  const names = new Set(hosts.map((host) => host.toLowerCase()));
  return (header) => names.has(header.toLowerCase().replace(/:\d{1,5}$/, ''));
}
