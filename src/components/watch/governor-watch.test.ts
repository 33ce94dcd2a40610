import { describe, expect, it } from 'vitest';
import { VERSION } from '../../contract/version.ts';
import { StoreError } from '../../store/store.ts';
import { BLOCK, DISARM } from '../../../test/support/sample-decisions.ts';
import { STORE_SEC, WatchedGovernor } from '../../../test/support/watched-governor.ts';
import type { Unpermitted } from '../governor/reconcile.ts';

const down = new StoreError('unreachable', 'CLOSED', 'the connection is closed');
const FOUND: Unpermitted = {
  ...{ reason: 'not_taken', planId: 'p1', symbol: 'BTCUSDT', executionId: 'e1', orderId: 'o1', bot: 'grid' },
  ...{ value: null, limit: null },
};

describe('health of the governor', () => {
  it('begins with starting, and says that the store has not answered', () => {
    const { watch } = new WatchedGovernor();
    expect(watch.health()).toMatchObject({
      ...{ status: 'starting', service: 'governor', id: 'P3.2', mode: null, redis: 'disconnected' },
      ...{ last_tick: null, lag: null, trading_state: null, disarmed: null, unpermitted: 0 },
    });
    expect(watch.ready().why).toBe('it has not had an answer from the store yet');
  });

  it('is ok once it has caught up, and tells what it did', () => {
    const scene = new WatchedGovernor().begin().permit().wait(2).block();
    scene.watch.dropped('p', 'BTCUSDT');
    scene.watch.futureTime();
    scene.watch.rejected('stream:apply.plan', 'bad_name', 'plan_id "?"', { id: '1-0', fields: [] });
    scene.round({ entries: 4, lagSec: new Map([['apply.plan', 3]]) });
    expect(scene.watch.health()).toEqual({
      status: 'ok',
      service: 'governor',
      id: 'P3.2',
      mode: 'testnet',
      mode_why: 'APPLY_MODE',
      version: VERSION,
      redis: 'connected',
      store: 'redis://localhost:6379/0',
      last_tick: STORE_SEC + 2,
      lag: 3,
      lag_by_stream: { 'apply.plan': 3 },
      epoch: 3,
      owner: null,
      symbols: null,
      applied: 4,
      duplicates: 1,
      rejected: { bad_name: 1 },
      future_ts: 1,
      degraded: [],
      archive: null,
      trading_state: 'ACTIVE',
      trading_why: 'kill is absent, latched ACTIVE',
      disarmed: 0,
      unpermitted: 0,
    });
    expect(scene.watch.ready()).toEqual({ ready: true, why: null });
  });

  it('is not ready while it catches up, stands by, or has stopped', () => {
    const scene = new WatchedGovernor().begin();
    scene.round({ isCaughtUp: false, lagSec: new Map([['apply.plan', 42]]) });
    expect(scene.watch.ready().why).toBe('it is catching up: 42 s behind');
    scene.watch.phase({ state: 'standby', owners: new Map([['governor', 'host-7']]) });
    expect(scene.watch.ready().why).toBe('it stands by: host-7 holds it');
    expect(scene.watch.health()).toMatchObject({ status: 'standby', owner: 'host-7', trading_state: null });
    scene.watch.phase({
      state: 'running',
      held: [{ component: 'governor', epoch: 5 }],
      owners: new Map(),
    });
    expect(scene.watch.ready().why).toBe('it has not read anything yet');
    scene.watch.phase({ state: 'stopped' });
    expect(scene.watch.health().status).toBe('failing');
    expect(scene.watch.ready().why).toBe('it has stopped');
  });

  it('is degraded for an hour after an execution no permit covers', () => {
    const scene = new WatchedGovernor().begin();
    scene.watch.unpermitted(FOUND);
    scene.watch.unpermitted(FOUND);
    scene.wait(3599).round();
    expect(scene.watch.health()).toMatchObject({
      status: 'degraded',
      unpermitted: 2,
      degraded: [
        'no permit covers 2 executions since this process began, the last 59 min ago (BTCUSDT, not_taken)',
      ],
    });
    scene.wait(1).round();
    expect(scene.watch.health()).toMatchObject({ status: 'ok', unpermitted: 2 });
  });

  it('says that the clock was set until it counts as steady, and what the store refused', () => {
    const scene = new WatchedGovernor().begin();
    scene.watch.clockStepped(-5000);
    scene.watch.outputRefused('quantum:permit:x', 'WRONGTYPE');
    expect(scene.watch.health().degraded).toEqual([
      'the store refused 1 outputs, the last was quantum:permit:x: WRONGTYPE',
      "the store's clock was set: new entries wait until it is steady for a minute",
    ]);
    scene.wait(121).round();
    expect(scene.watch.health().degraded).toEqual([]);
  });

  it('tells what was lost and what cannot be read, anew each time it begins', () => {
    const scene = new WatchedGovernor().begin();
    scene.watch.gap('apply.plan', { kind: 'trimmed', lost: 12 });
    scene.watch.inputState('execution.result', 'unreadable', 'WRONGTYPE of key');
    const gap = '12 entries of apply.plan were trimmed before they were read';
    expect(scene.watch.health().degraded).toEqual(['execution.result cannot be read: WRONGTYPE of key', gap]);
    scene.begin();
    expect(scene.watch.health().degraded).toEqual([`${gap}, at 2027-01-15T08:00:00.000Z`]);
  });

  it('fails when the store has been away for more than ten seconds', () => {
    const scene = new WatchedGovernor().begin();
    scene.watch.storeFailed('govern', down);
    scene.wait(10.5);
    expect(scene.watch.health()).toMatchObject({ status: 'failing', redis: 'disconnected' });
    expect(scene.watch.ready().ready).toBe(false);
    scene.begin();
    expect(scene.watch.health()).toMatchObject({ status: 'ok', redis: 'connected' });
  });
});

describe('the log of the governor', () => {
  it('says who holds it, the mode and the trading state', () => {
    const scene = new WatchedGovernor().begin();
    expect(scene.said()).toEqual([
      'info: runs here, epoch 3',
      'info: the mode is testnet',
      'info: ACTIVE: new entries and exits go on (kill is absent, latched ACTIVE)',
      'info: caught up: 0 entries in 0.0 s',
    ]);
    scene.watch.phase({ state: 'standby', owners: new Map([['governor', 'host-7']]) });
    expect(scene.said()).toEqual(['warn: was taken over: host-7 holds it now, this copy stands by']);
  });

  it('says changes of the trading state, each once, and what they mean', () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    for (const state of ['REDUCING', 'REDUCING', 'HALTED', 'ACTIVE'] as const)
      scene.watch.trading({ state, disarmed: [], why: 'by hand' });
    expect(scene.said()).toEqual([
      'warn: REDUCING: new entries stop, exits go on (by hand)',
      'warn: HALTED: every plan is refused, exits too; analytics go on (by hand)',
      'info: re-armed, ACTIVE: new entries and exits go on (by hand)',
    ]);
  });

  it('says disarms and who is re-armed, each once, whoever did it', () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    scene.block({}, [DISARM, { ...DISARM, scope: 'all' }]);
    scene.watch.trading({ state: 'REDUCING', disarmed: ['BTCUSDT', 'ETHUSDT'], why: 'latched' });
    scene.watch.trading({ state: 'ACTIVE', disarmed: [], why: 'rearm' });
    expect(scene.said()).toEqual([
      'warn: disarmed BTCUSDT (burst_limit_exceeded): no new entries there until someone re-arms; exits go on',
      'warn: all new entries are stopped: burst_limit_exceeded, at plan plan-3 of BTCUSDT',
      'warn: REDUCING: new entries stop, exits go on (latched)',
      'warn: disarmed: ETHUSDT; no new entries there, exits go on',
      'info: re-armed, ACTIVE: new entries and exits go on (rearm)',
      'info: re-armed: BTCUSDT, ETHUSDT',
    ]);
  });

  it('counts many disarms and names some', () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    for (let i = 0; i < 30; i++) scene.block({}, [{ ...DISARM, symbol: `S${i}` }]);
    scene.wait(10).round();
    const names = Array.from({ length: 10 }, (_, i) => `S${i + 1}`).join(', ');
    expect(scene.said().filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining('disarmed S0 (burst'),
      expect.stringContaining(`disarmed ${names} and 19 more (burst`),
    ]);
  });

  it('raises the alert for an execution no permit covers, and counts the ones that follow', async () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    for (let i = 0; i < 1000; i++) scene.watch.unpermitted({ ...FOUND, executionId: `e${i}` });
    scene.watch.unpermitted({ ...FOUND, reason: 'no_plan', planId: null });
    scene.watch.unpermitted({ ...FOUND, reason: 'exceeded', value: 2, limit: 1 });
    scene.wait(10).round();
    expect(scene.said()).toEqual([
      'error: an execution no permit covers: BTCUSDT, nobody took the permit of its plan (plan p1, execution e0, order o1, bot grid)',
      'error: an execution no permit covers: BTCUSDT, it names no plan (plan none, execution e1, order o1, bot grid)',
      'error: an execution no permit covers: BTCUSDT, 2 filled in all, 1 permitted (plan p1, execution e1, order o1, bot grid)',
      'error: 999 executions no permit covers, the last: BTCUSDT, nobody took the permit of its plan (plan p1, execution e999, order o1, bot grid)',
    ]);
    expect((await scene.series('gov_unpermitted_total'))['{reason="not_taken"}']).toBe(1000);
  });

  it('sums plans up every ten seconds, and what is left when it stops', () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    scene.block().round();
    for (let i = 0; i < 500; i++) scene.block().block({ ...BLOCK, reason: 'stale_plan', value: null });
    scene.permit().block({ reason: 'stale_plan', value: null, setting: null }).round();
    scene.wait(10).round().round();
    const cap = 'plan-2: BTCUSDT p29_allocation_cap, 2400.25 against 2241.6 (P29_MODE)';
    expect(scene.said()).toEqual([
      `info: plans blocked: p29_allocation_cap 1; the last ${cap}`,
      'info: plans permitted: 1, the last plan-1: BTCUSDT OPEN_PROPOSED BUY',
      'info: plans blocked: stale_plan 501, p29_allocation_cap 500; the last plan-2: BTCUSDT stale_plan',
    ]);
    scene.permit();
    scene.watch.phase({ state: 'stopped' });
    expect(scene.said()).toEqual([
      'info: plans permitted: 1, the last plan-1: BTCUSDT OPEN_PROPOSED BUY',
      'info: stopped',
    ]);
  });

  it('says each plan at debug', () => {
    const scene = new WatchedGovernor({ level: 'debug' }).begin();
    scene.said();
    scene.permit().block();
    scene.watch.taken('plan-1', 'BTCUSDT', 'getdel');
    scene.watch.expired('plan-9', 'BTCUSDT');
    expect(scene.said()).toEqual([
      'debug: permitted plan-1: BTCUSDT OPEN_PROPOSED BUY',
      'debug: blocked plan-2: BTCUSDT p29_allocation_cap, 2400.25 against 2241.6 (P29_MODE)',
      'debug: permit taken (getdel) plan-1: BTCUSDT',
      'debug: permit expired plan-9: BTCUSDT',
    ]);
  });

  it('says clock steps, failures of the store and refused entries', () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    scene.watch.clockStepped(7250);
    scene.watch.storeFailed('govern', down);
    scene.watch.rejected('apply.plan', 'bad_name', 'plan_id "?"', { id: '7-0', fields: [] });
    scene.round();
    expect(scene.said()).toEqual([
      "warn: the store's clock was set by 7.3 s: open permits are void, and new entries wait until it is steady for a minute",
      'error: the store failed at govern: the connection is closed',
      'warn: apply.plan: entry 7-0 is not used (bad_name): plan_id "?"',
      'info: the store works again after 0.0 s and one failure',
    ]);
  });

  it('keeps what inputs are called on one line', () => {
    const scene = new WatchedGovernor().begin();
    scene.said();
    scene.watch.unpermitted({ ...FOUND, orderId: 'o\n{"level":"info"}', executionId: 'e'.repeat(9000) });
    const [line] = scene.said();
    expect(line!.length).toBeLessThan(1000);
    expect(line).not.toContain('\n');
  });
});
