/** The pages of a component over real connections, from those who mean well and those who do not. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Listening } from '../../src/runtime/http/listen.ts';
import { serveComponent, type Health, type ServeOptions } from '../../src/runtime/http/serve.ts';

const HEALTH: Health = {
  status: 'ok',
  service: 'attribution',
  mode: 'shadow',
  version: '0.1.0',
  redis: 'ok',
  last_tick: 1_700_000_005,
  lag: 0.2,
};
const SERVED: ServeOptions = {
  host: '127.0.0.1',
  port: 0,
  portSetting: 'P30_METRICS_PORT',
  metricsText: () => Promise.resolve('# HELP a Words.\n# TYPE a gauge\na 1\n'),
  health: () => HEALTH,
  ready: () => ({ ready: true, why: null }),
  onError: (error) => {
    throw error;
  },
};

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(options: Partial<ServeOptions> = {}): Promise<Listening> {
  const server = await serveComponent({ ...SERVED, ...options });
  open.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(
  { port }: Listening,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends bytes as they are; resolves with all that came back once the other side closes. */
function raw({ port }: Listening, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') reject(error);
    });
  });
}

function connected({ port }: Listening): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    open.push({ close: () => socket.destroy() });
  });
}

const json = ({ body }: Answer): unknown => JSON.parse(body);

describe('the pages of a component', () => {
  it('give the metrics as Prometheus takes them', async () => {
    const answer = await ask(await serve(), '/metrics');
    expect(answer).toMatchObject({ status: 200, body: '# HELP a Words.\n# TYPE a gauge\na 1\n' });
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it.each([
    ['ok', 200],
    ['degraded', 200],
    ['standby', 200],
    ['failing', 503],
  ] as const)('say of the health that it is %s, with %i', async (status, code) => {
    const answer = await ask(await serve({ health: () => ({ ...HEALTH, status, symbols: 3 }) }), '/health');
    expect([answer.status, json(answer)]).toEqual([code, { ...HEALTH, status, symbols: 3 }]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it('say whether it is ready, and why not', async () => {
    let ready = { ready: false, why: 'reading older entries' as string | null };
    const server = await serve({ ready: () => ready });
    const before = await ask(server, '/ready');
    ready = { ready: true, why: null };
    const after = await ask(server, '/ready');
    expect([before.status, json(before)]).toEqual([503, { ready: false, why: 'reading older entries' }]);
    expect([after.status, json(after)]).toEqual([200, { ready: true, why: null }]);
  });

  it('have no metrics on a port that is for health only', async () => {
    const server = await serve({ metricsText: null });
    expect((await ask(server, '/metrics')).status).toBe(404);
    expect((await ask(server, '/health')).status).toBe(200);
  });

  it.each(['/', '/metrics/', '/metrics/../health2', '/%2e%2e/etc/passwd', '/favicon.ico', '/health%00'])(
    'are not at %s',
    async (path) => {
      const answer = await ask(await serve(), path);
      expect([answer.status, json(answer)]).toEqual([404, { error: 'not found' }]);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('are not for %s', async (method) => {
    const server = await serve();
    const body = method === 'TRACE' ? '' : 'x'.repeat(100_000);
    for (const path of ['/metrics', '/health', '/ready']) {
      const answer = await ask(server, path, {
        method,
        headers: { 'Content-Length': String(body.length) },
        body,
      });
      expect([answer.status, answer.headers['allow'], json(answer)]).toEqual([
        405,
        'GET, HEAD',
        { error: 'method not allowed' },
      ]);
    }
  });

  it('answer HEAD without a body', async () => {
    expect(await ask(await serve(), '/health', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });
});

describe('the guard of the pages', () => {
  it('refuses a name that is not this machine’s, whatever is asked', async () => {
    const server = await serve();
    for (const path of ['/metrics', '/health', '/nothing']) {
      const answer = await ask(server, path, { headers: { Host: `evil.example:${server.port}` } });
      expect([answer.status, json(answer)]).toEqual([421, { error: 'this host is not served here' }]);
    }
    expect((await ask(server, '/health', { headers: { Host: 'localhost' } })).status).toBe(200);
    expect(await raw(server, 'GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
  });

  it('puts its headers on every answer', async () => {
    const server = await serve({ health: () => fail() });
    const answers = [
      await ask(server, '/metrics'),
      await ask(server, '/nothing'),
      await ask(server, '/metrics', { method: 'POST' }),
      await ask(server, '/metrics', { headers: { Host: 'evil.example' } }),
    ];
    for (const { headers } of answers)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
    expect(await raw(server, 'nonsense\r\n\r\n')).toContain('X-Content-Type-Options: nosniff');
  });

  it.each([
    ['what is not HTTP', 'nonsense\r\n\r\n', 400],
    ['a request without a host', 'GET /health HTTP/1.1\r\n\r\n', 421],
    ['two hosts', 'GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n', 421],
    ['headers without end', `GET /health HTTP/1.1\r\nHost: localhost\r\nA: ${'x'.repeat(9000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
  ])('refuses %s and closes', async (_name, bytes, status) => {
    expect(await raw(await serve(), bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('opens no tunnel and speaks no other protocol', async () => {
    const server = await serve();
    expect(await raw(server, 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('');
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
    expect((await ask(server, '/health', { headers: upgrade })).status).toBe(200);
  });

  it('says nothing of what went wrong inside, but tells its owner', async () => {
    const errors: string[] = [];
    const server = await serve({
      health: () => fail(),
      metricsText: () => Promise.reject(new Error('secret of /home/me')),
      onError: (error) => errors.push(error.message),
    });
    for (const path of ['/health', '/metrics']) {
      const answer = await ask(server, path);
      expect([answer.status, answer.body]).toEqual([500, '{"error":"internal error"}']);
    }
    expect(errors).toEqual(['secret of /home/me', 'secret of /home/me']);
  });

  it('makes one text for all who ask at once', async () => {
    let made = 0;
    const server = await serve({
      metricsText: async () => {
        made++;
        await sleep(200);
        return 'a 1\n';
      },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server, '/metrics')));
    expect(answers.every(({ body }) => body === 'a 1\n')).toBe(true);
    expect(made).toBeLessThan(5);
    await ask(server, '/metrics');
    expect(made).toBeGreaterThan(1);
  });

  it('serves again after 200 connections that say nothing', async () => {
    const server = await serve();
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connected(server)));
    for (const socket of sockets) socket.destroy();
    await sleep(20);
    expect((await ask(server, '/health')).status).toBe(200);
  });
});

describe('a port', () => {
  it('in use is said to be, with its setting and what to do', async () => {
    const { port } = await serve();
    await expect(serve({ port })).rejects.toThrow(
      `P30_METRICS_PORT ${port} on 127.0.0.1 is in use: stop the program that listens there, or set P30_METRICS_PORT to another port (0: any free one)`,
    );
  });

  it('on an address of another machine is refused by the name of that setting', async () => {
    await expect(serve({ host: '192.0.2.1' })).rejects.toThrow(
      /^METRICS_HOST 192\.0\.2\.1 is no address of this machine: /,
    );
  });

  it('of 0 becomes a free one, and is told', async () => {
    const { port, url } = await serve();
    expect(port).toBeGreaterThan(0);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('closing', () => {
  it('takes less than 200 ms with connections open, idle, half a request in, or waiting', async () => {
    const server = await serve({ metricsText: () => new Promise(() => undefined) });
    const [idle, half, waiting] = await Promise.all([
      connected(server),
      connected(server),
      connected(server),
    ]);
    half.write('GET /health HTTP/1.1\r\nHost: loc');
    waiting.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    idle.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => idle.once('data', resolve));
    for (const socket of [idle, half, waiting]) socket.on('error', () => socket.destroy());
    const start = performance.now();
    await server.close();
    expect(performance.now() - start).toBeLessThan(200);
    await expect(ask(server, '/health')).rejects.toThrow('ECONNREFUSED');
  });

  it('lets an answer on its way arrive, and may be asked for twice', async () => {
    const server = await serve({ metricsText: () => sleep(30, 'a 1\n') });
    const answer = ask(server, '/metrics');
    await sleep(10);
    await Promise.all([server.close(), server.close()]);
    expect((await answer).body).toBe('a 1\n');
  });
});

function fail(): never {
  throw new Error('secret of /home/me');
}
