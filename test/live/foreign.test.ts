/** Other programs' records: what is taken of them, what counts as missing, and components that run alone beside them. */
import { describe, expect, it } from 'vitest';
import { LiveWorld, withModes, type LiveOptions, type LiveProcess } from '../support/live-run.ts';
import { testSettings } from '../support/engine-run.ts';

const START_SEC = 1_700_000_000;
const TICK = START_SEC + 10;
type Hash = Readonly<Record<string, string>>;

/** Hashes at half a second before a tick, executions before them; what was decided a little after it. */
async function course(
  hashes: Readonly<Record<string, Hash>>,
  options: LiveOptions,
  executions = 0,
  untilSec = TICK,
): Promise<{ world: LiveWorld; live: LiveProcess }> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  for (let i = 0; i < executions; i++)
    world.time.at(START_SEC * 1000 + i, async () => {
      await world.add('executions', { symbol: 'BTCUSDT', pnl: '80' });
    });
  for (const [key, fields] of Object.entries(hashes))
    world.time.at(TICK * 1000 - 6500, () => world.put(key, fields));
  const live = world.start(options);
  await world.time.until(untilSec * 1000 + 900);
  await live.stop();
  expect(live.failures).toEqual([]);
  return { world, live };
}

const now = String(TICK - 7);

describe('an attribution of another program', () => {
  const shadowed = { settings: withModes({ P30: 'shadow' }) };
  const read = async (record: Hash): Promise<LiveProcess> =>
    (await course({ 'alpha:attribution:BTCUSDT': record }, shadowed, 20)).live;

  it('in 0..1 is taken as it is by the efficiency, and around 0.5 by the allocation', async () => {
    for (const [factor, multiplier, share] of [
      ['0.5', 1, 0.5],
      ['0.9', 1 + 0.8 * 0.4, 0.9],
      ['0', 1 - 0.4, 0],
      ['-0.3', 1 - 0.4, 0],
      ['1.7', 1 + 0.4, 1],
    ] as const) {
      const live = await read({ performance_factor: factor, confidence: '0.4', pf_range: '0_1', ts: now });
      expect(live.latest('allocation', 'BTCUSDT')!['performance_factor']).toBeCloseTo(multiplier, 12);
      const efficiency = live.latest('efficiency', 'BTCUSDT')! as Record<string, number>;
      const { volatility_ratio: vol, dd_ratio: dd, hold_time_penalty: hold } = efficiency;
      const divisor = 1 + 0.8 * vol! + 1.2 * dd! + 0.6 * hold!;
      expect(efficiency['efficiency_raw']).toBeCloseTo(share / divisor, 12);
    }
  });

  it('in -1..1 has its neutral at 0', async () => {
    const live = await read({ performance_factor: '0.5', confidence: '1', ts: now });
    expect(live.latest('allocation', 'BTCUSDT')!['performance_factor']).toBe(1.5);
    const efficiency = live.latest('efficiency', 'BTCUSDT')! as Record<string, number>;
    const { volatility_ratio: vol, dd_ratio: dd, hold_time_penalty: hold } = efficiency;
    expect(efficiency['efficiency_raw']).toBeCloseTo(0.75 / (1 + 0.8 * vol! + 1.2 * dd! + 0.6 * hold!), 12);
  });

  it('may give its time in seconds, milliseconds or ISO, and under any of its names', async () => {
    const iso = new Date((TICK - 7) * 1000).toISOString();
    const times: Hash[] = [
      { ts: now },
      { ts: `${TICK - 7}000` },
      { ts: iso },
      { ts_utc: iso },
      { timestamp: now },
    ];
    for (const time of [...times, { ts: String(TICK + 53) }]) {
      const live = await read({ performance_factor: '0.25', confidence: '1', ...time });
      expect(live.latest('efficiency', 'BTCUSDT')).toMatchObject({ p30_perf: 0.25, stale_flags: '' });
      expect(live.rejected).toEqual([]);
    }
  });

  it('counts as missing, is counted, and is never fresh where its time or a number cannot be used', async () => {
    const good = { performance_factor: '0.25', confidence: '1', ts: now };
    const bad: [Hash, string][] = [
      [{ ...good, ts: String(TICK + 75) }, 'bad_time'],
      [{ ...good, ts: `${TICK + 3600}000` }, 'bad_time'],
      [{ ...good, ts: 'yesterday' }, 'bad_time'],
      [{ ...good, ts: '' }, 'bad_time'],
      [{ ...good, ts: 'NaN' }, 'bad_time'],
      [{ ...good, ts: '1e999' }, 'bad_time'],
      [{ performance_factor: '0.25', confidence: '1' }, 'missing_time'],
      ...['NaN', 'Infinity', '', ' ', '0x10', '1e999', '1_000', '1,5', '１'].flatMap(
        (text): [Hash, string][] => [
          [{ ...good, performance_factor: text }, 'bad_number'],
          [{ ...good, confidence: text }, 'bad_number'],
        ],
      ),
      [{ confidence: '1', ts: now }, 'bad_number'],
      [{ performance_factor: '0.25', ts: now }, 'bad_number'],
    ];
    for (const [record, reason] of bad) {
      const live = await read(record);
      const said = JSON.stringify(record);
      expect(
        live.rejected.map((one) => one.reason),
        said,
      ).toEqual([reason]);
      expect(live.rejected[0]!.where).toBe('quantum:alpha:attribution:BTCUSDT');
      // A reader in enforce sees no shadow record of ours, and none of theirs.
      expect(live.latest('efficiency', 'BTCUSDT')!['stale_flags'], said).toBe('P30_MISSING');
      expect(live.latest('allocation', 'BTCUSDT')!['performance_source'], said).toBe('fallback');
    }
  });

  it('grows old: stale after 300 s while its key is there, missing once it is gone', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    world.time.at(START_SEC * 1000, async () => {
      await world.add('executions', { symbol: 'BTCUSDT', pnl: '80' });
      const record = { performance_factor: '0.25', confidence: '1', ts: String(START_SEC) };
      await world.put('alpha:attribution:BTCUSDT', record);
    });
    const live = world.start(shadowed);
    const flags: unknown[] = [];
    for (const sec of [300.9, 305.9, 700.9]) {
      await world.time.until((START_SEC + sec) * 1000);
      flags.push(live.latest('efficiency', 'BTCUSDT')!['stale_flags']);
    }
    await world.put('alpha:attribution:BTCUSDT', {});
    await world.time.until((START_SEC + 710.9) * 1000);
    const last = live.latest('efficiency', 'BTCUSDT')!;
    await live.stop();
    expect(flags).toEqual(['', 'P30_STALE', 'P30_STALE']);
    expect(last).toMatchObject({ stale_flags: 'P30_MISSING', p30_perf: 0.25, confidence: 0 });
  });
});

describe('a component alone', () => {
  const attribution = { performance_factor: '0.25', confidence: '0.8', ts: now };
  const target = { target_usd: '900', base_target_usd: '800', confidence: '0.9', timestamp: now };
  const budget = { budget_usd: '1500', mode: 'enforce', timestamp: now };
  const efficiency = { efficiency_score: '0.7', confidence: '0.9', ts: now };

  it('budget finds symbols by their position snapshots', async () => {
    const position = { position_amt: '2', mark_price: '100', timestamp: now };
    const { live } = await course({ 'position:snapshot:SOLUSDT': position }, { components: ['budget'] });
    expect(live.latest('budget', 'SOLUSDT')).toMatchObject({ tick: TICK, equity_usd: 100_000 });
  });

  it('attribution reads executions and nothing else', async () => {
    const { live, world } = await course(
      { 'alpha:attribution:ETHUSDT': attribution },
      { components: ['attribution'] },
      3,
    );
    expect(live.latest('attribution', 'BTCUSDT')).toMatchObject({ window: 3 });
    expect(live.latest('attribution', 'ETHUSDT')).toBeNull();
    expect(Object.fromEntries((await world.hash('alpha:attribution:ETHUSDT'))!)).toEqual(attribution);
  });

  it('allocation finds symbols by their budgets, and takes those in enforce', async () => {
    const hashes = {
      'portfolio:budget:SOLUSDT': budget,
      'portfolio:budget:ETHUSDT': { ...budget, mode: 'shadow' },
      'portfolio:budget:ADAUSDT': { budget_usd: '1500', timestamp: now },
    };
    const { live } = await course(hashes, { components: ['allocation'] });
    expect(live.latest('allocation', 'SOLUSDT')).toMatchObject({ tick: TICK, base_budget_usd: 1500 });
    expect(live.latest('allocation', 'ETHUSDT')).toBeNull();
    expect(live.latest('allocation', 'ADAUSDT')).toBeNull();
    const shadow = await course(hashes, {
      components: ['allocation'],
      settings: withModes({ P29: 'shadow' }),
    });
    expect(shadow.live.latest('allocation', 'ETHUSDT')).toMatchObject({ base_budget_usd: 1500 });
    expect(shadow.live.latest('allocation', 'ADAUSDT')).toBeNull();
  });

  it('efficiency finds symbols by their attributions, and in shadow by shadow ones too', async () => {
    const hashes = {
      'alpha:attribution:SOLUSDT': attribution,
      'allocation:target:SOLUSDT': target,
      'shadow:alpha:attribution:ETHUSDT': attribution,
      'shadow:allocation:target:ETHUSDT': target,
    };
    const { live } = await course(hashes, { components: ['efficiency'] });
    const read = { p30_perf: 0.25, p29_target_usd: 800, stale_flags: '', confidence: 0.8 };
    expect(live.latest('efficiency', 'SOLUSDT')).toMatchObject({ tick: TICK, ...read });
    expect(live.latest('efficiency', 'ETHUSDT')).toBeNull();
    const shadow = await course(hashes, {
      components: ['efficiency'],
      settings: withModes({ P31: 'shadow' }),
    });
    expect(shadow.live.latest('efficiency', 'ETHUSDT')).toMatchObject(read);
  });

  it('proposer finds symbols by their targets, and never takes its own proposals for targets', async () => {
    const hashes = {
      'allocation:target:SOLUSDT': target,
      'capital:efficiency:SOLUSDT': efficiency,
      'shadow:allocation:target:ETHUSDT': { target_usd: '700', confidence: '1', ts: now },
    };
    const { live, world } = await course(hashes, { components: ['proposer'] }, 0, TICK + 100);
    expect(live.latest('proposal', 'SOLUSDT')).toMatchObject({
      base_target: 800,
      reason: 'ok',
      multiplier: 1.2,
    });
    expect(live.latest('proposal', 'ETHUSDT')).toMatchObject({
      base_target: 700,
      reason: 'missing_eff',
      multiplier: 1,
    });
    const proposed = (await world.keys()).filter((key) => key.startsWith('allocation:target:proposed:'));
    expect(proposed).toEqual(['allocation:target:proposed:ETHUSDT', 'allocation:target:proposed:SOLUSDT']);
    expect(new Set(live.decisions.map((text) => (JSON.parse(text) as { symbol: string }).symbol)).size).toBe(
      2,
    );
  });

  it('looks at no key whose name is no symbol', async () => {
    const { live } = await course(
      { 'allocation:target:btc': target, 'allocation:target:a b': target, 'allocation:target:X:Y': target },
      { components: ['proposer'] },
    );
    expect(live.decisions).toEqual([]);
  });
});

describe('proposals that are applied', () => {
  const settings = testSettings({ P29_APPLY_PROPOSED: true, P31_MIN_CONF: 0.05 });

  it('multiply the target once a tick and never compound', async () => {
    const applied = await course({}, { settings }, 20, TICK + 300);
    const plain = await course({}, {}, 20, TICK + 300);
    let multiplied = 0;
    for (const text of applied.live.decisions) {
      const decision = JSON.parse(text) as Record<string, number | string>;
      if (decision['type'] !== 'allocation') continue;
      const same = JSON.stringify({ type: 'allocation', tick: decision['tick'] }).slice(0, -1);
      const other = JSON.parse(plain.live.decisions.find((one) => one.startsWith(same))!) as Record<
        string,
        number
      >;
      expect(decision['base_target_usd']).toBe(other['base_target_usd']);
      const ratio = Number(decision['target_usd']) / Number(decision['base_target_usd']);
      expect(ratio).toBeGreaterThanOrEqual(0.5);
      expect(ratio).toBeLessThanOrEqual(1.5);
      if (ratio !== 1) multiplied++;
    }
    expect(multiplied).toBeGreaterThan(50);
  });

  it('may come from another program; old ones, unsure ones and unusable ones change nothing', async () => {
    const budget = { budget_usd: '1500', mode: 'enforce', timestamp: now };
    const proposal = { multiplier: '1.3000', reason: 'ok', last_update_ts_epoch: now };
    for (const [hash, ratio] of [
      [proposal, 1.3],
      [{ ...proposal, reason: 'low_conf' }, 1],
      [{ ...proposal, reason: 'great' }, 1],
      [{ ...proposal, multiplier: 'NaN' }, 1],
      [{ ...proposal, last_update_ts_epoch: String(TICK - 61) }, 1],
      [{ ...proposal, last_update_ts_epoch: String(TICK + 90) }, 1],
    ] as const) {
      const hashes = { 'portfolio:budget:SOLUSDT': budget, 'allocation:target:proposed:SOLUSDT': hash };
      const { live } = await course(hashes, { components: ['allocation'], settings }, 0, TICK + 20);
      const decision = live.latest('allocation', 'SOLUSDT')!;
      expect(decision['base_target_usd']).toBe(1500);
      expect(decision['target_usd'], JSON.stringify(hash)).toBe(1500 * ratio);
    }
  });
});
