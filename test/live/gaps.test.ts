/** Streams that lose entries or are made anew while nobody looks (R31), on a real server: found at once, said, read on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LiveWorld, type LiveProcess } from '../support/live-run.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

const START_SEC = 1_700_000_000;
const KEY = 'quantum:stream:execution.result';

let server: RedisServer;
let world: LiveWorld;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.send('FLUSHALL');
});

async function add(sec: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await server.send('XADD', KEY, `${(START_SEC + sec) * 1000}-${i}`, 'symbol', 'BTCUSDT', 'pnl', '1');
}

/** Reads 10 entries, stops; something happens to the stream; another process goes on. Returns that one. */
async function afterwards(happens: () => Promise<void>): Promise<LiveProcess> {
  world = await LiveWorld.onRedis(server, (START_SEC - 1) * 1000);
  await add(0, 10);
  const before = world.start({ components: ['attribution'] });
  await world.time.until((START_SEC + 20) * 1000);
  await before.stop();
  expect([before.applied, before.gaps]).toEqual([10, []]);
  await happens();
  const after = world.start({ components: ['attribution'] });
  await world.time.until((START_SEC + 60) * 1000 + 900);
  await after.stop();
  await world.store[Symbol.asyncDispose]();
  expect(after.failures).toEqual([]);
  expect(after.latest('attribution', 'BTCUSDT')).toMatchObject({ tick: START_SEC + 60 });
  return after;
}

const gapOf = (kind: object): unknown => [{ input: 'execution.result', gap: kind }];

describe('an input stream', () => {
  it('trimmed past its reader: so many are missing, the rest applies', async () => {
    const live = await afterwards(async () => {
      await add(25, 8);
      await server.send('XTRIM', KEY, 'MAXLEN', '=', '5');
    });
    expect([live.gaps, live.applied]).toEqual([gapOf({ kind: 'trimmed', lost: 3 }), 5]);
  });

  it('trimmed of what was read: nothing is missing', async () => {
    const live = await afterwards(async () => {
      await add(25, 8);
      await server.send('XTRIM', KEY, 'MAXLEN', '=', '8');
    });
    expect([live.gaps, live.applied]).toEqual([[], 8]);
  });

  it('that lost an entry in the middle: one is missing', async () => {
    const live = await afterwards(async () => {
      await add(25, 8);
      await server.send('XDEL', KEY, `${(START_SEC + 25) * 1000}-4`);
    });
    expect([live.gaps, live.applied]).toEqual([gapOf({ kind: 'trimmed', lost: 1 }), 7]);
  });

  it('made anew with lower ids, or with higher ones: it is another one, read from its beginning', async () => {
    for (const sec of [-100, 25]) {
      await server.send('FLUSHALL');
      const live = await afterwards(async () => {
        await server.send('DEL', KEY);
        await add(sec, 4);
      });
      expect([live.gaps, live.applied]).toEqual([gapOf({ kind: 'recreated' }), 4]);
      // The account knows all 14.
      expect(live.machine!.live.engine.equityUsd).toBe(100_014);
    }
  });

  it('that is gone is said to be, its last attribution is shown as such for 900 s, and it may come back', async () => {
    world = await LiveWorld.onRedis(server, (START_SEC - 1) * 1000);
    await add(0, 10);
    let repeated = 0;
    const listener = { lastKnownGood: (): void => void repeated++ };
    const live = world.start({ components: ['attribution'], listener });
    await world.time.until((START_SEC + 20) * 1000 + 900);
    await server.send('DEL', KEY);
    await world.time.until((START_SEC + 40) * 1000 + 900);
    const hash = (await world.hash('alpha:attribution:BTCUSDT'))!;
    expect([hash.get('source'), hash.get('ts'), hash.get('ts_utc')]).toEqual([
      'LKG',
      String(START_SEC + 20),
      String(START_SEC + 20),
    ]);
    await world.time.until((START_SEC + 1300) * 1000);
    expect(repeated).toBe(180);
    await add(1301, 2);
    await world.time.until((START_SEC + 1310) * 1000 + 900);
    await live.stop();
    const back = (await world.hash('alpha:attribution:BTCUSDT'))!;
    await world.store[Symbol.asyncDispose]();
    expect(live.said).toEqual(['execution.result gone', 'execution.result readable']);
    expect([back.get('source'), back.get('window'), back.get('ts')]).toEqual([
      'live',
      '12',
      String(START_SEC + 1310),
    ]);
  });
});

describe('while the stream of executions is gone', () => {
  it('the efficiency of the same process goes by the attributions that are repeated, as stale, and after them by none', async () => {
    world = await LiveWorld.onRedis(server, (START_SEC - 1) * 1000);
    await add(0, 10);
    const live = world.start();
    await world.time.until((START_SEC + 20) * 1000);
    await server.send('DEL', KEY);
    const flagsAt = async (sec: number): Promise<unknown> => {
      await world.time.until((START_SEC + sec) * 1000 + 500);
      return live.latest('efficiency', 'BTCUSDT')?.['stale_flags'];
    };
    expect(await flagsAt(300)).toBe('');
    expect(await flagsAt(340)).toBe('P30_STALE');
    expect(await flagsAt(915)).toBe('P30_STALE');
    expect(await flagsAt(930)).toBe('P30_MISSING');
    await live.stop();
    await world.store[Symbol.asyncDispose]();
  });
});
