import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../contract/metrics.ts';
import { BLOCK_REASONS } from '../../core/governor/reasons.ts';
import { StoreError } from '../../store/store.ts';
import { judgeOne } from '../../../test/support/engine-view.ts';
import { promtoolCheck } from '../../../test/support/prometheus-text.ts';
import { DISARM } from '../../../test/support/sample-decisions.ts';
import { WatchedGovernor } from '../../../test/support/watched-governor.ts';
import { UNPERMITTED_REASONS, type Unpermitted } from '../governor/reconcile.ts';
import type { JudgeView } from '../../core/governor/view.ts';
import type { Settings } from '../../core/settings.ts';

const down = new StoreError('unreachable', 'CLOSED', 'the connection is closed');
const entry = { id: '1800000000000-0', fields: [] };
const FOUND: Unpermitted = {
  ...{ reason: 'not_taken', planId: 'p', symbol: 'BTCUSDT', executionId: 'e', orderId: 'o', bot: null },
  ...{ value: null, limit: null },
};

describe('the metrics of plans', () => {
  it('count permits, blocks and disarms by symbol and reason, and how long they took', async () => {
    const scene = new WatchedGovernor().begin().permit({}, [1, 1], 0.003).permit({ symbol: 'ETHUSDT' });
    scene.block().block({ reason: 'burst_limit_exceeded', gate: 'burst', gates: [] }, [DISARM]);
    expect(await scene.series('quantum_govern_allow_total')).toEqual({
      '{symbol="BTCUSDT"}': 1,
      '{symbol="ETHUSDT"}': 1,
    });
    expect(await scene.series('quantum_govern_block_total')).toEqual({
      '{symbol="BTCUSDT",reason="p29_allocation_cap"}': 1,
      '{symbol="BTCUSDT",reason="burst_limit_exceeded"}': 1,
    });
    expect(await scene.series('quantum_govern_disarm_total')).toEqual({
      '{reason="burst_limit_exceeded"}': 1,
    });
    const latency = await scene.series('gov_permit_latency_seconds');
    expect(latency).toMatchObject({ '_bucket{le="0.001"}': 3, '_bucket{le="0.005"}': 4, _count: 4 });
  });

  it('say how many permits count at present, and fall though nothing happens', async () => {
    const scene = new WatchedGovernor().begin().permit().wait(200).permit({}, [2, 2]).round();
    const shown = async () => [
      (await scene.series('quantum_govern_exec_count_hour'))['{symbol="BTCUSDT"}'],
      (await scene.series('quantum_govern_exec_count_5min'))['{symbol="BTCUSDT"}'],
    ];
    expect(await shown()).toEqual([2, 2]);
    expect([await (scene.wait(100), shown()), await (scene.wait(200), shown())]).toEqual([
      [2, 1],
      [2, 0],
    ]);
    expect(await (scene.wait(3300), shown())).toEqual([0, 0]);
  });

  it('count exits only where they are not exempt', async () => {
    const hour = async (exempt: boolean) => {
      const scene = new WatchedGovernor({ settings: { GOV_EXITS_EXEMPT: exempt } }).begin();
      scene.permit({}, [1, 1]).wait(1000);
      scene.permit({ reduce_only: true }, exempt ? [1, 0] : [2, 1]).wait(2600);
      return Object.values(await scene.series('quantum_govern_exec_count_hour'));
    };
    expect(await hour(true)).toEqual([0]);
    expect(await hour(false)).toEqual([1]);
  });

  it('say what the target did, as the gate itself traces it', async () => {
    const target = (usd: number, ageSec: number): Partial<JudgeView> => ({
      target: { usd, ageSec, lifeSec: 300 },
    });
    const views: [Partial<JudgeView>, Partial<Settings>][] = [
      [target(10_000, 1), {}],
      [target(10, 1), {}],
      [target(10, 1), { APPLY_MODE: 'testnet' }],
      [target(10, Infinity), {}],
      [target(10, 301), {}],
      [target(10, 1000), { GOV_ARMED_GATES: 'closed' }],
    ];
    const scene = new WatchedGovernor().begin();
    for (const [view, settings] of views) {
      const verdict = judgeOne(view, {}, settings);
      if (verdict.granted) scene.permit({ gates: verdict.trace });
      else scene.block({ ...verdict, gates: verdict.trace });
    }
    const of = async (name: string) => (await scene.series(name))['{symbol="BTCUSDT"}'];
    expect(await of('gov_p29_checked_total')).toBe(3);
    expect(await of('gov_p29_block_total')).toBe(2);
    expect(await of('gov_p29_missing_total')).toBe(1);
    expect(await of('gov_p29_stale_total')).toBe(2);
    expect(await scene.series('gov_would_block_total')).toEqual({ '{reason="p29_allocation_cap"}': 1 });
  });

  it('say the hints to go smaller', async () => {
    const scene = new WatchedGovernor().begin().permit({ eff_factor: 0.5 });
    scene.permit({ eff_action: 'NONE', eff_reason: 'missing_eff', eff_factor: 1, symbol: 'ETHUSDT' });
    expect(await scene.series('p32_eff_apply_total')).toEqual({
      '{action="DOWNSIZE",reason="ok"}': 1,
      '{action="NONE",reason="missing_eff"}': 1,
    });
    expect(await scene.series('p32_eff_factor')).toEqual({
      '{symbol="BTCUSDT"}': 0.5,
      '{symbol="ETHUSDT"}': 1,
    });
  });

  it('begin every reason for an alert at 0', async () => {
    const scene = new WatchedGovernor();
    scene.watch.unpermitted(FOUND);
    const expected = UNPERMITTED_REASONS.map((reason) => [
      `{reason="${reason}"}`,
      reason === 'not_taken' ? 1 : 0,
    ]);
    expect(await scene.series('gov_unpermitted_total')).toEqual(Object.fromEntries(expected));
  });

  it('say what holds at present, and nothing once another copy governs', async () => {
    const scene = new WatchedGovernor().begin().permit();
    scene.watch.trading({ state: 'REDUCING', disarmed: ['A', 'B'], why: 'kill is reduce' });
    expect(await scene.series('gov_trading_state')).toEqual({ '': 1 });
    expect(await scene.series('gov_disarmed_symbols')).toEqual({ '': 2 });
    scene.watch.phase({ state: 'standby', owners: new Map([['governor', 'host-7']]) });
    const gone = ['gov_trading_state', 'gov_disarmed_symbols', 'quantum_govern_exec_count_hour'];
    for (const name of [...gone, 'ballast_input_lag_seconds']) expect(await scene.series(name)).toEqual({});
    expect(await scene.series('quantum_govern_allow_total')).toEqual({ '{symbol="BTCUSDT"}': 1 });
  });

  it('say how far behind each input is, and more where nothing is read at all', async () => {
    const scene = new WatchedGovernor().begin();
    scene.round({ lagSec: new Map([['apply.plan', 2]]) }).wait(8);
    expect(await scene.series('ballast_input_lag_seconds')).toEqual({ '{stream="apply.plan"}': 10 });
  });
});

describe('however many symbols there are, and whatever they are called', () => {
  it('the series stay bounded, and sums right', async () => {
    const scene = new WatchedGovernor({ maxSymbols: 3 }).begin();
    for (let i = 0; i < 500; i++) {
      scene.permit({ symbol: `S${i}` });
      for (const reason of BLOCK_REASONS) scene.block({ symbol: `S${i}`, reason });
    }
    const allowed = await scene.series('quantum_govern_allow_total');
    expect(Object.keys(allowed)).toHaveLength(4);
    expect(allowed['{symbol="_other"}']).toBe(497);
    const hour = await scene.series('quantum_govern_exec_count_hour');
    expect(hour['{symbol="_other"}']).toBe(497);
    const blocked = Object.values(await scene.series('quantum_govern_block_total'));
    expect(blocked.length).toBeLessThanOrEqual(3 * 3 + BLOCK_REASONS.length);
    expect(blocked.reduce((sum, value) => sum + value)).toBe(500 * BLOCK_REASONS.length);
    const lines = (await scene.watch.book.text()).split('\n').length;
    expect(lines).toBeLessThan(250);
  });

  it('a name that is no symbol gets no label', async () => {
    const scene = new WatchedGovernor({ maxSymbols: 2 }).begin();
    const names = ['', 'btc', 'A"} 1\nevil 2', 'a\u0000b', 'X'.repeat(100_000), '__proto__', '_other'];
    for (const symbol of names) scene.block({ symbol, reason: 'invalid_plan', gate: 'plan', gates: [] });
    scene.block();
    expect(await scene.series('quantum_govern_block_total')).toEqual({
      '{symbol="BTCUSDT",reason="p29_allocation_cap"}': 1,
      '{symbol="_other",reason="invalid_plan"}': names.length,
    });
    expect(await promtoolCheck(await scene.watch.book.text())).not.toMatch(/error|exit code/i);
  });
});

describe('the metrics of the contract', () => {
  it('are all moved, in a text that Prometheus reads', async () => {
    const scene = new WatchedGovernor().begin();
    const verdicts = [
      judgeOne({ target: { usd: 10, ageSec: 1, lifeSec: 300 } }, {}, { APPLY_MODE: 'testnet' }),
      judgeOne({ target: { usd: 10, ageSec: 301, lifeSec: 300 } }),
      judgeOne(),
    ];
    for (const { trace } of verdicts) scene.permit({ gates: trace });
    scene.block({}, [DISARM]);
    scene.watch.taken('p', 'BTCUSDT', 'take');
    scene.watch.expired('p', 'BTCUSDT');
    scene.watch.unpermitted(FOUND);
    scene.watch.trading({ state: 'HALTED', disarmed: ['BTCUSDT'], why: 'kill is 1' });
    scene.watch.rejected('stream:apply.plan', 'bad_name', 'plan_id "?"', entry);
    scene.watch.storeFailed('decide', down);
    scene.round({ lagSec: new Map([['apply.plan', 1]]) });
    const names = (Object.keys(METRICS) as MetricName[]).filter((name) =>
      ['governor', 'all'].includes(METRICS[name].component),
    );
    const unmoved = [];
    for (const name of names)
      if (!Object.values(await scene.series(name)).some((value) => value !== 0)) unmoved.push(name);
    expect(names.length).toBeGreaterThan(20);
    expect(unmoved).toEqual([]);
    expect(await promtoolCheck(await scene.watch.book.text())).not.toMatch(/error|exit code/i);
    expect(await scene.series('ballast_input_rejected_total')).toEqual({
      '{stream="apply.plan",reason="bad_name"}': 1,
    });
  });
});
