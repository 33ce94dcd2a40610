/** The API gives what its table says, and its OpenAPI document says the same, both ways; files of the page come compressed and cached. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../src/dashboard/server/openapi.ts';
import { scratchFolder } from '../support/cli.ts';
import * as wire from '../../src/dashboard/wire.ts';
import { planExplanationSchema, symbolExplanationSchema } from '../../src/dashboard/explanation-schema.ts';
import {
  ask,
  dashboard,
  FakeFeed,
  json,
  ownHeaders,
  ROUTE_LIST,
  sampleSnapshot,
  session,
  STOP,
} from './server-support.ts';
import type { Explain } from '../../src/dashboard/server/handlers.ts';
import type { RouteName } from '../../src/dashboard/server/routes.ts';
import type { Explanation, SymbolExplanation } from '../../src/ops/explain/explanation.ts';

const SYMBOL: SymbolExplanation = {
  ...{ subject: 'symbol', symbol: 'BTCUSDT', at: 1, sentence: 'It is so.', waterfall: null },
  ...{ efficiency: null, executions: [], verdicts: [], missing: [] },
};
const PLAN: Explanation = {
  ...{ subject: 'plan', plan_id: 'p1', symbol: 'BTCUSDT', bot: null, at: 1, outcome: 'blocked' },
  ...{ reason: 'burst_limit_exceeded', sentence: 'It is so.', plan: null, gates: [], permit: null },
  ...{ next_eligible_at: 2, max_qty: null, flips: [], flips_note: null, waterfall: null },
  ...{ efficiency: null, executions: [], missing: [] },
};
const explain: Explain = (what) =>
  Promise.resolve(
    'plan' in what ? (what.plan === 'p1' ? PLAN : null) : what.symbol === 'BTCUSDT' ? SYMBOL : null,
  );

/** A request of each route that is done. */
const GOOD: Readonly<Record<RouteName, { path?: string; body?: object }>> = {
  snapshot: {},
  stream: {},
  symbol: { path: '/api/v1/symbols/BTCUSDT' },
  symbolExplanation: { path: '/api/v1/symbols/BTCUSDT/explanation' },
  planExplanation: { path: '/api/v1/plans/p1/explanation' },
  attribution: { path: '/api/v1/attribution?x=regime&y=hour&symbol=BTCUSDT' },
  verdicts: { path: '/api/v1/verdicts?outcome=blocked&limit=5' },
  events: { path: '/api/v1/events?event=KILL_SWITCH' },
  session: {},
  login: { body: { token: STOP } },
  logout: {},
  challenge: { body: {} },
  stopEntries: { body: { by: 'ann', reason: 'test', confirm: 'STOP' } },
  halt: { body: { by: 'ann', reason: 'test', confirm: 'HALT' } },
  rearm: {},
  report: { body: { 'csp-report': {} } },
  openapi: {},
};

describe('every route', () => {
  it.each(ROUTE_LIST.filter(([name]) => name !== 'stream' && name !== 'rearm'))(
    '%s answers as its schema says',
    async (name, route) => {
      const server = await dashboard({ explain });
      const own = ownHeaders(server, await session(server));
      const { path = route.path, body } = GOOD[name];
      const answer = await ask(server, path, {
        method: route.method,
        headers: own,
        ...(body === undefined ? {} : { body }),
      });
      if (route.answer === null) {
        expect([answer.status, answer.body]).toEqual([204, '']);
        return;
      }
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
      expect(answer.headers['cache-control']).toBe('no-store');
      const schema = strict(route.answer as z.ZodType);
      const parsed = schema.safeParse(json(answer));
      expect(parsed.error?.issues ?? []).toEqual([]);
    },
  );

  it.each(
    ROUTE_LIST.filter(([, { method }]) => method === 'GET').map(([name, route]) => [name, route] as const),
  )('%s answers HEAD without a body', async (name, route) => {
    const server = await dashboard({ explain });
    const answer = await ask(server, GOOD[name].path ?? route.path, { method: 'HEAD' });
    expect([answer.status, answer.body]).toEqual([200, '']);
  });

  it.each([...new Set(ROUTE_LIST.map(([, { path }]) => path))])(
    '%s is for its own methods only, and says which',
    async (path) => {
      const server = await dashboard();
      const allowed = ROUTE_LIST.filter(([, route]) => route.path === path).map(([, { method }]) => method);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
        if (allowed.some((one) => one === method)) continue;
        const answer = await ask(server, path.replaceAll(/\{\w+\}/g, 'X'), { method });
        expect([method, answer.status, json(answer)]).toEqual([
          method,
          405,
          { error: `only ${answer.headers.allow} here`, code: 'method' },
        ]);
        for (const one of allowed) expect(answer.headers.allow!.split(', ')).toContain(one);
      }
    },
  );

  it('says what is not known, and what is wrong with a request, in one form', async () => {
    const server = await dashboard({ explain });
    const wrong: [path: string, status: number, code: string][] = [
      ['/api/v1/symbols/NOPE', 404, 'not_found'],
      ['/api/v1/symbols/NOPE/explanation', 404, 'not_found'],
      ['/api/v1/symbols/no%20symbol/explanation', 404, 'not_found'],
      ['/api/v1/plans/nope/explanation', 404, 'not_found'],
      [`/api/v1/plans/${'x'.repeat(200)}/explanation`, 400, 'invalid'],
      ['/api/v1/attribution', 400, 'invalid'],
      ['/api/v1/attribution?x=regime&y=colour', 400, 'invalid'],
      ['/api/v1/attribution?x=regime&y=hour&z=1', 400, 'invalid'],
      ['/api/v1/verdicts?limit=0', 400, 'invalid'],
      ['/api/v1/verdicts?limit=0x10', 400, 'invalid'],
      ['/api/v1/verdicts?limit=1&limit=2', 400, 'invalid'],
      ['/api/v1/verdicts?outcome=maybe', 400, 'invalid'],
      ['/api/v1/nothing', 404, 'not_found'],
      ['/api/v1/', 404, 'not_found'],
      ['/assets/nothing.js', 404, 'not_found'],
      ['/%2e%2e/%2e%2e/etc/passwd', 404, 'not_found'],
      ['/symbols/%', 200, ''],
    ];
    for (const [path, status, code] of wrong.slice(0, -1)) {
      const answer = await ask(server, path);
      const said = wire.errorSchema.parse(json(answer));
      expect([path, answer.status, said.code]).toEqual([path, status, code]);
    }
  });

  it('gives nothing before the store was read, and says so', async () => {
    const server = await dashboard({ feed: new FakeFeed(null) });
    for (const path of ['/api/v1/snapshot', '/api/v1/symbols/A', '/api/v1/verdicts', '/api/v1/events']) {
      const answer = await ask(server, path);
      expect([answer.status, json(answer)]).toEqual([
        503,
        { error: 'nothing was read from the store yet', code: 'starting' },
      ]);
    }
    expect((await ask(server, '/ready')).status).toBe(503);
    expect(json(await ask(server, '/health'))).toMatchObject({ status: 'starting', service: 'dashboard' });
  });

  it('says why nothing was read, to whoever may read', async () => {
    const feed = new FakeFeed(null);
    feed.trouble = 'the store refused it';
    const server = await dashboard({ feed });
    expect(json(await ask(server, '/api/v1/snapshot'))).toEqual({
      error: 'nothing was read from the store yet: the store refused it',
      code: 'starting',
    });
    expect(json(await ask(server, '/ready'))).toEqual({
      ready: false,
      why: 'the store cannot be read; the log says why',
    });
  });

  it('explains at most four at once', async () => {
    const release: (() => void)[] = [];
    const slow: Explain = () => new Promise((resolve) => release.push(() => resolve(SYMBOL)));
    const server = await dashboard({ explain: slow });
    const all = Array.from({ length: 5 }, () => ask(server, '/api/v1/symbols/BTCUSDT/explanation'));
    const refused = await Promise.race(all);
    expect([refused.status, json(refused)]).toMatchObject([503, { code: 'busy' }]);
    while (release.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const one of release) one();
    expect((await Promise.all(all)).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 200, 503,
    ]);
  });
});

describe('the OpenAPI document', () => {
  const document = openApiDocument() as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object> };
  };

  it('has every route, and nothing else', () => {
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    const own = ROUTE_LIST.map(([name, { method, path }]) => `${method.toLowerCase()} ${path} ${name}`);
    expect(listed.toSorted()).toEqual(own.toSorted());
    expect(own.length).toBe(17);
    expect(document.openapi).toBe('3.1.0');
  });

  it('names every parameter of a path, and describes every answer', () => {
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods)) {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const named = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        expect([path, named]).toEqual([path, inPath]);
        const statuses = Object.keys(operation.responses);
        expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
        for (const { description } of Object.values(operation.responses)) expect(description).not.toBe('');
      }
  });

  it('has every schema it names, and no other', () => {
    const named = new Set(
      [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name!),
    );
    // What the stream's events hold is said in words.
    expect([...named, 'Patch'].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
    expect(JSON.stringify(document)).not.toContain('$schema');
  });

  it('is what the server gives', async () => {
    const server = await dashboard();
    expect(json(await ask(server, '/api/v1/openapi.json'))).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('says of each request what its schema takes', () => {
    const stop = document.components.schemas['Stop'] as { required: string[]; additionalProperties: boolean };
    expect([stop.required, stop.additionalProperties]).toEqual([['by', 'reason', 'confirm'], false]);
  });
});

describe('explanations', () => {
  it('are in the schema what they are in the code, both ways', () => {
    // The compiler holds it; what is run here is that both read a sample.
    const there = (value: z.infer<typeof planExplanationSchema>): Explanation => value;
    const back = (value: Explanation): Frozen<Either> => value;
    expect(planExplanationSchema.parse(there(PLAN as never))).toEqual(back(PLAN));
    expect(symbolExplanationSchema.parse(SYMBOL)).toEqual(back(SYMBOL));
  });
});

type Either = z.infer<typeof planExplanationSchema> | z.infer<typeof symbolExplanationSchema>;
type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

describe('answers', () => {
  it('are compressed where that is taken and worth it', async () => {
    const server = await dashboard({ feed: new FakeFeed(sampleSnapshot(['A', 'B', 'C', 'D'])) });
    const plain = await ask(server, '/api/v1/snapshot');
    const zipped = await ask(server, '/api/v1/snapshot', { headers: { 'Accept-Encoding': 'br, gzip' } });
    expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([
      undefined,
      'gzip',
    ]);
    expect(gunzipSync(Buffer.from(zipped.body, 'latin1')).toString()).toBe(plain.body);
    expect(zipped.body.length).toBeLessThan(plain.body.length / 3);
    for (const encoding of ['gzip;q=0', 'identity', 'gzipped']) {
      const answer = await ask(server, '/api/v1/snapshot', { headers: { 'Accept-Encoding': encoding } });
      expect([encoding, answer.headers['content-encoding']]).toEqual([encoding, undefined]);
    }
    const small = await ask(server, '/api/v1/session', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(small.headers['content-encoding']).toBeUndefined();
  });
});

describe('the page', () => {
  function built(): string {
    const folder = scratchFolder();
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Ballast</title>');
    writeFileSync(join(folder, 'favicon.ico'), 'icon');
    writeFileSync(join(folder, 'assets', 'index-a1b2.js'), 'export const a = 1;\n'.repeat(100));
    writeFileSync(join(folder, 'secret.txt.bak'), 'not of the page');
    return folder;
  }

  it('is its index at every place it has', async () => {
    const server = await dashboard({ pageFolder: built() });
    for (const path of [
      '/',
      '/symbols',
      '/symbols/X',
      '/symbols/%3Cb%3E',
      '/attribution',
      '/plans',
      '/plans/a.b',
      '/shadow',
      '/events',
    ]) {
      const answer = await ask(server, path);
      expect([path, answer.status, answer.body]).toEqual([
        path,
        200,
        '<!doctype html><title>Ballast</title>',
      ]);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      });
    }
    for (const path of [
      '/symbols/X/Y',
      '/nothing',
      '/index',
      '/assets/',
      '/secret.txt.bak',
      '/assets/../secret.txt.bak',
    ])
      expect([path, (await ask(server, path)).status]).toEqual([path, 404]);
    expect((await ask(server, '/', { method: 'POST', body: {} })).status).toBe(405);
  });

  it('says itself that there is no such page, to who looks with a browser', async () => {
    const server = await dashboard({ pageFolder: built() });
    const asked = async (path: string) => {
      const { status, body } = await ask(server, path, { headers: { accept: 'text/html,*/*;q=0.8' } });
      return [status, body.startsWith('<!doctype html>')];
    };
    expect(await asked('/nothing')).toEqual([404, true]);
    expect(await asked('/symbols/X/Y')).toEqual([404, true]);
    expect(await asked('/api/v1/nothing')).toEqual([404, false]);
  });

  it('has files that are kept for ever, and asked for once more where their name does not change', async () => {
    const server = await dashboard({ pageFolder: built() });
    const asset = await ask(server, '/assets/index-a1b2.js', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
    });
    expect(gunzipSync(Buffer.from(asset.body, 'latin1')).toString()).toContain('export const a');
    const icon = await ask(server, '/favicon.ico');
    expect([icon.headers['content-type'], icon.headers['cache-control']]).toEqual([
      'image/x-icon',
      'no-cache',
    ]);
    const again = await ask(server, '/favicon.ico', { headers: { 'If-None-Match': icon.headers.etag } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  it('that was not built says how to, and is there once it is', async () => {
    const folder = scratchFolder();
    const server = await dashboard({ pageFolder: join(folder, 'page') });
    const before = await ask(server, '/symbols');
    expect([before.status, before.headers['content-type']]).toEqual([503, 'text/plain; charset=UTF-8']);
    expect(before.body).toContain('npm run build');
    mkdirSync(join(folder, 'page'));
    writeFileSync(join(folder, 'page', 'index.html'), 'built');
    expect((await ask(server, '/symbols')).body).toBe('built');
  });
});

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/** The same, refusing fields it does not know: what is sent is what is described. */
function strict(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) return z.strictObject(schema.shape);
  return schema instanceof z.ZodArray ? z.array(strict(schema.element as z.ZodType)) : schema;
}
