/** What one client can take from the others: time, memory, connections, guesses (S11). */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Guesses, MAX_GUESSES } from '../../src/dashboard/server/secrets.ts';
import { Nonces, Sessions } from '../../src/dashboard/server/sessions.ts';
import { ask, dashboard, FakeFeed, json, ownHeaders, raw, REARM, session, STOP } from './server-support.ts';

describe('S11: slow and large requests', () => {
  it('are closed within ten seconds, 200 of them at once, and what is asked meanwhile is answered', async () => {
    const server = await dashboard();
    const beginnings = [
      '',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX-',
      'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"to',
    ];
    const startMs = performance.now();
    const closed: number[] = [];
    const sockets = Array.from({ length: 200 }, (_, i) => {
      const socket: Socket = connect(server.port, '127.0.0.1', () => socket.write(beginnings[i % 4]!));
      socket.on('error', () => socket.destroy());
      socket.on('close', () => closed.push(performance.now() - startMs));
      // Who goes on sending a little is as slow as who does not.
      const drip = setInterval(() => void (socket.destroyed || i % 4 === 0 || socket.write('a')), 900);
      socket.on('close', () => clearInterval(drip));
      socket.resume();
      return socket;
    });
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await sleep(300);
    for (let n = 0; n < 10; n++) {
      const askedMs = performance.now();
      expect((await ask(server, '/api/v1/snapshot')).status).toBe(200);
      expect(performance.now() - askedMs).toBeLessThan(500);
      await sleep(100);
    }
    while (closed.length < 200 && performance.now() - startMs < 12_000) await sleep(50);
    expect(closed).toHaveLength(200);
    expect(Math.max(...closed)).toBeLessThan(10_000);
  }, 20_000);

  it('past the connections there may be are closed at once', async () => {
    const server = await dashboard();
    const sockets = Array.from({ length: 400 }, () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      socket.resume();
      return socket;
    });
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await sleep(700);
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBe(256);
    for (const socket of sockets) socket.destroy();
    await sleep(50);
    expect((await ask(server, '/health')).status).toBe(200);
  });

  it('are refused by their size: bodies of 8 KB, said or not, and headers', async () => {
    const server = await dashboard();
    const big = { token: 'x'.repeat(8300) };
    expect(json(await ask(server, '/api/v1/session', { method: 'POST', body: big }))).toMatchObject({
      code: 'too_large',
    });
    const chunk = 'x'.repeat(1000);
    const { text } = await raw(
      server,
      `POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${`3e8\r\n${chunk}\r\n`.repeat(20)}`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    const many = Array.from({ length: 9 }, (_, i) => `A${i}: ${'x'.repeat(1000)}\r\n`).join('');
    expect((await raw(server, `GET / HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`)).text).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    const nested = '['.repeat(8000);
    expect((await ask(server, '/api/v1/session', { method: 'POST', body: nested })).status).toBe(400);
  });
});

describe('many who ask for much at once', () => {
  it('hold up each other, and nothing else in the process for longer than one of them takes', async () => {
    const feed = new FakeFeed();
    feed.verdicts = () => {
      const endMs = performance.now() + 20;
      while (performance.now() < endMs);
      return [];
    };
    const server = await dashboard({ feed });
    const sockets = Array.from({ length: 60 }, () => connect(server.port, '127.0.0.1'));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await sleep(200);
    let [lastMs, longestMs] = [performance.now(), 0];
    const watching = setInterval(() => {
      const nowMs = performance.now();
      [lastMs, longestMs] = [nowMs, Math.max(longestMs, nowMs - lastMs)];
    }, 1);
    const answered = sockets.map(
      (socket) =>
        new Promise<string>((resolve) => {
          socket.once('data', (data: Buffer) => resolve(data.toString().slice(0, 12)));
          socket.write('GET /api/v1/verdicts HTTP/1.1\r\nHost: localhost\r\n\r\n');
        }),
    );
    expect(new Set(await Promise.all(answered))).toEqual(new Set(['HTTP/1.1 200']));
    clearInterval(watching);
    expect(longestMs).toBeLessThan(200);
  });
});

describe('a request that ends before its body', () => {
  it('is no failure of the server', async () => {
    const server = await dashboard();
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(
        'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"to',
      ),
    );
    await sleep(100);
    socket.destroy();
    await sleep(100);
    expect((await ask(server, '/metrics')).body).toContain('{route="login",status="400"} 1\n');
    expect(server.log.filter((line) => line.includes('"error"'))).toEqual([]);
  });
});

describe('guesses at tokens', () => {
  const wrong = (n: number): string => `wrong-token-number-${n}`;

  it('are ten a minute over all, by login, header or re-arming; sessions go on', async () => {
    let nowMs = 0;
    const server = await dashboard({ nowMs: () => nowMs });
    const own = ownHeaders(server, await session(server));
    const guess = (n: number) =>
      n % 2 === 0
        ? ask(server, '/api/v1/session', { method: 'POST', body: { token: wrong(n) } })
        : ask(server, '/api/v1/snapshot', { headers: { Authorization: `Bearer ${wrong(n)}` } });
    const statuses: number[] = [];
    for (let n = 0; n < 15; n++) statuses.push((await guess(n)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)]);
    const right = await ask(server, '/api/v1/session', { method: 'POST', body: { token: STOP } });
    expect([right.status, right.headers['retry-after'], json(right)]).toMatchObject([
      429,
      '60',
      { code: 'rate_limited' },
    ]);
    const { nonce } = json(
      await ask(server, '/api/v1/challenge', { method: 'POST', headers: own, body: {} }),
    ) as { nonce: string };
    const rearm = { by: 'a', reason: 'b', symbol: null, confirm: 'ALL', nonce, rearm_token: REARM };
    expect(
      (await ask(server, '/api/v1/actions/rearm', { method: 'POST', headers: own, body: rearm })).status,
    ).toBe(429);
    const halt = { by: 'a', reason: 'b', confirm: 'HALT' };
    expect(
      (await ask(server, '/api/v1/actions/halt', { method: 'POST', headers: own, body: halt })).status,
    ).toBe(200);
    nowMs += 60_000;
    expect((await session(server)).csrf).toMatch(/^[\w-]{43}$/);
    expect((await ask(server, '/metrics')).body).toMatch(
      /dashboard_refused_total\{reason="rate_limited"\} 7\n/,
    );
  });

  it('count each once: a script with an old token locks nobody out', async () => {
    const server = await dashboard();
    for (let n = 0; n < 30; n++)
      expect(
        (await ask(server, '/api/v1/snapshot', { headers: { Authorization: `Bearer ${wrong(1)}` } })).status,
      ).toBe(401);
    expect((await session(server)).cookie).toContain('ballast_session=');
  });

  it('take no more memory than there may be of them', () => {
    const guesses = new Guesses(() => 0);
    for (let n = 0; n < MAX_GUESSES; n++) {
      guesses.mustBeFew(wrong(n));
      guesses.wrong(wrong(n));
    }
    expect(() => guesses.mustBeFew(wrong(99))).toThrow(/10 wrong tokens within a minute/);
    expect(() => guesses.mustBeFew(wrong(3))).not.toThrow();
  });
});

describe('sessions and challenges', () => {
  it('are a hundred at most: the oldest gives way', () => {
    const sessions = new Sessions(() => 0);
    const ids = Array.from({ length: 101 }, () => sessions.open('read').id);
    expect([sessions.size, sessions.find(ids[0]!), sessions.find(ids[1]!)]).toEqual([
      100,
      null,
      expect.anything(),
    ]);
    expect(new Set(ids).size).toBe(101);
  });

  it('of readers end none of who may stop', () => {
    const sessions = new Sessions(() => 0);
    const { session } = sessions.open('stop');
    for (let i = 0; i < 300; i++) sessions.open('read');
    expect([sessions.size, sessions.isOpen(session)]).toEqual([100, true]);
    for (let i = 0; i < 100; i++) sessions.open('stop');
    expect([sessions.size, sessions.isOpen(session)]).toEqual([100, false]);
  });

  it('of one holder do not take the place of another’s', () => {
    const nonces = new Nonces(() => 0);
    const mine = nonces.make('me');
    const others = Array.from({ length: 50 }, () => nonces.make('other'));
    expect(others.map((nonce) => nonces.use(nonce, 'other')).filter(Boolean)).toHaveLength(5);
    expect([nonces.use(mine, 'me'), nonces.use(mine, 'me')]).toEqual([true, false]);
  });
});
