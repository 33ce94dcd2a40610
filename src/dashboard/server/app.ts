/** Requests to answers: who asks, from where, for what; then the page's files, the API, and what every component serves. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { json, notBuilt, sendFile, sharedJson } from './answers.ts';
import { readParts } from './call.ts';
import { Problem } from './problem.ts';
import { PAGES, ROUTES, type Route, type RouteName } from './routes.ts';
import { SESSION_LIFE_SEC } from './sessions.ts';
import { METRICS_CONTENT_TYPE } from '../../runtime/metrics/exposition.ts';
import { StoreError } from '../../store/store.ts';
import type { HttpBindings } from '@hono/node-server';
import type { Access, Caller } from './access.ts';
import type { Call } from './call.ts';
import type { Handlers } from './handlers.ts';
import type { PageFiles } from './page-files.ts';
import type { StreamHub } from './stream-hub.ts';
import type { Turns } from './turns.ts';
import type { DashboardWatch } from './watch.ts';

export interface AppOptions {
  readonly access: Access;
  readonly handlers: Handlers;
  readonly hub: StreamHub;
  readonly files: PageFiles;
  readonly watch: DashboardWatch;
  readonly reads: Turns;
}

interface Env {
  Bindings: HttpBindings;
  /** Of the route, for metrics and log. */
  Variables: { route: string };
}
export type Ctx = Context<Env>;

export const COOKIE = 'ballast_session';
const MAX_BODY_BYTES = 8192;

export function dashboardApp(options: AppOptions): Hono<Env> {
  const { watch } = options;
  const app = new Hono<Env>();
  app.use(async (context, next) => {
    context.set('route', 'other');
    await next();
    watch.answered(context.get('route'), context.res === RESPONSE_ALREADY_SENT ? 200 : context.res.status);
  });
  addApi(app, options);
  addOwnPages(app, options);
  addFiles(app, options.files);
  app.notFound((context) => answerProblem(context, new Problem('not_found', 'there is nothing here')));
  app.onError((error, context) => answerProblem(context, problemOf(error, context, watch)));
  return app;
}

function addApi(app: Hono<Env>, options: AppOptions): void {
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][])
    app.on(
      route.method,
      route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      async (context, next) => {
        context.set('route', name);
        mustNotBeForeign(context);
        await next();
      },
      async (context) => await answer(context, name, route, options),
    );
  for (const path of new Set(Object.values(ROUTES).map((route) => route.path)))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => wrongMethod(context, methodsOf(path)));
}

function methodsOf(path: string): string {
  const methods = Object.values(ROUTES).flatMap((route) => (route.path === path ? [route.method] : []));
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}

function wrongMethod(_context: Ctx, allow: string): never {
  throw new Problem('method', `only ${allow} here`, { Allow: allow });
}

/** A page of another site may not even look: it could not read the answer, but it could make us work. */
function mustNotBeForeign(context: Ctx): void {
  const site = context.req.header('sec-fetch-site');
  if (context.get('route') === 'report' || site === undefined || site === 'same-origin' || site === 'none')
    return;
  throw new Problem(context.req.method === 'GET' ? 'forbidden' : 'csrf', 'another site sent this request');
}

async function answer(context: Ctx, name: RouteName, route: Route, options: AppOptions): Promise<Response> {
  const { access, handlers, watch } = options;
  if (name === 'report') {
    watch.cspReport(await textOf(context));
    return context.body(null, 204);
  }
  if (name === 'openapi') return await json(context, handlers.openapi(NOBODY));
  const caller = access.caller({
    authorization: context.req.header('authorization'),
    cookie: getCookie(context, COOKIE),
  });
  guard(context, route, caller, access);
  const body = route.body === undefined ? null : await bodyOf(context);
  const parts = readParts(route, {
    params: new Map(Object.entries(context.req.param() as Record<string, string>)),
    query: new URL(context.req.url).searchParams,
    body,
  });
  const call = { caller, ...parts };
  // Many who ask for much at once hold up each other, not the governor beside them; what stops trading waits for none of them.
  // A stream takes none: its client may be gone when its turn comes.
  if (route.guard === 'read' && name !== 'stream') await options.reads.take();
  switch (name) {
    case 'stream':
      return follow(context, caller, options);
    case 'login':
      return await logIn(context, (call.body as unknown as { token: string }).token, access);
    case 'logout':
      return await logOut(context, caller, access);
    case 'snapshot':
      return await sharedJson(context, await handlers.snapshot(call as Call<typeof ROUTES.snapshot>));
    default:
      // What the table says of a route is what was read for it.
      return await json(context, await (handlers[name] as unknown as (call: Call) => unknown)(call));
  }
}

const NOBODY = {
  caller: { rights: 'none', session: null, holder: null },
  params: undefined,
  query: undefined,
  body: undefined,
} as const;

function guard(context: Ctx, { guard }: Route, caller: Caller, access: Access): void {
  const header = (name: string): string | undefined => context.req.header(name);
  const ours = (of: Caller): void =>
    access.mustBeOurs(
      { host: header('host'), origin: header('origin'), site: header('sec-fetch-site') },
      of,
      header('x-csrf-token'),
    );
  if (guard === 'read') access.mustRead(caller);
  // Whoever opens a session shows a token: what a session before it had does not matter.
  if (guard === 'login') ours({ ...caller, session: null });
  if (guard === 'leave') ours(caller);
  if (guard === 'act') {
    access.mustStop(caller);
    ours(caller);
  }
}

async function bodyOf(context: Ctx): Promise<string> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem('media_type', 'the body has to be application/json');
  return await textOf(context);
}

/** Read from the connection: the framework's limit makes a new request of ours, which Node refuses. */
async function textOf(context: Ctx): Promise<string> {
  const tooLarge = new Problem('too_large', `a body may have ${MAX_BODY_BYTES} bytes`);
  if (Number(context.req.header('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  const { incoming } = context.env;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw tooLarge;
      chunks.push(chunk);
    }
  } catch (error) {
    // Whoever sent it went away, or was sent away for being slow: no failure of ours.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    throw new Problem('invalid', 'the request ended before its body did');
  }
  return Buffer.concat(chunks).toString();
}

/** Written to the connection itself, past the framework: only there can be seen how much waits for a client. */
function follow(context: Ctx, caller: Caller, { hub, access, watch }: AppOptions): Response {
  if (context.req.method === 'HEAD') return context.body(null, 200, { 'Content-Type': 'text/event-stream' });
  if (watch.hasFailed) throw new Problem('internal', 'the store is read no more; the log says why');
  if (hub.isFull)
    throw new Problem('busy', 'as many follow the changes as may: try again later', { 'Retry-After': '5' });
  const { session } = caller;
  hub.open(
    context.env.outgoing,
    context.req.header('last-event-id') ?? null,
    () => !watch.hasFailed && (session === null || access.sessions.isOpen(session)),
  );
  return RESPONSE_ALREADY_SENT;
}

async function logIn(context: Ctx, token: string, access: Access): Promise<Response> {
  const { id, session } = access.login(token);
  setCookie(context, COOKIE, id, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: SESSION_LIFE_SEC,
    secure: context.req.header('origin')?.startsWith('https:') ?? false,
  });
  const caller = { rights: session.rights, session, holder: null };
  return await json(context, access.describe(caller));
}

async function logOut(context: Ctx, { session }: Caller, access: Access): Promise<Response> {
  if (session !== null) access.sessions.close(session);
  deleteCookie(context, COOKIE, { path: '/' });
  return await json(context, access.describe(access.caller({ authorization: undefined, cookie: undefined })));
}

function addOwnPages(app: Hono<Env>, { access, watch }: AppOptions): void {
  const page = (path: string, give: (context: Ctx) => Promise<Response> | Response): void => {
    app.get(path, async (context) => {
      context.set('route', path.slice(1));
      return await give(context);
    });
    app.all(path, (context) => wrongMethod(context, 'GET, HEAD'));
  };
  page('/metrics', async (context) => {
    access.mustRead(
      access.caller({
        authorization: context.req.header('authorization'),
        cookie: getCookie(context, COOKIE),
      }),
    );
    return context.body(await watch.book.text(), 200, { 'Content-Type': METRICS_CONTENT_TYPE });
  });
  page('/health', (context) => {
    const health = watch.health();
    return context.json(health, health.status === 'failing' ? 503 : 200);
  });
  page('/ready', (context) => {
    const ready = watch.ready();
    return context.json(ready, ready.ready ? 200 : 503);
  });
}

function addFiles(app: Hono<Env>, files: PageFiles): void {
  app.get('*', async (context, next) => {
    const { path } = context.req;
    if (PAGES.some((pattern) => pattern.test(path))) {
      context.set('route', 'page');
      const index = await files.index();
      return index === null ? notBuilt(context) : sendFile(context, index);
    }
    const file = await files.find(path);
    if (file !== null) {
      context.set('route', 'file');
      return sendFile(context, file);
    }
    // Somebody at a browser gets a page that says so.
    const isLooking = context.req.header('accept')?.includes('text/html') === true;
    const index = isLooking && !path.startsWith('/api/') ? await files.index() : null;
    if (index === null) return await next();
    context.set('route', 'page');
    return sendFile(context, index, 404);
  });
  app.all('*', async (context, next) => {
    const { path } = context.req;
    if (PAGES.some((pattern) => pattern.test(path)) || (await files.find(path)) !== null)
      wrongMethod(context, 'GET, HEAD');
    return await next();
  });
}

/** Nothing of what went wrong inside goes out; it is in the log. */
function problemOf(error: unknown, context: Ctx, watch: DashboardWatch): Problem {
  const route = context.get('route');
  if (error instanceof Problem) {
    watch.refused(error, route);
    return error;
  }
  if (error instanceof StoreError) return new Problem('store', `the store does not answer: ${error.code}`);
  watch.failed(error, route);
  return new Problem('internal', 'something went wrong here; the log says what');
}

function answerProblem(context: Ctx, { message, code, status, headers }: Problem): Response {
  return context.json({ error: message, code }, status, { ...headers });
}
