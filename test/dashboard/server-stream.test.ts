/** Whoever follows the changes gets each of them exactly once, in order, whatever happens to the connection. */
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/live-process.ts';
import type { Snapshot } from '../../src/dashboard/wire.ts';
import {
  ask,
  dashboard,
  FakeFeed,
  json,
  ownHeaders,
  READ,
  sampleSnapshot,
  session,
  STOP,
  type Server,
} from './server-support.ts';

interface Event {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

interface Following {
  readonly events: Event[];
  readonly response: IncomingMessage;
  readonly isOver: () => boolean;
  next(count: number): Promise<Event[]>;
  leave(): void;
}

/** Follows until it leaves or the test ends. Beats are left out. */
async function follow(server: Server, headers: Readonly<Record<string, string>> = {}): Promise<Following> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const going = request(
      { host: '127.0.0.1', port: server.port, path: '/api/v1/stream', headers, agent: false },
      resolve,
    );
    going.on('error', reject);
    going.end();
  });
  const events: Event[] = [];
  let rest = '';
  let over = false;
  response.on('data', (chunk: Buffer) => {
    const texts = (rest + chunk.toString()).split('\n\n');
    rest = texts.pop()!;
    for (const text of texts) {
      const fields = new Map(
        text.split('\n').map((line) => [line.split(': ')[0]!, line.slice(line.indexOf(': ') + 2)]),
      );
      const event = fields.get('event')!;
      events.push({ event, id: fields.get('id') ?? null, data: JSON.parse(fields.get('data')!) });
    }
  });
  response.on('close', () => (over = true));
  response.on('error', () => (over = true));
  onTestFinished(() => void response.destroy());
  const told = (): Event[] => events.filter(({ event }) => event !== 'beat');
  return {
    events,
    response,
    isOver: () => over,
    next: async (count) =>
      await until(
        `${count} events`,
        () => Promise.resolve(told().length >= count ? told() : undefined),
        3000,
      ),
    leave: () => void response.destroy(),
  };
}

const readAt = (at: number) => ({ overview: { read_at: at } });
const clientsOf = async (server: Server): Promise<number> =>
  (json(await ask(server, '/health')) as { clients: number }).clients;

describe('the stream of changes', () => {
  it('begins with everything, then tells each change with its id', async () => {
    const server = await dashboard();
    const one = await follow(server);
    expect(one.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    await one.next(1);
    server.feed.push(readAt(1001));
    server.feed.push(readAt(1002));
    expect(await one.next(3)).toEqual([
      { event: 'snapshot', id: 'fake-0', data: sampleSnapshot() },
      { event: 'patch', id: 'fake-1', data: readAt(1001) },
      { event: 'patch', id: 'fake-2', data: readAt(1002) },
    ]);
  });

  it('goes on after the last id, with each missed change exactly once', async () => {
    const server = await dashboard();
    const seen: string[] = [];
    let last = '';
    for (let round = 0; round < 5; round++) {
      const one = await follow(server, last === '' ? {} : { 'Last-Event-ID': last });
      server.feed.push(readAt(2000 + round));
      const events = await one.next(round === 0 ? 2 : 4);
      seen.push(...events.map(({ id }) => id!));
      last = events.at(-1)!.id!;
      one.leave();
      // Nobody follows meanwhile.
      for (let missed = 0; missed < 3; missed++) server.feed.push(readAt(3000 + missed));
    }
    const patches = seen.filter((id) => id !== 'fake-0').map((id) => Number(id.slice(5)));
    expect(patches).toEqual(Array.from({ length: patches.length }, (_, i) => i + 1));
    expect(patches.length).toBe(17);
  });

  it.each(['fake-9999', 'other-3', '', '%00', 'x'.repeat(500)])(
    'begins anew after an id that is not known: %j',
    async (id) => {
      const server = await dashboard();
      server.feed.push(readAt(1001));
      const one = await follow(server, { 'Last-Event-ID': id });
      expect((await one.next(1))[0]).toMatchObject({ event: 'snapshot', id: 'fake-1' });
    },
  );

  it('has nothing to tell whoever missed nothing, and says so at once', async () => {
    const server = await dashboard();
    const one = await follow(server, { 'Last-Event-ID': 'fake-0' });
    await until('a beat', () => Promise.resolve(one.events[0]), 2000);
    expect(one.events).toEqual([{ event: 'beat', id: null, data: {} }]);
    server.feed.push(readAt(1001));
    expect((await one.next(1))[0]).toMatchObject({ event: 'patch', id: 'fake-1' });
  });

  it('waits for the first reading, and begins with it', async () => {
    const server = await dashboard({ feed: new FakeFeed(null) });
    const one = await follow(server, { 'Last-Event-ID': 'fake-0' });
    await until('a beat', () => Promise.resolve(one.events[0]), 2000);
    server.feed.snapshot = sampleSnapshot();
    expect(await one.next(1)).toMatchObject([{ event: 'snapshot', id: 'fake-0' }]);
  });

  it('beats while nothing happens, for longer than a request may take', async () => {
    const server = await dashboard({ stream: { beatMs: 100 } });
    const one = await follow(server);
    await sleep(7000);
    expect(one.isOver()).toBe(false);
    expect(one.events.filter(({ event }) => event === 'beat').length).toBeGreaterThan(40);
  });

  it('lets so many follow and no more, and the next one once one is gone', async () => {
    const server = await dashboard({ stream: { maxClients: 3 } });
    const all = await Promise.all([follow(server), follow(server), follow(server)]);
    const refused = await ask(server, '/api/v1/stream');
    expect([refused.status, refused.headers['retry-after'], json(refused)]).toEqual([
      503,
      '5',
      { error: 'as many follow the changes as may: try again later', code: 'busy' },
    ]);
    expect(await clientsOf(server)).toBe(3);
    all[0].leave();
    await until('a place', async () => ((await clientsOf(server)) === 2 ? true : undefined));
    expect((await follow(server)).response.statusCode).toBe(200);
  });

  it('lets go whoever does not read, and keeps the others waiting for nothing', async () => {
    const server = await dashboard({ stream: { maxWaitingBytes: 100_000 } });
    const good = await follow(server);
    const socket = connect(server.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => socket.destroy());
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    socket.pause();
    await until('two', async () => ((await clientsOf(server)) === 2 ? true : undefined));
    const big = { ...readAt(1), removed: ['x'.repeat(500_000)] };
    let pushed = 0;
    await until(
      'the slow one gone',
      async () => {
        server.feed.push(big);
        pushed++;
        await sleep(10);
        return (await clientsOf(server)) === 1 ? true : undefined;
      },
      15_000,
    );
    expect((await good.next(pushed + 1)).length).toBe(pushed + 1);
    expect(good.isOver()).toBe(false);
  });

  it('is for one request on a connection: those sent behind it take no place of others', async () => {
    const server = await dashboard({ stream: { maxClients: 3 } });
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20)),
    );
    onTestFinished(() => void socket.destroy());
    const clients = async (): Promise<unknown> =>
      (json(await ask(server, '/health')) as { clients: number }).clients;
    await until('it follows', async () => ((await clients()) === 0 ? undefined : true), 3000);
    expect(await clients()).toBe(1);
    socket.destroy();
    await until('its place is free', async () => ((await clients()) === 0 ? true : undefined), 3000);
  });

  it('makes text of a snapshot once, however many begin or ask with it', async () => {
    const feed = new FakeFeed();
    let count = 0;
    const snapshot = sampleSnapshot(['ÄÖ-USDT']);
    feed.snapshot = Object.assign(Object.create({ toJSON: () => (count++, snapshot) }) as Snapshot, snapshot);
    const server = await dashboard({ feed });
    for (const encoding of ['gzip', 'identity', 'gzip'])
      await ask(server, '/api/v1/snapshot', { headers: { 'Accept-Encoding': encoding } });
    const [first, second] = [await follow(server), await follow(server)];
    for (const one of [first, second]) expect((await one.next(1))[0]!.data).toEqual(snapshot);
    expect(json(await ask(server, '/api/v1/snapshot'))).toEqual(snapshot);
    expect(count).toBe(1);
  });

  it('gives whoever was away all it missed, however much that is', async () => {
    const server = await dashboard({ stream: { maxWaitingBytes: 1000 } });
    const first = await follow(server);
    await first.next(1);
    const id = server.feed.lastId;
    first.leave();
    const long = 'x'.repeat(1_000_000);
    for (let i = 0; i < 15; i++) server.feed.push({ overview: { version: `${i}${long}` } });
    const again = await follow(server, { 'Last-Event-ID': id });
    expect((await again.next(15)).map(({ id }) => id)).toHaveLength(15);
    expect(again.isOver()).toBe(false);
  });

  it('is over, and none begins, once a bug ended what reads the store; the rest goes on and says so', async () => {
    let hasFailed = false;
    const server = await dashboard({ hasFailed: () => hasFailed, stream: { beatMs: 50 } });
    const following = await follow(server);
    await following.next(1);
    expect((await ask(server, '/health')).status).toBe(200);
    hasFailed = true;
    await until('it is over', () => Promise.resolve(following.isOver() || undefined), 3000);
    expect((await ask(server, '/api/v1/stream')).status).toBe(500);
    const health = await ask(server, '/health');
    expect([health.status, json(health)]).toMatchObject([503, { status: 'failing' }]);
    expect((await ask(server, '/ready')).status).toBe(503);
    const headers = ownHeaders(server, await session(server));
    const body = { by: 'ann', reason: 'now', confirm: 'HALT' };
    expect((await ask(server, '/api/v1/actions/halt', { method: 'POST', headers, body })).status).toBe(200);
  });

  it('ends with the session it was opened with', async () => {
    const tokens = { read: READ, stop: STOP, rearm: null };
    const server = await dashboard({ tokens, stream: { beatMs: 50 } });
    expect((await ask(server, '/api/v1/stream')).status).toBe(401);
    const opened = await session(server, READ);
    const own = ownHeaders(server, opened);
    const one = await follow(server, own);
    await one.next(1);
    expect((await ask(server, '/api/v1/session', { method: 'DELETE', headers: own })).status).toBe(200);
    await until('the end', () => Promise.resolve(one.isOver() ? true : undefined), 3000);
    expect((await ask(server, '/api/v1/snapshot', { headers: own })).status).toBe(401);
  });

  it('ends at once when the server does', async () => {
    const server = await dashboard();
    const one = await follow(server);
    await one.next(1);
    const startMs = performance.now();
    await server.close();
    expect(performance.now() - startMs).toBeLessThan(200);
    await until('the end', () => Promise.resolve(one.isOver() ? true : undefined), 1000);
  });
});
