import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../contract/metrics.ts';
import { StoreError } from '../../store/store.ts';
import { promtoolCheck } from '../../../test/support/prometheus-text.ts';
import { START_SEC, WatchedMachine } from '../../../test/support/watched-machine.ts';
import { TICKING_COMPONENTS, type TickingComponent } from '../declarations.ts';

const ENFORCED = {
  P28_MODE: 'enforce',
  P29_MODE: 'enforce',
  P30_MODE: 'enforce',
  P31_MODE: 'enforce',
} as const;
const down = new StoreError('unreachable', 'CLOSED', 'the connection is closed');

describe('the metrics of attribution', () => {
  it('say what was published at the tick', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 100).execution('ETHUSDT', -50);
    scene.tick();
    scene.tick();
    const computed = await scene.series('attribution', 'p30_attributions_computed_total');
    expect(computed).toEqual({ '{symbol="BTCUSDT"}': 2, '{symbol="ETHUSDT"}': 2 });
    const { alpha, factor } = await alphaAndFactor(scene);
    expect(alpha).toBeCloseTo(0.4621, 4);
    expect(factor).toBe(alpha);
    expect(await scene.series('attribution', 'p30_confidence')).toMatchObject({
      '{symbol="BTCUSDT"}': 0.05,
    });
    expect((await scene.series('attribution', 'p30_loop_duration_seconds'))['_count']).toBe(2);
  });

  it('add up what executions earned, repeats and opening fills left out, also over a new machine', async () => {
    const scene = new WatchedMachine().begin();
    scene.execution('BTCUSDT', 100, { execution_id: 'a' }).execution('BTCUSDT', 100, { execution_id: 'a' });
    scene.execution('BTCUSDT', -30).take('execution.result', { symbol: 'ETHUSDT', kind: 'open' });
    expect(await scene.series('attribution', 'p30_execution_pnl_total')).toEqual({
      '{symbol="BTCUSDT"}': 70,
    });
    scene.begin().execution('ADAUSDT', 5).execution('BTCUSDT', 1);
    expect(await scene.series('attribution', 'p30_execution_pnl_total')).toEqual({
      '{symbol="BTCUSDT"}': 71,
      '{symbol="ADAUSDT"}': 5,
    });
  });

  it('keep the sum of symbols without a label of their own over a new machine', async () => {
    const scene = new WatchedMachine({ maxSymbols: 1 }).begin();
    scene.execution('BTCUSDT', 100).execution('ETHUSDT', 7).execution('ADAUSDT', 3).tick();
    const expected = { '{symbol="BTCUSDT"}': 100, '{symbol="_other"}': 10 };
    expect(await scene.series('attribution', 'p30_execution_pnl_total')).toEqual(expected);
    scene.beginAgain();
    expect(scene.watch.health('attribution')).toMatchObject({ last_tick: START_SEC, symbols: 3 });
    expect(await scene.series('attribution', 'p30_execution_pnl_total')).toEqual(expected);
  });

  it('count what is shown again while the stream is gone', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 100);
    scene.tick();
    scene.tick(0, { 'execution.result': 'gone' });
    expect(await scene.series('attribution', 'p30_lkg_used_total')).toEqual({ '{symbol="BTCUSDT"}': 1 });
    expect(await scene.series('attribution', 'p30_attributions_computed_total')).toEqual({
      '{symbol="BTCUSDT"}': 1,
    });
  });
});

describe('the metrics of budgets', () => {
  it('say the budgets, and which inputs were missing', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 0, { cluster: 'L1' });
    scene.execution('ETHUSDT', 0);
    scene.tick();
    const budgets = await scene.series('budget', 'p28_budget_value_usd');
    expect(budgets['{symbol="BTCUSDT"}']).toBeCloseTo(1868, 9);
    expect(await scene.series('budget', 'p28_stress_factor')).toMatchObject({ '{symbol="BTCUSDT"}': 0.066 });
    expect(await scene.series('budget', 'p28_budget_computed_total')).toMatchObject({
      '{symbol="ETHUSDT"}': 1,
    });
    expect(await scene.series('budget', 'p28_stale_input_total')).toEqual({
      '{input_type="portfolio"}': 0,
      '{input_type="market"}': 2,
      '{input_type="cluster_stress"}': 1,
    });
  });

  it('do not count fresh inputs as stale', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 0, { cluster: 'L1' });
    const timestamp = String(START_SEC);
    scene.hashes.set('quantum:state:market:BTCUSDT', { vol_regime: 'LOW_VOL', timestamp });
    scene.hashes.set('quantum:cluster:stress:L1', { stress: '0.1', timestamp });
    scene.hashes.set('quantum:state:portfolio', { equity_usd: '1000', timestamp });
    scene.tick();
    expect(Object.values(await scene.series('budget', 'p28_stale_input_total'))).toEqual([0, 0, 0]);
  });

  it('tell a portfolio that is not fresh from one that is too old to be used', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 0);
    scene.hashes.set('quantum:state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC - 25) });
    scene.tick(5);
    expect(await scene.series('budget', 'p28_lkg_cache_used_total')).toEqual({ '': 0 });
    scene.tick(0);
    expect(await scene.series('budget', 'p28_lkg_cache_used_total')).toEqual({ '': 1 });
    expect(await scene.series('budget', 'p28_portfolio_too_old_total')).toEqual({ '': 0 });
    scene.tick(870);
    expect(await scene.series('budget', 'p28_portfolio_too_old_total')).toEqual({ '': 2 });
    expect(await scene.series('budget', 'p28_stale_input_total')).toMatchObject({
      '{input_type="portfolio"}': 176,
    });
  });

  it('say the mode, and forget the budgets that nobody can read any more', async () => {
    const scene = new WatchedMachine({ settings: { ...ENFORCED, P28_MAX_LKG_AGE_SEC: 60 } }).begin();
    expect(await scene.series('budget', 'p28_enforce_mode')).toEqual({ '': 1 });
    scene.execution('BTCUSDT', 0);
    scene.hashes.set('quantum:state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC) });
    scene.tick(355);
    expect(Object.keys(await scene.series('budget', 'p28_budget_value_usd'))).toEqual(['{symbol="BTCUSDT"}']);
    scene.hashes.set('quantum:config:mode', { budget: 'shadow' });
    scene.tick(10);
    expect(await scene.series('budget', 'p28_budget_value_usd')).toEqual({});
    expect(await scene.series('budget', 'p28_enforce_mode')).toEqual({ '': 0 });
  });
});

describe('the metrics of allocation', () => {
  it('say the targets and the factors that were used', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 0, { cluster: 'L1' });
    scene.execution('ETHUSDT', 0).take('regime.state', { regime: 'TREND', confidence: '0.9' });
    scene.take('regime.state', { regime: 'CHOP', confidence: '0.9', symbol: 'ETHUSDT' });
    scene.hashes.set('quantum:cluster:stress:L1', { stress: '0.5', timestamp: String(START_SEC) });
    scene.tick();
    expect(await scene.series('allocation', 'p29_regime_factor')).toEqual({ '': 1.2 });
    expect(await scene.series('allocation', 'p29_cluster_factor')).toEqual({ '{cluster="L1"}': 0.5 });
    expect(await scene.series('allocation', 'p29_drawdown_factor')).toEqual({ '': 1 });
    const targets = await scene.series('allocation', 'p29_target_usd');
    const budgets = await scene.series('budget', 'p28_budget_value_usd');
    expect(targets['{symbol="BTCUSDT"}']).toBeCloseTo(budgets['{symbol="BTCUSDT"}']! * 1.2 * 0.5, 6);
    expect(await scene.series('allocation', 'p29_targets_computed_total')).toMatchObject({
      '{symbol="ETHUSDT"}': 1,
    });
    expect(await scene.series('allocation', 'p29_shadow_pass_total')).toEqual({ '': 1 });
    expect(await scene.series('allocation', 'p29_enforce_overrides_total')).toMatchObject({
      '{symbol="BTCUSDT"}': 0,
    });
    expect(await scene.series('allocation', 'p29_stale_fallback_total')).toMatchObject({
      '{data_source="regime"}': 0,
      '{data_source="cluster"}': 1,
    });
  });

  it('count what was missing', async () => {
    const scene = new WatchedMachine().begin().take('execution.result', { symbol: 'BTCUSDT', kind: 'open' });
    scene.tick();
    expect(await scene.series('allocation', 'p29_stale_fallback_total')).toEqual({
      '{data_source="portfolio"}': 0,
      '{data_source="budget"}': 0,
      '{data_source="regime"}': 1,
      '{data_source="cluster"}': 1,
      '{data_source="performance"}': 1,
    });
  });

  it('count a portfolio and a budget that are too old', async () => {
    const alone = new WatchedMachine({ components: ['allocation'], settings: ENFORCED }).begin();
    alone.execution('BTCUSDT', 0);
    alone.hashes.set('quantum:portfolio:budget:BTCUSDT', {
      budget_usd: '1000',
      mode: 'enforce',
      timestamp: String(START_SEC - 100),
    });
    alone.hashes.set('quantum:state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC - 55) });
    alone.tick(5);
    expect(await alone.series('allocation', 'p29_stale_fallback_total')).toMatchObject({
      '{data_source="budget"}': 2,
      '{data_source="portfolio"}': 0,
    });
    expect(await alone.series('allocation', 'p29_regime_factor')).toEqual({});
    alone.tick();
    expect(await alone.series('allocation', 'p29_stale_fallback_total')).toMatchObject({
      '{data_source="budget"}': 2,
      '{data_source="portfolio"}': 1,
    });
  });

  it('count in enforce what is written for others', async () => {
    const scene = new WatchedMachine({ settings: ENFORCED }).begin().execution('BTCUSDT', 0);
    scene.tick();
    expect(await scene.series('allocation', 'p29_enforce_overrides_total')).toEqual({
      '{symbol="BTCUSDT"}': 1,
    });
    expect(await scene.series('allocation', 'p29_shadow_pass_total')).toEqual({ '': 0 });
  });
});

describe('the metrics of efficiency', () => {
  it('count ticks, executions and what was written', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 100).execution('BTCUSDT', 1);
    scene.tick(5);
    expect(await scene.series('efficiency', 'p31_loops_total')).toEqual({ '': 2 });
    expect(await scene.series('efficiency', 'p31_exec_events_total')).toEqual({ '{symbol="BTCUSDT"}': 2 });
    expect(await scene.series('efficiency', 'p31_written_total')).toEqual({ '{symbol="BTCUSDT"}': 2 });
    expect(await scene.series('efficiency', 'p31_inputs_missing_total')).toEqual({});
    const score = (await scene.series('efficiency', 'p31_efficiency_score'))['{symbol="BTCUSDT"}']!;
    expect(score).toBeGreaterThan(0.5);
    expect(score).toBeLessThan(1);
  });

  it('tell missing inputs from stale ones, and say when the last good value is used', async () => {
    const scene = new WatchedMachine({ components: ['efficiency'], settings: ENFORCED }).begin();
    scene.execution('BTCUSDT', 100).tick();
    expect(await scene.series('efficiency', 'p31_inputs_missing_total')).toEqual({
      '{symbol="BTCUSDT",which="P30"}': 1,
      '{symbol="BTCUSDT",which="P29"}': 1,
    });
    expect(await scene.series('efficiency', 'p31_lkg_used_total')).toEqual({ '{symbol="BTCUSDT"}': 0 });
    const ts = String(START_SEC - 400);
    scene.hashes.set('quantum:alpha:attribution:BTCUSDT', { performance_factor: '0.4', confidence: '1', ts });
    scene.tick();
    expect(await scene.series('efficiency', 'p31_inputs_stale_total')).toEqual({
      '{symbol="BTCUSDT",which="P30"}': 1,
    });
    scene.hashes.clear();
    scene.tick();
    expect(await scene.series('efficiency', 'p31_lkg_used_total')).toEqual({ '{symbol="BTCUSDT"}': 1 });
  });
});

describe('the metrics of the proposer', () => {
  it('count proposals by reason, and leave out what is unknown', async () => {
    const scene = new WatchedMachine({ components: ['proposer'], settings: ENFORCED }).begin();
    const ts = String(START_SEC);
    const target = { target_usd: '1000', base_target_usd: '1000', confidence: '1', ts, mode: 'enforce' };
    scene.hashes.set('quantum:allocation:target:BTCUSDT', target);
    scene.machine.discover({ symbols: ['BTCUSDT'] });
    scene.tick();
    expect(await scene.series('proposer', 'p29_shadow_loops_total')).toEqual({ '': 1 });
    expect(await scene.series('proposer', 'p29_shadow_multiplier')).toEqual({ '{symbol="BTCUSDT"}': 1 });
    expect(await scene.series('proposer', 'p29_shadow_eff_score')).toEqual({});
    const efficiency = { efficiency_score: '0.9', confidence: '0.8', ts };
    scene.hashes.set('quantum:capital:efficiency:BTCUSDT', efficiency);
    scene.tick();
    expect(await scene.series('proposer', 'p29_shadow_proposed_total')).toMatchObject({
      '{reason="ok"}': 1,
      '{reason="missing_eff"}': 1,
      '{reason="low_conf"}': 0,
    });
    expect(await scene.series('proposer', 'p29_shadow_multiplier')).toEqual({ '{symbol="BTCUSDT"}': 1.4 });
    expect(await scene.series('proposer', 'p29_shadow_eff_score')).toEqual({ '{symbol="BTCUSDT"}': 0.9 });
    expect(await scene.series('proposer', 'p29_shadow_eff_confidence')).toEqual({
      '{symbol="BTCUSDT"}': 0.8,
    });
  });
});

describe('the metrics of every component', () => {
  it('count what was refused by stream or kind of key, each component only what it reads', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 0);
    scene.take('regime.state', { regime: 'SIDEWAYS' }).take('execution.result', { symbol: 'BTCUSDT' });
    scene.hashes.set('quantum:state:market:BTCUSDT', { mark_price: '1' });
    scene.tick();
    const rejected = 'ballast_input_rejected_total';
    const execution = '{stream="execution.result",reason="missing_pnl"}';
    const regime = '{stream="regime.state",reason="bad_value"}';
    const market = '{stream="state:market",reason="missing_time"}';
    expect(await scene.series('budget', rejected)).toEqual({ [execution]: 1, [market]: 1 });
    expect(await scene.series('attribution', rejected)).toEqual({ [execution]: 1 });
    expect(await scene.series('allocation', rejected)).toEqual({ [execution]: 1, [regime]: 1 });
    expect(await scene.series('proposer', rejected)).toEqual({});
  });

  it('say how far behind each stream is, and more where nothing is read at all', async () => {
    const scene = new WatchedMachine().begin();
    scene.round({ lagSec: new Map([['execution.result', 7]]) });
    const lag = 'ballast_input_lag_seconds';
    expect(await scene.series('efficiency', lag)).toEqual({ '{stream="execution.result"}': 7 });
    scene.nowMs += 4000;
    expect(await scene.series('efficiency', lag)).toEqual({ '{stream="execution.result"}': 7 });
    scene.nowMs += 4000;
    expect(await scene.series('efficiency', lag)).toEqual({ '{stream="execution.result"}': 15 });
    expect(await scene.series('proposer', lag)).toEqual({});
    scene.watch.phase({ state: 'standby', owners: new Map() });
    expect(await scene.series('efficiency', lag)).toEqual({});
  });

  it('count what the store failed at', async () => {
    const scene = new WatchedMachine();
    scene.watch.storeFailed('read', down);
    scene.watch.storeFailed('read', down);
    expect(await scene.series('proposer', 'ballast_store_errors_total')).toEqual({ '{op="read"}': 2 });
  });

  it('measure a whole round where the runner says how long it was', async () => {
    const scene = new WatchedMachine().begin().execution('BTCUSDT', 1);
    scene.machine.tick(new Map(), 0);
    scene.watch.round({
      ...{ nowMs: 0, lagSec: new Map(), isCaughtUp: true, applied: 0, ticks: 1 },
      ...{ cycleSec: 0.5 },
    });
    expect((await scene.series('attribution', 'p30_loop_duration_seconds'))['_sum']).toBe(0.5);
  });

  it('leave no metric of the contract unmoved, in a text that Prometheus reads', async () => {
    const scenes = await everythingHappens();
    const unmoved = new Set(
      (Object.keys(METRICS) as MetricName[]).filter((name) =>
        (TICKING_COMPONENTS as readonly string[]).concat('all').includes(METRICS[name].component),
      ),
    );
    for (const [component, scene] of scenes) {
      const problems = await promtoolCheck(await scene.watch.book(component).text());
      expect(problems).not.toMatch(/error|exit code/i);
      for (const name of unmoved) {
        const { component: owner } = METRICS[name];
        if (owner !== component && owner !== 'all') continue;
        const values = Object.values(await scene.series(component, name));
        if (values.some((value) => value !== 0)) unmoved.delete(name);
      }
    }
    expect([...unmoved]).toEqual([]);
  });
});

/** Scenes in which, between them, every metric has moved. */
async function everythingHappens(): Promise<[TickingComponent, WatchedMachine][]> {
  const all = new WatchedMachine({ settings: ENFORCED }).begin();
  all.execution('BTCUSDT', 100, { cluster: 'L1' }).execution('BTCUSDT', 50);
  all.take('execution.result', { symbol: 'BTCUSDT' });
  all.hashes.set('quantum:state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC) });
  all.tick();
  all.tick(0, { 'execution.result': 'gone' });
  all.tick(900);
  all.hashes.set('quantum:config:mode', { allocation: 'shadow' });
  all.round({ lagSec: new Map([['execution.result', 1]]) });
  all.watch.storeFailed('commit', down);
  const shadow = new WatchedMachine().begin().execution('BTCUSDT', 1, { cluster: 'L1' });
  shadow.tick();
  const efficiency = new WatchedMachine({ components: ['efficiency'] }).begin().execution('BTCUSDT', 1);
  const ts = String(START_SEC - 400);
  const attribution = { performance_factor: '0.4', confidence: '1', ts };
  efficiency.hashes.set('quantum:alpha:attribution:BTCUSDT', attribution);
  efficiency.tick();
  efficiency.hashes.clear();
  efficiency.tick();
  const proposer = new WatchedMachine({ components: ['proposer'] }).begin();
  const target = { base_target_usd: '1000', target_usd: '1000', confidence: '1', ts, mode: 'enforce' };
  proposer.hashes.set('quantum:allocation:target:ETHUSDT', target);
  const fresh = { efficiency_score: '0.9', confidence: '0.8', ts };
  proposer.hashes.set('quantum:capital:efficiency:ETHUSDT', fresh);
  proposer.machine.discover({ symbols: ['ETHUSDT'] });
  proposer.tick();
  return [
    ...TICKING_COMPONENTS.map((name): [TickingComponent, WatchedMachine] => [name, all]),
    ['allocation', shadow],
    ['efficiency', shadow],
    ['efficiency', efficiency],
    ['proposer', proposer],
  ];
}

async function alphaAndFactor(scene: WatchedMachine): Promise<{ alpha: number; factor: number }> {
  const alpha = await scene.series('attribution', 'p30_alpha_score');
  const factor = await scene.series('attribution', 'p30_performance_factor');
  return { alpha: alpha['{symbol="BTCUSDT"}']!, factor: factor['{symbol="BTCUSDT"}']! };
}
