/** The kill flag, what is latched, disarmed symbols, errors, and a clock that is set: what the live governor makes of them. */
import { describe, expect, it } from 'vitest';
import { Cut, GovernorWorld } from '../support/governor-world.ts';

const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };
const LOOSE = { GOV_SYMBOL_COOLDOWN_SECONDS: 0, GOV_MAX_EXEC_PER_HOUR: 50, GOV_MAX_EXEC_PER_5MIN: 50 };
/** A flag set by hand takes effect within that. */
const SOON_SEC = 0.25;

describe('the kill flag by hand', () => {
  for (const text of ['1', 'what', '', 'REDUCE', '0 ', 'nan'])
    it(`of ${JSON.stringify(text)} voids what is outstanding within 250 ms, and blocks every plan`, async () => {
      const world = await GovernorWorld.open();
      await world.govern(LOOSE);
      await world.position('ETHUSDT', 5);
      expect(await world.ask({ plan_id: 'a' })).toBe('granted');
      expect(await world.ask({ plan_id: 'x', symbol: 'ETHUSDT', ...EXIT })).toBe('granted');
      await world.kill(text);
      await world.pass(SOON_SEC);
      expect([await world.outcome('a'), await world.permit('a')]).toEqual(['voided', null]);
      expect([await world.outcome('x'), await world.permit('x')]).toEqual(['voided', null]);
      expect(await world.ask({ plan_id: 'b' })).toBe('kill_switch_active');
      expect(await world.ask({ plan_id: 'y', symbol: 'ETHUSDT', ...EXIT })).toBe('kill_switch_active');
      expect(await world.take('a')).toBe('voided');
    });

  it('of another type halts', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.store.writeFields('quantum:kill', [['a', '0']]);
    await world.pass(SOON_SEC);
    expect(await world.ask({ plan_id: 'b' })).toBe('kill_switch_active');
  });

  it('of reduce voids openings only; gone, it re-arms nothing; 0 re-arms', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    await world.position('ETHUSDT', 5);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.ask({ plan_id: 'x', symbol: 'ETHUSDT', ...EXIT })).toBe('granted');
    await world.kill('reduce');
    await world.pass(SOON_SEC);
    expect([await world.outcome('a'), await world.outcome('x')]).toEqual(['voided', 'issued']);
    expect(await world.take('x')).toBe('taken');
    await world.kill(null);
    await world.pass(SOON_SEC);
    expect(await world.ask({ plan_id: 'b' })).toBe('kill_switch_reducing');
    await first.stop();
    await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'b' })).toBe('kill_switch_reducing');
    await world.kill('0');
    await world.pass(SOON_SEC);
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    expect(await world.ask({ plan_id: 'a' })).toBe('permit_voided');
  });

  for (const how of ['take', 'getdel'] as const)
    it(`does not undo a ${how} that came just before it`, async () => {
      const world = await GovernorWorld.open();
      await world.govern(LOOSE);
      await world.position('BTCUSDT', 10);
      expect(await world.ask({ plan_id: 'a', ...EXIT })).toBe('granted');
      if (how === 'take') await world.store.permits.take('a');
      else await world.getdel('a');
      await world.store.permits.change({ kind: 'switch', state: 'HALTED', by: 'test', reason: 'test' });
      await world.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'test', reason: 'test' });
      expect(await world.ask({ plan_id: 'b', ...EXIT })).toBe('nothing_to_close');
      await world.pass(1.5);
      expect(await world.outcome('a')).toBe('used');
    });
});

describe('disarming', () => {
  it('of a symbol is written with the block, survives a restart, and three of them reduce', async () => {
    const world = await GovernorWorld.open();
    const changed = { ...LOOSE, GOV_MAX_EXEC_PER_5MIN: 1 };
    const cut = new Cut();
    const first = await world.govern(changed, { cut });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.ask({ plan_id: 'b' })).toBe('burst_limit_exceeded');
    expect([...(await world.trading()).disarmed.keys()]).toEqual(['BTCUSDT']);
    cut.isCut = true;
    await first.stop();
    await world.pass(4);
    await world.govern(changed);
    await world.pass(310);
    expect(await world.ask({ plan_id: 'c' })).toBe('symbol_disarmed');
    for (const symbol of ['ETHUSDT', 'SOLUSDT']) {
      expect(await world.ask({ plan_id: `1-${symbol}`, symbol })).toBe('granted');
      expect(await world.ask({ plan_id: `2-${symbol}`, symbol })).toBe('burst_limit_exceeded');
    }
    expect(await world.trading()).toMatchObject({ latched: 'REDUCING', flag: { text: 'reduce' } });
    expect((await world.events('AUTO_DISARM')).map(({ scope }) => scope)).toEqual([
      ...['symbol', 'symbol', 'symbol', 'all'],
    ]);
    await world.store.permits.rearm(null, 'test', 'test');
    expect(await world.ask({ plan_id: 'd' })).toBe('kill_switch_reducing');
    await world.kill('0');
    await world.pass(SOON_SEC);
    await world.pass(310);
    expect(await world.ask({ plan_id: 'd' })).toBe('granted');
  });

  it('follows the hash, also where a hand puts another symbol in place of one', async () => {
    const world = await GovernorWorld.open();
    await world.govern({ ...LOOSE, GOV_MAX_EXEC_PER_5MIN: 1 });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.ask({ plan_id: 'b' })).toBe('burst_limit_exceeded');
    const swapped = [
      ['BTCUSDT', null],
      ['ETHUSDT', '{}'],
    ] as const;
    await world.store.writeFields('quantum:governor:disarmed', swapped);
    await world.pass(SOON_SEC);
    expect(await world.ask({ plan_id: 'c', symbol: 'ETHUSDT' })).toBe('symbol_disarmed');
  });

  for (const [what, all] of [
    ['disarms', 5],
    ['reduces', 1],
  ] as const)
    it(`${what} although the plan before cannot be written, which is answered`, async () => {
      const world = await GovernorWorld.open();
      const changed = { ...LOOSE, GOV_MAX_EXEC_PER_5MIN: 1, GOV_DISARM_ALL_AFTER: all };
      const { told } = await world.govern(changed);
      expect(await world.ask({ plan_id: 'a' })).toBe('granted');
      // Something else lies under a key of the first.
      await world.store.writeFields('quantum:governor:exec:ETHUSDT', [['x', '1']]);
      await Promise.all([world.plan({ plan_id: 'e', symbol: 'ETHUSDT' }), world.plan({ plan_id: 'b' })]);
      const never = new AbortController().signal;
      const reply = await world.store.permits.awaitReply('e', 2000, never);
      expect(JSON.parse(reply!)).toEqual({ granted: false, reason: 'evaluation_error' });
      await world.pass(3);
      expect([...(await world.trading()).disarmed.keys()]).toEqual(['BTCUSDT']);
      expect((await world.trading()).latched).toBe(all === 1 ? 'REDUCING' : 'ACTIVE');
      expect(told.blocks.map(({ reason }) => reason)).toEqual(['burst_limit_exceeded']);
    });

  it('by five errors within an hour reduces; a re-arming while nobody governs ends their count', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    await world.position('ETHUSDT', 5);
    // Executions that cannot be read hide losses.
    await world.store.setText('quantum:stream:execution.result', 'no stream');
    await world.pass(1.5);
    for (const id of ['a', 'b', 'c', 'd']) expect(await world.ask({ plan_id: id })).toBe('evaluation_error');
    expect(await world.ask({ plan_id: 'x', symbol: 'ETHUSDT', ...EXIT })).toBe('granted');
    await world.pass(1.5);
    await first.stop();
    await world.store.permits.change({ kind: 'switch', state: 'ACTIVE', by: 'test', reason: 'test' });
    await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'e' })).toBe('evaluation_error');
    expect((await world.trading()).latched).toBe('ACTIVE');
    await world.store.setText('quantum:stream:execution.result', null);
    await world.pass(1.5);
    expect(await world.ask({ plan_id: 'f' })).toBe('granted');
  });
});

describe("a step of the store's clock", () => {
  for (const shiftSec of [3600, 86_400, -3600, -86_400])
    it(`of ${shiftSec} s voids what is outstanding and refuses openings for a minute; exits go on`, async () => {
      const world = await GovernorWorld.open();
      const { told } = await world.govern(LOOSE);
      await world.position('ETHUSDT', 5);
      await world.pass(1.5);
      expect(await world.ask({ plan_id: 'a' })).toBe('granted');
      // The memory store's own clock never goes back.
      if (shiftSec > 0) world.time.shiftMs = shiftSec * 1000;
      else world.lookShiftMs = shiftSec * 1000;
      await world.pass(SOON_SEC);
      expect(told.lines.filter((line) => line.startsWith('clock'))).toEqual([`clock ${shiftSec}`]);
      // What a step puts behind us is over by itself, after a day its use record too.
      expect(await world.take('a')).toBe(shiftSec < 0 ? 'voided' : shiftSec < 86_400 ? 'expired' : 'unknown');
      expect(await world.ask({ plan_id: 'b' })).toBe('evaluation_error');
      const timestamp = world.nowSec + world.lookShiftMs / 1000;
      await world.put('position:snapshot:ETHUSDT', { position_amt: 4, mark_price: 100, timestamp });
      expect(await world.ask({ plan_id: 'x', symbol: 'ETHUSDT', ...EXIT })).toBe('granted');
      expect((await world.permit('x'))!['computed_qty']).toBe(4);
      await world.pass(57);
      expect(await world.ask({ plan_id: 'c' })).toBe('evaluation_error');
      await world.pass(4);
      // Permits of a time that is yet to come count until then; of another symbol there are none.
      expect(await world.ask({ plan_id: 'd', symbol: 'SOLUSDT' })).toBe('granted');
      expect(told.lines.filter((line) => line.startsWith('clock')).length).toBe(1);
    });

  it('of 100 ms to and fro is none', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE);
    for (let i = 0; i < 40; i++) {
      world.lookShiftMs = i % 2 === 0 ? 100 : -100;
      await world.pass(0.3);
      if (i % 10 === 0) expect(await world.ask({ plan_id: `p${i}` })).toBe('granted');
    }
    expect(told.lines.filter((line) => line.startsWith('clock'))).toEqual([]);
  });

  it('is not forgotten because the store failed meanwhile', async () => {
    const world = await GovernorWorld.open();
    const cut = new Cut();
    await world.govern(LOOSE, { cut });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    world.time.shiftMs += 3_600_000;
    await world.pass(SOON_SEC);
    cut.isCut = true;
    await world.pass(0.5);
    cut.isCut = false;
    await world.pass(4);
    expect(await world.ask({ plan_id: 'c' })).toBe('evaluation_error');
    await world.pass(60);
    expect(await world.ask({ plan_id: 'd' })).toBe('granted');
  });

  it('back while nobody governed is noticed by the next one', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern(LOOSE);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.pass(2);
    await first.stop();
    world.lookShiftMs = -86_400_000;
    const { told } = await world.govern(LOOSE);
    expect(await world.outcome('a')).toBe('voided');
    expect(await world.ask({ plan_id: 'b' })).toBe('evaluation_error');
    expect(told.blocks[0]!.ts).toBeLessThan(world.nowSec - 86_000);
  });
});
