/** The feed on both stores: what is written is in the snapshot, and patches tell what changed. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { encodeDisarmed } from '../../src/contract/governor-records.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { StoreError, type Store } from '../../src/store/store.ts';
import { applyPatch } from '../../src/dashboard/views/apply-patch.ts';
import { symbolDetailSchema, type Snapshot } from '../../src/dashboard/wire.ts';
import { PAGE_ENTRIES } from '../../src/dashboard/feed/bounds.ts';
import { FeedWorld, NAMESPACE, type Fields } from '../support/feed-world.ts';
import { withOther } from '../support/live-governor.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => await server.stop());
beforeEach(async () => void (await server.send('FLUSHALL')));

const STORES = {
  memory: () => openMemoryStore({ namespace: NAMESPACE, folder: null }),
  redis: () => connectedStore({ url: server.url, namespace: NAMESPACE }),
} as const;

async function opened(kind: keyof typeof STORES): Promise<FeedWorld> {
  const store: Store = await STORES[kind]();
  onTestFinished(async () => await store[Symbol.asyncDispose]());
  return new FeedWorld(store);
}

const nowSec = (): number => Math.floor(Date.now() / 1000);
const rowOf = ({ symbols }: Snapshot, name: string) => symbols.find(({ symbol }) => symbol === name);

/** Everything the components write about a symbol. */
async function publish(world: FeedWorld, symbol: string, ts: number): Promise<void> {
  const times = { ts, timestamp: ts };
  await world.put(`alpha:attribution:${symbol}`, {
    ...{ alpha_score: 0.5, performance_factor: 0.25, confidence: 0.8, mode: 'enforce', ...times },
  });
  await world.put(`portfolio:budget:${symbol}`, { budget_usd: 1000, mode: 'enforce', timestamp: ts });
  await world.put(`allocation:target:${symbol}`, {
    ...{ target_usd: 900, base_target_usd: 800, confidence: 0.9, mode: 'enforce', ...times },
  });
  await world.put(`shadow:allocation:target:${symbol}`, { target_usd: 700, mode: 'shadow', ...times });
  await world.put(`allocation:target:proposed:${symbol}`, {
    ...{ proposed_target: 850, multiplier: '1.0625', reason: 'ok', last_update_ts_epoch: ts },
  });
  await world.put(`capital:efficiency:${symbol}`, {
    ...{
      efficiency_score: 0.6,
      efficiency_ewma: 0.55,
      capital_pressure: 'INCREASE',
      reallocation_weight: 1.1,
    },
    ...{ confidence: 0.7, stale_flags: '', volatility_ratio: 0.1, dd_ratio: 0.2, hold_time_penalty: 0.3 },
    ...{ p30_perf: 0.25, mode: 'enforce', ts },
  });
  await world.put(`position:snapshot:${symbol}`, {
    ...{ position_amt: -2, mark_price: 100, notional_usd: 200, timestamp: ts },
  });
  await world.put(`state:market:${symbol}`, { mark_price: 101, timestamp: ts });
}

describe.each(['memory', 'redis'] as const)('the feed on %s', (kind) => {
  it('of an empty store is an empty snapshot that says so', async () => {
    const world = await opened(kind);
    expect(world.feed.snapshot).toBeNull();
    const snapshot = await world.read();
    expect(snapshot).toMatchObject({ symbols: [], verdicts: [], events: [], equity: [] });
    expect(snapshot.overview).toMatchObject({
      ...{
        version: '9.9.9',
        namespace: NAMESPACE,
        kind: 'live',
        rate: 1,
        apply_mode: 'testnet',
        account: null,
      },
      store: { kind, where: 'here', error: null },
      trading: { state: 'ACTIVE', latched: 'ACTIVE', disarmed: [], outstanding: { openings: 0, exits: 0 } },
      totals: { symbols: 0, profit_usd: 0, profit_since: null, executions: 0, permits: 0 },
    });
    expect(Math.abs(snapshot.overview.read_at - Date.now() / 1000)).toBeLessThan(5);
    expect(snapshot.overview.components.every(({ state }) => state === 'absent')).toBe(true);
    expect(world.feed.lastId).toBe('process-1-0');
  });

  it('shows what the components wrote', async () => {
    const world = await opened(kind);
    const ts = nowSec();
    await world.append('executions', { symbol: 'BTC/USDT', pnl: 5, timestamp: ts, bot: 'x' });
    await world.append('executions', { symbol: 'BTCUSDT', pnl: -2, timestamp: ts, cluster: 'c' });
    await world.append('executions', { symbol: 'ETHUSDT', pnl: 1, timestamp: ts });
    await world.append('regimes', { regime: 'CHOP', timestamp: ts }, { symbol: 'BTCUSDT', regime: 'TREND' });
    await world.put('config:symbol.cluster', { ETHUSDT: 'layer1' });
    await world.put('governor:disarmed', { ETHUSDT: encodeDisarmed({ reason: 'burst', timestamp: ts }) });
    await publish(world, 'BTCUSDT', ts);
    const snapshot = await world.read();
    expect(snapshot.symbols.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(rowOf(snapshot, 'BTCUSDT')).toEqual({
      ...{
        symbol: 'BTCUSDT',
        cluster: 'c',
        regime: 'TREND',
        profit_usd: 3,
        executions: 2,
        last_execution_ts: ts,
      },
      ...{ spark: [5, 3], performance_factor: 0.25, alpha_score: 0.5, performance_confidence: 0.8 },
      ...{
        performance_ts: ts,
        performance_mode: 'enforce',
        budget_usd: 1000,
        budget_ts: ts,
        target_usd: 900,
      },
      ...{ base_target_usd: 800, target_confidence: 0.9, target_ts: ts, target_mode: 'enforce' },
      ...{ shadow_target_usd: 700, shadow_target_ts: ts, proposed_usd: 850, multiplier: 1.0625 },
      ...{
        proposed_reason: 'ok',
        proposed_ts: ts,
        efficiency: 0.6,
        efficiency_ewma: 0.55,
        pressure: 'INCREASE',
      },
      ...{ reallocation_weight: 1.1, efficiency_confidence: 0.7, stale_flags: '', efficiency_ts: ts },
      ...{ efficiency_mode: 'enforce', position_amt: -2, position_usd: -200, position_ts: ts },
      ...{ mark_price: 101, mark_ts: ts, disarmed: null },
    });
    expect(rowOf(snapshot, 'ETHUSDT')).toMatchObject({
      ...{ cluster: 'layer1', regime: 'CHOP', budget_usd: null, disarmed: { reason: 'burst', since: ts } },
    });
    expect(snapshot.overview.totals).toMatchObject({
      ...{ symbols: 2, profit_usd: 4, profit_since: ts, executions: 3 },
      ...{ budget_usd: 1000, target_usd: 900, position_usd: -200 },
    });
    expect(snapshot.overview.streams.find(({ input }) => input === 'execution.result')).toMatchObject({
      ...{ entries: 3, per_minute: 3 },
    });
  });

  it('tells only what changed, and a page that missed patches gets them', async () => {
    const world = await opened(kind);
    const ts = nowSec();
    await world.append('executions', ...['A', 'B', 'C'].map((symbol) => ({ symbol, pnl: 1, timestamp: ts })));
    const first = await world.read();
    const before = world.feed.lastId;
    await publish(world, 'B', ts);
    await world.append('executions', { symbol: 'D', pnl: 1, timestamp: ts });
    await world.read();
    expect(world.patches).toHaveLength(1);
    expect(world.patches[0]!.symbols?.map(({ symbol }) => symbol).toSorted()).toEqual(['B', 'D']);
    expect(Object.keys(world.patches[0]!.overview ?? {})).not.toContain('version');
    await world.append('governorEvents', { event: 'REARM', symbol: 'A', by: 'ann' });
    const last = await world.read();
    const missed = world.feed.since(before)!;
    expect(missed.map(({ id }) => id)).toEqual(['process-1-1', 'process-1-2']);
    expect(missed.reduce((snapshot, { patch }) => applyPatch(snapshot, patch), first)).toEqual(last);
    expect(last.events).toMatchObject([{ event: 'REARM', symbol: 'A', fields: { by: 'ann' } }]);
  });

  it('shows the trading state, who changed it and why', async () => {
    const world = await opened(kind);
    await world.read();
    await world.store.permits.change({
      kind: 'switch',
      state: 'HALTED',
      by: 'ann',
      reason: 'exchange is down',
    });
    const { overview, events } = await world.read();
    expect(overview.trading).toMatchObject({
      ...{ state: 'HALTED', flag: '1', latched: 'HALTED', by: 'ann', why: 'exchange is down' },
    });
    expect(Math.abs(overview.trading!.since! - Date.now() / 1000)).toBeLessThan(5);
    expect(events).toMatchObject([{ event: 'KILL_SWITCH' }]);
    await world.store.setText(`${NAMESPACE}:kill`, 'nonsense');
    expect((await world.read()).overview.trading).toMatchObject({ state: 'HALTED', flag: 'nonsense' });
  });

  it('goes through garbage and hostile names, and counts them', async () => {
    const world = await opened(kind);
    const hostile = '<img src=x onerror=alert(1)>';
    await world.append('executions', { symbol: hostile, pnl: 1 }, { symbol: 'A', pnl: 'much' }, { x: 1 });
    await world.append('executions', { symbol: 'A', pnl: 1, bot: hostile, signal: '__proto__' });
    await world.append('cashflows', { amount_usd: 'x' });
    await world.append('regimes', { regime: hostile });
    await world.append('efficiencies', { symbol: hostile, efficiency_score: 1, ts: nowSec() }, { ts: 'x' });
    await world.append('attributions', {
      symbol: 'A',
      performance_factor: 1,
      ts: nowSec(),
      regime_contrib: '{"<b>":1',
    });
    await world.append('allocations', { symbol: 'A', target_usd: '', ts: nowSec() });
    await world.append('proposals', { '': 'x' });
    await world.append('budgetViolations', { symbol: hostile, over_budget: hostile });
    await world.append('governorEvents', {
      event: 'PLAN_BLOCKED',
      plan_id: hostile,
      symbol: hostile,
      gates: '[',
    });
    await world.append('governorEvents', { event: hostile, constructor: 'x' }, { none: 'x' });
    await world.put('capital:efficiency:A', { efficiency_score: hostile, capital_pressure: hostile, ts: 1 });
    await world.put('governor:disarmed', { [hostile]: 'no JSON' });
    await world.put('config:symbol.cluster', { A: hostile, __proto__: 'x' });
    const snapshot = await world.read();
    expect(snapshot.symbols.map(({ symbol }) => symbol)).toEqual(['A']);
    expect(snapshot.symbols[0]).toMatchObject({ cluster: hostile, efficiency: null, pressure: null });
    expect(snapshot.verdicts).toMatchObject([{ symbol: hostile, plan_id: hostile, gates: [] }]);
    expect(snapshot.events.map(({ event }) => event).toSorted()).toEqual(
      [hostile, 'BUDGET_VIOLATION'].toSorted(),
    );
    expect(snapshot.overview.trading?.disarmed).toEqual([{ symbol: hostile, reason: null, since: null }]);
    expect(world.feed.badEntries).toBe(10);
    expect(world.feed.attribution('bot', 'signal', null).cells).toMatchObject([
      { x: hostile, y: '__proto__' },
    ]);
    expect(symbolDetailSchema.parse(world.feed.detail('A'))).toMatchObject({ contributions: { regime: {} } });
    expect(world.feed.detail(hostile)).toBeNull();
  });

  it('has sums that stay finite, whatever another program wrote', async () => {
    const world = await opened(kind);
    for (const symbol of ['A', 'B']) {
      await world.append('executions', { symbol, pnl: 1 });
      await world.put(`portfolio:budget:${symbol}`, { budget_usd: '1.7e308', timestamp: nowSec() });
    }
    expect((await world.read()).overview.totals.budget_usd).toBe(Number.MAX_VALUE);
  });

  it('shows a symbol over time, from streams that were there and hashes as they change', async () => {
    const world = await opened(kind);
    const ts = nowSec();
    await world.append(
      'executions',
      { symbol: 'A', pnl: 2, timestamp: ts - 9 },
      { symbol: 'A', pnl: 3, timestamp: ts },
    );
    const entry = { symbol: 'A', confidence: 0.5, capital_pressure: 'HOLD' };
    await world.append('efficiencies', { ...entry, efficiency_score: 0.4, ts: ts - 5 });
    await world.append('allocations', { symbol: 'A', target_usd: 500, ts: ts - 5 });
    await world.append('proposals', { symbol: 'A', proposed_target: 400, ts_epoch: ts - 5 });
    const contributions = { regime_contrib: '{"TREND":5,"7":1}', time_contrib: '{"00-06":5}' };
    await world.append('attributions', {
      symbol: 'A',
      performance_factor: 0.1,
      ts: ts - 5,
      ...contributions,
    });
    await publish(world, 'A', ts);
    await world.read();
    const detail = symbolDetailSchema.parse(world.feed.detail('A'));
    expect(detail.series).toEqual({
      profit: [
        [ts - 9, 2],
        [ts, 5],
      ],
      efficiency: [
        {
          ...{
            ts: ts - 5,
            score: 0.4,
            ewma: null,
            confidence: 0.5,
            pressure: 'HOLD',
            volatility_ratio: null,
          },
          ...{ dd_ratio: null, hold_time_penalty: null, performance_factor: null },
        },
        {
          ...{ ts, score: 0.6, ewma: 0.55, confidence: 0.7, pressure: 'INCREASE', volatility_ratio: 0.1 },
          ...{ dd_ratio: 0.2, hold_time_penalty: 0.3, performance_factor: 0.25 },
        },
      ],
      target: [
        [ts - 5, 500],
        [ts, 900],
      ],
      budget: [[ts, 1000]],
      proposed: [
        [ts - 5, 400],
        [ts, 850],
      ],
      position: [[ts, -200]],
    });
    expect(detail.contributions).toEqual({
      ...{ regime: { TREND: 5, 7: 1 }, cluster: {}, signal: {}, time: { '00-06': 5 } },
    });
    expect(detail.row).toEqual(rowOf(world.feed.snapshot!, 'A'));
    expect(world.feed.detail('B')).toBeNull();
  });

  it('goes on with a symbol over time after a program wrote a time far ahead', async () => {
    const world = await opened(kind);
    const ts = nowSec();
    await world.append('executions', { symbol: 'A', pnl: 2 });
    await publish(world, 'A', ts + 31_536_000);
    await world.read();
    expect(world.feed.detail('A')!.series).toMatchObject({ budget: [], target: [], efficiency: [] });
    await publish(world, 'A', ts);
    await world.read();
    expect(world.feed.detail('A')!.series).toMatchObject({ budget: [[ts, 1000]], target: [[ts, 900]] });
  });

  it('counts equity back from the account that a component keeps', async () => {
    const world = await opened(kind);
    const ts = nowSec();
    const [first] = await world.append('executions', { symbol: 'A', pnl: 50, timestamp: ts - 20 });
    await world.append('executions', { symbol: 'A', pnl: 7, timestamp: ts - 1 });
    await world.put('ballast:meta:budget', {
      ...{ tick: ts, portfolio: JSON.stringify({ ownEquityUsd: 1050, ownPeakUsd: 1100, fed: null }) },
      inputs: JSON.stringify({ 'execution.result': [first, 1] }),
    });
    const { overview, equity } = await world.read();
    expect(overview.account).toMatchObject({
      equity_usd: 1050,
      peak_usd: 1100,
      source: 'own',
      ts,
      stale: false,
    });
    expect(equity.slice(0, 2)).toEqual([
      [ts - 20, 1000, 100 / 1100],
      [ts - 20, 1050, 50 / 1100],
    ]);
    await world.put('ballast:meta:budget', {
      portfolio: JSON.stringify({ ownEquityUsd: 1057, ownPeakUsd: 1100, fed: null }),
    });
    expect((await world.read()).equity.at(-1)).toEqual([expect.any(Number), 1057, 43 / 1100]);
    await world.put('state:portfolio', { equity_usd: 5000, drawdown: 0.5, timestamp: ts });
    expect((await world.read()).overview).toMatchObject({
      account: { equity_usd: 5000, drawdown: 0.5, source: 'fed' },
      inputs: [{ input: 'state:portfolio', stale: false }],
    });
  });

  it('counts back through as many executions as there are before it shows anything', async () => {
    const world = await opened(kind);
    const ts = nowSec();
    const many = Array.from({ length: 12_000 }, () => ({ symbol: 'A', pnl: 1, timestamp: ts }));
    const ids = await world.append('executions', ...many);
    await world.put('ballast:meta:budget', {
      ...{ tick: ts, portfolio: JSON.stringify({ ownEquityUsd: 13_000, ownPeakUsd: 13_000, fed: null }) },
      inputs: JSON.stringify({ 'execution.result': [ids.at(-1), many.length] }),
    });
    const { overview, equity } = await world.read();
    expect(overview.totals.executions).toBe(many.length);
    expect(equity[0]).toEqual([ts, 1000, 0]);
    expect(equity.at(-1)?.[1]).toBe(13_000);
    expect(equity.length).toBeLessThanOrEqual(2000);
  });

  it('reads more than a page at once, and goes on from there', async () => {
    const world = await opened(kind);
    const profit = (): Fields => ({ symbol: 'A', pnl: 1, timestamp: nowSec() });
    const some = Array.from({ length: 3 * PAGE_ENTRIES + 7 }, profit);
    await world.append('executions', ...some);
    expect((await world.read()).overview.totals.executions).toBe(some.length);
    await world.append('executions', ...some);
    expect((await world.read()).overview.totals.executions).toBe(2 * some.length);
    expect(world.logged).toEqual([]);
  });

  it('changes nothing in the store and waits for nothing', async () => {
    const world = await opened(kind);
    await world.append('executions', { symbol: 'A', pnl: 1 });
    await world.append('governorEvents', {
      event: 'PERMIT_ISSUED',
      plan_id: 'p',
      symbol: 'A',
      expires_at: nowSec() + 60,
    });
    const called = new Set<string>();
    const noted = <Target extends object>(target: Target): Target =>
      new Proxy(target, {
        get: (object, name) => {
          const value: unknown = Reflect.get(object, name);
          if (typeof value !== 'function') return name === 'permits' ? noted(value as object) : value;
          return (...given: unknown[]): unknown => {
            called.add(String(name));
            return Reflect.apply(value, object, given);
          };
        },
      });
    await new FeedWorld(noted(world.store)).read();
    expect([...called].toSorted()).toEqual(['facts', 'find', 'hashes', 'knownSymbols', 'look', 'read']);
  });
});

describe('while the store does not answer', () => {
  it('the snapshot stays and says what is wrong, and goes on by itself', async () => {
    const world = await opened('memory');
    let failure: StoreError | null = null;
    const gate = <Call extends (...given: never[]) => Promise<unknown>>(call: Call): Call =>
      (async (...given: never[]) => {
        if (failure !== null) throw failure;
        return await call(...given);
      }) as Call;
    const { store } = world;
    const read = gate(store.read.bind(store));
    const shown = new FeedWorld(withOther(store, { read }));
    await world.append('executions', { symbol: 'A', pnl: 1 });
    const before = await shown.read();
    failure = new StoreError('unreachable', 'TIMEOUT', 'redis at here did not answer within 1000 ms');
    await shown.read();
    const during = await shown.read();
    expect(during.overview.store.error).toBe('redis at here did not answer within 1000 ms');
    expect(during.overview.read_at).toBe(before.overview.read_at);
    expect(during.symbols).toEqual(before.symbols);
    expect(shown.patches).toHaveLength(1);
    failure = null;
    await world.append('executions', { symbol: 'A', pnl: 1 });
    const after = await shown.read();
    expect(after.overview.store.error).toBeNull();
    expect(rowOf(after, 'A')!.profit_usd).toBe(2);
    expect(shown.logged).toEqual([
      'the dashboard cannot read the store: redis at here did not answer within 1000 ms',
      'the dashboard reads the store again',
    ]);
  });

  it('before the first reading there is no snapshot, and the first one comes with the store', async () => {
    const world = await opened('memory');
    let isDown = true;
    const { store } = world;
    const facts = async () => {
      if (isDown) throw new StoreError('refused', 'NOPERM', 'this user may not run INFO');
      return await store.facts();
    };
    const shown = new FeedWorld(withOther(store, { facts }));
    await shown.feed.refresh();
    expect(shown.feed.snapshot).toBeNull();
    isDown = false;
    expect((await shown.read()).overview.store.error).toBeNull();
  });

  it('of a real server that ends and comes back the same is true', async () => {
    const own = await startRedis({ appendonly: true });
    onTestFinished(async () => await own.stop());
    const store = await connectedStore({ url: own.url, namespace: NAMESPACE });
    onTestFinished(async () => await store[Symbol.asyncDispose]());
    const world = new FeedWorld(store);
    await world.append('executions', { symbol: 'A', pnl: 1 });
    await world.read();
    await own.kill('SIGKILL');
    expect((await world.read()).overview.store.error).toMatch(/^Redis at 127/);
    await own.restart();
    const stop = new AbortController();
    const running = world.feed.run(stop.signal);
    await expect.poll(() => world.feed.snapshot!.overview.store.error, { timeout: 10_000 }).toBeNull();
    await world.append('executions', { symbol: 'A', pnl: 1 });
    await expect.poll(() => rowOf(world.feed.snapshot!, 'A')!.profit_usd, { timeout: 10_000 }).toBe(2);
    stop.abort();
    await running;
  });

  it('an error that is none of the store ends it', async () => {
    const { store } = await opened('memory');
    const broken = new FeedWorld(withOther(store, { hashes: () => Promise.reject(new TypeError('a bug')) }));
    await expect(broken.feed.run(new AbortController().signal)).rejects.toThrow('a bug');
    await expect(broken.feed.refresh()).rejects.toThrow('a bug');
  });
});

describe('a stream', () => {
  it('that is trimmed past the feed is read on, and that is said', async () => {
    const world = await opened('redis');
    await world.append('executions', { symbol: 'A', pnl: 1 });
    await world.read();
    const many = Array.from({ length: 20 }, () => ({ symbol: 'A', pnl: 1 }));
    await world.append('executions', ...many);
    await server.send('XTRIM', `${NAMESPACE}:stream:execution.result`, 'MAXLEN', '5');
    expect(rowOf(await world.read(), 'A')!.executions).toBe(6);
    expect(world.logged).toEqual([
      '15 entries of quantum:stream:execution.result were removed before the dashboard read them',
    ]);
  });

  it('that is made anew is read from its beginning', async () => {
    const world = await opened('redis');
    await world.append('executions', { symbol: 'A', pnl: 1 }, { symbol: 'A', pnl: 1 });
    await world.read();
    await server.send('DEL', `${NAMESPACE}:stream:execution.result`);
    await world.read();
    await world.append('executions', { symbol: 'B', pnl: 1 });
    expect((await world.read()).symbols.map(({ symbol }) => symbol)).toEqual(['A', 'B']);
    expect(world.logged).toEqual([expect.stringContaining('was deleted and made anew')]);
  });

  it('of another type keeps no other from being read', async () => {
    const world = await opened('redis');
    await server.send('SET', `${NAMESPACE}:stream:regime.state`, 'x');
    await world.append('executions', { symbol: 'A', pnl: 1 });
    expect((await world.read()).symbols).toHaveLength(1);
    await world.read();
    expect(world.logged).toEqual([
      expect.stringMatching(/cannot read quantum:stream:regime.state: .*WRONGTYPE/),
    ]);
    await server.send('DEL', `${NAMESPACE}:stream:regime.state`);
    await world.append('regimes', { regime: 'CHOP' });
    expect(rowOf(await world.read(), 'A')!.regime).toBe('CHOP');
    expect(world.logged.at(-1)).toContain('can be read again');
  });
});

describe('a symbol', () => {
  it('that components know has a row, and none when nobody knows it any more', async () => {
    const world = await opened('redis');
    const known = `${NAMESPACE}:ballast:known.symbols`;
    await server.send('SADD', known, 'A', 'B', 'C', 'no symbol');
    await world.append('executions', { symbol: 'B', pnl: 1 });
    expect((await world.read()).symbols.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C']);
    await server.send('SREM', known, 'A', 'B');
    expect((await world.read()).symbols.map(({ symbol }) => symbol)).toEqual(['B', 'C']);
    expect(world.patches.at(-1)!.removed).toEqual(['A']);
    expect(world.feed.detail('A')).toBeNull();
    await server.send('SADD', known, 'A', 'D');
    expect((await world.read()).symbols.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C', 'D']);
  });
});

describe('asking to read at once', () => {
  it('waits for a round that begins after the question', async () => {
    const world = await opened('memory');
    const { store } = world;
    let held: () => void = () => undefined;
    const hold = new Promise<void>((resolve) => (held = resolve));
    let rounds = 0;
    const hashes: Store['hashes'] = async (requests) => {
      const isFirst = rounds++ === 0;
      const answers = await store.hashes(requests);
      if (isFirst) await hold;
      return answers;
    };
    const shown = new FeedWorld(withOther(store, { hashes }));
    const first = shown.feed.refresh();
    await expect.poll(() => rounds).toBe(1);
    await store.permits.change({ kind: 'switch', state: 'HALTED', by: 'ann', reason: 'why' });
    const [second, third] = [shown.feed.refresh(), shown.feed.refresh()];
    expect(second).toBe(third);
    held();
    await first;
    await second;
    expect(shown.feed.snapshot!.overview.trading!.state).toBe('HALTED');
  });
});

describe('whatever happens', () => {
  const symbol = fc.constantFrom('A', 'B', 'C');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('execution' as const), symbol, pnl: fc.integer({ min: -50, max: 50 }) }),
    fc.record({ kind: fc.constant('publish' as const), symbol }),
    fc.record({ kind: fc.constant('verdicts' as const), count: fc.integer({ min: 1, max: 450 }) }),
    fc.record({ kind: fc.constant('events' as const), count: fc.integer({ min: 1, max: 250 }) }),
    fc.record({ kind: fc.constant('regime' as const), regime: fc.constantFrom('CHOP', 'TREND') }),
    fc.record({ kind: fc.constant('disarm' as const), symbol, isSet: fc.boolean() }),
    fc.record({ kind: fc.constant('fail' as const) }),
    fc.record({ kind: fc.constant('read' as const) }),
  );

  it('patches on the first snapshot give the last, from wherever they are taken up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
        let fails = false;
        const read: Store['read'] = async (positions) => {
          if (fails) throw new StoreError('unreachable', 'TIMEOUT', 'no answer');
          return await store.read(positions);
        };
        const world = new FeedWorld(withOther(store, { read }));
        const seen = [{ snapshot: await world.read(), id: world.feed.lastId }];
        for (const one of steps) {
          fails = one.kind === 'fail';
          if (one.kind === 'execution')
            await world.append('executions', { symbol: one.symbol, pnl: one.pnl });
          else if (one.kind === 'publish') await publish(world, one.symbol, nowSec());
          else if (one.kind === 'verdicts')
            await world.append(
              'governorEvents',
              ...Array.from({ length: one.count }, (_, i) => ({
                event: 'PLAN_BLOCKED',
                plan_id: `p${i}`,
                symbol: 'A',
              })),
            );
          else if (one.kind === 'events')
            await world.append(
              'governorEvents',
              ...Array.from({ length: one.count }, () => ({ event: 'REARM' })),
            );
          else if (one.kind === 'regime') await world.append('regimes', { regime: one.regime });
          else if (one.kind === 'disarm')
            await store.writeFields(`${NAMESPACE}:governor:disarmed`, [
              [one.symbol, one.isSet ? '{}' : null],
            ]);
          else seen.push({ snapshot: await world.read(), id: world.feed.lastId });
        }
        fails = false;
        const last = await world.read();
        for (const { id, snapshot } of seen) {
          const missed = world.feed.since(id)!;
          expect(missed.reduce((now, { patch }) => applyPatch(now, patch), snapshot)).toEqual(last);
        }
        for (const { verdicts = [], events = [] } of world.patches) {
          expect(verdicts.length).toBeLessThanOrEqual(200);
          expect(events.length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 25 },
    );
  });
});
