/** Modes from the settings and from the operators' hash: the more cautious wins, and leaving enforce leaves nothing behind. */
import { describe, expect, it } from 'vitest';
import { LiveWorld, withModes } from '../support/live-run.ts';
import { testSettings } from '../support/engine-run.ts';

const START_SEC = 1_700_000_000;
const LIVE = ['allocation:target:BTCUSDT', 'alpha:attribution:BTCUSDT', 'capital:efficiency:BTCUSDT'];
const SHADOW = LIVE.map((key) => `shadow:${key}`);

async function begun(): Promise<LiveWorld> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  world.time.at(START_SEC * 1000, async () => {
    await world.add('executions', { symbol: 'BTCUSDT', pnl: '5' });
  });
  return world;
}

const until = (world: LiveWorld, sec: number): Promise<void> =>
  world.time.until((START_SEC + sec) * 1000 + 900);
const hashes = async (world: LiveWorld): Promise<string[]> =>
  (await world.keys()).filter((key) => [...LIVE, ...SHADOW].includes(key));

describe('the mode of a component', () => {
  it('is the more cautious of settings and hash, and shadow where neither says enforce', async () => {
    for (const [set, switched, mode] of [
      [null, null, 'shadow'],
      [null, 'enforce', 'enforce'],
      [null, 'shadow', 'shadow'],
      [null, 'ENFORCE', 'shadow'],
      [null, '', 'shadow'],
      ['enforce', null, 'enforce'],
      ['enforce', 'enforce', 'enforce'],
      ['enforce', 'shadow', 'shadow'],
      ['enforce', 'off', 'shadow'],
      ['shadow', null, 'shadow'],
      ['shadow', 'enforce', 'shadow'],
    ] as const) {
      const world = await begun();
      if (switched !== null) await world.put('config:mode', { attribution: switched });
      const settings = set === null ? testSettings() : withModes({ P30: set });
      const live = world.start({ settings, modesSet: set === null ? [] : ['P30_MODE'] });
      await until(world, 10);
      await live.stop();
      expect(live.latest('attribution', 'BTCUSDT')!['mode'], `${set} ${switched}`).toBe(mode);
      const key = `${mode === 'shadow' ? 'shadow:' : ''}alpha:attribution:BTCUSDT`;
      expect((await hashes(world)).filter((one) => one.includes('attribution'))).toEqual([key]);
    }
  });

  it('may be switched while it runs: what it wrote for others is taken away, and said', async () => {
    const world = await begun();
    const live = world.start({ modesSet: [] });
    await until(world, 10);
    expect(await hashes(world)).toEqual(SHADOW);
    const all = (mode: string): Promise<void> =>
      world.put('config:mode', { attribution: mode, allocation: mode, efficiency: mode, budget: mode });
    await all('enforce');
    await until(world, 20);
    expect(await hashes(world)).toEqual(LIVE);
    expect((await world.hash('portfolio:budget:BTCUSDT'))!.get('mode')).toBe('enforce');
    await all('shadow');
    await until(world, 30);
    expect(await hashes(world)).toEqual(SHADOW);
    expect((await world.hash('portfolio:budget:BTCUSDT'))!.get('mode')).toBe('shadow');
    await live.stop();
    const events = await world.entries('stream:governor.events');
    const changes = events.map(({ event, component, from, to }) => [event, component, from, to]);
    const names = ['budget', 'attribution', 'allocation', 'efficiency'];
    expect(changes).toEqual([
      ...names.map((name) => ['MODE_CHANGE', name, 'shadow', 'enforce']),
      ...names.map((name) => ['MODE_CHANGE', name, 'enforce', 'shadow']),
    ]);
  });

  it('that left enforce while no process ran takes away what the one before had written', async () => {
    const world = await begun();
    const enforced = world.start({ settings: testSettings() });
    await until(world, 10);
    await enforced.stop();
    expect(await hashes(world)).toEqual(LIVE);
    const rolledBack = world.start({ settings: withModes({ P29: 'shadow', P30: 'shadow', P31: 'shadow' }) });
    await until(world, 20);
    await rolledBack.stop();
    expect(await hashes(world)).toEqual(SHADOW);
  });
});
