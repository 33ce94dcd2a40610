/** A governor that ends, is killed, or is frozen, and the one that comes after it. */
import { describe, expect, it } from 'vitest';
import { Cut, GovernorWorld } from '../support/governor-world.ts';

const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };
const LOOSE = { GOV_SYMBOL_COOLDOWN_SECONDS: 0, GOV_MAX_EXEC_PER_HOUR: 50, GOV_MAX_EXEC_PER_5MIN: 50 };
const LEASE_SEC = 3;

describe('after a restart', () => {
  it('a valid exit still reserves what it closes, though older permits were voided', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    await world.position('BTCUSDT', 10);
    expect(await world.ask({ plan_id: 'old' })).toBe('granted');
    await world.kill('1');
    await world.pass(1.5);
    await world.kill('0');
    await world.pass(1.5);
    expect(await world.ask({ plan_id: 'a', ...EXIT })).toBe('granted');
    await world.pass(1.5);
    await first.stop();
    await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'b', ...EXIT })).toBe('nothing_to_close');
    expect(await world.take('a')).toBe('taken');
  });

  it('permits that were voided are known to be, whenever that was', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.kill('1');
    await world.pass(1.5);
    await world.kill('0');
    await world.pass(70);
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    await first.stop();
    await world.store.permits.change({ kind: 'switch', state: 'REDUCING', by: 'test', reason: 'test' });
    await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'a' })).toBe('permit_voided');
    expect(await world.ask({ plan_id: 'b' })).toBe('permit_voided');
  });

  it('what was taken meanwhile is known, in every way it can be', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    await world.position('BTCUSDT', 10);
    await world.position('ETHUSDT', 10);
    expect(await world.ask({ plan_id: 'a', ...EXIT })).toBe('granted');
    expect(await world.ask({ plan_id: 'b', symbol: 'ETHUSDT', ...EXIT })).toBe('granted');
    await first.stop();
    await world.take('a');
    await world.getdel('b');
    await world.store.permits.change({ kind: 'switch', state: 'HALTED', by: 'test', reason: 'test' });
    await world.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'test', reason: 'test' });
    await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'c', ...EXIT })).toBe('nothing_to_close');
    expect(await world.ask({ plan_id: 'd', symbol: 'ETHUSDT', ...EXIT })).toBe('nothing_to_close');
    expect([await world.outcome('a'), await world.outcome('b')]).toEqual(['used', 'used']);
  });

  it('an unusable plan reaches the dead letters once, though a later plan was decided before the crash', async () => {
    const world = await GovernorWorld.open();
    const cut = new Cut();
    const first = await world.govern(LOOSE, { cut });
    await Promise.all([world.plan({ plan_id: '!bad' }), world.plan({ plan_id: 'good' })]);
    await world.pass(0.02);
    cut.isCut = true;
    await first.stop();
    await world.pass(LEASE_SEC + 1);
    const second = await world.govern(LOOSE);
    await world.pass(2);
    expect(await world.entries('stream:apply.plan.dlq')).toMatchObject([{ plan_id: '!bad' }]);
    expect(await world.events('PERMIT_ISSUED')).toHaveLength(1);
    await second.stop();
    await world.govern(LOOSE);
    await world.pass(2);
    expect(await world.entries('stream:apply.plan.dlq')).toHaveLength(1);
  });

  it('plans that came while nobody governed are judged as old as they are', async () => {
    const world = await GovernorWorld.open();
    await world.plan({ plan_id: 'old' });
    await world.pass(31);
    await world.plan({ plan_id: 'new' });
    await world.govern(LOOSE);
    expect(await world.block('old')).toMatchObject({ reason: 'stale_plan' });
    expect(await world.permit('new')).not.toBeNull();
  });
});

describe('two governors', () => {
  it('one stands by, and takes over from one that is frozen, which then does nothing any more', async () => {
    const world = await GovernorWorld.open();
    const cut = new Cut();
    const first = await world.govern(LOOSE, { cut });
    const second = await world.govern(LOOSE);
    expect(second.told.lines).toContain('phase standby');
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect([first.told.permits.length, second.told.permits.length]).toEqual([1, 0]);
    let thaw: () => void = () => undefined;
    cut.frozen = new Promise((resolve) => (thaw = resolve));
    // Who is frozen does not sleep: time passes without it.
    world.time.runnerWent();
    await world.plan({ plan_id: 'b' });
    await world.pass(LEASE_SEC + 1);
    expect(second.told.permits.map(({ plan_id }) => plan_id)).toEqual(['b']);
    expect(await world.take('a')).toBe('taken');
    await world.pass(1.5);
    const before = [await world.events(), await world.store.load('governor'), await world.trading()];
    cut.frozen = null;
    world.time.runnerCame();
    thaw();
    // Time stands still: whatever changes now, the one that woke did.
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([await world.events(), await world.store.load('governor'), await world.trading()]).toEqual(before);
    await world.pass(2);
    expect(await world.ask({ plan_id: 'c' })).toBe('granted');
    expect([first.told.permits.length, second.told.permits.length]).toEqual([1, 2]);
    expect(first.told.lines.at(-1)).toBe('phase standby');
    expect(await world.events('PERMIT_ISSUED')).toHaveLength(3);
    expect(await world.events('PERMIT_TAKEN')).toHaveLength(1);
  });

  it('of which one stops: the other goes on at once', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    await world.govern(LOOSE);
    await first.stop();
    await world.plan({ plan_id: 'a' });
    await world.pass(1);
    expect(await world.permit('a')).not.toBeNull();
  });
});
