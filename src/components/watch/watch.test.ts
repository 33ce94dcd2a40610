import { describe, expect, it } from 'vitest';
import { VERSION } from '../../contract/version.ts';
import { StoreError } from '../../store/store.ts';
import { START_SEC, WatchedMachine } from '../../../test/support/watched-machine.ts';

const down = new StoreError('unreachable', 'CLOSED', 'the connection is closed');
const full = new StoreError('refused', 'OOM', 'used memory > maxmemory');

describe('health', () => {
  it('begins with starting, and says that the store has not answered', () => {
    const { watch } = new WatchedMachine();
    expect(watch.health('attribution')).toMatchObject({
      status: 'starting',
      service: 'attribution',
      id: 'P3.0',
      mode: null,
      version: VERSION,
      redis: 'disconnected',
      last_tick: null,
      lag: null,
      degraded: [],
    });
    expect(watch.ready('attribution')).toEqual({
      ready: false,
      why: 'it has not had an answer from the store yet',
    });
  });

  it('is ok once it has caught up, and tells what it did', () => {
    const scene = new WatchedMachine().begin();
    expect(scene.watch.health('budget').status).toBe('starting');
    scene.execution('BTCUSDT', 100, { execution_id: 'a' }).execution('BTCUSDT', 100, { execution_id: 'a' });
    scene.execution('ETHUSDT', 1, { timestamp: String(START_SEC + 4000) });
    scene.take('execution.result', { symbol: 'BTCUSDT' }).take('regime.state', { regime: 'TREND' });
    scene.tick();
    const health = scene.watch.health('budget');
    expect(health).toEqual({
      status: 'ok',
      service: 'budget',
      id: 'P2.8',
      mode: 'shadow',
      mode_why: 'neither set nor switched',
      version: VERSION,
      redis: 'connected',
      store: 'redis://localhost:6379/0',
      last_tick: START_SEC,
      lag: 0,
      lag_by_stream: { 'execution.result': 0, cashflow: 0 },
      epoch: 3,
      owner: null,
      symbols: 2,
      applied: 2,
      duplicates: 1,
      rejected: { missing_pnl: 1 },
      future_ts: 1,
      degraded: [],
      archive: null,
    });
    expect(scene.watch.health('allocation').applied).toBe(3);
    expect(scene.watch.ready('budget')).toEqual({ ready: true, why: null });
  });

  it('says the worst lag, and that it is not ready while it catches up', () => {
    const scene = new WatchedMachine().begin();
    const lagSec = new Map([
      ['execution.result', 42],
      ['cashflow', 3],
    ]);
    scene.round({ isCaughtUp: false, lagSec });
    expect(scene.watch.health('budget')).toMatchObject({ status: 'starting', lag: 42 });
    expect(scene.watch.ready('budget').why).toBe('it is catching up: 42 s behind');
    scene.round().round({ isCaughtUp: false, lagSec });
    expect(scene.watch.health('budget').status).toBe('ok');
    expect(scene.watch.ready('budget').ready).toBe(false);
  });

  it('names the owner of a component it stands by for', () => {
    const { watch } = new WatchedMachine({ components: ['budget', 'attribution'] });
    watch.phase({
      state: 'running',
      held: [{ component: 'attribution', epoch: 2 }],
      owners: new Map([['budget', 'host-7']]),
    });
    expect(watch.health('budget')).toMatchObject({ status: 'standby', owner: 'host-7', redis: 'connected' });
    expect(watch.ready('budget')).toEqual({ ready: false, why: 'it stands by: host-7 holds it' });
    expect(watch.ready('attribution').why).toBe('it waits for other components to come to its place in time');
  });

  it('does not take a component for ready before the others are at its place', () => {
    const scene = new WatchedMachine().begin(['budget']).round();
    expect(scene.watch.ready('budget').why).toBe('it is on its way to the place in time of other components');
    expect(scene.watch.health('budget').status).toBe('starting');
    scene.begin().round();
    expect(scene.watch.ready('budget').ready).toBe(true);
  });

  it('fails when the store has been away for more than ten seconds, and says so before', () => {
    const scene = new WatchedMachine().begin().round();
    scene.nowMs = 1000;
    scene.watch.storeFailed('read', down);
    scene.nowMs = 11_000;
    scene.watch.storeFailed('read', down);
    expect(scene.watch.health('budget')).toMatchObject({
      status: 'degraded',
      redis: 'disconnected',
      degraded: ['the store fails at read since 10 s (unreachable, CLOSED)'],
    });
    scene.nowMs = 11_001;
    expect(scene.watch.health('budget').status).toBe('failing');
    expect(scene.watch.ready('budget').why).toBe('nothing was read for 11 s');
    scene.round();
    expect(scene.watch.health('budget')).toMatchObject({ status: 'ok', redis: 'connected', degraded: [] });
  });

  it('does not take reading for a sign that commits are done', () => {
    const scene = new WatchedMachine().begin().round();
    scene.watch.storeFailed('commit', full);
    scene.nowMs = 1000;
    scene.round();
    expect(scene.watch.health('budget')).toMatchObject({ status: 'degraded', redis: 'connected' });
    scene.nowMs = 2001;
    scene.round();
    expect(scene.watch.health('budget').status).toBe('ok');
  });

  it('tells what was lost, to those who read it', () => {
    const scene = new WatchedMachine().begin();
    scene.watch.gap('execution.result', { kind: 'trimmed', lost: 1234 });
    scene.watch.gap('regime.state', { kind: 'recreated' });
    scene.round({ nowMs: Date.parse('2026-02-03T04:05:06Z') });
    scene.round();
    const at = 'at 2026-02-03T04:05:06.000Z';
    const trimmed = `1234 entries of execution.result were trimmed before they were read, ${at}`;
    const recreated = `regime.state was deleted and made anew: it is read from its beginning, ${at}`;
    expect(scene.watch.health('efficiency')).toMatchObject({ status: 'degraded', degraded: [trimmed] });
    expect(scene.watch.health('allocation').degraded).toEqual([trimmed, recreated]);
    scene.nowMs += 86_400_001;
    scene.round();
    expect(scene.watch.health('allocation').degraded).toEqual([]);
  });

  it('tells which stream cannot be read, until it can', () => {
    const scene = new WatchedMachine().begin().round();
    scene.watch.inputState('cashflow', 'unreadable', 'WRONGTYPE of key');
    scene.watch.inputState('execution.result', 'gone', null);
    expect(scene.watch.health('budget').degraded).toEqual([
      'execution.result is gone: it had entries, and there is no such stream any more',
      'cashflow cannot be read: WRONGTYPE of key',
    ]);
    scene.watch.inputState('cashflow', 'readable', null);
    scene.watch.inputState('execution.result', 'readable', null);
    expect(scene.watch.health('budget').degraded).toEqual([]);
  });

  it('tells which outputs the store refused, for two minutes', () => {
    const scene = new WatchedMachine().begin().round();
    const key = 'quantum:shadow:allocation:target:BTCUSDT';
    scene.watch.outputRefused(key, 'WRONGTYPE');
    scene.watch.outputRefused(key, 'WRONGTYPE');
    expect(scene.watch.health('allocation').degraded).toEqual([
      `the store refused 2 outputs, the last was ${key}: WRONGTYPE`,
    ]);
    expect(scene.watch.health('budget').degraded).toEqual([]);
    scene.nowMs = 120_001;
    scene.round();
    expect(scene.watch.health('allocation').degraded).toEqual([]);
  });

  it.each([
    ['dropping', 0, 'the archive drops lines: its queue is full'],
    ['ok', 7, 'the archive lost 7 lines (it is ok)'],
    ['waiting', 0, 'the archive cannot be written at present; nothing is lost yet'],
  ])('tells of an archive that is %s and lost %d lines', (state, linesLost, sentence) => {
    const scene = new WatchedMachine({ archive: () => ({ state, linesLost }) }).begin().round();
    expect(scene.watch.health('budget')).toMatchObject({ status: 'degraded', degraded: [sentence] });
  });

  it('is ok beside an archive that is', () => {
    const archive = (): { state: string; linesLost: number } => ({ state: 'ok', linesLost: 0 });
    const { watch } = new WatchedMachine({ archive, storeKind: 'memory' }).begin().round();
    expect(watch.health('budget')).toMatchObject({ status: 'ok', redis: 'embedded', degraded: [] });
  });

  it('is not ready when nothing was read for five seconds, and fails once stopped', () => {
    const scene = new WatchedMachine().begin().round();
    scene.nowMs = 5000;
    expect(scene.watch.ready('budget').ready).toBe(true);
    scene.nowMs = 5001;
    expect(scene.watch.ready('budget').why).toBe('nothing was read for 5 s');
    expect(scene.watch.health('budget').status).toBe('degraded');
    scene.watch.phase({ state: 'stopped' });
    expect(scene.watch.ready('budget').why).toBe('it has stopped');
    expect(scene.watch.health('budget').status).toBe('failing');
  });
});

describe('the log', () => {
  it('has a line for a decision that changed, and at debug one a tick', () => {
    const scene = new WatchedMachine({ components: ['attribution'] }).begin().execution('BTCUSDT', 100);
    scene.tick();
    const line = 'attribution: BTCUSDT: alpha=0.4621 perf=0.4621 conf=0.050 window=1 source=live';
    expect(scene.said()).toContain(`info ${line}`);
    scene.tick();
    expect(scene.said()).toEqual([]);
    scene.execution('BTCUSDT', 100).tick();
    expect(scene.said()).toHaveLength(1);

    const loud = new WatchedMachine({ components: ['attribution'], level: 'debug' }).begin();
    loud.execution('BTCUSDT', 100).tick();
    loud.said();
    loud.tick();
    expect(loud.said()).toEqual(['debug attribution: Processing 1 symbols: BTCUSDT', `debug ${line}`]);
  });

  it('says which symbols a tick is about when there are others', () => {
    const scene = new WatchedMachine({ components: ['efficiency'] }).begin();
    const processing = (): string[] => scene.said().filter((line) => line.includes('Processing'));
    scene.tick();
    expect(processing()).toEqual([]);
    scene.execution('BTCUSDT', 1).tick();
    expect(processing()).toEqual(['info efficiency: Processing 1 symbols: BTCUSDT']);
    scene.execution('ETHUSDT', 1).tick();
    expect(processing()).toEqual([]);
    scene.nowMs += 1000;
    scene.tick();
    expect(processing()).toEqual(['info efficiency: Processing 2 symbols: BTCUSDT, ETHUSDT']);
    scene.nowMs += 1000;
    scene.machine.discover({ symbols: ['BTCUSDT'] });
    scene.tick();
    expect(processing()).toEqual([]);
  });

  it('shows of many changes the first, and those that were hidden in a calmer tick', () => {
    const scene = new WatchedMachine({ components: ['attribution'] }).begin();
    for (let i = 0; i < 1300; i++) scene.execution(`S${1000 + i}USDT`, 1);
    const shown = (): string[] => scene.said().filter((line) => /alpha=|more changed/.test(line));
    scene.tick();
    const first = shown();
    expect(first).toHaveLength(201);
    expect(first.at(-1)).toBe('info attribution: ... and 800 more changed');
    const rest = Array.from({ length: 7 }, () => {
      scene.tick();
      return shown().filter((line) => line.includes('alpha='));
    });
    expect(new Set([...first.slice(0, 200), ...rest.flat()]).size).toBe(1300);
  });

  it('says a mode once, and a change of it as a warning', () => {
    const scene = new WatchedMachine({ components: ['budget'], settings: { P28_MODE: 'enforce' } }).begin();
    scene.round().said();
    scene.tick(10);
    expect(scene.said()).toEqual(['info budget: the mode is enforce: the settings say enforce']);
    scene.hashes.set('quantum:config:mode', { budget: 'shadow' });
    scene.tick(10);
    const why = 'config:mode says shadow, the settings enforce: the more cautious';
    expect(scene.said()).toEqual([`warn budget: the mode is shadow from now on: ${why}`]);
    expect(scene.watch.health('budget')).toMatchObject({ mode: 'shadow', mode_why: why });
  });

  it('says the first refused entry of a kind, then how many at most every ten seconds', () => {
    const scene = new WatchedMachine({ components: ['efficiency'] }).begin();
    scene.round().said();
    for (let i = 0; i < 50; i++) scene.take('execution.result', { symbol: 'BTCUSDT' });
    scene.take('execution.result', { symbol: '?', pnl: '1' });
    const lines = scene.said();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^warn efficiency: execution\.result: entry 1800000000000-0 is not used \(missing_pnl\): none of/,
    );
    scene.nowMs = 9999;
    scene.round();
    expect(scene.said().join('\n')).not.toMatch(/more are not used/);
    scene.nowMs = 10_000;
    scene.round();
    expect(scene.said().join('\n')).toMatch(
      /49 more are not used \(missing_pnl\), the last was entry 1800000000000-49/,
    );
    scene.nowMs = 20_000;
    scene.round();
    expect(scene.said()).toEqual([]);
  });

  it('says that the store fails at most once in two seconds, and how long it was away', () => {
    const scene = new WatchedMachine().begin().round();
    scene.said();
    for (const ms of [0, 50, 150, 350, 750, 1550, 2550]) {
      scene.nowMs = ms;
      scene.watch.storeFailed('read', down);
    }
    scene.nowMs = 3000;
    scene.round().round();
    expect(scene.said()).toEqual([
      'error budget: the store failed at read: the connection is closed',
      'error budget: the store failed at read: the connection is closed, 6 failures since the last line',
      'info budget: the store works again after 3.0 s and 7 failures',
    ]);
  });

  it('says who holds what when that changes', () => {
    const { watch, ...scene } = new WatchedMachine({ components: ['budget'] });
    const held = [{ component: 'budget', epoch: 1 }];
    watch.phase({ state: 'standby', owners: new Map([['budget', 'host-7']]) });
    watch.phase({ state: 'standby', owners: new Map([['budget', 'host-7']]) });
    watch.phase({ state: 'running', held, owners: new Map() });
    watch.phase({ state: 'running', held, owners: new Map() });
    watch.phase({ state: 'standby', owners: new Map([['budget', 'host-8']]) });
    watch.phase({ state: 'stopped' });
    expect(scene.lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'info stands by: host-7 holds it',
      'info runs here, epoch 1',
      'warn was taken over: host-8 holds it now, this copy stands by',
      'info stopped',
    ]);
  });

  it('says once that it has caught up, and what the input and the clock did', () => {
    const scene = new WatchedMachine().begin();
    scene.said();
    scene.nowMs = 2500;
    scene.round({ applied: 70, isCaughtUp: false }).round({ applied: 7 }).round();
    expect(scene.said()).toEqual(['info budget: caught up: 77 entries in 2.5 s']);
    scene.watch.gap('regime.state', { kind: 'trimmed', lost: 3 });
    scene.watch.inputState('regime.state', 'gone', null);
    scene.watch.inputState('regime.state', 'readable', null);
    scene.watch.entryAhead('execution.result');
    scene.watch.entryAhead('execution.result');
    scene.watch.clockSetBack(1500);
    scene.watch.clockSetBack(10);
    scene.machine.resync(START_SEC - 3600);
    scene.watch.outputRefused('quantum:kill', 'NOPERM');
    expect(scene.said()).toEqual([
      'warn allocation: 3 entries of regime.state were trimmed before they were read',
      'warn allocation: regime.state is gone: it had entries, and there is no such stream any more',
      'info allocation: regime.state can be read again',
      "warn budget: execution.result has entries with ids ahead of the store's clock: they wait, or were chosen",
      "warn budget: the store's clock was set back by 1500 ms: ticks wait for it",
      "warn budget: the store's clock was set back far: ticks go on from 2027-01-15T07:00:00.000Z",
      'warn budget: the store refused quantum:kill: NOPERM',
    ]);
  });

  it('says that a position is over its budget', () => {
    const scene = new WatchedMachine({ components: ['budget'] }).begin().execution('BTCUSDT', 1);
    scene.hashes.set('quantum:position:snapshot:BTCUSDT', {
      position_amt: '1',
      notional_usd: '50000',
      timestamp: String(START_SEC),
    });
    scene.tick();
    expect(scene.said()).toContain('warn budget: BTCUSDT: its position is over its budget');
  });
});

describe('a watch', () => {
  it('knows the components of its process only', () => {
    const { watch } = new WatchedMachine({ components: ['budget'] });
    expect(() => watch.health('proposer')).toThrow('proposer is no component of this process');
  });
});
