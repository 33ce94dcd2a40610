/** What an operator does on the page is done to a real governor, on both stores: at once, and told with name and reason. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeDisarmed } from '../../src/contract/governor-records.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { collectTrading } from '../../src/ops/governor/trading-collect.ts';
import { StoreError } from '../../src/store/store.ts';
import { deployed, NAMESPACE, startGovernor, withOther } from '../support/live-governor.ts';
import { connectedStore } from '../support/redis-store.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { ask, dashboard, json, ownHeaders, REARM, session, type Server } from './server-support.ts';
import type { Store } from '../../src/store/store.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

const MAX_EFFECT_MS = 250;

async function eventsOf(store: Store): Promise<Record<string, string>[]> {
  const { streams } = await store.read([
    { stream: keyOf(NAMESPACE, 'governorEvents'), after: '0-0', count: 100 },
  ]);
  return streams[0]!.entries.map(({ fields }) =>
    Object.fromEntries(
      Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i]!, fields[2 * i + 1]!]),
    ),
  );
}

/** What the page does, its clicks in milliseconds. */
function pageOf(server: Server, own: Record<string, string>) {
  const post = async (path: string, body: object) => {
    const startMs = performance.now();
    const answer = await ask(server, `/api/v1/${path}`, { method: 'POST', headers: own, body });
    return {
      status: answer.status,
      said: json(answer) as Record<string, unknown>,
      tookMs: performance.now() - startMs,
    };
  };
  return {
    post,
    rearm: async (symbol: string | null, reason: string) => {
      const { said } = await post('challenge', {});
      const rest = { by: 'ann', reason, confirm: symbol ?? 'ALL', rearm_token: REARM };
      return await post('actions/rearm', { symbol, nonce: said['nonce'], ...rest });
    },
  };
}

describe.each(['memory', 'redis'] as const)('on %s', (kind) => {
  async function started() {
    const store =
      kind === 'redis' ? await connectedStore({ url: redis.url, namespace: NAMESPACE }) : undefined;
    if (kind === 'redis') await redis.send('FLUSHDB');
    const deployment = await deployed({}, store);
    await startGovernor(deployment);
    const server = await dashboard({ deployment });
    return { server, deployment, page: pageOf(server, ownHeaders(server, await session(server))) };
  }

  it('entries are stopped, everything is halted, and all is re-armed', async () => {
    const { server, deployment, page } = await started();
    const { store } = deployment;
    const stateOf = async () => (await collectTrading(store, NAMESPACE)).state;

    const stopped = await page.post('actions/stop-entries', {
      by: ' ann\n',
      reason: 'a\tquiet\u202e night',
      confirm: 'STOP',
    });
    expect([stopped.status, stopped.said]).toMatchObject([
      200,
      { state: 'REDUCING', voided: 0, rearmed: [] },
    ]);
    expect(await stateOf()).toBe('REDUCING');
    const halted = await page.post('actions/halt', { by: 'ann', reason: 'worse', confirm: 'HALT' });
    expect([halted.status, await stateOf()]).toEqual([200, 'HALTED']);
    for (const { tookMs } of [stopped, halted]) expect(tookMs).toBeLessThan(MAX_EFFECT_MS);

    const weaker = await page.post('actions/stop-entries', { by: 'ann', reason: 'less', confirm: 'STOP' });
    expect([weaker.status, weaker.said['code'], await stateOf()]).toEqual([409, 'conflict', 'HALTED']);

    const disarm = encodeDisarmed({ reason: 'burst_limit_exceeded', timestamp: 5 });
    await store.writeFields(
      keyOf(NAMESPACE, 'disarmed'),
      ['A', 'B'].map((symbol) => [symbol, disarm]),
    );
    const one = await page.rearm('A', 'looked at A');
    expect([one.status, one.said]).toMatchObject([200, { state: 'HALTED', rearmed: ['A'] }]);
    const none = await page.rearm('C', 'no such');
    expect([none.status, none.said]).toMatchObject([409, { error: 'C is not disarmed; disarmed: B' }]);
    const all = await page.rearm(null, 'all is well');
    expect([all.status, all.said]).toMatchObject([200, { state: 'ACTIVE', rearmed: ['B'] }]);
    expect(await collectTrading(store, NAMESPACE)).toMatchObject({ state: 'ACTIVE', disarmed: [] });

    const told = (await eventsOf(store)).filter(({ how }) => how !== 'note');
    expect(told).toMatchObject([
      { event: 'KILL_SWITCH', state: 'REDUCING', by: 'ann', reason: 'a quiet night', how: 'switch' },
      { event: 'KILL_SWITCH', state: 'HALTED', by: 'ann', reason: 'worse', how: 'switch' },
      { event: 'REARM', symbol: 'A', by: 'ann', reason: 'looked at A' },
      { event: 'KILL_SWITCH', state: 'ACTIVE', by: 'ann', reason: 'all is well', how: 'switch' },
    ]);
    expect(server.feed.refreshed).toBe(4);
    const metrics = (await ask(server, '/metrics')).body;
    for (const [action, count] of [
      ['stop-entries', 1],
      ['halt', 1],
      ['rearm', 2],
    ])
      expect(metrics).toContain(`dashboard_actions_total{action="${action}"} ${count}\n`);
    if (kind === 'redis') await store[Symbol.asyncDispose]();
  });
});

describe('what cannot be done', () => {
  const refuse = async () => await Promise.reject(new StoreError('refused', 'OOM', 'no memory'));

  it('is said to be the store’s, and nothing is claimed to be done', async () => {
    const deployment = await deployed();
    const permits = withOther(deployment.store.permits, { change: refuse });
    const server = await dashboard({
      deployment: { ...deployment, store: withOther(deployment.store, { permits }) },
    });
    const page = pageOf(server, ownHeaders(server, await session(server)));
    const { status, said } = await page.post('actions/halt', { by: 'ann', reason: 'now', confirm: 'HALT' });
    expect([status, said]).toEqual([503, { error: 'no memory; trading is ACTIVE now', code: 'store' }]);
    expect(server.feed.refreshed).toBe(0);
  });

  it('a halt waits for no reading that hangs', async () => {
    const server = await dashboard();
    server.feed.refresh = () => new Promise(() => undefined);
    const page = pageOf(server, ownHeaders(server, await session(server)));
    const { status, tookMs } = await page.post('actions/halt', { by: 'ann', reason: 'now', confirm: 'HALT' });
    expect(status).toBe(200);
    expect(tookMs).toBeLessThan(600);
  });

  it('a halt that came between holds', async () => {
    const deployment = await deployed();
    const { store } = deployment;
    let looks = 0;
    const look: typeof store.permits.look = async (requests) => {
      const looked = await store.permits.look(requests);
      // Someone halts after the first look.
      if (++looks === 1)
        await store.permits.change({ kind: 'switch', state: 'HALTED', by: 'bob', reason: 'fire' });
      return looked;
    };
    const between = withOther(store, { permits: withOther(store.permits, { look }) });
    const server = await dashboard({ deployment: { ...deployment, store: between } });
    const page = pageOf(server, ownHeaders(server, await session(server)));
    const { said } = await page.post('actions/stop-entries', { by: 'ann', reason: 'quiet', confirm: 'STOP' });
    expect(said).toMatchObject({ state: 'HALTED' });
    expect(await collectTrading(store, NAMESPACE)).toMatchObject({ state: 'HALTED' });
  });

  it('a halt between the last look and the change holds too', async () => {
    const deployment = await deployed();
    const { store } = deployment;
    const change: typeof store.permits.change = async (wanted) => {
      if (wanted.state === 'REDUCING')
        await store.permits.change({ kind: 'switch', state: 'HALTED', by: 'bob', reason: 'fire' });
      return await store.permits.change(wanted);
    };
    const between = withOther(store, { permits: withOther(store.permits, { change }) });
    const server = await dashboard({ deployment: { ...deployment, store: between } });
    const page = pageOf(server, ownHeaders(server, await session(server)));
    const { said } = await page.post('actions/stop-entries', { by: 'ann', reason: 'quiet', confirm: 'STOP' });
    expect(said).toMatchObject({ state: 'HALTED' });
    expect(await collectTrading(store, NAMESPACE)).toMatchObject({ state: 'HALTED' });
  });

  it('stopping entries twice at once stops entries, and no more than that', async () => {
    const server = await dashboard();
    const page = pageOf(server, ownHeaders(server, await session(server)));
    const stop = () => page.post('actions/stop-entries', { by: 'ann', reason: 'quiet', confirm: 'STOP' });
    for (const { said } of await Promise.all([stop(), stop()]))
      expect(said).toMatchObject({ state: 'REDUCING' });
    expect(await collectTrading(server.deployment.store, NAMESPACE)).toMatchObject({ state: 'REDUCING' });
  });
});
