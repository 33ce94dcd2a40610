/**
 * Producers and consumers agree (R38): what one component writes the next one reads, and programs written from the
 * contract alone can stand on either side, on a real server.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOREIGN_FIELDS, readForeign } from '../../src/components/foreign-records.ts';
import { TICKING_COMPONENTS } from '../../src/components/declarations.ts';
import { consume, type Findings } from '../support/foreign-consumer.ts';
import { LiveWorld, withModes, type LiveProcess } from '../support/live-run.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { Ticking } from '../../src/core/pipeline/ticking.ts';

const START_SEC = 1_700_000_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe('a program written from the contract alone', () => {
  for (const mode of ['enforce', 'shadow'] as const)
    it(`can feed Ballast and read everything it publishes, in ${mode}`, async () => {
      await server.send('FLUSHALL');
      const world = await LiveWorld.onRedis(server, (START_SEC - 1) * 1000);
      produce(world);
      const live = world.start({ settings: withModes({ P28: mode, P29: mode, P30: mode, P31: mode }) });
      await world.time.until((START_SEC + 130) * 1000 + 900);
      const { problems, read } = await consume(server, 'quantum');
      await live.stop();
      await world.store[Symbol.asyncDispose]();
      expect(live.failures).toEqual([]);
      expect(live.rejected).toEqual([]);
      expect(problems).toEqual([]);
      const place = mode === 'enforce' ? '' : 'shadow:';
      const hashes = ['portfolio:budget:', 'allocation:target:proposed:'];
      for (const kind of ['alpha:attribution:', 'allocation:target:', 'capital:efficiency:'])
        hashes.push(place + kind);
      expect(
        Object.keys(read)
          .filter((kind) => !kind.startsWith('stream:'))
          .toSorted(),
      ).toEqual(hashes.toSorted());
      for (const kind of hashes) expect(read[kind], kind).toBe(SYMBOLS.length);
      expectStreams(read);
      expectUnderstood(live);
    });
});

function expectStreams(read: Findings['read']): void {
  for (const stream of ['alpha.attribution', 'allocation.decision', 'capital.efficiency.decision'])
    expect(read[`stream:${stream}`], stream).toBeGreaterThan(20);
  expect(read['stream:allocation.target.proposed']).toBeGreaterThan(5);
  expect(read['stream:budget.violation']).toBeGreaterThanOrEqual(2);
}

/** What the producer said is what the decisions were made from. */
function expectUnderstood(live: LiveProcess): void {
  expect(live.latest('budget', 'BTCUSDT')).toMatchObject({
    equity_usd: 123_456.5,
    portfolio_heat: 0.25,
    cluster_stress: 0.5,
    vol_regime: 0.67,
  });
  expect(live.latest('allocation', 'BTCUSDT')).toMatchObject({
    cluster_id: 'L1',
    regime: 'CHOP',
    regime_factor: 0.6,
    cluster_factor: 0.5,
    drawdown_factor: 0.7,
    performance_source: 'P3.0',
  });
  expect(live.latest('allocation', 'ETHUSDT')).toMatchObject({ regime: 'TREND', cluster_id: 'MEME' });
  const attribution = live.latest('attribution', 'BTCUSDT')!;
  expect(Object.keys(attribution['signal_contrib'] as object)).toEqual(['breakout']);
  expect(Object.keys(attribution['regime_contrib'] as object)).toEqual(['TREND']);
  expect(live.latest('efficiency', 'BTCUSDT')).toMatchObject({ stale_flags: '', inputs_ok: 1 });
}

/** Everything the contract's table of inputs names, in the several spellings it allows. */
function produce(world: LiveWorld): void {
  const send = (...words: string[]): (() => Promise<void>) => {
    const [command, key, ...rest] = words as [string, string, ...string[]];
    return async () => {
      await server.send(command, `quantum:${key}`, ...rest);
    };
  };
  const ids = new Map<string, number>();
  const add = (sec: number, stream: string, ...fields: string[]): void => {
    const ms = (START_SEC + sec) * 1000;
    const sequence = ids.get(`${stream} ${ms}`) ?? 0;
    ids.set(`${stream} ${ms}`, sequence + 1);
    world.time.at(ms, send('XADD', `stream:${stream}`, `${ms}-${sequence}`, ...fields));
  };
  const hash = (sec: number, key: string, ...fields: string[]): void =>
    world.time.at((START_SEC + sec) * 1000, send('HSET', key, ...fields));
  hash(0, 'config:symbol.cluster', 'ETHUSDT', 'MEME');
  hash(0, 'config:symbol.alias', 'XBT-PERP', 'BTCUSDT');
  const spellings = ['BTCUSDT', 'BTC/USDT', 'btcusdt', 'BTC/USDT:USDT', 'XBT-PERP'];
  const profits = ['realized_pnl', 'pnl_usd', 'pnl'];
  const times = ['timestamp', 'ts', 'ts_ms'];
  for (let i = 0; i < 60; i++) {
    const symbol = i % 3 === 0 ? spellings[(i / 3) % 5]! : SYMBOLS[i % 3]!;
    const names = [
      'regime',
      'TREND',
      'cluster',
      'L1',
      'signal',
      'breakout',
      'side',
      'SELL',
      'bot',
      'b',
      'order_id',
      `o${i}`,
    ];
    const more = [
      'execution_id',
      `e${i}`,
      'filled_qty',
      '0.5',
      'price',
      '100',
      'stake_usd',
      '50',
      'hold_sec',
      '60',
    ];
    add(
      1 + i,
      'execution.result',
      'symbol',
      symbol,
      profits[i % 3]!,
      String(20 - (i % 7) * 5),
      times[i % 3]!,
      timeText(START_SEC + i, i),
      ...names,
      ...more,
      'unheard_of',
      '1',
    );
  }
  add(2, 'execution.result', 'symbol', 'SOLUSDT', 'kind', 'open');
  add(3, 'cashflow', 'amount_usd', '-100.5', 'timestamp', String(START_SEC + 3));
  for (let sec = 2; sec < 131; sec += 5) {
    const now = String(START_SEC + sec);
    add(sec, 'regime.state', 'regime', 'CHOP', 'confidence', '0.8', 'timestamp', now);
    add(sec, 'regime.state', 'regime', 'TREND', 'confidence', '0.9', 'timestamp', now, 'symbol', 'ETHUSDT');
    hash(
      sec,
      'state:portfolio',
      'equity_usd',
      '123456.5',
      'drawdown',
      '0.1',
      'heat',
      '0.25',
      'timestamp',
      now,
      'source',
      'test',
    );
    hash(
      sec,
      'state:market:BTCUSDT',
      'mark_price',
      '100',
      'vol_regime',
      'HIGH_VOL',
      'sigma',
      '0.02',
      'timestamp',
      now,
    );
    hash(sec, 'cluster:stress:L1', 'stress', '0.5', 'alpha', '0.1', 'timestamp', now);
    hash(
      sec,
      'position:snapshot:BTCUSDT',
      'position_amt',
      '-50',
      'mark_price',
      '100',
      'notional_usd',
      '-5000',
      'timestamp',
      now,
    );
  }
}

function timeText(sec: number, i: number): string {
  return [String(sec), new Date(sec * 1000).toISOString(), String(sec * 1000)][i % 3]!;
}

describe('components among themselves', () => {
  it('each field read is written, under the same name and in the same unit', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const live = await traded(world, [TICKING_COMPONENTS]);
    const values: Readonly<
      Record<Ticking, readonly [key: string, type: Decision['type'], names: readonly string[]]>
    > = {
      budget: ['portfolio:budget', 'budget', ['budget_usd']],
      attribution: ['alpha:attribution', 'attribution', ['performance_factor', 'confidence']],
      allocation: ['allocation:target', 'allocation', ['base_target_usd', 'confidence']],
      efficiency: ['capital:efficiency', 'efficiency', ['efficiency_score', 'confidence']],
      proposal: ['allocation:target:proposed', 'proposal', ['multiplier']],
    };
    // Names that only other programs use for the time of a record.
    const others: Partial<Record<Ticking, readonly string[]>> = {
      attribution: ['timestamp'],
      efficiency: ['timestamp'],
    };
    for (const [component, [key, type, names]] of Object.entries(values) as [
      Ticking,
      (typeof values)[Ticking],
    ][]) {
      const hash = (await world.hash(`${key}:BTCUSDT`))!;
      const missing = FOREIGN_FIELDS[component].filter((field) => !hash.has(field));
      expect(missing, component).toEqual(others[component] ?? []);
      const record = readForeign(component, hash, world.time.nowMs / 1000);
      const decision = live[0]!.latest(type, 'BTCUSDT')!;
      expect(record.ts, component).toBe(decision['tick']);
      if (record.ts === null) continue;
      names.forEach((field, i) => {
        const digits = component === 'proposal' ? 4 : 15;
        expect(record.values[i], `${component} ${field}`).toBeCloseTo(decision[field] as number, digits);
      });
    }
  });

  it('in five processes read each other as in one, a tick later at most', async () => {
    const one = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const together = (await traded(one, [TICKING_COMPONENTS]))[0]!;
    const five = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const apart = await traded(
      five,
      TICKING_COMPONENTS.map((name) => [name]),
    );
    for (const symbol of SYMBOLS) {
      const target = apart[2]!.latest('allocation', symbol)!;
      expect(target).toEqual(together.latest('allocation', symbol));
      const efficiency = apart[3]!.latest('efficiency', symbol)!;
      expect(efficiency).toMatchObject({ stale_flags: '', inputs_ok: 1 });
      expect(efficiency['p30_perf']).toBe(together.latest('efficiency', symbol)!['p30_perf']);
      expect(efficiency['p29_target_usd']).toBe(target['base_target_usd']);
      expect(apart[4]!.latest('proposal', symbol)).toMatchObject({ base_target: target['base_target_usd'] });
    }
  });
});

/** Trades for a minute, then ticks for another in which nothing moves but the hold penalty. */
async function traded(
  world: LiveWorld,
  groups: readonly (readonly (typeof TICKING_COMPONENTS)[number][])[],
): Promise<LiveProcess[]> {
  for (let i = 0; i < 60; i++)
    world.time.at((START_SEC + i) * 1000 + 300, async () => {
      const fields = { symbol: SYMBOLS[i % 3]!, realized_pnl: String(30 - (i % 7) * 7), cluster: 'L1' };
      await world.add('executions', fields);
    });
  const all = groups.map((components) => world.start({ components, owner: components.join() }));
  await world.time.until((START_SEC + 120) * 1000 + 900);
  await Promise.all(all.map((live) => live.stop()));
  for (const live of all) expect(live.failures).toEqual([]);
  return all;
}
