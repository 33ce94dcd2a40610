/**
 * Every numeric field of every input and of every record that is read, with every kind of number nobody means (R28):
 * what is none is refused and counted, and nothing that is not finite is ever stored.
 */
import { describe, expect, it } from 'vitest';
import { decodeRow } from '../../src/components/record-text.ts';
import { LiveWorld, withModes, type LiveProcess } from '../support/live-run.ts';
import { NO_NUMBERS, ODD_NUMBERS } from '../support/nasty.ts';
import type { InputStream } from '../../src/contract/keys.ts';
import type { TickingComponent } from '../../src/components/declarations.ts';

const START_SEC = 1_700_000_000;
const NOW = String(START_SEC + 3);
type Fields = Readonly<Record<string, string>>;

const STREAMS: readonly (readonly [InputStream, string, Fields, readonly string[]])[] = [
  [
    'executions',
    'execution.result',
    {
      symbol: 'BTCUSDT',
      realized_pnl: '1',
      timestamp: NOW,
      price: '1',
      qty: '1',
      stake_usd: '1',
      hold_sec: '1',
    },
    ['realized_pnl', 'price', 'qty', 'stake_usd', 'hold_sec', 'timestamp'],
  ],
  ['executions', 'execution.result', { symbol: 'BTCUSDT', pnl: '1' }, ['pnl', 'filled_qty', 'ts_ms']],
  ['executions', 'execution.result', { symbol: 'BTCUSDT', pnl_usd: '1' }, ['pnl_usd', 'ts']],
  ['cashflows', 'cashflow', { amount_usd: '1' }, ['amount_usd']],
  [
    'regimes',
    'regime.state',
    { regime: 'CHOP', confidence: '0.5', timestamp: NOW },
    ['confidence', 'timestamp'],
  ],
];

describe('numbers of streams', () => {
  it('that are none are refused, odd ones taken as what they are; what is stored is finite', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const expected: string[] = [];
    let total = 0;
    for (const [key, name, fields, numeric] of STREAMS)
      for (const field of numeric)
        for (const text of [...NO_NUMBERS, ...ODD_NUMBERS]) {
          total++;
          const isTime = ['timestamp', 'ts', 'ts_ms'].includes(field);
          const isNone = (NO_NUMBERS as readonly string[]).includes(text);
          const isOutside = field === 'confidence' && (Number(text) < 0 || Number(text) > 1);
          const ms = START_SEC * 1000 + total * 40;
          world.time.at(ms, async () => {
            const id = await world.add(key, { ...fields, [field]: text });
            if (isTime || isNone || isOutside) expected.push(`${name} ${id}`);
          });
        }
    const live = world.start({ keepsDecisions: false });
    await world.time.until(START_SEC * 1000 + total * 40 + 20_000);
    await live.stop();
    expect(live.failures).toEqual([]);
    expect(total).toBe(14 * 28);
    const refused = live.rejected.map(({ where, id }) => `${where} ${id ?? ''}`);
    expect(refused.toSorted()).toEqual(expected.toSorted());
    expect(live.applied).toBe(total - expected.length);
    await expectFinite(world);
  });
});

const POSITION = { position_amt: '1', mark_price: '10', notional_usd: '10', timestamp: NOW };
const MARKET = { mark_price: '10', sigma: '0.02', timestamp: NOW };
const HASHES: readonly (readonly [kind: string, Fields, readonly string[]])[] = [
  ['state:market', MARKET, ['mark_price', 'sigma', 'timestamp']],
  ['position:snapshot', POSITION, ['position_amt', 'mark_price', 'notional_usd', 'timestamp']],
  [
    'alpha:attribution',
    { performance_factor: '0.5', confidence: '0.7', ts: NOW },
    ['performance_factor', 'confidence', 'ts'],
  ],
  [
    'allocation:target',
    { target_usd: '100', base_target_usd: '100', confidence: '1', ts: NOW },
    ['base_target_usd', 'confidence', 'ts'],
  ],
  ['allocation:target', { target_usd: '100', confidence: '1', timestamp: NOW }, ['target_usd', 'timestamp']],
  [
    'capital:efficiency',
    { efficiency_score: '0.5', confidence: '1', ts: NOW },
    ['efficiency_score', 'confidence', 'ts'],
  ],
  ['portfolio:budget', { budget_usd: '1000', mode: 'enforce', timestamp: NOW }, ['budget_usd', 'timestamp']],
  [
    'allocation:target:proposed',
    { multiplier: '1.2', reason: 'ok', ts_epoch: NOW },
    ['multiplier', 'ts_epoch'],
  ],
];

describe('numbers of hashes', () => {
  const groups: readonly (readonly [name: string, components: readonly TickingComponent[]])[] = [
    ['all together, in shadow', ['budget', 'attribution', 'allocation', 'efficiency', 'proposer']],
    ['the allocation alone', ['allocation']],
    ['the efficiency alone', ['efficiency']],
    ['the proposer alone', ['proposer']],
  ];
  for (const [name, components] of groups)
    it(`that are none make the hash count as missing: ${name}`, async () => {
      const { world, live, keys } = await course(components);
      expect(live.failures).toEqual([]);
      const refused = new Set(live.rejected.map(({ where }) => where.replace('quantum:', '')));
      const isRead = (key: string): boolean => {
        const kind = key.slice(0, key.lastIndexOf(':'));
        const isOurs = components.includes(WRITTEN_BY[kind]!);
        return !isOurs && READ_BY[kind]!.some((one) => components.includes(one));
      };
      const bad = [...keys].filter(([key, isBad]) => isBad && isRead(key)).map(([key]) => key);
      expect(bad.length).toBeGreaterThan(100);
      expect([...refused].filter((key) => keys.has(key)).toSorted()).toEqual(bad.toSorted());
      await expectFinite(world);
    });
});

/** Where the component that writes these runs in the same process, nobody looks at them. */
const WRITTEN_BY: Readonly<Record<string, TickingComponent>> = {
  'portfolio:budget': 'budget',
  'allocation:target:proposed': 'proposer',
};
const READ_BY: Readonly<Record<string, readonly TickingComponent[]>> = {
  'state:market': ['budget'],
  'position:snapshot': ['budget'],
  'alpha:attribution': ['allocation', 'efficiency'],
  'allocation:target': ['efficiency', 'proposer'],
  'capital:efficiency': ['proposer'],
  'portfolio:budget': ['allocation'],
  'allocation:target:proposed': ['allocation'],
};

/** A symbol of its own for every hash, field and number. Returns every key, and whether it holds one that is none. */
async function course(
  components: readonly TickingComponent[],
): Promise<{ world: LiveWorld; live: LiveProcess; keys: ReadonlyMap<string, boolean> }> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  const keys = new Map<string, boolean>();
  let symbols = 0;
  for (const [kind, fields, numeric] of HASHES)
    for (const field of numeric)
      for (const text of [...NO_NUMBERS, ...ODD_NUMBERS]) {
        const symbol = `N${symbols++}`;
        const isTime = ['timestamp', 'ts', 'ts_epoch'].includes(field);
        const isBelow = (field === 'mark_price' || field === 'sigma') && Number(text) < 0;
        keys.set(`${kind}:${symbol}`, isTime || isBelow || (NO_NUMBERS as readonly string[]).includes(text));
        world.time.at((START_SEC + 2) * 1000, async () => {
          await world.add('executions', { symbol, pnl: '-3', cluster: 'L1' });
          await world.put(`${kind}:${symbol}`, { ...fields, [field]: text });
        });
      }
  [...NO_NUMBERS, ...ODD_NUMBERS].forEach((text, i) => {
    for (const [j, field] of ['equity_usd', 'drawdown', 'heat'].entries()) {
      const account = { equity_usd: '1000', drawdown: '0.1', heat: '0.2', timestamp: NOW, [field]: text };
      world.time.at((START_SEC + 6 + 15 * i + 5 * j) * 1000, () => world.put('state:portfolio', account));
    }
    const stress = { stress: text, timestamp: NOW };
    world.time.at((START_SEC + 6 + 5 * i) * 1000, () => world.put('cluster:stress:L1', stress));
  });
  const settings = {
    ...withModes({ P28: 'shadow', P29: 'shadow', P30: 'shadow', P31: 'shadow' }),
    P29_APPLY_PROPOSED: true,
  };
  const live = world.start({ components, settings, keepsDecisions: false });
  await world.time.until((START_SEC + 60) * 1000);
  await live.stop();
  return { world, live, keys };
}

/** Reads every hash, stream, record and meta that Ballast wrote; what others told it is left out. */
async function expectFinite(world: LiveWorld): Promise<void> {
  const told =
    /^(stream:(execution\.result|cashflow|regime\.state)|.*\.dlq$|state:|position:|config:|cluster:)/;
  const own = /^(shadow:|stream:|ballast:)/;
  let numbers = 0;
  const check = (where: string, text: string): void => {
    expect(/nan|infinity|undefined|null/i.test(text), `${where}: ${text.slice(0, 200)}`).toBe(false);
    numbers++;
  };
  for (const key of await world.keys()) {
    if (told.test(key) || !own.test(key)) continue;
    if (key.startsWith('stream:'))
      for (const entry of await world.entries(key))
        for (const [name, text] of Object.entries(entry)) check(`${key} ${name}`, text);
    else if (!key.startsWith('ballast:'))
      for (const [name, text] of (await world.hash(key)) ?? []) check(`${key} ${name}`, text);
  }
  for (const component of ['budget', 'attribution', 'allocation', 'efficiency', 'proposer']) {
    const saved = await world.store.load(component);
    for (const [name, text] of saved?.meta ?? [])
      if (!['mode_why', 'portfolio', 'inputs'].includes(name)) check(`${component} ${name}`, text);
    const { fed = null, ...account } = JSON.parse(saved?.meta.get('portfolio') ?? '{}') as {
      fed?: object | null;
    };
    // A number that is not finite is null in JSON.
    for (const [name, value] of Object.entries({ ...account, ...fed }))
      expect(Number.isFinite(value), `${component} portfolio ${name} ${String(value)}`).toBe(true);
    for (const [symbol, text] of saved?.records ?? [])
      for (const number of decodeRow(text).numbers) {
        numbers++;
        expect(Number.isFinite(number), `${component} ${symbol} holds ${number}`).toBe(true);
      }
  }
  expect(numbers).toBeGreaterThan(300);
}
