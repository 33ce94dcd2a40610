/**
 * Who reads whose records, for every choice of modes, with and without another program that writes the live keys
 * (spec/model.md, Shadow reads shadow).
 */
import { describe, expect, it } from 'vitest';
import { LiveWorld, withModes, type LiveProcess } from '../support/live-run.ts';
import type { Mode } from '../../src/core/settings.ts';

const START_SEC = 1_700_000_000;
const MODES: readonly Mode[] = ['shadow', 'enforce'];
const FOREIGN = {
  'alpha:attribution:BTCUSDT': { performance_factor: '-0.5', confidence: '0.9', pf_range: '-1_1' },
  'allocation:target:BTCUSDT': { target_usd: '1300', base_target_usd: '1234', confidence: '0.8' },
  'capital:efficiency:BTCUSDT': { efficiency_score: '0.9', confidence: '0.95' },
} as const;
type Whose = 'own' | 'foreign' | 'nobody';

interface Modes {
  readonly P28: Mode;
  readonly P29: Mode;
  readonly P30: Mode;
  readonly P31: Mode;
}

describe('the shadow chain', () => {
  const all = MODES.flatMap((P28) =>
    MODES.flatMap((P29) => MODES.flatMap((P30) => MODES.map((P31): Modes => ({ P28, P29, P30, P31 })))),
  );
  for (const isThere of [false, true])
    it(`reads what it may in each of 16 choices of modes, ${isThere ? 'beside another program' : 'alone'}`, async () => {
      for (const modes of all) await check(modes, isThere);
      expect(all.length).toBe(16);
    });
});

/** Whose record of a component a reader sees. A budget has one key, which is ours. */
function whose(producer: Mode, reader: Mode, isThere: boolean): Whose {
  if (producer === 'enforce') return 'own';
  if (isThere) return 'foreign';
  return reader === 'shadow' ? 'own' : 'nobody';
}

async function check(modes: Modes, isThere: boolean): Promise<void> {
  const { P28, P29, P30, P31 } = modes;
  const { world, live } = await course(modes, isThere);
  const said = JSON.stringify({ modes, isThere });
  const attribution = live.latest('attribution', 'BTCUSDT')!;
  const allocation = live.latest('allocation', 'BTCUSDT');
  const efficiency = live.latest('efficiency', 'BTCUSDT')!;
  const proposal = live.latest('proposal', 'BTCUSDT');

  const hasTarget = whose(P28, P29, false) === 'own';
  expect(allocation !== null, said).toBe(hasTarget);
  const ownFactor = attribution['performance_factor'] as number;
  const factors = { own: ownFactor, foreign: -0.5, nobody: 0 };
  if (allocation !== null) {
    const read = whose(P30, P29, isThere);
    const confidence = { own: attribution['confidence'] as number, foreign: 0.9, nobody: 0 }[read];
    expect(allocation['performance_source'], said).toBe(read === 'nobody' ? 'fallback' : 'P3.0');
    expect(allocation['performance_factor'], said).toBeCloseTo(1 + factors[read] * confidence, 12);
  }

  const read = whose(P30, P31, isThere);
  const target = hasTarget || whose(P29, P31, isThere) === 'foreign' ? whose(P29, P31, isThere) : 'nobody';
  const flags = [read === 'nobody' ? 'P30_MISSING' : '', target === 'nobody' ? 'P29_MISSING' : ''];
  expect(efficiency['stale_flags'], said).toBe(flags.filter((flag) => flag !== '').join(','));
  expect(efficiency['p30_perf'], said).toBe(factors[read]);
  const ownTarget = allocation?.['base_target_usd'];
  expect(efficiency['p29_target_usd'], said).toBe({ own: ownTarget, foreign: 1234, nobody: 100 }[target]);

  const proposed =
    hasTarget || whose(P29, 'shadow', isThere) === 'foreign' ? whose(P29, 'shadow', isThere) : 'nobody';
  expect(proposal?.['base_target'], said).toBe(
    { own: ownTarget, foreign: 1234, nobody: undefined }[proposed],
  );
  if (proposal !== null) {
    const score = whose(P31, 'shadow', isThere) === 'foreign' ? 0.9 : efficiency['efficiency_score'];
    expect(proposal['eff_score'], said).toBe(score);
  }
  await checkKeys(world, modes, isThere, said);
}

/** In shadow a component leaves the live hash as it is, absent or another program's; in enforce it writes that one alone. */
async function checkKeys(world: LiveWorld, modes: Modes, isThere: boolean, said: string): Promise<void> {
  const keys = await world.keys();
  const producers = {
    'alpha:attribution': modes.P30,
    'allocation:target': modes.P29,
    'capital:efficiency': modes.P31,
  };
  for (const [kind, mode] of Object.entries(producers)) {
    const key = `${kind}:BTCUSDT` as keyof typeof FOREIGN;
    const decides = kind !== 'allocation:target' || modes.P28 === 'enforce' || modes.P29 === 'shadow';
    expect(keys.includes(`shadow:${key}`), `${said} ${key}`).toBe(mode === 'shadow' && decides);
    if (mode === 'enforce') continue;
    const live = await world.hash(key);
    if (!isThere) expect(live, `${said} ${key}`).toBeNull();
    else
      expect(Object.fromEntries(live!), `${said} ${key}`).toEqual({
        ...FOREIGN[key],
        ts: String(START_SEC + 37.5),
      });
  }
  expect((await world.hash('portfolio:budget:BTCUSDT'))!.get('mode')).toBe(modes.P28);
}

async function course(modes: Modes, isThere: boolean): Promise<{ world: LiveWorld; live: LiveProcess }> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  for (let i = 0; i < 20; i++)
    world.time.at(START_SEC * 1000 + i, async () => {
      await world.add('executions', { symbol: 'BTCUSDT', pnl: '80' });
    });
  if (isThere)
    for (let sec = 2.5; sec < 40; sec += 5)
      world.time.at((START_SEC + sec) * 1000, async () => {
        for (const [key, fields] of Object.entries(FOREIGN))
          await world.put(key, { ...fields, ts: String(START_SEC + sec) });
      });
  const live = world.start({ settings: withModes(modes) });
  await world.time.until((START_SEC + 40) * 1000 + 900);
  await live.stop();
  expect(live.failures).toEqual([]);
  return { world, live };
}
