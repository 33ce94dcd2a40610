/** Entries nobody can use (R26, R27): never fatal, never lost, never twice, and nobody beside them notices. */
import { describe, expect, it } from 'vitest';
import { LiveWorld, sortedTexts } from '../support/live-run.ts';
import { mutated } from '../support/nasty.ts';
import { seededRandom } from '../support/event-lines.ts';
import { startRedis } from '../support/redis-server.ts';
import type { TickingComponent } from '../../src/components/declarations.ts';

const START_SEC = 1_700_000_000;
const STREAM = 'quantum:stream:execution.result';
const GROUPS: readonly (readonly TickingComponent[])[] = [
  ['budget'],
  ['attribution'],
  ['allocation', 'efficiency'],
  ['proposer'],
];
const POISON: readonly (readonly [fields: Record<string, string>, reason: string])[] = [
  [{ realized_pnl: '5' }, 'missing_symbol'],
  [{ symbol: 'BTCUSDT' }, 'missing_pnl'],
  [{ symbol: 'BTCUSDT', realized_pnl: 'NaN' }, 'bad_number'],
  [{ symbol: 'BTCUSDT', realized_pnl: '' }, 'bad_number'],
  [{ symbol: '__proto__', realized_pnl: '5' }, 'bad_symbol'],
  [{ symbol: 'BTCUSDT', realized_pnl: '5', timestamp: '17' }, 'bad_time'],
  [{ symbol: 'BTCUSDT', realized_pnl: '5', signal: 'x'.repeat(257) }, 'oversized'],
  [{ symbol: 'BTCUSDT', realized_pnl: '5', plan_id: 'a b' }, 'bad_name'],
];

describe('poison', () => {
  it('at 1 % of the places goes to the dead letters once, however many read the stream; the rest applies as if it were not there', async () => {
    const random = seededRandom(11);
    const entries = Array.from({ length: 10_000 }, (_, i) => {
      const poison = random() < 0.01 ? POISON[i % POISON.length]! : null;
      const fill = {
        symbol: `S${i % 20}`,
        realized_pnl: ((random() - 0.4) * 100).toFixed(3),
        execution_id: `x${i}`,
      };
      return { ms: START_SEC * 1000 + i * 20, fields: poison?.[0] ?? fill, reason: poison?.[1] ?? null };
    });
    const course = async (
      kept: typeof entries,
      groups: typeof GROUPS,
    ): Promise<{ world: LiveWorld; committed: string[]; ids: string[] }> => {
      const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
      const ids: string[] = [];
      for (const { ms, fields, reason } of kept)
        world.time.at(ms, async () => {
          const id = await world.add('executions', fields);
          if (reason !== null) ids.push(id);
        });
      const all = groups.map((components) =>
        world.start({ components, owner: components.join(), keepsDecisions: false }),
      );
      await world.time.until((START_SEC + 210) * 1000);
      await Promise.all(all.map((live) => live.stop()));
      const bad = kept.filter(({ reason }) => reason !== null).length;
      for (const live of all) {
        const reads = live.machine!.inputs.length > 0;
        expect(live.failures).toEqual([]);
        expect([live.applied, live.rejected.length]).toEqual(reads ? [kept.length - bad, bad] : [0, 0]);
      }
      const committed: string[] = [];
      for (const component of groups.flat()) {
        const { records } = (await world.store.load(component))!;
        committed.push(sortedTexts(records).join());
      }
      return { world, committed, ids };
    };
    const { world, committed, ids } = await course(entries, GROUPS);
    const letters = await world.entries('stream:execution.result.dlq');
    expect(ids.length).toBeGreaterThan(60);
    expect(letters.map((letter) => letter['source_id'])).toEqual(ids);
    const bad = entries.filter(({ reason }) => reason !== null);
    letters.forEach((letter, i) =>
      expect(letter).toMatchObject({ ...bad[i]!.fields, reason: bad[i]!.reason }),
    );
    const clean = await course(
      entries.filter(({ reason }) => reason === null),
      GROUPS,
    );
    expect(committed).toEqual(clean.committed);
  });
});

const VALID: Readonly<Record<string, Record<string, string>>> = {
  'execution.result': {
    symbol: 'BTCUSDT',
    realized_pnl: '12.5',
    timestamp: String(START_SEC),
    execution_id: 'e1',
    regime: 'TREND',
    cluster: 'L1',
    signal: 'breakout',
    price: '100',
    qty: '2',
    plan_id: 'p-1',
    kind: 'close',
  },
  cashflow: { amount_usd: '100', timestamp: String(START_SEC) },
  'regime.state': { regime: 'TREND', confidence: '0.7', timestamp: String(START_SEC), symbol: 'ETHUSDT' },
};
const HASHES: Readonly<Record<string, Record<string, string>>> = {
  'state:portfolio': { equity_usd: '100000', drawdown: '0.1', heat: '0.5', timestamp: String(START_SEC) },
  'state:market:BTCUSDT': {
    mark_price: '100',
    vol_regime: 'HIGH_VOL',
    sigma: '0.02',
    timestamp: String(START_SEC),
  },
  'cluster:stress:L1': { stress: '0.4', timestamp: String(START_SEC) },
  'position:snapshot:BTCUSDT': {
    position_amt: '1',
    mark_price: '100',
    notional_usd: '100',
    timestamp: String(START_SEC),
  },
  'config:symbol.cluster': { BTCUSDT: 'L1', ETHUSDT: 'L2' },
  'config:symbol.alias': { XBT: 'BTCUSDT' },
  'config:mode': { attribution: 'enforce', allocation: 'shadow' },
  'alpha:attribution:BTCUSDT': { performance_factor: '0.5', confidence: '0.7', ts: String(START_SEC) },
  'allocation:target:BTCUSDT': {
    target_usd: '100',
    base_target_usd: '100',
    confidence: '1',
    ts: String(START_SEC),
  },
  'capital:efficiency:BTCUSDT': { efficiency_score: '0.5', confidence: '1', ts: String(START_SEC) },
};

describe('50,000 entries and hashes of any contents', () => {
  it('are applied, refused or repeats, every one of them, and nothing throws', async () => {
    const random = seededRandom(27);
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const streams = Object.keys(VALID);
    const counts = new Map<string, number>();
    for (let second = 0; second < 95; second++)
      world.time.at((START_SEC + second) * 1000, async () => {
        const requests = Array.from({ length: 500 }, () => {
          const name = streams[Math.floor(random() ** 2 * streams.length)]!;
          counts.set(name, (counts.get(name) ?? 0) + 1);
          const valid = {
            ...VALID[name]!,
            ...(random() < 0.5 ? { execution_id: `e${Math.floor(random() * 500)}` } : {}),
          };
          return { stream: `quantum:stream:${name}`, fields: mutated(valid, random), maxLength: null };
        });
        await world.store.append(requests);
        for (const [key, fields] of Object.entries(HASHES))
          for (let i = 0; i < 3; i++) await put(world, key, mutated(fields, random));
      });
    const live = world.start({ modesSet: [] });
    await world.time.until((START_SEC + 100) * 1000);
    await live.stop();
    expect(live.failures).toEqual([]);
    const refused = live.rejected.filter(({ id }) => id !== null);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(total + 95 * 30).toBeGreaterThan(50_000);
    expect(live.applied + live.repeats + refused.length).toBe(total);
    expect(live.applied).toBeGreaterThan(5000);
    expect(live.repeats).toBeGreaterThan(1000);
    expect(live.rejected.length - refused.length).toBeGreaterThan(30);
    for (const name of streams) {
      const letters = await world.entries(`stream:${name}.dlq`);
      const own = refused.filter(({ where }) => where === name);
      expect(letters.map((letter) => letter['source_id'])).toEqual(own.map(({ id }) => id).slice(-10_000));
    }
  });

  it('that are no UTF-8 do no harm either', async () => {
    const server = await startRedis();
    try {
      const world = await LiveWorld.onRedis(server, (START_SEC - 1) * 1000);
      const random = seededRandom(3);
      const bytes = (): Buffer =>
        Buffer.from(Array.from({ length: 1 + Math.floor(random() * 12) }, () => Math.floor(random() * 256)));
      for (let i = 0; i < 600; i++) {
        const fields = mutated(VALID['execution.result']!, random).map((text) =>
          random() < 0.1 ? bytes() : text,
        );
        await server.send('XADD', STREAM, `${START_SEC * 1000 + i}-0`, ...fields);
      }
      await server.send(
        'HSET',
        'quantum:state:portfolio',
        'equity_usd',
        bytes(),
        bytes(),
        bytes(),
        'timestamp',
        '1',
      );
      await server.send('SET', 'quantum:config:symbol.cluster', 'no hash');
      await server.send('LPUSH', 'quantum:config:mode', 'no hash');
      await server.send('SET', 'quantum:alpha:attribution:BTCUSDT', bytes());
      const live = world.start({ modesSet: [] });
      await world.time.until((START_SEC + 20) * 1000);
      await live.stop();
      const letters = await world.entries('stream:execution.result.dlq');
      await world.store[Symbol.asyncDispose]();
      expect(live.failures).toEqual([]);
      const refused = live.rejected.filter(({ id }) => id !== null);
      expect(live.applied + live.repeats + refused.length).toBe(600);
      expect(live.applied).toBeGreaterThan(20);
      expect(letters.map((letter) => letter['source_id'])).toEqual(refused.map(({ id }) => id));
    } finally {
      await server.stop();
    }
  });
});

async function put(world: LiveWorld, key: string, flat: readonly string[]): Promise<void> {
  const fields = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) fields.set(flat[i]!, flat[i + 1]!);
  const before = (await world.hash(key)) ?? new Map<string, string>();
  const gone = [...before.keys()].filter((name) => !fields.has(name));
  await world.store.writeFields(`quantum:${key}`, [...gone.map((name) => [name, null] as const), ...fields]);
}
