/**
 * The pages of a component: `/metrics` for Prometheus, `/health` for people and supervisors, `/ready` for whoever
 * starts things in order. Nothing but reading, and nothing of what went wrong inside.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Context, Hono } from 'hono';
import { METRICS_CONTENT_TYPE } from '../metrics/exposition.ts';
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
  return listen(guarded(answer, hostCheck(options.host, options.allowedHosts)), {
    ...options,
    hostSetting: 'METRICS_HOST',
  });
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

/** Headers and host of every request, before anything looks at the rest of it. */
function guarded(
  answer: ReturnType<typeof import('@hono/node-server').getRequestListener>,
  isAllowed: (host: string | undefined) => boolean,
): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    // A body is of no use here: it is not read, and the connection ends with the answer.
    if (request.method !== 'GET' && request.method !== 'HEAD') response.setHeader('Connection', 'close');
    if (!isAllowed(request.headers.host)) {
      sendJson(response, 421, { error: 'this host is not served here' });
      return;
    }
    void answer(request, response);
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
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
