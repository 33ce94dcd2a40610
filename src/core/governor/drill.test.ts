/** Drills: under any settings each reason comes as it must, or its case says why it cannot. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testSettings } from '../../../test/support/engine-run.ts';
import { drillCases, runDrill, type DrillResult } from './drill.ts';
import { GATES_IN_ORDER, isEnforced } from './gates.ts';
import { BLOCK_REASONS, type BlockReason } from './reasons.ts';
import type { ApplyMode, Mode, Settings } from '../settings.ts';

const MODES: readonly ApplyMode[] = ['dry_run', 'testnet', 'production'];

function drill(changed: Partial<Settings>): Map<string, DrillResult> {
  const settings = testSettings(changed);
  const results = drillCases(settings).map((one) => runDrill(one, settings));
  return new Map(results.map((result) => [result.planId.replace('drill-', ''), result]));
}

describe('the drill', () => {
  it.each(MODES)('has every reason fire in %s, enforced where its gate is', (mode) => {
    const results = drill({ APPLY_MODE: mode });
    for (const reason of BLOCK_REASONS) {
      const result = results.get(reason)!;
      expect(result).toMatchObject({ expected: reason });
      const isUnknown = reason === 'notional_unknown' || reason === 'equity_unknown';
      expect(result.cannotFire).toBe(
        isUnknown && mode !== 'production' ? `APPLY_MODE=${mode}: what is not known is not compared` : null,
      );
      if (result.cannotFire !== null) continue;
      const gate = GATES_IN_ORDER.find(({ name }) => name === result.gate);
      expect(result).toMatchObject({ found: reason, fired: true });
      expect(result.enforced).toBe(
        gate === undefined || isEnforced(gate, testSettings({ APPLY_MODE: mode })),
      );
    }
    expect(results.size).toBe(BLOCK_REASONS.length + 4);
  });

  it.each(MODES)('lets exits pass in %s unless trading is halted', (mode) => {
    for (const exempt of [true, false]) {
      const results = drill({ APPLY_MODE: mode, GOV_EXITS_EXEMPT: exempt });
      const found = (name: string) => results.get(`exit-${name}`)!;
      for (const name of ['active', 'reducing', 'disarmed'])
        expect(found(name)).toMatchObject({ expected: null, found: null, fired: true, cannotFire: null });
      expect(found('halted')).toMatchObject({
        expected: 'kill_switch_active',
        found: 'kill_switch_active',
        gate: 'kill',
        enforced: true,
        fired: true,
      });
    }
  });

  it('says what was compared, and with which setting', () => {
    const results = drill({ APPLY_MODE: 'production', GOV_MAX_NOTIONAL_PER_TRADE_USD: 250 });
    expect(results.get('notional_per_trade_exceeded')).toMatchObject({
      value: 501,
      limit: 250,
      setting: 'GOV_MAX_NOTIONAL_PER_TRADE_USD',
    });
    expect(results.get('hourly_limit_exceeded')).toMatchObject({ value: 3, limit: 3 });
    expect(results.get('symbol_cooldown')).toMatchObject({ value: 59, limit: 60 });
  });

  it.each<[string, Partial<Settings>, readonly BlockReason[]]>([
    ['no cooldown', { GOV_SYMBOL_COOLDOWN_SECONDS: 0 }, ['symbol_cooldown']],
    ['any mismatch is allowed', { GOV_MAX_NOTIONAL_MISMATCH_PCT: 1 }, ['notional_mismatch']],
    ['an hour allows no more than five minutes', { GOV_MAX_EXEC_PER_HOUR: 2 }, ['burst_limit_exceeded']],
    ['one permit in five minutes outlasts the cooldown', { GOV_MAX_EXEC_PER_5MIN: 1 }, ['symbol_cooldown']],
    [
      'no trade is allowed',
      { GOV_MAX_NOTIONAL_PER_TRADE_USD: 0 },
      ['total_notional_exceeded', 'daily_limit_exceeded'],
    ],
    ['no position is allowed', { GOV_MAX_TOTAL_NOTIONAL_PCT: 0 }, ['daily_limit_exceeded']],
    ['no position may be opened, which is fine', { GOV_MAX_OPEN_POSITIONS: 0 }, []],
    [
      'no permits at all',
      { GOV_MAX_EXEC_PER_HOUR: 0 },
      BLOCK_REASONS.slice(BLOCK_REASONS.indexOf('burst_limit_exceeded'), -1),
    ],
  ])('says why where the settings keep a reason from coming: %s', (_name, changed, cannot) => {
    const results = drill({ APPLY_MODE: 'production', ...changed });
    const silent = BLOCK_REASONS.filter((reason) => results.get(reason)!.cannotFire !== null);
    expect(silent).toEqual(cannot);
    for (const reason of silent)
      expect(results.get(reason)!.cannotFire).toMatch(/(GOV_[A-Z0-9_]+|so little)/);
  });

  it('says why an exit cannot pass where exits are counted and nothing is allowed', () => {
    const none = { GOV_MAX_EXEC_PER_5MIN: 0, APPLY_MODE: 'production', GOV_EXITS_EXEMPT: false } as const;
    expect(drill(none).get('exit-active')).toMatchObject({
      fired: false,
      found: 'burst_limit_exceeded',
      cannotFire: 'GOV_MAX_EXEC_PER_5MIN=0 blocks before it',
    });
    expect(drill({ ...none, GOV_EXITS_EXEMPT: true }).get('exit-active')?.fired).toBe(true);
  });

  it('is the same every time, under ids of its own', () => {
    const settings = testSettings();
    const ids = drillCases(settings).map(({ plan }) => plan.planId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^drill-/);
    expect([...drill({})]).toEqual([...drill({})]);
  });
});

const share = fc.oneof(fc.constantFrom(0, 1, 0.05, 0.999999), fc.double({ min: 0, max: 1, noNaN: true }));
const factor = fc.oneof(fc.constantFrom(0, 100, 1e-9, 0.05), fc.double({ min: 0, max: 100, noNaN: true }));
const usd = fc.option(
  fc.oneof(fc.constantFrom(0, 1e-9, 1e-6, 1, 9e9), fc.double({ min: 0, max: 9e9, noNaN: true })),
);
const seconds = fc.oneof(
  fc.constantFrom(0, 1, 299, 300, 301, 3600, 86_400),
  fc.double({ min: 0, max: 86_400, noNaN: true }),
);
const count = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(1_000_000));

const anySettings: fc.Arbitrary<Partial<Settings>> = fc.record({
  APPLY_MODE: fc.constantFrom(...MODES),
  GOV_EXITS_EXEMPT: fc.boolean(),
  GOV_ARMED_GATES: fc.constantFrom('open', 'closed'),
  GOV_GATE_MODES: fc
    .dictionary(
      fc.constantFrom(...GATES_IN_ORDER.map(({ name }) => name)),
      fc.constantFrom<Mode>('shadow', 'enforce'),
    )
    .map((modes) => new Map(Object.entries(modes))),
  GOV_MAX_EXEC_PER_HOUR: count,
  GOV_MAX_EXEC_PER_5MIN: count,
  GOV_MAX_OPEN_POSITIONS: count,
  GOV_MAX_NOTIONAL_PER_TRADE_PCT: factor,
  GOV_MAX_NOTIONAL_PER_TRADE_USD: usd,
  GOV_MAX_TOTAL_NOTIONAL_PCT: factor,
  GOV_MAX_TOTAL_NOTIONAL_USD: usd,
  GOV_MAX_NOTIONAL_PER_DAY_PCT: factor,
  GOV_MAX_NOTIONAL_PER_DAY_USD: usd,
  GOV_MAX_DAILY_LOSS_PCT: share,
  GOV_SYMBOL_COOLDOWN_SECONDS: seconds,
  GOV_MAX_PRICE_DEVIATION_PCT: factor,
  GOV_MAX_NOTIONAL_MISMATCH_PCT: share,
  GOV_POSITION_STALE_SEC: fc.constantFrom(1, 300, 31_536_000),
  GOV_KILL_SCORE_CRITICAL: share,
  GOV_PLAN_MAX_AGE_SEC: seconds,
  GOV_EXIT_MAX_AGE_SEC: seconds,
});

describe('under any settings', () => {
  it('a drill fires exactly where nothing is said against it', () => {
    let fired = 0;
    fc.assert(
      fc.property(anySettings, (changed) => {
        for (const [name, result] of drill(changed)) {
          if (result.fired !== (result.cannotFire === null))
            expect.fail(`${name}: ${JSON.stringify(result)}`);
          fired += result.fired ? 1 : 0;
        }
      }),
      { numRuns: 3000 },
    );
    expect(fired).toBeGreaterThan(10_000);
  });
});
