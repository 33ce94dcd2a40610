/**
 * The pages of a component: `/metrics` for Prometheus, `/health` for people and supervisors, `/ready` for whoever
 * starts things in order. Nothing but reading, and nothing of what went wrong inside.
 */
import type { Context, Hono } from 'hono';
import { METRICS_CONTENT_TYPE } from '../metrics/exposition.ts';
import { guarded } from './guard.ts';
import { hostCheck } from './hosts.ts';
import { listen, SECURITY_HEADERS, type Listening, type ListenOptions } from './listen.ts';

/** `starting`: not caught up yet. `ok`: all is well. `degraded`: it works, something is missing. `standby`: another copy does the work. */
export type HealthStatus = 'starting' | 'ok' | 'degraded' | 'standby' | 'failing';

/** What `/health` answers; more fields may follow, all in snake_case. */
export interface Health {
  readonly status: HealthStatus;
  readonly service: string;
  readonly mode: string | null;
  readonly version: string;
  /** Whether the store answers: `ok`, or what is wrong. */
  readonly redis: string;
  /** Unix seconds; null: there was none yet. */
  readonly last_tick: number | null;
  /** Seconds behind the input. */
  readonly lag: number | null;
  readonly [field: string]: unknown;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why it is not; null where it is. */
  readonly why: string | null;
}

export interface ServeOptions extends Omit<ListenOptions, 'hostSetting'> {
  /** The metrics as Prometheus text; null: this port has no `/metrics`. */
  readonly metricsText: (() => Promise<string>) | null;
  readonly health: () => Health;
  readonly ready: () => Readiness;
  /** Names by which this machine is reached, besides the usual ones. */
  readonly allowedHosts?: readonly string[];
}

export async function serveComponent(options: ServeOptions): Promise<Listening> {
  // Together they take 35 ms to load, and only what serves needs them.
  const [{ Hono }, { getRequestListener }] = await Promise.all([import('hono'), import('@hono/node-server')]);
  const app = new Hono();
  addPages(app, options);
  app.notFound((context) => context.json({ error: 'not found' }, 404));
  app.onError((error, context) => {
    options.onError(error);
    return context.json({ error: 'internal error' }, 500);
  });
  const answer = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: () => Response.json({ error: 'bad request' }, { status: 400 }),
  });
  const guard = {
    isAllowed: hostCheck(options.host, options.allowedHosts),
    headers: SECURITY_HEADERS,
    refusal: { error: 'this host is not served here' },
  };
  return listen(guarded(answer, guard), { ...options, hostSetting: 'METRICS_HOST' });
}

function addPages(app: Hono, { metricsText, health, ready }: ServeOptions): void {
  if (metricsText !== null) {
    const text = shared(metricsText);
    app.get('/metrics', async (context) =>
      context.body(await text(), 200, { 'Content-Type': METRICS_CONTENT_TYPE }),
    );
    app.all('/metrics', wrongMethod);
  }
  app.get('/health', (context) => {
    const answer = health();
    return context.json(answer, answer.status === 'failing' ? 503 : 200);
  });
  app.all('/health', wrongMethod);
  app.get('/ready', (context) => {
    const { ready: isReady, why } = ready();
    return context.json({ ready: isReady, why }, isReady ? 200 : 503);
  });
  app.all('/ready', wrongMethod);
}

function wrongMethod(context: Context): Response {
  return context.json({ error: 'method not allowed' }, 405, { Allow: 'GET, HEAD' });
}

/** Many who ask at once get one answer: a scrape of many symbols takes milliseconds. */
function shared(make: () => Promise<string>): () => Promise<string> {
  let underway: Promise<string> | null = null;
  return () => {
    underway ??= make().finally(() => {
      underway = null;
    });
    return underway;
  };
}
