/** A live process on Redis in enforce and in shadow, seen with a bare client; and what becomes of its hashes on the way from one to the other. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { entriesOf, hashOf, keysOf, lifeOf, msOf, xadd } from '../support/bare-client.ts';
import { ALL_ENFORCE, EVERY_SECOND, startLive, until } from '../support/live-process.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';
import type { RedisServer } from '../support/redis-server.ts';

let program: ProgramOnRedis['program'];
let redis: RedisServer;
programOnRedis((given) => ({ program, redis } = given));

/** Each kind of hash, where it lies after the namespace, its life and the field that says when. */
const HASHES = [
  { name: 'alpha:attribution', lifeSec: 300, time: 'ts_utc' },
  { name: 'portfolio:budget', lifeSec: 300, time: 'timestamp' },
  { name: 'allocation:target', lifeSec: 300, time: 'timestamp' },
  { name: 'capital:efficiency', lifeSec: 600, time: 'ts' },
];
const LIVE = ['alpha:attribution', 'allocation:target', 'capital:efficiency'];
const STREAMS = ['alpha.attribution', 'allocation.decision', 'capital.efficiency.decision'];

/** Waits until a hash is there, and returns it. */
function untilHash(key: string, limitMs = 5000) {
  return until(
    `the hash ${key}`,
    async () => {
      const hash = await hashOf(redis, key);
      return Object.keys(hash).length > 0 ? hash : undefined;
    },
    limitMs,
  );
}

it.concurrent(
  'is ready soon after its start and shows an execution at the next tick, everywhere it is to be seen',
  async () => {
    const live = startLive({ main: program.main, url: redis.url, sets: ALL_ENFORCE });
    const tookMs = await live.untilReady();
    expect(tookMs).toBeLessThan(5000);

    const stream = 'quantum:stream:execution.result';
    const id = await xadd(redis, stream, {
      symbol: 'BTCUSDT',
      pnl: '120',
      regime: 'TREND',
      execution_id: 'x1',
    });
    // The default interval is five seconds.
    const tick = Math.ceil(msOf(id) / 5000) * 5;
    for (const { name, lifeSec, time } of HASHES) {
      const hash = await untilHash(`quantum:${name}:BTCUSDT`, 7000);
      expect(Date.now() / 1000 - tick, `${name} is there soon after the tick`).toBeLessThan(2);
      expect(hash).toMatchObject({ mode: 'enforce', [time]: String(tick) });
      const leftSec = await lifeOf(redis, `quantum:${name}:BTCUSDT`);
      expect(leftSec).toBeGreaterThan(lifeSec - 10);
      expect(leftSec).toBeLessThanOrEqual(lifeSec);
    }
    const { alpha_score, regime_contrib, window } = await hashOf(redis, 'quantum:alpha:attribution:BTCUSDT');
    expect(Number(alpha_score)).toBeCloseTo(2 / (1 + Math.exp(-1.2)) - 1, 12);
    expect({ regime_contrib, window }).toEqual({ regime_contrib: '{"TREND":120}', window: '1' });
    for (const name of STREAMS) {
      const [first] = await entriesOf(redis, `quantum:stream:${name}`);
      expect(first?.fields).toMatchObject({ symbol: 'BTCUSDT', mode: 'enforce' });
      expect(Number(first?.fields['ts'])).toBe(tick);
    }
    expect(await keysOf(redis, 'quantum:shadow:*')).toEqual([]);
    expect(await live.metric('attribution', 'p30_execution_pnl_total')).toEqual(
      new Map([['{symbol="BTCUSDT"}', 120]]),
    );
    expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  },
);

it.concurrent(
  'shows the whole chain below shadow and leaves every live hash as another program wrote it',
  async () => {
    const foreign: readonly (readonly [key: string, fields: readonly string[], lifeSec: number])[] = [
      [
        'calm:alpha:attribution:BTCUSDT',
        ['performance_factor', '0.5', 'confidence', '0.9', 'ts_utc', '1', 'odd', '1'],
        250,
      ],
      ['calm:allocation:target:BTCUSDT', ['target_usd', '777.70', 'ts', '1', 'mode', 'enforce'], 260],
      ['calm:capital:efficiency:SOLUSDT', ['efficiency_score', '0.25', 'ts', '1'], 0],
    ];
    const dumped = async () =>
      Promise.all(
        foreign.map(async ([key]) => [
          key,
          await redis.send('DUMP', key),
          await redis.send('PEXPIRETIME', key),
        ]),
      );
    for (const [key, fields, lifeSec] of foreign) {
      await redis.send('HSET', key, ...fields);
      if (lifeSec > 0) await redis.send('EXPIRE', key, String(lifeSec));
    }
    const before = await dumped();
    const live = startLive({ main: program.main, url: redis.url, namespace: 'calm', sets: EVERY_SECOND });
    await live.untilReady();
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'])
      await xadd(redis, 'calm:stream:execution.result', { symbol, pnl: '-40', signal: 'breakout' });

    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
      for (const name of LIVE)
        expect(await untilHash(`calm:shadow:${name}:${symbol}`)).toMatchObject({ mode: 'shadow' });
      expect(await untilHash(`calm:portfolio:budget:${symbol}`)).toMatchObject({ mode: 'shadow' });
      expect(await untilHash(`calm:allocation:target:proposed:${symbol}`)).toMatchObject({ mode: 'shadow' });
    }
    for (const name of [...STREAMS, 'allocation.target.proposed']) {
      const symbols = (await entriesOf(redis, `calm:stream:${name}`)).map(({ fields }) => fields['symbol']);
      expect(new Set(symbols)).toEqual(new Set(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']));
    }
    // Some ticks more, and then a stop: neither touches a live hash.
    const { last_tick } = await live.health('allocation');
    await live.untilHealth('three more ticks', 'allocation', (health) => health.last_tick! >= last_tick! + 3);
    expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const isLive = (key: string): boolean =>
      LIVE.some((name) => key.startsWith(`calm:${name}:`)) &&
      !key.startsWith('calm:allocation:target:proposed:');
    expect((await keysOf(redis, 'calm:*')).filter(isLive)).toEqual(foreign.map(([key]) => key).toSorted());
    expect(await dumped()).toEqual(before);
  },
);

it.concurrent(
  'takes its live hashes back within two ticks when an operator switches one component, and says so',
  async () => {
    const live = startLive({
      main: program.main,
      url: redis.url,
      namespace: 'switch',
      sets: { ...EVERY_SECOND, ...ALL_ENFORCE },
    });
    for (const symbol of ['BTCUSDT', 'ETHUSDT'])
      await xadd(redis, 'switch:stream:execution.result', { symbol, pnl: '10' });
    await live.untilReady();
    for (const symbol of ['BTCUSDT', 'ETHUSDT']) await untilHash(`switch:capital:efficiency:${symbol}`);

    const switchedMs = Date.now();
    await redis.send('HSET', 'switch:config:mode', 'attribution', 'shadow');
    await until('the live attributions being gone', async () => {
      const keys = await keysOf(redis, 'switch:alpha:attribution:*');
      return keys.length === 0 ? true : undefined;
    });
    expect(Date.now() - switchedMs).toBeLessThan(2500);
    expect(await untilHash('switch:shadow:alpha:attribution:ETHUSDT')).toMatchObject({ mode: 'shadow' });
    const events = (await entriesOf(redis, 'switch:stream:governor.events')).map(({ fields }) => fields);
    expect(events).toEqual([
      expect.objectContaining({
        event: 'MODE_CHANGE',
        component: 'attribution',
        from: 'enforce',
        to: 'shadow',
      }),
    ]);
    const { mode, mode_why } = await live.health('attribution');
    expect(mode).toBe('shadow');
    expect(mode_why).toContain('the more cautious');
    // The others stay as they are: a target in enforce does not read the attribution in shadow.
    const { ts } = await hashOf(redis, 'switch:allocation:target:BTCUSDT');
    await until('the next target', async () =>
      (await hashOf(redis, 'switch:allocation:target:BTCUSDT'))['ts'] === ts ? undefined : true,
    );
    const entry = (await entriesOf(redis, 'switch:stream:allocation.decision')).at(-1);
    expect(entry?.fields).toMatchObject({ mode: 'enforce', performance_source: 'fallback' });

    await redis.send('HSET', 'switch:config:mode', 'attribution', 'enforce');
    expect(await untilHash('switch:alpha:attribution:BTCUSDT')).toMatchObject({ mode: 'enforce' });
    await until('the shadow attributions being gone', async () => {
      const keys = await keysOf(redis, 'switch:shadow:*');
      return keys.length === 0 ? true : undefined;
    });
    await live.kill('SIGTERM');
  },
);

it.concurrent(
  'takes back the live hashes of a killed process in enforce when it starts in shadow, whatever the hash says',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-test-'));
    try {
      const options = { main: program.main, url: redis.url, namespace: 'back', folder, sets: EVERY_SECOND };
      const modes = (mode: string): void => {
        const lines = ['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE'].map((name) => `${name}=${mode}\n`);
        writeFileSync(join(folder, '.env'), lines.join(''));
      };
      modes('enforce');
      const first = startLive(options);
      await xadd(redis, 'back:stream:execution.result', { symbol: 'BTCUSDT', pnl: '10' });
      for (const name of LIVE) await untilHash(`back:${name}:BTCUSDT`, 8000);
      expect(await first.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });

      modes('shadow');
      for (const component of ['attribution', 'allocation', 'efficiency', 'budget'])
        await redis.send('HSET', 'back:config:mode', component, 'enforce');
      const second = startLive(options);
      for (const name of LIVE) await untilHash(`back:shadow:${name}:BTCUSDT`, 10_000);
      for (const name of LIVE) expect(await keysOf(redis, `back:${name}:BTCUSDT`)).toEqual([]);
      const changes = (await entriesOf(redis, 'back:stream:governor.events')).map(({ fields }) => fields);
      expect(changes.map(({ component, to }) => `${component} ${to}`).toSorted()).toEqual([
        'allocation shadow',
        'attribution shadow',
        'budget shadow',
        'efficiency shadow',
      ]);
      expect(await second.health('allocation')).toMatchObject({ mode: 'shadow' });
      expect(await untilHash('back:portfolio:budget:BTCUSDT')).toMatchObject({ mode: 'shadow' });
      await second.kill('SIGTERM');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
