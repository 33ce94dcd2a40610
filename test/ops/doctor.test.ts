/** Every finding of the doctor: made by the least that is wrong, and absent from a healthy deployment. */
import { describe, expect, it } from 'vitest';
import { FINDINGS, type FindingId } from '../../src/ops/doctor-table.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { examine, fill, NAMESPACE, runComponents, type Change } from '../support/doctor-situations.ts';
import type { Diagnosis } from '../../src/ops/doctor.ts';
import type { HealthAnswer } from '../../src/ops/status-health.ts';
import type { Stored } from '../../src/ops/doctor-situation.ts';
import type { Store, StoreFacts } from '../../src/store/store.ts';

const START_MS = 1_700_000_000_000;
/** When a healthy deployment has been filled in. */
const NOW = 1_700_018_000;

class Clock {
  nowMs = START_MS;
  readonly advance = (ms: number): void => void (this.nowMs += ms);
}

interface Deployment {
  readonly store: Store;
  readonly clock: Clock;
}

async function healthy(): Promise<Deployment> {
  const clock = new Clock();
  const store = await openMemoryStore({ namespace: NAMESPACE, folder: null, nowMs: () => clock.nowMs });
  await fill(store, clock.advance, () => clock.nowMs / 1000);
  return { store, clock };
}

/** The memory store of a test keeps nothing: said of every one of them, and not what the tests are about. */
function lasting(stored: Stored): Partial<Stored> {
  return { facts: { ...stored.facts, details: new Map([['durability', 'every change']]) } };
}

async function diagnosed(
  change: Change,
  before: (deployment: Deployment) => Promise<void> | void = () => undefined,
): Promise<Diagnosis> {
  const deployment = await healthy();
  await before(deployment);
  const found = (stored: Stored): Partial<Stored> => ({
    ...lasting(stored),
    ...change.found?.({ ...stored, ...lasting(stored) }),
  });
  return await examine(deployment.store, { ...change, found }, () => deployment.clock.nowMs);
}

const redis =
  (details: Readonly<Record<string, string>>, more: Partial<StoreFacts> = {}) =>
  ({ facts }: Stored): Partial<Stored> => ({
    facts: {
      ...facts,
      kind: 'redis',
      version: '7.0.15',
      details: new Map(
        Object.entries({ appendonly: 'yes', appendfsync: 'always', redis_mode: 'standalone', ...details }),
      ),
      ...more,
    },
  });
const ENFORCE = {
  P28_MODE: 'enforce',
  P29_MODE: 'enforce',
  P30_MODE: 'enforce',
  P31_MODE: 'enforce',
} as const;
const MODES = Object.keys(ENFORCE);
const HEALTH: HealthAnswer = {
  component: 'budget',
  url: 'http://h/health',
  status: 'ok',
  mode: 'shadow',
  modeWhy: null,
  version: null,
  redis: null,
  lastTick: null,
  lagSec: null,
  epoch: null,
  symbols: null,
  degraded: [],
};
const MARKET = { mark_price: '100', timestamp: String(NOW) };
/** Nobody runs, so that modes are what the settings say. */
const idle = ({ components }: Stored): Partial<Stored> => ({
  components: components.map((one) => ({ ...one, isHeld: false })),
});

interface Case {
  readonly id: FindingId;
  readonly change?: Change;
  readonly before?: (deployment: Deployment) => Promise<void> | void;
  /** Appears in the finding. */
  readonly says: string;
}

const NAMES: readonly Case[] = [
  {
    id: 'symbol-not-canonical',
    change: { hashes: { 'state:market:btcusdt': MARKET } },
    says: 'here BTCUSDT',
  },
  {
    id: 'symbol-not-canonical',
    change: { hashes: { 'position:snapshot:BTC/USDT:USDT': { position_amt: '1', timestamp: String(NOW) } } },
    says: 'quantum:position:snapshot:{symbol} with the canonical symbol, here BTCUSDT',
  },
  {
    id: 'field-missing',
    change: { hashes: { 'state:portfolio': { equity_usd: null, equity: '5' } } },
    says: 'it has no equity_usd (it has',
  },
  {
    id: 'field-missing',
    change: { hashes: { 'state:market:BTCUSDT': { mark_price: null, vol_regime: null } } },
    says: 'state:market:BTCUSDT',
  },
  {
    id: 'value-refused',
    change: { hashes: { 'position:snapshot:BTCUSDT': { position_amt: 'NaN' } } },
    says: 'position_amt "NaN" is not a plain decimal',
  },
  {
    id: 'value-refused',
    change: { hashes: { 'state:market:BTCUSDT': { timestamp: 'yesterday' } } },
    says: 'timestamp "yesterday"',
  },
  {
    id: 'time-missing',
    change: { hashes: { 'alpha:attribution:BTCUSDT': { performance_factor: '0.1', confidence: '1' } } },
    says: 'alpha:attribution:BTCUSDT',
  },
  {
    id: 'time-missing',
    change: { hashes: { 'state:market:BTCUSDT': { timestamp: null } } },
    says: 'it has no timestamp',
  },
  { id: 'key-type', change: { entries: { 'config:mode': [{ budget: 'enforce' }] } }, says: 'config:mode' },
  {
    id: 'key-type',
    change: { entries: { 'state:market:BTCUSD': [{ a: 'b' }] } },
    says: 'state:market:BTCUSD',
  },
  {
    id: 'key-unread',
    change: { hashes: { 'state:portfolo': { equity_usd: '1' } } },
    says: 'quantum:state:portfolo',
  },
  { id: 'market-unread', change: { hashes: { 'state:market:SOLUSDT': MARKET } }, says: 'SOLUSDT' },
  {
    id: 'symbol-without-market',
    change: { entries: { 'stream:execution.result': [{ symbol: 'SOL/USDT', pnl: '1' }] } },
    says: 'quantum:state:market:SOLUSDT',
  },
  {
    id: 'symbol-without-position',
    change: { entries: { 'stream:execution.result': [{ symbol: 'SOL/USDT', pnl: '1' }] } },
    says: 'quantum:position:snapshot:SOLUSDT',
  },
  {
    id: 'alias-target',
    change: { hashes: { 'config:symbol.alias': { XBT: 'BTC/USDT' } } },
    says: 'set it to BTCUSDT',
  },
  { id: 'alias-unused', change: { hashes: { 'config:symbol.alias': { XBT: 'XBTUSD' } } }, says: 'field XBT' },
  { id: 'alias-unused', change: { aliases: { XBT: 'XBTUSD' } }, says: 'ballast.config.json: aliases.XBT' },
  {
    id: 'cluster-unused',
    change: { hashes: { 'config:symbol.cluster': { btcusdt: 'MAJORS' } } },
    says: 'canonical form: BTCUSDT',
  },
  {
    id: 'override-unused',
    change: { settings: { bySymbol: new Map([['BTCUSD', { P31_W_HOLD: 0 }]]) } },
    says: 'symbols.BTCUSD',
  },
  {
    id: 'stress-unread',
    change: { hashes: { 'cluster:stress:MEMES': { stress: '0', timestamp: String(NOW) } } },
    says: 'cluster:stress:MEMES',
  },
];

const old = (sec: number): string => String(NOW - sec);
const FRESHNESS: readonly Case[] = [
  {
    id: 'portfolio-stale',
    change: { hashes: { 'state:portfolio': { timestamp: old(61) } } },
    says: 'STALE_DATA_SEC=60',
  },
  {
    id: 'portfolio-late',
    change: { hashes: { 'state:portfolio': { timestamp: old(31) } } },
    says: 'P28_STALE_SEC=30',
  },
  {
    id: 'market-stale',
    change: { hashes: { 'state:market:BTCUSDT': { timestamp: old(61) } } },
    says: 'BTCUSDT',
  },
  {
    id: 'stress-stale',
    change: { hashes: { 'cluster:stress:MAJORS': { timestamp: old(61) } } },
    says: 'MAJORS',
  },
  {
    id: 'position-stale',
    change: { hashes: { 'position:snapshot:ETHUSDT': { timestamp: old(301) } } },
    says: 'GOV_POSITION_STALE_SEC=300',
  },
  {
    id: 'record-stale',
    change: {
      hashes: { 'capital:efficiency:BTCUSDT': { efficiency_score: '1', confidence: '1', ts: old(601) } },
    },
    says: 'P31_STALE_SEC=600',
  },
  { id: 'regime-stale', before: ({ clock }) => clock.advance(61_000), says: 'the newest regime is 61 s old' },
  {
    id: 'time-in-future',
    change: { hashes: { 'state:portfolio': { timestamp: old(-61) } } },
    says: 'timestamp lies in the future',
  },
  {
    id: 'time-in-future',
    change: {
      hashes: { 'portfolio:budget:BTCUSDT': { budget_usd: '1', mode: 'shadow', timestamp: old(-61) } },
    },
    says: 'portfolio:budget:BTCUSDT',
  },
  {
    id: 'executions-silent',
    before: ({ clock }) => clock.advance(86_400_000),
    says: 'usually one comes every 5 min',
  },
  {
    id: 'executions-absent',
    change: {
      found: ({ streams }) => ({ executions: [], streams: streams.map((one) => ({ ...one, facts: null })) }),
    },
    says: 'stream:execution.result',
  },
];

const MODE_CASES: readonly Case[] = [
  {
    id: 'mode-conflict',
    change: {
      settings: { P28_MODE: 'enforce' },
      given: ['P28_MODE'],
      hashes: { 'config:mode': { budget: 'shadow' } },
    },
    says: 'the settings say enforce, the hash says shadow; shadow, the more cautious, wins',
  },
  {
    id: 'mode-unknown-component',
    change: { hashes: { 'config:mode': { P28: 'enforce' } } },
    says: 'field P28',
  },
  {
    id: 'mode-unknown-value',
    change: { hashes: { 'config:mode': { budget: 'on' } } },
    says: 'on is no mode',
  },
  {
    id: 'mode-differs',
    before: ({ store }) => runComponents(store, NOW, 'enforce'),
    says: 'budget runs in enforce; with the settings here it would be shadow',
  },
  {
    id: 'upstream-in-shadow',
    change: { settings: { ...ENFORCE, P28_MODE: 'shadow' }, given: MODES, found: idle },
    says: 'P29_MODE=enforce, P28_MODE=shadow',
  },
  {
    id: 'upstream-in-shadow',
    change: {
      situation: { stored: null, health: [{ ...HEALTH, component: 'allocation', mode: 'enforce' }] },
    },
    says: 'P29_MODE=enforce, P28_MODE=shadow',
  },
  {
    id: 'performance-in-shadow',
    change: { settings: { ...ENFORCE, P30_MODE: 'shadow' }, given: MODES, found: idle },
    says: 'its factor is 1',
  },
  {
    id: 'gates-in-shadow',
    change: { settings: { APPLY_MODE: 'production' } },
    says: 'gate 0 (budget) and gate 0.5 (allocation) never block',
  },
];

const SETTING_CASES: readonly Case[] = [
  {
    id: 'stale-never-seen',
    change: { settings: { P31_STALE_SEC: 700 } },
    says: 'P31_STALE_SEC=700, P31_KEY_TTL_SEC=600',
  },
  {
    id: 'life-below-interval',
    change: { settings: { TARGET_TTL_SEC: 5 } },
    says: 'P29_INTERVAL_SEC=5, TARGET_TTL_SEC=5',
  },
  {
    id: 'life-below-interval',
    change: { settings: { P28_INTERVAL_SEC: 300 } },
    says: 'P28_INTERVAL_SEC=300',
  },
  {
    id: 'interval-above-limit',
    change: { settings: { P30_INTERVAL_SEC: 61 } },
    says: 'P30_INTERVAL_SEC=61, STALE_DATA_SEC=60',
  },
  { id: 'min-budget-above-cap', change: { settings: { MAX_SYMBOL_PCT: 0.004 } }, says: 'capped at 400 USD' },
  {
    id: 'min-budget-always',
    change: { hashes: { 'state:portfolio': { equity_usd: '20000' } } },
    says: 'every budget is 500 USD',
  },
  { id: 'max-budget-unreachable', change: { given: ['MAX_BUDGET_USD'] }, says: 'at most 2,000 USD' },
  { id: 'factors-out-of-order', change: { settings: { DD_FACTOR_HIGH: 0.9 } }, says: 'DD_FACTOR_HIGH=0.9' },
  { id: 'multiplier-one-sided', change: { settings: { P31_MIN_MULT: 1.1 } }, says: 'can only raise' },
  { id: 'multiplier-one-sided', change: { settings: { P31_MAX_MULT: 0.9 } }, says: 'can only lower' },
  {
    id: 'permit-outlives-reservation',
    change: { settings: { GOV_PERMIT_TTL_SEC: 121 } },
    says: 'GOV_RESERVE_SEC=120',
  },
  {
    id: 'permit-signing-twice',
    change: { runtime: { GOV_PERMIT_KEY: 'k', GOV_PERMIT_SECRET: 's' } },
    says: 'the secret is not used',
  },
  ...(
    [
      [{ GOV_MAX_EXEC_PER_5MIN: 3 }, 'GOV_MAX_EXEC_PER_5MIN=3, GOV_MAX_EXEC_PER_HOUR=3'],
      [{ GOV_SYMBOL_COOLDOWN_SECONDS: 150 }, 'GOV_SYMBOL_COOLDOWN_SECONDS=150'],
      [{ GOV_SYMBOL_COOLDOWN_SECONDS: 1200 }, 'GOV_MAX_EXEC_PER_HOUR=3, GOV_SYMBOL_COOLDOWN_SECONDS=1200'],
      [{ GOV_MAX_TOTAL_NOTIONAL_PCT: 0.04 }, 'all together'],
      [{ GOV_MAX_NOTIONAL_PER_DAY_USD: 4999 }, 'in a day'],
      [{ GOV_MAX_NOTIONAL_PER_DAY_PCT: 4 }, 'as many trades as a day allows'],
      [{ MAX_SYMBOL_PCT: 0.7 }, 'the cap of a symbol'],
      [{ MAX_CLUSTER_PCT: 1.1 }, 'the cap of a cluster'],
    ] as const
  ).map(([settings, says]): Case => ({ id: 'limit-never-binds', change: { settings }, says })),
  {
    id: 'limit-blocks-all',
    change: { settings: { GOV_MAX_OPEN_POSITIONS: 0 } },
    says: 'GOV_MAX_OPEN_POSITIONS=0',
  },
  {
    id: 'confidence-unreachable',
    change: {
      settings: { P31_MIN_CONF: 0.95 },
      found: ({ streams }) => ({
        streams: streams.map((one) => (one.input === 'regime.state' ? { ...one, facts: null } : one)),
      }),
    },
    says: 'nobody tells a regime, so that no confidence is above 0.9',
  },
  {
    id: 'confidence-unreachable',
    change: { settings: { P31_PRESSURE_MIN_CONF: 1 } },
    says: 'never INCREASE',
  },
  {
    id: 'confidence-far',
    change: { settings: { P30_LOOKBACK_WINDOW: 1000, P31_MIN_CONF: 1 }, found: spread(50_000) },
    says: 'BTCUSDT, ETHUSDT need 1000',
  },
  { id: 'hold-penalty', change: { found: spread(7200) }, says: 'BTCUSDT (every 2.0 h)' },
];

/** The same executions, each symbol's so many seconds apart. */
function spread(gapSec: number): (stored: Stored) => Partial<Stored> {
  return ({ executions }) => ({
    executions: executions.map((one, i) => ({ ...one, ts: NOW - (executions.length - i) * (gapSec / 2) })),
  });
}

const STORE_CASES: readonly Case[] = [
  { id: 'redis-version', change: { found: redis({}, { version: '6.2.14' }) }, says: '6.2.14' },
  {
    id: 'redis-functions',
    change: { found: (stored) => ({ ...redis({})(stored), functionsError: 'NOPERM' }) },
    says: 'NOPERM',
  },
  { id: 'redis-persistence-off', change: { found: redis({ appendonly: 'no' }) }, says: 'appendonly is no' },
  { id: 'redis-fsync-everysec', change: { found: redis({ appendfsync: 'everysec' }) }, says: '2 s' },
  { id: 'redis-fsync-never', change: { found: redis({ appendfsync: 'no' }) }, says: 'appendfsync is no' },
  {
    id: 'redis-fsync-production',
    change: { found: redis({ appendfsync: 'everysec' }), settings: { APPLY_MODE: 'production' } },
    says: 'appendfsync is everysec',
  },
  {
    id: 'redis-write-failing',
    change: { found: redis({ aof_last_write_status: 'err' }) },
    says: 'aof_last_write_status is err',
  },
  {
    id: 'redis-eviction',
    change: { found: redis({ 'maxmemory-policy': 'allkeys-lru', maxmemory: '1000' }) },
    says: 'allkeys-lru',
  },
  {
    id: 'redis-eviction-latent',
    change: { found: redis({ 'maxmemory-policy': 'allkeys-lru', maxmemory: '0' }) },
    says: 'allkeys-lru',
  },
  { id: 'redis-evicted', change: { found: redis({ evicted_keys: '3' }) }, says: 'deleted 3 keys' },
  {
    id: 'redis-memory-near',
    change: { found: redis({ maxmemory: '1000', used_memory: '900' }) },
    says: '90 %',
  },
  {
    id: 'redis-cluster',
    change: { found: redis({ redis_mode: 'cluster' }) },
    says: 'BALLAST_NAMESPACE={quantum}',
  },
  { id: 'redis-replica', change: { found: redis({ role: 'slave' }) }, says: 'primary' },
  {
    id: 'redis-replicas-unawaited',
    change: { found: redis({ connected_slaves: '1', 'min-replicas-to-write': '0' }) },
    says: '1 replicas',
  },
  { id: 'redis-hidden', change: { found: redis({ config: 'not permitted' }) }, says: 'CONFIG' },
  { id: 'clock-skew', change: { found: () => ({ skewMs: -1500 }) }, says: '1.5 s behind' },
  {
    id: 'store-ephemeral',
    change: { found: ({ facts }) => ({ facts: { ...facts, details: new Map([['durability', 'none']]) } }) },
    says: '--data DIR',
  },
  {
    id: 'store-not-read',
    change: { situation: { stored: null, notRead: 'process 7 has it' } },
    says: 'process 7',
  },
  { id: 'disk-full', change: { situation: { disk: { folder: '/data', freeBytes: 1e6 } } }, says: '/data' },
  { id: 'disk-low', change: { situation: { disk: { folder: '/data', freeBytes: 5e8 } } }, says: '477 MiB' },
  { id: 'walk-incomplete', change: { found: () => ({ isWhole: false }) }, says: 'there are more' },
];

const EXECUTION = { symbol: 'BTCUSDT', pnl: '1' };
const STREAM_CASES: readonly Case[] = [
  { id: 'stream-trimmed', before: trim, says: '2 entries went before budget read them' },
  { id: 'stream-recreated', change: { found: recreated }, says: 'made anew' },
  { id: 'stream-short', before: trim, says: 'of 65 entries' },
  {
    id: 'stream-unreadable',
    change: { hashes: { 'stream:apply.plan': { a: 'b' } } },
    says: 'WRONGTYPE',
  },
  {
    id: 'stream-behind',
    change: { entries: {} },
    before: async ({ store, clock }) => {
      await store.append([
        {
          stream: 'quantum:stream:execution.result',
          fields: Object.entries(EXECUTION).flat(),
          maxLength: null,
        },
      ]);
      clock.advance(31_000);
      await store.claim('host-1', ['budget', 'attribution']);
    },
    says: 'budget has 1 entry to read, the oldest for 31 s',
  },
  {
    id: 'dead-letters',
    change: {
      entries: { 'stream:execution.result.dlq': [{ reason: 'bad_symbol' }, { reason: 'missing_pnl' }] },
    },
    says: '2 entries could not be used; the newest: missing_pnl, bad_symbol',
  },
  {
    id: 'component-stopped',
    before: async ({ store }) => {
      const { held } = await store.claim('host-1', ['allocation']);
      await store.release('host-1', held);
    },
    says: 'ballast run allocation',
  },
  {
    id: 'component-degraded',
    change: { situation: { health: [{ ...HEALTH, status: 'degraded', degraded: ['no archive'] }] } },
    says: 'http://h/health | budget: no archive',
  },
  {
    id: 'component-degraded',
    change: { situation: { health: [{ ...HEALTH, status: 'failing' }], stored: null } },
    says: 'budget: it is failing',
  },
  {
    id: 'state-unreadable',
    change: { hashes: { 'ballast:meta:budget': { inputs: '[1' } } },
    says: 'budget',
  },
];

/** Five more entries, and then room for three only: two are gone that nobody read. */
async function trim({ store }: Deployment): Promise<void> {
  for (let i = 0; i < 5; i++)
    await store.append([
      {
        stream: 'quantum:stream:execution.result',
        fields: Object.entries(EXECUTION).flat(),
        maxLength: i === 4 ? 3 : null,
      },
    ]);
}

function recreated({ components }: Stored): Partial<Stored> {
  return {
    components: components.map((one) => ({
      ...one,
      inputs: one.inputs.map((lag) => ({ ...lag, gap: { kind: 'recreated' } })),
    })),
  };
}

const CASES = [...NAMES, ...FRESHNESS, ...MODE_CASES, ...SETTING_CASES, ...STORE_CASES, ...STREAM_CASES];

describe('the doctor', () => {
  it('finds nothing in a healthy deployment', async () => {
    const { findings, ...sums } = await diagnosed({});
    expect(findings).toEqual([]);
    expect(sums).toMatchObject({ problems: 0, warnings: 0, hints: 0, hashes: 5, executions: 60 });
  });

  it('finds nothing in a healthy one whose components all enforce, on a durable Redis', async () => {
    const { findings } = await diagnosed(
      { settings: { ...ENFORCE, APPLY_MODE: 'production' }, given: MODES, found: redis({}) },
      ({ store }) => runComponents(store, NOW, 'enforce'),
    );
    expect(findings).toEqual([]);
  });

  it.each(CASES)('finds $id: $says', async ({ id, change = {}, before, says }) => {
    const { findings } = await diagnosed(change, before);
    const texts = findings
      .filter((one) => one.id === id)
      .map((one) => `${one.where} | ${one.what} | ${one.remedy}`);
    expect(texts.join('\n'), findings.map((one) => one.id).join(', ')).toContain(says);
  });

  it('can make every finding of the table', () => {
    const made = new Set(CASES.map(({ id }) => id));
    expect(Object.keys(FINDINGS).filter((id) => !made.has(id as FindingId))).toEqual([]);
  });

  it('says the gravest first, and counts', async () => {
    const { findings, problems, warnings, hints } = await diagnosed({
      settings: { P31_MIN_MULT: 1.1 },
      hashes: { 'state:portfolio': { timestamp: old(61) }, 'state:market:BTCUSDT': { timestamp: old(61) } },
    });
    expect(findings.map(({ id }) => id)).toEqual(['portfolio-stale', 'market-stale', 'multiplier-one-sided']);
    expect({ problems, warnings, hints }).toEqual({ problems: 1, warnings: 1, hints: 1 });
  });

  it('says what is wrong with many keys once', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `state:market:coin${i}`);
    const { findings } = await diagnosed({
      hashes: Object.fromEntries(names.map((name) => [name, { mark_price: '1' }])),
    });
    expect(findings).toMatchObject([
      {
        id: 'symbol-not-canonical',
        what: 'nobody looks for coin0, coin1, coin2, coin3, coin4 and 7 more',
      },
    ]);
    const late = Array.from({ length: 12 }, (_, i) => `position:snapshot:COIN${i}`);
    const { findings: grouped } = await diagnosed({
      hashes: Object.fromEntries(late.map((name) => [name, { position_amt: '1', timestamp: old(900) }])),
    });
    expect(grouped).toMatchObject([
      { id: 'position-stale', what: expect.stringMatching(/^12 times: it is older than/) },
    ]);
  });

  it('does not take a symbol with settings of its own for a rare trader', async () => {
    const own = new Map([
      ['BTCUSDT', { P31_HOLD_PENALTY_MAX_SEC: 86_400 }],
      ['ETHUSDT', { P31_W_HOLD: 0 }],
    ]);
    const { findings } = await diagnosed({ settings: { bySymbol: own }, found: spread(7200) });
    expect(findings).toEqual([]);
    const rate = await diagnosed({ settings: { P31_HOLD_BASIS: 'trade_rate' }, found: spread(7200) });
    expect(rate.findings).toEqual([]);
  });
});
