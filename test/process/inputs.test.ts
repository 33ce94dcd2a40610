/** The stream of executions goes, comes back as another, or is trimmed: attributions live on for a while, and what is missing is said. */
import { expect, it } from 'vitest';
import { entriesOf, hashOf, keysOf, lifeOf, xadd } from '../support/bare-client.ts';
import { ALL_ENFORCE, EVERY_SECOND, startLive, until, type LiveProcess } from '../support/live-process.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';
import type { RedisServer } from '../support/redis-server.ts';

let program: ProgramOnRedis['program'];
let redis: RedisServer;
programOnRedis((given) => ({ program, redis } = given));

function start(namespace: string, sets: Readonly<Record<string, number>> = {}): LiveProcess {
  const all = { ...EVERY_SECOND, ...ALL_ENFORCE, ...sets };
  return startLive({ main: program.main, url: redis.url, namespace, sets: all });
}

/** Waits until the attribution of BTCUSDT is as wanted. */
function untilAttribution(namespace: string, wanted: Readonly<Record<string, string>>) {
  return until(`an attribution of ${JSON.stringify(wanted)}`, async () => {
    const hash = await hashOf(redis, `${namespace}:alpha:attribution:BTCUSDT`);
    return Object.entries(wanted).every(([field, value]) => hash[field] === value) ? hash : undefined;
  });
}

async function add(namespace: string, count: number): Promise<string> {
  let last = '';
  for (let n = 0; n < count; n++)
    last = await xadd(redis, `${namespace}:stream:execution.result`, { symbol: 'BTCUSDT', pnl: '10' });
  return last;
}

it.concurrent(
  'publishes the last attributions again as LKG while their stream is gone, for as long as the setting says',
  { timeout: 40_000 },
  async () => {
    const stream = 'lkg:stream:execution.result';
    const key = 'lkg:alpha:attribution:BTCUSDT';
    const live = start('lkg', { P30_MAX_LKG_AGE_SEC: 5, P30_ATTRIBUTION_TTL_SEC: 3 });
    await live.untilReady();
    await add('lkg', 2);
    await untilAttribution('lkg', { window: '2', source: 'live' });
    expect(await live.metric('attribution', 'p30_lkg_used_total')).toEqual(
      new Map([['{symbol="BTCUSDT"}', 0]]),
    );

    await redis.send('DEL', stream);
    const lkg = await untilAttribution('lkg', { source: 'LKG' });
    const lastLive = Number(lkg['ts_utc']);
    const used = async (): Promise<number> =>
      (await live.metric('attribution', 'p30_lkg_used_total')).get('{symbol="BTCUSDT"}') ?? 0;
    const before = await used();
    await until('a life renewed beyond what it had', async () =>
      Date.now() / 1000 > lastLive + 4 ? true : undefined,
    );
    // It lives three seconds, and was written last with its own time four seconds ago.
    expect(await lifeOf(redis, key)).toBeGreaterThan(0);
    expect(await hashOf(redis, key)).toEqual(lkg);
    expect(await used()).toBeGreaterThanOrEqual(before + 2);
    const { status, degraded } = await live.health('attribution');
    expect({ status, degraded }).toEqual({
      status: 'degraded',
      degraded: [expect.stringContaining('is gone')],
    });
    const entry = (await entriesOf(redis, 'lkg:stream:alpha.attribution')).at(-1);
    expect(entry?.fields).toMatchObject({ source: 'LKG', ts_utc: String(lastLive), symbol: 'BTCUSDT' });

    await until('the end of it', async () => ((await keysOf(redis, key)).length === 0 ? true : undefined));
    expect(Date.now() / 1000).toBeGreaterThan(lastLive + 5);
    expect(Date.now() / 1000).toBeLessThan(lastLive + 11);
    const atEnd = await used();
    const { last_tick } = await live.health('allocation');
    await live.untilHealth('two more ticks', 'allocation', (health) => health.last_tick! >= last_tick! + 2);
    expect(await used()).toBe(atEnd);

    await add('lkg', 1);
    await untilAttribution('lkg', { source: 'live', window: '3' });
    const said = live.said().filter((line) => line.startsWith('warn'));
    expect(said).toContain(
      'warn budget: execution.result is gone: it had entries, and there is no such stream any more',
    );
    expect(said).toContain(
      'warn budget: execution.result was deleted and made anew: it is read from its beginning',
    );
    const after = await live.health('attribution');
    expect(after.status).toBe('degraded');
    expect(after.degraded.join()).toContain('was deleted and made anew');
    expect(after.degraded.join()).not.toContain('is gone');
  },
);

it.concurrent(
  'says how many executions were trimmed unread while it was down, and goes on with those that are left',
  async () => {
    const stream = 'trim:stream:execution.result';
    const first = start('trim');
    await add('trim', 4);
    await untilAttribution('trim', { window: '4' });
    await first.kill('SIGTERM');
    const untouched = start('trim');
    await untouched.untilReady();
    expect((await untouched.health('attribution')).degraded).toEqual([]);
    await untouched.kill('SIGTERM');

    await add('trim', 10);
    await redis.send('XTRIM', stream, 'MAXLEN', '3');
    const second = start('trim');
    await untilAttribution('trim', { window: '7' });
    const { msg, level } = await second.untilSaid(/trimmed before they were read/);
    expect({ msg, level }).toEqual({
      msg: '7 entries of execution.result were trimmed before they were read',
      level: 'warn',
    });
    const { status, degraded, applied } = await second.health('attribution');
    expect({ status, applied }).toEqual({ status: 'degraded', applied: 3 });
    expect(degraded).toEqual([expect.stringMatching(/^7 entries of execution\.result were trimmed/)]);
    // The proposer reads no stream: it lacks nothing.
    expect((await second.health('proposer')).status).toBe('ok');
  },
);

it.concurrent(
  'notices a stream that was deleted and made anew while it was down, whatever ids the new one has',
  async () => {
    for (const [namespace, id] of [
      ['later', '*'],
      ['earlier', '5-1'],
    ] as const) {
      const stream = `${namespace}:stream:execution.result`;
      const first = start(namespace);
      await add(namespace, 3);
      await untilAttribution(namespace, { window: '3' });
      await first.kill('SIGTERM');
      await redis.send('DEL', stream);
      await xadd(redis, stream, { symbol: 'BTCUSDT', pnl: '10' }, id);
      const second = start(namespace);
      await untilAttribution(namespace, { window: '4' });
      expect((await second.untilSaid(/made anew/)).level).toBe('warn');
      expect((await second.health('attribution')).degraded.join()).toContain('was deleted and made anew');
      await second.kill('SIGTERM');
    }
  },
);
