/** The store's clock set back or forward, and ids that someone chose: ticks go on, nothing is applied twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveWorld, type LiveProcess } from '../support/live-run.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

const START_SEC = 1_700_000_000;

/** An execution a second for two minutes, the clock set by so much after one; then a restart, and a minute more. */
async function course(setBySec: number): Promise<{ processes: LiveProcess[]; world: LiveWorld }> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  for (let i = 0; i < 180; i++)
    world.time.at((START_SEC + i) * 1000 + 300, async () => {
      await world.add('executions', { symbol: 'BTCUSDT', pnl: '1', execution_id: `x${i}` });
    });
  const processes = [world.start()];
  await world.time.until((START_SEC + 60) * 1000);
  world.time.shiftMs = setBySec * 1000;
  await world.time.until((START_SEC + 120) * 1000);
  await processes[0]!.stop();
  processes.push(world.start());
  await world.time.until((START_SEC + 190) * 1000);
  await processes[1]!.stop();
  return { processes, world };
}

describe('a clock that is set', () => {
  for (const [name, setBySec] of [
    ['back by 30 s', -30],
    ['back by an hour', -3600],
    ['forward by a day', 86_400],
  ] as const)
    it(`${name} loses nothing, applies nothing twice and goes on ticking`, async () => {
      const { processes, world } = await course(setBySec);
      const [before, after] = processes as [LiveProcess, LiveProcess];
      expect([...before.failures, ...after.failures, ...before.gaps, ...after.gaps]).toEqual([]);
      expect(before.applied + after.applied).toBe(180);
      // Set back by 30 s, what comes then waits until the clock is where it was; by an hour, it waits for nothing.
      expect(before.applied).toBeGreaterThanOrEqual(119);
      expect(before.repeats + after.repeats).toBe(0);
      expect(before.said.length).toBe(setBySec < 0 ? 1 : 0);
      // Where it was set back by more than anyone waits for, ticks go on from there.
      const nowSec = START_SEC + 190 + setBySec;
      const newest = after.latest('attribution', 'BTCUSDT')!;
      expect(newest['tick']).toBeGreaterThanOrEqual(nowSec - 5);
      expect(newest['tick']).toBeLessThan(nowSec);
      expect(after.latest('efficiency', 'BTCUSDT')).toMatchObject({ tick: newest['tick'], inputs_ok: 1 });
      const account = JSON.parse((await world.store.load('budget'))!.meta.get('portfolio')!) as object;
      expect(account).toMatchObject({ ownEquityUsd: 100_180 });
      expect((await world.hash('alpha:attribution:BTCUSDT'))!.get('ts')).toBe(String(newest['tick']));
    });

  it('back by 30 s makes no tick a second time', async () => {
    const { processes } = await course(-30);
    const ticks = processes.flatMap(({ decisions }) =>
      decisions
        .map((text) => JSON.parse(text) as { type: string; tick: number })
        .filter(({ type }) => type === 'efficiency')
        .map(({ tick }) => tick),
    );
    // 190 s of a clock that lost 30: every tick of the 160 s that it showed, once.
    expect(ticks).toEqual(Array.from({ length: 31 }, (_, i) => START_SEC + 5 * (i + 1)));
  });
});

describe('ids that are ahead of the clock', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it('move no time, are counted, and later entries apply', async () => {
    const world = await LiveWorld.onRedis(server, (START_SEC - 1) * 1000);
    const key = 'quantum:stream:execution.result';
    const add = async (id: string, pnl: string): Promise<void> => {
      await server.send('XADD', key, id, 'symbol', 'BTCUSDT', 'pnl', pnl);
    };
    await add(`${START_SEC * 1000}-0`, '1');
    const live = world.start();
    await world.time.until((START_SEC + 20) * 1000);
    const yearAhead = (START_SEC + 31_536_000) * 1000;
    await add(`${yearAhead}-0`, '10');
    await world.time.until((START_SEC + 40) * 1000);
    // Redis gives no smaller id any more.
    await add('*', '100');
    await server.send(
      'XADD',
      'quantum:stream:cashflow',
      `${(START_SEC + 41) * 1000}-0`,
      'amount_usd',
      '1000',
    );
    await world.time.until((START_SEC + 60) * 1000 + 900);
    await live.stop();
    await world.store[Symbol.asyncDispose]();
    expect(live.failures).toEqual([]);
    expect(live.applied).toBe(4);
    expect(live.ahead).toBe(2);
    expect(live.latest('budget', 'BTCUSDT')).toMatchObject({ tick: START_SEC + 60, equity_usd: 101_111 });
    const { window, last_exec_ts } = live.latest('attribution', 'BTCUSDT')!;
    expect(window).toBe(3);
    expect(last_exec_ts).toBeCloseTo(START_SEC + 40, 0);
  });
});
