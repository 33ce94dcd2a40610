import { describe, expect, it } from 'vitest';
import { Cut, GovernorWorld } from '../support/governor-world.ts';

const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };
const SURE = { GOV_SYMBOL_COOLDOWN_SECONDS: 0, GOV_MAX_EXEC_PER_HOUR: 50, GOV_MAX_EXEC_PER_5MIN: 50 };

describe('restart', () => {
  it('answers', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
  });
  it('keeps a reservation of a valid exit though older permits were voided', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(SURE);
    await world.position('BTCUSDT', 10);
    expect(await world.ask({ plan_id: 'old' })).toBe('granted');
    await world.kill('1');
    await world.pass(1.5);
    await world.kill('0');
    await world.pass(1.5);
    expect(await world.ask({ plan_id: 'exit', ...EXIT })).toBe('granted');
    await world.pass(1.5);
    await first.stop();
    const second = await world.govern(SURE);
    expect(await world.ask({ plan_id: 'exit2', ...EXIT })).toBe('nothing_to_close');
    expect(second.told.blocks.length).toBe(1);
  });
  it('a take before a void counts as taken', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    await world.position('BTCUSDT', 10);
    expect(await world.ask({ plan_id: 'exit', ...EXIT })).toBe('granted');
    expect((await world.store.permits.take('exit')).taken).toBe(true);
    await world.store.permits.change({ kind: 'switch', state: 'HALTED', by: 'x', reason: 'y' });
    await world.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'x', reason: 'y' });
    expect(await world.ask({ plan_id: 'exit2', ...EXIT })).toBe('nothing_to_close');
  });
  it('a GETDEL before a void counts as taken', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    await world.position('BTCUSDT', 10);
    expect(await world.ask({ plan_id: 'exit', ...EXIT })).toBe('granted');
    await world.getdel('exit');
    await world.store.permits.change({ kind: 'switch', state: 'HALTED', by: 'x', reason: 'y' });
    await world.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'x', reason: 'y' });
    expect(await world.ask({ plan_id: 'exit2', ...EXIT })).toBe('nothing_to_close');
    expect(await world.outcome('exit')).toBe('used');
  });
  it('openings voided while nobody governed are known to be void', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(SURE);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await first.stop();
    await world.store.permits.change({ kind: 'switch', state: 'REDUCING', by: 'x', reason: 'y' });
    await world.govern(SURE);
    expect(await world.ask({ plan_id: 'a' })).toBe('permit_voided');
  });
  it('voided stays voided over a restart', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(SURE);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.kill('1');
    await world.pass(1.5);
    await world.kill('0');
    await world.pass(70);
    expect(await world.ask({ plan_id: 'a' })).toBe('permit_voided');
    await first.stop();
    await world.govern(SURE);
    expect(await world.ask({ plan_id: 'a' })).toBe('permit_voided');
  });
  it('armed gates over a restart', async () => {
    const world = await GovernorWorld.open();
    const closed = { ...SURE, GOV_ARMED_GATES: 'closed' as const };
    const first = await world.govern(closed);
    await world.put('portfolio:budget:BTCUSDT', { budget_usd: 5000, mode: 'enforce' });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.store.writeFields('quantum:portfolio:budget:BTCUSDT', [['budget_usd', null], ['mode', null], ['timestamp', null]]);
    await world.pass(5);
    await first.stop();
    await world.pass(920);
    await world.govern(closed);
    expect(await world.ask({ plan_id: 'b' })).toBe('p28_budget_violation');
  });
  it('armed gates where no plan came while there was a budget', async () => {
    const world = await GovernorWorld.open();
    const closed = { ...SURE, GOV_ARMED_GATES: 'closed' as const };
    await world.govern(closed);
    await world.position('BTCUSDT', 1);
    await world.put('portfolio:budget:BTCUSDT', { budget_usd: 5000, mode: 'enforce' });
    await world.pass(5);
    await world.store.writeFields('quantum:portfolio:budget:BTCUSDT', [['budget_usd', null], ['mode', null], ['timestamp', null]]);
    await world.pass(920);
    expect(await world.ask({ plan_id: 'b' })).toBe('p28_budget_violation');
  });
  it('a position from the future does not stay fresh', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    await world.put('position:snapshot:BTCUSDT', { position_amt: 10, mark_price: 100, timestamp: world.nowSec + 5000 });
    await world.pass(5);
    expect(await world.ask({ plan_id: 'x1', ...EXIT, qty: '3' })).toBe('granted');
    await world.take('x1');
    await world.pass(3);
    expect(await world.ask({ plan_id: 'x2', ...EXIT })).toBe('nothing_to_close');
    await world.pass(400);
    expect(await world.ask({ plan_id: 'x3', ...EXIT, qty: '3' })).toBe('granted');
    expect((await world.permit('x3'))!['computed_qty']).toBe(3);
  });
  it('equity from the future does not stay fresh', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    await world.put('state:portfolio', { equity_usd: 1e6, timestamp: world.nowSec + 5000 });
    await world.pass(1000);
    expect(await world.ask({ plan_id: 'x1' })).toBe('equity_unknown');
  });
  it('a failed plan cannot be taken', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.add('results', { plan_id: 'a', executed: 'false' });
    await world.pass(1.5);
    expect(await world.take('a')).not.toBe('taken');
  });
  it('clock step is remembered when the store fails', async () => {
    const world = await GovernorWorld.open();
    const cut = new Cut();
    const g = await world.govern(SURE, { cut });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    world.time.shiftMs += 3_600_000;
    await world.pass(0.5);
    expect(g.told.lines.filter((l) => l.startsWith('clock'))).toEqual(['clock 3600']);
    expect(await world.ask({ plan_id: 'b' })).toBe('evaluation_error');
    cut.isCut = true;
    await world.pass(0.5);
    cut.isCut = false;
    await world.pass(4);
    expect(await world.ask({ plan_id: 'c' })).toBe('evaluation_error');
    await world.pass(60);
    expect(await world.ask({ plan_id: 'd' })).toBe('granted');
  });
  it('does not latch when openings are refused over a step', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    await world.pass(1);
    world.time.shiftMs += 3_600_000;
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) expect(await world.ask({ plan_id: id })).toBe('evaluation_error');
    await world.pass(61);
    expect(await world.ask({ plan_id: 'g' })).toBe('granted');
  });
  it('positions after a step back', async () => {
    const world = await GovernorWorld.open();
    await world.govern(SURE);
    await world.position('BTCUSDT', 10);
    await world.pass(2);
    world.lookShiftMs = -86_400_000;
    await world.pass(2);
    await world.put('position:snapshot:BTCUSDT', { position_amt: 4, mark_price: 100, timestamp: world.nowSec - 86_400 });
    await world.pass(2);
    expect(await world.ask({ plan_id: 'x', ...EXIT })).toBe('granted');
    expect((await world.permit('x'))!['computed_qty']).toBe(4);
  });
  it('a clock that was set back while nobody governed', async () => {
    const world = await GovernorWorld.open();
    const g = await world.govern(SURE);
    await world.pass(2);
    await g.stop();
    world.lookShiftMs = -86_400_000;
    const h = await world.govern(SURE);
    expect(await world.ask({ plan_id: 'x' })).toBe('evaluation_error');
    expect(h.told.blocks[0]!.ts).toBeLessThan(world.nowSec - 86_000);
  });
  it('an unusable plan before a good one reaches the dead letters over a crash', async () => {
    const world = await GovernorWorld.open();
    const cut = new Cut();
    const g = await world.govern(SURE, { cut });
    await Promise.all([world.plan({ plan_id: '!bad' }), world.plan({ plan_id: 'good' })]);
    await world.pass(0.02);
    cut.isCut = true;
    await g.stop();
    await world.pass(4);
    await world.govern(SURE);
    await world.pass(2);
    expect((await world.entries('stream:apply.plan.dlq')).length).toBe(1);
  });
  it('too many symbols at once', async () => {
    const world = await GovernorWorld.open();
    const g = await world.govern(SURE, { maxSymbols: 3 });
    await Promise.all(['A', 'B', 'C', 'D', 'E'].map(async (s) => await world.plan({ plan_id: `p${s}`, symbol: s })));
    await world.pass(2);
    expect(g.told.permits.length).toBe(3);
    expect((await world.entries('stream:apply.plan.dlq')).map((e) => e['reason'])).toEqual(['too_many_symbols', 'too_many_symbols']);
  });
  it('a disarm whose step was not done is done the next time', async () => {
    const world = await GovernorWorld.open();
    const g = await world.govern({ ...SURE, GOV_MAX_EXEC_PER_5MIN: 1 });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    // A key in the way of one plan.
    await world.store.writeFields('quantum:governor:exec:ETHUSDT', [['x', '1']]);
    await Promise.all([world.plan({ plan_id: 'e', symbol: 'ETHUSDT' }), world.plan({ plan_id: 'b' })]);
    await world.pass(3);
    expect([...(await world.trading()).disarmed.keys()]).toEqual(['BTCUSDT']);
    expect(g.told.blocks.map(({ reason }) => reason)).toEqual(['burst_limit_exceeded']);
  });
  it('reduces though the step before is refused', async () => {
    const world = await GovernorWorld.open();
    const g = await world.govern({ ...SURE, GOV_MAX_EXEC_PER_5MIN: 1, GOV_DISARM_ALL_AFTER: 1 });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.store.writeFields('quantum:governor:exec:ETHUSDT', [['x', '1']]);
    await Promise.all([world.plan({ plan_id: 'e', symbol: 'ETHUSDT' }), world.plan({ plan_id: 'b' })]);
    await world.pass(3);
    expect((await world.trading()).latched).toBe('REDUCING');
    expect(g.told.blocks.map(({ reason }) => reason)).toEqual(['burst_limit_exceeded']);
  });
  it('a hand that swaps disarmed symbols', async () => {
    const world = await GovernorWorld.open();
    await world.govern({ ...SURE, GOV_MAX_EXEC_PER_5MIN: 1 });
    await world.ask({ plan_id: 'a' });
    expect(await world.ask({ plan_id: 'b' })).toBe('burst_limit_exceeded');
    await world.store.writeFields('quantum:governor:disarmed', [['BTCUSDT', null], ['ETHUSDT', '{}']]);
    await world.pass(0.3);
    expect(await world.ask({ plan_id: 'c', symbol: 'ETHUSDT' })).toBe('symbol_disarmed');
  });
  it('errors before a re-arming while nobody governed do not count', async () => {
    const world = await GovernorWorld.open();
    const g = await world.govern(SURE);
    await world.store.setText('quantum:stream:execution.result', 'no stream');
    await world.pass(1.5);
    for (const id of ['a', 'b', 'c', 'd']) expect(await world.ask({ plan_id: id })).toBe('evaluation_error');
    await world.pass(1.5);
    await g.stop();
    await world.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'x', reason: 'y' });
    await world.govern(SURE);
    expect(await world.ask({ plan_id: 'e' })).toBe('evaluation_error');
    expect((await world.trading()).latched).toBe('ACTIVE');
  });
  it('cold start knows all positions', async () => {
    const world = await GovernorWorld.open();
    for (let i = 0; i < 1500; i++) await world.position(`S${i}`, 1, 100);
    await world.plan({ plan_id: 'a' });
    const g = await world.govern({ ...SURE, GOV_MAX_OPEN_POSITIONS: 1400 }, { maxSymbols: 5000 });
    await world.pass(1);
    expect(g.told.blocks.map(({ reason }) => reason)).toEqual(['max_positions_reached']);
  });
});
