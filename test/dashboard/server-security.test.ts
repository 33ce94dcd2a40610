/** The dashboard's server against those who mean ill (S02 to S05, S10, S12, S13, S28 of its security checklist). */
import { describe, expect, it } from 'vitest';
import { cleanBy, cleanReason } from '../../src/components/control/clean-text.ts';
import { PAGES } from '../../src/dashboard/server/routes.ts';
import { unsafeHost } from '../../src/dashboard/server/serve.ts';
import { collectTrading } from '../../src/ops/governor/trading-collect.ts';
import { rearmSchema, stopSchema } from '../../src/dashboard/wire.ts';
import {
  ask,
  dashboard,
  json,
  ownHeaders,
  raw,
  READ,
  REARM,
  ROUTE_LIST,
  session,
  STOP,
  type Asked,
  type Server,
} from './server-support.ts';

const BODY = { by: 'mallory', reason: 'because', confirm: 'HALT' };
const stateOf = async ({ deployment }: Server): Promise<string> =>
  (await collectTrading(deployment.store, deployment.namespace)).state;

describe('S02: the host', () => {
  it.each([
    ['evil.example', 421],
    ['evil.example:8060', 421],
    ['127.0.0.1.evil.example', 421],
    ['[::2]', 421],
    ['[::1', 421],
    ['localhost@evil.example', 421],
    ['0.0.0.0', 421],
    ['localhost', 200],
    ['LOCALHOST:8060', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:8060', 200],
    ['dash.lan', 200],
    ['Dash.Lan:443', 200],
  ])('%s is answered with %i on every page', async (host, status) => {
    const server = await dashboard({ allowedHosts: ['dash.lan'] });
    for (const path of ['/', '/api/v1/snapshot', '/metrics', '/health', '/nothing']) {
      const answer = await ask(server, path, { headers: { Host: host } });
      if (status === 421)
        expect([path, answer.status, json(answer)]).toMatchObject([path, 421, { code: 'host' }]);
      else expect(answer.status).not.toBe(421);
    }
  });

  it('has to be there, and once', async () => {
    const server = await dashboard();
    const lines: [string, number][] = [
      ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 421],
      ['GET /health HTTP/1.0\r\n\r\n', 421],
      ['GET /health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 421],
      ['GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
      ['GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n', 421],
      ['GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
      ['GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 200],
    ];
    for (const [text, status] of lines) {
      const { text: answer } = await raw(server, text);
      expect([text, Number(answer.slice(9, 12))]).toEqual([text, status]);
    }
  });

  it('that is not loopback takes a token for reading, or the server does not start', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.5', 'box.lan', '127.evil.example']) {
      expect(unsafeHost(host, { read: null })).toMatch(/set DASHBOARD_READ_TOKEN/);
      expect(unsafeHost(host, { read: READ })).toBeNull();
    }
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', 'localhost'])
      expect(unsafeHost(host, { read: null })).toBeNull();
    await expect(dashboard({ host: '0.0.0.0' })).rejects.toThrow(/^DASHBOARD_HOST 0\.0\.0\.0 can be reached/);
  });
});

describe('S03: a request that another page forged', () => {
  const PATHS = [
    '/api/v1/actions/halt',
    '/api/v1/actions/stop-entries',
    '/api/v1/actions/rearm',
    '/api/v1/challenge',
  ];

  /** Each one thing away from a request of the page; `own` are the headers of that. */
  const FORGED: readonly [name: string, change: (own: Record<string, string>) => Asked][] = [
    ['without a session', (own) => ({ headers: without(own, 'Cookie') })],
    ['with a session nobody opened', (own) => ({ headers: { ...own, Cookie: 'ballast_session=AAAA' } })],
    ['without the CSRF token', (own) => ({ headers: without(own, 'X-CSRF-Token') })],
    ['with an empty CSRF token', (own) => ({ headers: { ...own, 'X-CSRF-Token': '' } })],
    ['with another CSRF token', (own) => ({ headers: { ...own, 'X-CSRF-Token': 'x'.repeat(43) } })],
    ['from another origin', (own) => ({ headers: { ...own, Origin: 'http://evil.example' } })],
    ['from the origin of a sandbox', (own) => ({ headers: { ...own, Origin: 'null' } })],
    ['from another port', (own) => ({ headers: { ...own, Origin: 'http://127.0.0.1:1' } })],
    [
      'from the same name over TLS',
      (own) => ({ headers: { ...own, Origin: own['Origin']!.replace('http', 'https') } }),
    ],
    ['from a longer name', (own) => ({ headers: { ...own, Origin: `${own['Origin']}.evil.example` } })],
    [
      'from another name of this machine',
      (own) => ({ headers: { ...own, Origin: own['Origin']!.replace('127.0.0.1', 'localhost') } }),
    ],
    ['from another site', (own) => ({ headers: { ...own, 'Sec-Fetch-Site': 'cross-site' } })],
    ['from another page of the site', (own) => ({ headers: { ...own, 'Sec-Fetch-Site': 'same-site' } })],
    ['typed into the address', (own) => ({ headers: { ...own, 'Sec-Fetch-Site': 'none' } })],
    ['that does not say where it is from', (own) => ({ headers: without(own, 'Origin', 'Sec-Fetch-Site') })],
    [
      'as a form',
      (own) => ({
        headers: { ...own, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'confirm=HALT',
      }),
    ],
    ['as plain text', (own) => ({ headers: { ...own, 'Content-Type': 'text/plain' } })],
    ['without a type', (own) => ({ headers: { ...own, 'Content-Type': undefined } })],
    ['by GET', (own) => ({ method: 'GET', headers: own })],
    ['by PUT', (own) => ({ method: 'PUT', headers: own })],
    [
      'by a method in disguise',
      (own) => ({ method: 'GET', headers: { ...own, 'X-HTTP-Method-Override': 'POST' } }),
    ],
    [
      'with a token that is none',
      (own) => ({ headers: { ...without(own, 'Cookie'), Authorization: 'Bearer nonsense-nonsense' } }),
    ],
    [
      'with a token for reading',
      (own) => ({ headers: { ...without(own, 'Cookie'), Authorization: `Bearer ${READ}` } }),
    ],
    [
      'with the stop token from another origin',
      (own) => ({
        headers: {
          ...without(own, 'Cookie'),
          Authorization: `Bearer ${STOP}`,
          Origin: 'http://evil.example',
        },
      }),
    ],
    [
      'with the stop token from another site',
      (own) => ({
        headers: {
          ...without(own, 'Cookie'),
          Authorization: `Bearer ${STOP}`,
          'Sec-Fetch-Site': 'cross-site',
        },
      }),
    ],
    [
      'with the stop token as a password',
      (own) => ({
        headers: {
          ...without(own, 'Cookie'),
          Authorization: `Basic ${Buffer.from(`a:${STOP}`).toString('base64')}`,
        },
      }),
    ],
    [
      'for another host',
      (own) => ({ headers: { ...own, Host: 'evil.example', Origin: 'http://evil.example' } }),
    ],
  ];

  it('is none of them accepted, on any route that changes something', async () => {
    const tokens = { read: READ, stop: STOP, rearm: REARM };
    const server = await dashboard({ tokens });
    const own = ownHeaders(server, await session(server));
    const body = { ...BODY, symbol: null, nonce: 'x', rearm_token: REARM };
    let tried = 0;
    for (const path of PATHS)
      for (const [name, change] of FORGED) {
        const asked = change(own);
        const answer = await ask(server, path, {
          method: 'POST',
          ...asked,
          body: asked.body ?? (path.endsWith('rearm') ? body : path.endsWith('challenge') ? {} : BODY),
        });
        expect([path, name, answer.status < 400]).toEqual([path, name, false]);
        expect(json(answer)).toMatchObject({ error: expect.any(String), code: expect.any(String) });
        tried++;
      }
    expect(tried).toBeGreaterThanOrEqual(100);
    expect(await stateOf(server)).toBe('ACTIVE');
    const { streams } = await server.deployment.store.read([
      { stream: 'quantum:stream:governor.events', after: '0-0', count: 10 },
    ]);
    expect(streams[0]!.entries).toEqual([]);
  });

  it('is what differs: the page itself and a script with the token are accepted', async () => {
    const server = await dashboard();
    const own = ownHeaders(server, await session(server));
    const accepted: [string, Record<string, string>][] = [
      ['the page', own],
      ['an older browser', without(own, 'Sec-Fetch-Site')],
      [
        'a page of another name of this machine',
        { ...own, Host: 'localhost:9', Origin: 'http://localhost:9' },
      ],
      ['a script', { Authorization: `Bearer ${STOP}` }],
    ];
    for (const [name, headers] of accepted) {
      const answer = await ask(server, '/api/v1/actions/halt', { method: 'POST', headers, body: BODY });
      expect([name, answer.status]).toEqual([name, 200]);
    }
    const proxied = await dashboard({ allowedHosts: ['dash.lan'] });
    const behind = {
      ...ownHeaders(proxied, await session(proxied)),
      Host: 'dash.lan',
      Origin: 'https://dash.lan',
    };
    expect(
      (await ask(proxied, '/api/v1/actions/halt', { method: 'POST', headers: behind, body: BODY })).status,
    ).toBe(200);
  });

  it('does not open a session either, or end one', async () => {
    const server = await dashboard();
    const own = ownHeaders(server, await session(server));
    for (const headers of [{ Origin: 'http://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      const answer = await ask(server, '/api/v1/session', { method: 'POST', headers, body: { token: STOP } });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    }
    const form = { 'Content-Type': 'text/plain' };
    expect(
      (await ask(server, '/api/v1/session', { method: 'POST', headers: form, body: { token: STOP } })).status,
    ).toBe(415);
    const cross = { ...own, 'X-CSRF-Token': 'wrong' };
    expect((await ask(server, '/api/v1/session', { method: 'DELETE', headers: cross })).status).toBe(403);
    expect(json(await ask(server, '/api/v1/session', { headers: own }))).toMatchObject({ rights: 'stop' });
  });

  it('cannot even look', async () => {
    const server = await dashboard();
    for (const path of ['/api/v1/snapshot', '/api/v1/stream', '/api/v1/session']) {
      const answer = await ask(server, path, { headers: { 'Sec-Fetch-Site': 'cross-site' } });
      expect([path, answer.status, answer.headers['access-control-allow-origin']]).toEqual([
        path,
        403,
        undefined,
      ]);
    }
  });
});

describe('S04: rights', () => {
  const tokens = { read: READ, stop: STOP, rearm: REARM };
  const act = (server: Server, path: string, headers: Asked['headers'], body: object) =>
    ask(server, `/api/v1/${path}`, { method: 'POST', headers: headers ?? {}, body });

  it('of a reader are to read: 0 of all that changes something', async () => {
    const server = await dashboard({ tokens });
    const own = ownHeaders(server, await session(server, READ));
    for (const headers of [own, { Authorization: `Bearer ${READ}` }])
      for (const path of ['actions/halt', 'actions/stop-entries', 'actions/rearm', 'challenge']) {
        const answer = await act(server, path, headers, BODY);
        expect([path, answer.status, json(answer)]).toMatchObject([path, 403, { code: 'forbidden' }]);
      }
    expect(await stateOf(server)).toBe('ACTIVE');
    expect((await ask(server, '/api/v1/snapshot', { headers: own })).status).toBe(200);
  });

  it('are needed to read where a token for it is set', async () => {
    const server = await dashboard({ tokens });
    const open = ['/', '/health', '/ready', '/api/v1/session', '/api/v1/openapi.json', '/api/v1/csp-report'];
    for (const [name, { path, method, guard }] of ROUTE_LIST.filter(([, route]) => route.guard === 'read')) {
      const answer = await ask(server, path.replaceAll(/\{\w+\}/g, 'X'), { method });
      expect([name, guard, answer.status, answer.headers['www-authenticate']]).toEqual([
        ...[name, 'read', 401, 'Bearer realm="ballast"'],
      ]);
    }
    expect((await ask(server, '/metrics')).status).toBe(401);
    expect((await ask(server, '/metrics', { headers: { Authorization: `Bearer ${READ}` } })).status).toBe(
      200,
    );
    for (const path of open) expect([path, (await ask(server, path)).status === 401]).toEqual([path, false]);
    expect(json(await ask(server, '/api/v1/session'))).toMatchObject({ rights: 'none', csrf: null });
  });

  it('of the stop token never re-arm: that takes a fresh nonce of one’s own and the second token', async () => {
    const server = await dashboard({ tokens });
    const own = ownHeaders(server, await session(server));
    const other = ownHeaders(server, await session(server));
    expect((await act(server, 'actions/halt', own, BODY)).status).toBe(200);
    const nonce = async (headers = own): Promise<string> =>
      (json(await act(server, 'challenge', headers, {})) as { nonce: string }).nonce;
    const all = { by: 'ann', reason: 'again', symbol: null, confirm: 'ALL', rearm_token: REARM };
    const others = await nonce(other);
    const refused: [string, (nonce: string) => object, string][] = [
      ['without a nonce', () => all, 'invalid'],
      ['with a made-up nonce', () => ({ ...all, nonce: 'x'.repeat(43) }), 'nonce'],
      ['with another session’s nonce', () => ({ ...all, nonce: others }), 'nonce'],
      ['without the second token', (nonce) => ({ ...all, nonce, rearm_token: '' }), 'invalid'],
      ['with the stop token twice', (nonce) => ({ ...all, nonce, rearm_token: STOP }), 'forbidden'],
      ['with the read token', (nonce) => ({ ...all, nonce, rearm_token: READ }), 'forbidden'],
      ['without ALL', (nonce) => ({ ...all, nonce, confirm: '' }), 'confirm'],
      ['with the wrong word', (nonce) => ({ ...all, nonce, confirm: 'HALT' }), 'confirm'],
      ['without a name', (nonce) => ({ ...all, nonce, by: ' \u200b ' }), 'invalid'],
      ['with more than is asked', (nonce) => ({ ...all, nonce, force: true }), 'invalid'],
    ];
    for (const [name, body, code] of refused) {
      const answer = await act(server, 'actions/rearm', own, body(await nonce()));
      expect([name, json(answer)]).toMatchObject([name, { code }]);
    }
    const used = await nonce();
    expect(
      json(await act(server, 'actions/rearm', own, { ...all, nonce: used, rearm_token: STOP })),
    ).toMatchObject({ code: 'forbidden' });
    expect(json(await act(server, 'actions/rearm', own, { ...all, nonce: used }))).toMatchObject({
      code: 'nonce',
    });
    // Less than halted is more than nothing.
    expect(json(await act(server, 'actions/stop-entries', own, { ...BODY, confirm: 'STOP' }))).toMatchObject({
      code: 'conflict',
    });
    expect(await stateOf(server)).toBe('HALTED');

    const done = await act(server, 'actions/rearm', own, { ...all, nonce: await nonce() });
    expect([done.status, json(done)]).toMatchObject([200, { state: 'ACTIVE' }]);
    expect(await stateOf(server)).toBe('ACTIVE');
  });

  it('run out with a nonce of a minute and a session of twelve hours', async () => {
    let nowMs = 0;
    const server = await dashboard({ tokens, nowMs: () => nowMs });
    const own = ownHeaders(server, await session(server));
    const { nonce } = json(await act(server, 'challenge', own, {})) as { nonce: string };
    nowMs += 60_001;
    const body = { by: 'ann', reason: 'again', symbol: null, confirm: 'ALL', rearm_token: REARM, nonce };
    expect(json(await act(server, 'actions/rearm', own, body))).toMatchObject({ code: 'nonce' });
    nowMs = 12 * 3600_000 - 1;
    expect((await ask(server, '/api/v1/snapshot', { headers: own })).status).toBe(200);
    nowMs += 2;
    expect((await ask(server, '/api/v1/snapshot', { headers: own })).status).toBe(401);
    expect((await act(server, 'actions/halt', own, BODY)).status).toBe(401);
  });

  it('are nobody’s where no token is set, and the page learns how to have them', async () => {
    const server = await dashboard({ tokens: { read: null, stop: null, rearm: null } });
    expect(json(await ask(server, '/api/v1/session'))).toEqual({
      ...{ rights: 'read', csrf: null, can_stop: false, can_rearm: false },
    });
    const answer = await act(server, 'actions/halt', {}, BODY);
    expect(answer.status).toBe(403);
    expect(json(answer)).toMatchObject({
      error: expect.stringContaining('set DASHBOARD_STOP_TOKEN') as string,
    });
  });

  it('are not opened by the re-arm token', async () => {
    const server = await dashboard({ tokens });
    const answer = await ask(server, '/api/v1/session', { method: 'POST', body: { token: REARM } });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('travel in a cookie that no script and no other site sees', async () => {
    const server = await dashboard({ tokens });
    const answer = await ask(server, '/api/v1/session', { method: 'POST', body: { token: STOP } });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^ballast_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
  });
});

describe('S05: the headers', () => {
  const EXPECTED = {
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'; report-uri /api/v1/csp-report",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };

  it('are on every answer, whatever came', async () => {
    const server = await dashboard();
    const requests: [path: string, asked: Asked, status: number][] = [
      ...ROUTE_LIST.filter(([name]) => name !== 'stream').map(
        ([, { path, method }]): [string, Asked, number] => [
          path.replaceAll(/\{\w+\}/g, 'BTCUSDT'),
          { method },
          0,
        ],
      ),
      ['/api/v1/stream', { method: 'HEAD' }, 200],
      ['/metrics', {}, 200],
      ['/health', {}, 200],
      ['/ready', {}, 200],
      ['/', {}, 0],
      ['/symbols/X', {}, 0],
      ['/nothing', {}, 404],
      ['/', { method: 'DELETE' }, 405],
      ['/api/v1/snapshot', { method: 'OPTIONS' }, 405],
      ['/health', { headers: { Host: 'evil.example' } }, 421],
      ['/api/v1/session', { method: 'POST', body: { token: 'x'.repeat(9000) } }, 413],
      ['/api/v1/session', { method: 'POST', body: '{' }, 400],
      ['/api/v1/actions/halt', { method: 'POST', body: {} }, 401],
    ];
    for (const [path, asked, status] of requests) {
      const answer = await ask(server, path, asked);
      if (status !== 0) expect([path, answer.status]).toEqual([path, status]);
      const found = Object.fromEntries(Object.keys(EXPECTED).map((name) => [name, answer.headers[name]]));
      expect([path, answer.status, found]).toEqual([path, answer.status, EXPECTED]);
    }
    expect(PAGES.length).toBe(2);
  });

  it('are on the answers to what is no request, and on a stream', async () => {
    const server = await dashboard();
    const bad = [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET /nothing HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'x'.repeat(9000)}\r\n\r\n`,
    ];
    for (const bytes of bad) {
      const { text } = await raw(server, bytes);
      expect(text).toMatch(/^HTTP\/1\.1 4(?:00|04|21|31) /);
      for (const [name, value] of Object.entries(EXPECTED))
        expect(text.toLowerCase()).toContain(`${name}: ${value.toLowerCase()}`);
    }
    const streamed = raw(server, 'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    setTimeout(() => void server.close(), 200);
    expect((await streamed).text).toContain(
      `Content-Security-Policy: ${EXPECTED['content-security-policy']}`,
    );
  });

  it('let a browser report what it kept the page from, which is counted and logged in one line each', async () => {
    const server = await dashboard();
    for (let n = 0; n < 30; n++) {
      const report = { 'Content-Type': 'application/csp-report', 'Sec-Fetch-Site': 'same-origin' };
      const body = JSON.stringify({ 'csp-report': { 'blocked-uri': `http://evil.example/\n${n}` } });
      expect(
        (await ask(server, '/api/v1/csp-report', { method: 'POST', headers: report, body })).status,
      ).toBe(204);
    }
    expect((await ask(server, '/metrics')).body).toContain('dashboard_csp_reports_total 30\n');
    expect(server.log.filter((line) => line.includes('a browser kept'))).toHaveLength(20);
    const long = await ask(server, '/api/v1/csp-report', { method: 'POST', body: 'x'.repeat(9000) });
    expect(long.status).toBe(413);
  });
});

describe('S10: what is told', () => {
  it('holds no token, no path and no stack, whatever goes wrong', async () => {
    const secret = '/home/operator/secret.pem';
    const server = await dashboard({
      tokens: { read: READ, stop: STOP, rearm: REARM },
      explain: () => Promise.reject(new Error(`cannot open ${secret}`)),
    });
    const own = ownHeaders(server, await session(server));
    const texts: string[] = [];
    for (const [, { path, method }] of ROUTE_LIST.filter(([name]) => name !== 'stream'))
      for (const body of [undefined, {}, '{"a":', { ...BODY, by: 1 }]) {
        const at = path.replaceAll(/\{\w+\}/g, 'BTCUSDT');
        const answer = await ask(server, at, {
          method,
          headers: own,
          ...(body === undefined ? {} : { body }),
        });
        if (path !== '/api/v1/openapi.json') texts.push(answer.body);
      }
    for (const path of ['/health', '/ready', '/metrics', '/nothing'])
      texts.push((await ask(server, path, { headers: { Authorization: `Bearer ${READ}` } })).body);
    const all = texts.join('\n');
    for (const never of [READ, STOP, REARM, secret, 'node_modules', 'at Object', '.ts:', process.cwd()])
      expect(all).not.toContain(never);
    const failed = await ask(server, '/api/v1/symbols/BTCUSDT/explanation', { headers: own });
    expect([failed.status, json(failed)]).toEqual([401, expect.anything()]);
  });

  it('says that something went wrong, and the log says what', async () => {
    const server = await dashboard({ explain: () => Promise.reject(new Error('cannot open /home/x')) });
    const answer = await ask(server, '/api/v1/symbols/BTCUSDT/explanation');
    expect([answer.status, json(answer)]).toEqual([
      500,
      { error: 'something went wrong here; the log says what', code: 'internal' },
    ]);
    expect(server.log.join('')).toContain('cannot open /home/x');
    expect(server.log.join('')).not.toContain(STOP);
  });
});

describe('S12: names that objects have', () => {
  it('are names like any other', async () => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const server = await dashboard();
    const own = ownHeaders(server, await session(server));
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      for (const path of [
        `/api/v1/symbols/${name}`,
        `/api/v1/plans/${name}/explanation`,
        `/api/v1/symbols/${name}/explanation`,
      ])
        expect([path, (await ask(server, path)).status]).toEqual([path, 404]);
      for (const path of [
        `/api/v1/verdicts?${name}=1`,
        `/api/v1/attribution?x=${name}&y=hour`,
        `/api/v1/events?limit=1&${name}[a]=1`,
      ])
        expect([path, (await ask(server, path)).status]).toEqual([path, 400]);
      expect(json(await ask(server, `/api/v1/events?event=${name}`))).toEqual([]);
      const text = `{"by":"a","reason":"b","confirm":"HALT","${name}":{"isAdmin":true}}`;
      const answer = await ask(server, '/api/v1/actions/halt', { method: 'POST', headers: own, body: text });
      expect([name, answer.status]).toEqual([name, 400]);
      const cookies = { ...own, Cookie: `${name}=1; ballast_session=${name}` };
      expect(
        (await ask(server, '/api/v1/actions/halt', { method: 'POST', headers: cookies, body: BODY })).status,
      ).toBe(401);
    }
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
    expect(await stateOf(server)).toBe('ACTIVE');
  });
});

describe('S13: long and wicked texts', () => {
  it('are read in no time', () => {
    const texts = ['a', ' ', '\u200b', '.', ',', '-', '%', '<', '/', '\n', 'a,', 'q=0 ', 'a.'].map((unit) =>
      unit.repeat(Math.ceil(65_536 / unit.length)),
    );
    for (const text of texts) {
      for (const read of [
        () => cleanBy(text),
        () => cleanReason(text),
        () => PAGES.some((pattern) => pattern.test(`/symbols/${text}`)),
        () => stopSchema.safeParse({ by: text, reason: text, confirm: text }).success,
        () => rearmSchema.safeParse({ symbol: text, by: text, nonce: text }).success,
      ]) {
        // The first time code runs it is compiled, and others run beside this.
        const tookMs = Array.from({ length: 5 }, () => {
          const startMs = performance.now();
          read();
          return performance.now() - startMs;
        });
        expect(Math.min(...tookMs)).toBeLessThan(5);
      }
    }
  });
});

describe('S28: the log', () => {
  it('has one line for each thing, whatever a name or a reason holds', async () => {
    const server = await dashboard();
    const own = ownHeaders(server, await session(server));
    const hostile = [
      'a\nb {"level":"info"}',
      'a\u001b[31mred\u001b[0m',
      'a\r\nb',
      'a\u2028b',
      'a\u202eb',
      'a\u0000b',
    ];
    const before = server.log.length;
    for (const text of hostile) {
      const body = { by: text, reason: text, confirm: 'HALT' };
      expect((await ask(server, '/api/v1/actions/halt', { method: 'POST', headers: own, body })).status).toBe(
        200,
      );
    }
    const lines = server.log.slice(before);
    expect(lines).toHaveLength(hostile.length);
    for (const line of lines) {
      expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u202e]|\n./);
      expect(JSON.parse(line)).toMatchObject({ level: 'warn', service: 'dashboard', action: 'halt' });
    }
  });
});

function without(
  headers: Readonly<Record<string, string>>,
  ...names: readonly string[]
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([one]) => !names.includes(one)));
}
