/** Defects a review of the live core found, each as the situation it showed in. */
import { describe, expect, it } from 'vitest';
import { LiveWorld, withModes, type LiveProcess } from '../support/live-run.ts';
import { testSettings } from '../support/engine-run.ts';
import { StoreError } from '../../src/store/store.ts';
import { tickAtOrAfter } from '../../src/core/tick.ts';

const START_SEC = 1_700_000_000;

const worldAt = (sec: number): Promise<LiveWorld> => LiveWorld.inMemory((START_SEC + sec) * 1000);
const until = (world: LiveWorld, sec: number): Promise<void> => world.time.until((START_SEC + sec) * 1000);

function execution(world: LiveWorld, sec: number, pnl: string, symbol = 'BTCUSDT'): void {
  world.time.at((START_SEC + sec) * 1000, async () => {
    await world.add('executions', { symbol, pnl });
  });
}

/** `[tick, window]` of every attribution of BTCUSDT. */
function windows(live: LiveProcess): [number, number][] {
  return decisions(live, 'attribution').map((one) => [
    Number(one['tick']) - START_SEC,
    Number(one['window']),
  ]);
}

function decisions(live: LiveProcess, type: string): Record<string, unknown>[] {
  return live.decisions
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .filter((one) => one['type'] === type && one['symbol'] === 'BTCUSDT');
}

describe('components that ran apart before', () => {
  it('all begin, and see every entry, where one was stopped before its first tick', async () => {
    const world = await worldAt(0.1);
    execution(world, 0.2, '5');
    const alone = world.start({ components: ['attribution'] });
    await until(world, 1);
    await alone.stop();
    const all = world.start();
    await until(world, 11);
    await all.stop();
    expect(windows(all).at(-1)).toEqual([10, 1]);
    expect(all.latest('budget', 'BTCUSDT')).toMatchObject({ equity_usd: 100_005 });
    expect(all.latest('efficiency', 'BTCUSDT')).toMatchObject({ volatility_ewma: 1 });
  });

  it('make every tick before what arrived after it, where their intervals differ', async () => {
    const world = await worldAt(0.1);
    const settings = testSettings({ P31_LOOP_SEC: 10 });
    execution(world, 0.2, '5');
    execution(world, 17, '5');
    const apart = [
      world.start({ components: ['attribution'], settings, owner: 'one' }),
      world.start({ components: ['efficiency'], settings, owner: 'two' }),
    ];
    await until(world, 11);
    await apart[0]!.stop();
    await until(world, 18);
    await apart[1]!.stop();
    const all = world.start({ components: ['attribution', 'efficiency'], settings });
    await until(world, 26);
    await all.stop();
    expect(windows(all)).toEqual([
      [15, 1],
      [20, 2],
      [25, 2],
    ]);
  });

  it('go on together where the others read what came after the next tick of one', async () => {
    const world = await worldAt(0.1);
    const settings = testSettings({ P29_INTERVAL_SEC: 10 });
    execution(world, 0.2, '5');
    world.time.at((START_SEC + 17) * 1000, async () => {
      await world.add('regimes', { regime: 'TREND' });
    });
    const apart = [
      world.start({ components: ['budget'], settings, owner: 'one' }),
      world.start({ components: ['allocation'], settings, owner: 'two' }),
    ];
    await until(world, 11);
    await apart[0]!.stop();
    await until(world, 18);
    await apart[1]!.stop();
    const market = { mark_price: '9', vol_regime: 'HIGH_VOL', timestamp: String(START_SEC + 17) };
    await world.put('state:market:BTCUSDT', market);
    const both = world.start({ components: ['budget', 'allocation'], settings });
    execution(world, 18.5, '5');
    await until(world, 31);
    await both.stop();
    expect(decisions(both, 'budget').map(({ tick }) => Number(tick) - START_SEC)).toEqual([15, 20, 25, 30]);
    expect(both.latest('allocation', 'BTCUSDT')).toMatchObject({ tick: START_SEC + 30, regime: 'TREND' });
  });

  it('keep the account that was fed, whichever of them saw it', async () => {
    const world = await worldAt(0.1);
    const settings = testSettings();
    execution(world, 0.2, '5');
    const portfolio = { equity_usd: '200000', timestamp: String(START_SEC) };
    await world.put('state:portfolio', portfolio);
    const components = ['budget', 'attribution'] as const;
    const apart = components.map((name) => world.start({ components: [name], settings, owner: name }));
    await until(world, 11);
    await Promise.all(apart.map((one) => one.stop()));
    await world.put('state:portfolio', {});
    const both = world.start({ components, settings });
    await until(world, 21);
    await both.stop();
    expect(both.latest('budget', 'BTCUSDT')).toMatchObject({ equity_usd: 200_000 });
  });

  it('are all held while one of them catches up', async () => {
    const world = await worldAt(0.1);
    execution(world, 0.2, '5');
    const old = world.start({ components: ['attribution'] });
    await until(world, 11);
    await old.stop();
    // Its clock is behind what was committed: catching up takes until then.
    world.time.shiftMs = -8000;
    const first = world.start({ components: ['attribution', 'budget'], owner: 'first' });
    await until(world, 12);
    const second = world.start({ components: ['attribution', 'budget'], owner: 'second' });
    await until(world, 17);
    const phases = second.phases;
    await Promise.all([first.stop(), second.stop()]);
    expect(new Set(phases)).toEqual(new Set(['standby', 'stopped']));
  });
});

it('ticks on the grid of an interval that was changed', async () => {
  const world = await worldAt(0.1);
  execution(world, 0.2, '5');
  const before = world.start({ components: ['attribution'] });
  await until(world, 11);
  await before.stop();
  const settings = testSettings({ P30_INTERVAL_SEC: 10 });
  const after = world.start({ components: ['attribution'], settings });
  await until(world, 41);
  await after.stop();
  for (const { tick } of decisions(after, 'attribution')) expect(tickAtOrAfter(Number(tick), 10)).toBe(tick);
  expect(windows(after)).toHaveLength(3);
});

it('goes on with every component after a start that follows a clock set back', async () => {
  const world = await worldAt(0.1);
  execution(world, 0.2, '5');
  const components = ['budget', 'allocation', 'proposer'] as const;
  const first = world.start({ components, settings: withModes({ P28: 'enforce', P29: 'enforce' }) });
  await until(world, 31);
  world.time.shiftMs = -3600_000;
  await until(world, 36.5);
  await first.stop();
  const second = world.start({ components, settings: withModes({ P28: 'enforce', P29: 'enforce' }) });
  await until(world, 61);
  await second.stop();
  expect(second.latest('proposal', 'BTCUSDT')).toMatchObject({ tick: START_SEC - 3600 + 60 });
});

describe('what others published', () => {
  it('is not read any more once the component here enforces', async () => {
    const world = await worldAt(0.1);
    execution(world, 0.2, '5');
    const components = ['allocation', 'efficiency'] as const;
    await world.put('portfolio:budget:BTCUSDT', {
      budget_usd: '1000',
      timestamp: String(START_SEC),
      mode: 'enforce',
    });
    await world.put('allocation:target:BTCUSDT', {
      base_target_usd: '777',
      confidence: '1',
      timestamp: String(START_SEC),
    });
    const settings = testSettings();
    const live = world.start({ components, settings, modesSet: [] });
    await until(world, 11);
    expect(live.latest('efficiency', 'BTCUSDT')).toMatchObject({ p29_target_usd: 777 });
    await world.put('config:mode', { allocation: 'enforce', efficiency: 'enforce' });
    await until(world, 21);
    expect(live.latest('efficiency', 'BTCUSDT')!['p29_target_usd']).not.toBe(777);
    // No budget for more than its life: no target any more.
    await until(world, 700);
    await live.stop();
    expect(live.latest('efficiency', 'BTCUSDT')).toMatchObject({ stale_flags: 'P30_MISSING,P29_MISSING' });
  });
});

it('takes away what a process before it enforced, also where it is switched later and never showed it itself', async () => {
  const world = await worldAt(0.1);
  execution(world, 0.2, '5');
  const settings = testSettings();
  await world.put('config:mode', { budget: 'enforce', attribution: 'enforce', allocation: 'enforce' });
  const first = world.start({ settings, modesSet: [] });
  await until(world, 11);
  await first.stop();
  expect(await world.hash('allocation:target:BTCUSDT')).not.toBeNull();
  // From here on the account is too old for any target.
  await world.put('state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC - 600) });
  const second = world.start({ settings, modesSet: [] });
  await until(world, 21);
  await world.put('config:mode', { budget: 'enforce', attribution: 'enforce', allocation: 'shadow' });
  await until(world, 31);
  await second.stop();
  expect(await world.hash('allocation:target:BTCUSDT')).toBeNull();
});

it('says which component it is whose committed positions are unreadable', async () => {
  const world = await worldAt(0.1);
  execution(world, 0.2, '5');
  const first = world.start({ components: ['budget'] });
  await until(world, 11);
  await first.stop();
  await world.put('ballast:meta:budget', {
    ...Object.fromEntries((await world.hash('ballast:meta:budget'))!),
    inputs: '{',
  });
  const second = world.start({ components: ['budget'] });
  await expect(second.done).rejects.toThrow(StoreError);
  await expect(second.done).rejects.toThrow('budget cannot go on from what it committed');
});

it('asks for less where a whole answer is too large to come in time', async () => {
  const world = await worldAt(0.1);
  const read = world.store.read.bind(world.store);
  world.store.read = (positions) =>
    positions.some(({ count }) => count > 50)
      ? Promise.reject(new StoreError('unreachable', 'TIMEOUT', 'the answer did not come in time'))
      : read(positions);
  for (let i = 0; i < 500; i++) execution(world, 0.2 + i / 1000, '5');
  const live = world.start();
  await until(world, 26);
  await live.stop();
  expect(live.applied).toBe(500);
  expect(windows(live).at(-1)).toEqual([25, 20]);
});
