/** Plans and symbols explained from what a real governor and the real engine left in the store. */
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  MAX_RECORDED,
  readSettings,
  recordSettings,
} from '../../src/components/governor/recorded-settings.ts';
import { keyOf, ownKeyOf, type KeyName } from '../../src/contract/keys.ts';
import {
  encodeAllocationEntry,
  encodeEfficiency,
  encodeEfficiencyEntry,
} from '../../src/contract/records.ts';
import { explain, explainName } from '../../src/ops/explain/explain.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { execution, portfolio, T0 } from '../support/engine-events.ts';
import { newest, runEvents, testSettings } from '../support/engine-run.ts';
import { ask, startGovernor } from '../support/governor-run.ts';
import { connectedStore } from '../support/redis-store.ts';
import { startRedis } from '../support/redis-server.ts';
import type { PlanExplanation, SymbolExplanation } from '../../src/ops/explain/explanation.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Store } from '../../src/store/store.ts';

const NAMESPACE = 'quantum';
const SYMBOL = 'BTCUSDT';
const PRODUCTION: Partial<Settings> = {
  APPLY_MODE: 'production',
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  P30_LOOKBACK_WINDOW: 3,
};
const ORDER = { qty: '1', price: '100' };

/** A store with a governor; both end with the test. */
async function governed(changed: Partial<Settings> = {}, given?: Store): Promise<Store> {
  const store = given ?? (await openMemoryStore({ namespace: NAMESPACE, folder: null }));
  const governor = startGovernor(store, testSettings({ ...PRODUCTION, ...changed }));
  onTestFinished(async () => {
    await governor.stop();
    if (given === undefined) await store[Symbol.asyncDispose]();
  });
  return store;
}

/** Of a process with other settings than the governor's: what was recorded has to say. */
const source = (store: Store) => ({ store, namespace: NAMESPACE, settings: testSettings({}) });

async function planOf(store: Store, plan: string): Promise<PlanExplanation> {
  const found = await explain(source(store), { plan });
  if (found?.subject !== 'plan') throw new Error(`${plan} is not explained`);
  return found;
}

async function symbolOf(store: Store, symbol: string): Promise<SymbolExplanation> {
  const found = await explain(source(store), { symbol });
  if (found?.subject !== 'symbol') throw new Error(`${symbol} is not explained`);
  return found;
}

async function publish(
  store: Store,
  name: KeyName,
  ...entries: Readonly<Record<string, string>>[]
): Promise<void> {
  const stream = keyOf(NAMESPACE, name as 'executions');
  await store.append(
    entries.map((fields) => ({ stream, fields: Object.entries(fields).flat(), maxLength: null })),
  );
}

/** An allocation and an efficiency of the symbol as the engine decides them, in the store. Returns both. */
async function decided(store: Store, changed: Partial<Settings> = {}) {
  const events = [portfolio(T0, 100_000), execution(T0 + 1, SYMBOL, 50), execution(T0 + 2, SYMBOL, -30)];
  const run = runEvents(testSettings(changed), [...events, portfolio(T0 + 20, 100_000)], 'all');
  const allocation = newest(run, 'allocation', SYMBOL);
  const efficiency = newest(run, 'efficiency', SYMBOL);
  await publish(store, 'allocations', Object.fromEntries(encodeAllocationEntry(allocation)));
  await publish(store, 'efficiencies', Object.fromEntries(encodeEfficiencyEntry(efficiency)));
  await store.writeFields(keyOf(NAMESPACE, 'efficiency', SYMBOL), encodeEfficiency(efficiency));
  return { allocation, efficiency };
}

describe('a plan', () => {
  it('that was blocked says which gate, by how much, and what would have let it pass', async () => {
    const store = await governed();
    for (const plan_id of ['a1', 'a2', 'a3']) await ask(store, { plan_id, ...ORDER, bot: 'momo' });
    const found = await planOf(store, 'a3');
    expect(found).toMatchObject({
      outcome: 'blocked',
      reason: 'burst_limit_exceeded',
      bot: 'momo',
      permit: null,
    });
    expect(found.sentence).toBe(
      'Blocked by the burst gate: 2 permits within 5 minutes, limit 2 (GOV_MAX_EXEC_PER_5MIN).',
    );
    expect(found.plan).toMatchObject({
      action: 'OPEN_PROPOSED',
      side: 'BUY',
      qty: 1,
      price: 100,
      notional_usd: 100,
    });
    expect(found.gates.map(({ gate, outcome }) => `${gate} ${outcome}`)).toEqual([
      'kill pass',
      'plan pass',
      'budget not_evaluated',
      'allocation not_evaluated',
      'kill_score not_evaluated',
      'loss pass',
      'hourly pass',
      'burst block',
      'caps not_reached',
      'daily not_reached',
    ]);
    expect(found.flips.map(({ becomes, changes }) => [becomes, ...changes.map(({ text }) => text)])).toEqual([
      ['permitted', 'GOV_MAX_EXEC_PER_5MIN of at least 3 instead of 2'],
      ['permitted', 'at most 1 permit within 5 minutes instead of 2'],
    ]);
    expect(found.flips_note).toBeNull();
  });

  it('that was permitted says what became of its permit, and what would have stopped it', async () => {
    const store = await governed({ APPLY_MODE: 'testnet', GOV_MAX_EXEC_PER_5MIN: 0 });
    await ask(store, { plan_id: 'b1', ...ORDER });
    const before = await planOf(store, 'b1');
    expect(before).toMatchObject({
      outcome: 'permitted',
      reason: null,
      permit: { outcome: 'issued', qty: 1, notional_usd: 100, ended_at: null },
      next_eligible_at: null,
    });
    expect(before.sentence).toBe(
      'Permitted: an opening of 100.00 USD passed every gate that is enforced. In shadow, and so without effect, burst would have blocked it.',
    );
    expect(before.flips.every(({ becomes, reason }) => becomes === 'blocked' && reason !== null)).toBe(true);
    expect(before.flips.flatMap(({ changes }) => changes.map(({ text }) => text))).toContain(
      'trading HALTED instead of ACTIVE',
    );
    await store.permits.take('b1');
    const { permit } = await planOf(store, 'b1');
    expect(permit).toMatchObject({ outcome: 'used' });
    expect(permit!.ended_at).toBeGreaterThanOrEqual(before.at);
  });

  it('rests on what was decided at or before it was judged, not after', async () => {
    const store = await governed();
    const { allocation, efficiency } = await decided(store);
    for (const [i, pnl] of [5, 7, -3, 11].entries())
      await publish(store, 'executions', { symbol: 'BTC/USDT', pnl: String(pnl), execution_id: `x${i}` });
    await publish(store, 'executions', { symbol: SYMBOL, pnl: '11', execution_id: 'x3' });
    await ask(store, { plan_id: 'c1', ...ORDER });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await publish(store, 'executions', { symbol: SYMBOL, pnl: '999' });
    const later = { ...allocation, ts: Date.now() / 1000 + 100, target_usd: 1, base_target_usd: 1 };
    await publish(store, 'allocations', Object.fromEntries(encodeAllocationEntry(later)));
    const rescored = { ...efficiency, ts: later.ts, efficiency_raw: 0.001 };
    await publish(store, 'efficiencies', Object.fromEntries(encodeEfficiencyEntry(rescored)));
    await store.writeFields(keyOf(NAMESPACE, 'efficiency', SYMBOL), encodeEfficiency(rescored));
    const found = await planOf(store, 'c1');
    expect(found.waterfall).toMatchObject({ target_usd: allocation.target_usd, ts: allocation.ts });
    expect(found.executions.map(({ pnl_usd }) => pnl_usd)).toEqual([11, -3, 7]);
    expect(found.efficiency).toMatchObject({ raw: efficiency.efficiency_raw });
    expect(found.missing).toEqual([]);
  });

  it('is judged again under the settings of then, whatever this process says', async () => {
    const store = await governed({
      bySymbol: new Map([[SYMBOL, { GOV_MAX_NOTIONAL_PER_TRADE_USD: 70 }]]),
      byBot: new Map([['momo', { GOV_MAX_NOTIONAL_PER_TRADE_USD: 60 }]]),
    });
    await ask(store, { plan_id: 'd1', ...ORDER, bot: 'momo' });
    const found = await planOf(store, 'd1');
    expect(found.reason).toBe('notional_per_trade_exceeded');
    expect(found.flips[0]!.changes).toMatchObject([{ input: 'notional_usd', from: 100, to: 70 }]);
    expect(found.flips[0]!.changes[0]!.text).toBe('a notional of at most 70.00 USD instead of 100.00 USD');
    expect(found.max_qty).toBe(0.7);
    const digest = (await readSettings(store, NAMESPACE))[0]!.digest;
    await store.writeFields(ownKeyOf(NAMESPACE, 'settings'), [[digest, null]]);
    const without = await planOf(store, 'd1');
    expect(without.flips).toEqual([]);
    expect(without.flips_note).toContain('not recorded any more');
  });

  it('whose event is gone is told from its block or its use record, and says what is missing', async () => {
    const store = await governed({ GOV_MAX_EXEC_PER_5MIN: 1 });
    for (const plan_id of ['e1', 'e2']) await ask(store, { plan_id, ...ORDER });
    // Ten thousand events later.
    const other = { event: 'REARM', timestamp: '1', by: 'x' };
    const stream = keyOf(NAMESPACE, 'governorEvents');
    await store.append(
      Array.from({ length: 5 }, () => ({ stream, fields: Object.entries(other).flat(), maxLength: 1 })),
    );
    const blocked = await planOf(store, 'e2');
    expect(blocked).toMatchObject({ outcome: 'blocked', symbol: SYMBOL, plan: null, flips: [] });
    expect(blocked.sentence).toContain('1 permit within 5 minutes, limit 1');
    expect(blocked.gates.map(({ gate }) => gate)).toEqual(['burst']);
    expect(blocked.missing[0]).toContain('comes from its block record alone');
    expect(blocked.flips_note).toContain('cannot be judged again');
    const permitted = await planOf(store, 'e1');
    expect(permitted).toMatchObject({
      outcome: 'permitted',
      symbol: SYMBOL,
      gates: [],
      permit: { outcome: 'issued', qty: 1, notional_usd: 100 },
    });
    expect(permitted.missing[0]).toContain('comes from the use record of its permit alone');
  });

  it('that nobody knows is null, and the report says what was looked through', async () => {
    const store = await governed();
    await ask(store, { plan_id: 'f1', ...ORDER });
    for (const plan of ['f2', '', 'a b', '__proto__'])
      expect(await explain(source(store), { plan })).toBeNull();
    const report = await explainName(source(store), 'f2', 'any');
    expect(report).toMatchObject({ explanation: null, is_symbol_too: false });
    // The trading state as it was noted, and the permit.
    expect(report.looked_through.entries).toBeGreaterThanOrEqual(1);
    expect(report.looked_through.since).toBeGreaterThan(T0);
  });

  it('that nobody knows is near names that are known, of what was asked for', async () => {
    const store = await governed();
    for (const plan_id of ['momo-17', 'momo-18', 'other']) await ask(store, { plan_id, ...ORDER });
    await publish(store, 'executions', { symbol: 'ETH/USDT', pnl: '1' });
    const near = async (name: string, as: 'any' | 'plan' | 'symbol') =>
      (await explainName(source(store), name, as)).near;
    expect(await near('BTCUSD', 'any')).toEqual([SYMBOL]);
    // The exchange's name of it, and its beginning.
    expect(await near('eth', 'any')).toEqual(['ETHUSDT']);
    expect(await near('ETHUSTD', 'symbol')).toEqual(['ETHUSDT']);
    expect(await near('BTCUSD', 'plan')).toEqual([]);
    // Of two that are as near, the newer is first.
    expect(await near('MOMO-19', 'any')).toEqual(['momo-18', 'momo-17']);
    expect(await near('momo-19', 'symbol')).toEqual([]);
    expect(await near('nothing-of-the-kind', 'any')).toEqual([]);
    expect(await near('momo-17', 'any')).toEqual([]);
  });

  it('that cannot be read says what is wrong, and a quantity that would have passed', async () => {
    const store = await governed();
    await ask(store, { plan_id: 'n1', qty: '-5', price: '100' });
    const found = await planOf(store, 'n1');
    expect(found.sentence).toBe('Blocked by the reading of the plan: its quantity −5 is not above 0.');
    expect(found.flips.map(({ changes }) => changes.map(({ text }) => text))).toEqual([
      ['a quantity of at most 5 instead of −5'],
    ]);
  });

  it('is told a quantity of few digits that passes', async () => {
    const store = await governed({ GOV_MAX_NOTIONAL_PER_TRADE_USD: 100 });
    await ask(store, { plan_id: 'q1', qty: '5', price: '97' });
    // 1.0309278350515463…, rounded down.
    expect((await planOf(store, 'q1')).max_qty).toBe(1.0309278);
  });

  it('in doubt says why, and that trust is what it takes', async () => {
    const store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
    onTestFinished(() => store[Symbol.asyncDispose]());
    const { judged, config } = {
      judged:
        '{"v":1,"plan":{"plan_id":"g1","symbol":"A","ts":5,"action":"OPEN","notional_usd":7},"view":{"gross_position_usd":0,"open_symbols":0,"equity_usd":1000},"doubt":"entries are gone"}',
      config: 'gone',
    };
    await publish(store, 'governorEvents', {
      event: 'PLAN_BLOCKED',
      plan_id: 'g1',
      symbol: 'A',
      timestamp: '5',
      reason: 'evaluation_error',
      gates:
        '[{"gate":"plan","enforced":true,"outcome":"block","reason":"evaluation_error","value":null,"limit":null,"setting":null,"note":"evaluation error: entries are gone"}]',
      judged,
      config,
    });
    const found = await planOf(store, 'g1');
    expect(found.sentence).toBe('Blocked by an error: entries are gone.');
    expect(found.flips.map(({ changes }) => changes.map(({ text }) => text))).toEqual([
      ['a governor that can trust what it knows (entries are gone)'],
    ]);
    expect(found.flips_note).toContain('these hold under those known here');
  });
});

describe('a symbol', () => {
  it('shows what acts, what it is made of, its executions and its last verdicts', async () => {
    const store = await governed({ P31_W_VOL: 2.5 });
    const { allocation, efficiency } = await decided(store, { P31_W_VOL: 2.5 });
    await publish(store, 'executions', { symbol: SYMBOL, pnl: '5', kind: 'close', signal: 'breakout' });
    for (const plan_id of ['h1', 'h2', 'h3']) await ask(store, { plan_id, ...ORDER });
    const found = await symbolOf(store, 'btc/usdt');
    expect(found.symbol).toBe(SYMBOL);
    expect(found.verdicts.map(({ plan_id, outcome }) => `${plan_id} ${outcome}`)).toEqual([
      'h3 blocked',
      'h2 permitted',
      'h1 permitted',
    ]);
    expect(found.waterfall!.target_usd).toBe(allocation.target_usd);
    const { performance_share: share, penalties, raw } = found.efficiency!;
    // The weights the governor recorded, not those of this process: only they give the recorded score.
    expect(penalties.map(({ weight }) => weight)).toEqual([2.5, 1.2, 0.6]);
    const [volatility, drawdown, hold] = penalties.map(({ cost }) => cost) as [number, number, number];
    expect(share / (1 + (volatility + drawdown) + hold)).toBe(raw);
    expect(raw).toBe(efficiency.efficiency_raw);
    expect(found.executions).toMatchObject([{ pnl_usd: 5, signal: 'breakout' }]);
    expect(found.sentence).toContain('BTCUSDT may use');
    expect(found.missing).toEqual([]);
  });

  it('says so where its weights are not known, and where nothing is recorded', async () => {
    const store = await governed();
    await decided(store, { P31_W_VOL: 3.75 });
    const found = await symbolOf(store, SYMBOL);
    expect(found.missing).toEqual([
      expect.stringContaining("weights of BTCUSDT's efficiency are not recorded"),
    ]);
    expect(await explain(source(store), { symbol: 'ETHUSDT' })).toBeNull();
    expect(await explain(source(store), { symbol: '@' })).toBeNull();
  });

  it('of the name of a plan is asked for by saying so', async () => {
    const store = await governed();
    await ask(store, { plan_id: 'SOLUSDT', symbol: 'SOLUSDT', ...ORDER });
    expect(await explainName(source(store), 'SOLUSDT', 'any')).toMatchObject({
      explanation: { subject: 'plan' },
      is_symbol_too: true,
    });
    expect(await explainName(source(store), 'SOLUSDT', 'symbol')).toMatchObject({
      explanation: { subject: 'symbol' },
    });
    await store.writeFields(keyOf(NAMESPACE, 'symbolAliases'), [['sol-perp', 'SOLUSDT']]);
    expect(await explainName(source(store), 'sol-perp', 'any')).toMatchObject({
      explanation: { subject: 'symbol', symbol: 'SOLUSDT' },
    });
  });
});

describe('the settings that are recorded', () => {
  it('are kept once each, and only so many', async () => {
    await using store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
    for (let i = 0; i < MAX_RECORDED + 5; i++)
      await recordSettings(store, NAMESPACE, testSettings({ GOV_RESERVE_SEC: 1 + i }), 1000 + i);
    await recordSettings(store, NAMESPACE, testSettings({ GOV_RESERVE_SEC: 10 }), 5000);
    const kept = await readSettings(store, NAMESPACE);
    expect(kept.length).toBe(MAX_RECORDED);
    expect(kept[0]).toMatchObject({ at: 5000, settings: { GOV_RESERVE_SEC: 10 } });
    expect(kept.at(-1)!.settings!.GOV_RESERVE_SEC).toBe(6);
  });
});

describe('on Redis', () => {
  it('the same is said', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const store = await connectedStore({ url: redis.url, namespace: NAMESPACE });
    onTestFinished(() => store[Symbol.asyncDispose]());
    await governed({}, store);
    await decided(store);
    for (const plan_id of ['r1', 'r2', 'r3']) await ask(store, { plan_id, ...ORDER });
    const found = await planOf(store, 'r3');
    expect(found.sentence).toBe(
      'Blocked by the burst gate: 2 permits within 5 minutes, limit 2 (GOV_MAX_EXEC_PER_5MIN).',
    );
    expect(found.flips.length).toBe(2);
    expect(found.waterfall).not.toBeNull();
    expect((await symbolOf(store, SYMBOL)).verdicts.length).toBe(3);
  });
});
