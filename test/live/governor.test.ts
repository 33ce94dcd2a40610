/** What the live governor does with plans: answers, permits, blocks, what it reads to judge, and executions held against permits. */
import { describe, expect, it } from 'vitest';
import { decodePermit } from '../../src/contract/permit-record.ts';
import { GovernorWorld } from '../support/governor-world.ts';

const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };
/** Limits that do not get in the way of what is tested. */
const LOOSE = { GOV_SYMBOL_COOLDOWN_SECONDS: 0, GOV_MAX_EXEC_PER_HOUR: 50, GOV_MAX_EXEC_PER_5MIN: 50 };

describe('a plan', () => {
  it('gets a permit with every field of the contract, its records, its event and its answer', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.plan({ plan_id: 'a', bot: 'bot-1', qty: '2', price: '100', kill_score: '0.7' });
    await world.pass(0.1);
    const [texts] = await world.store.permits.find(['a']);
    const { permit, problem } = decodePermit(texts!.permit!);
    expect(problem).toBeNull();
    expect(Object.keys(JSON.parse(texts!.permit!) as object)).toEqual([
      ...['granted', 'plan_id', 'symbol', 'side', 'action', 'reduce_only', 'close_fraction', 'bot'],
      ...['apply_mode', 'decision', 'requested_qty', 'computed_qty', 'computed_notional', 'created_at'],
      ...['consumed', 'eff_score', 'eff_confidence', 'eff_stale', 'eff_factor', 'eff_action', 'eff_reason'],
      ...['downsize_factor', 'extra_cooldown_sec', 'qty_scale', 'gates', 'expires_at', 'epoch', 'v'],
    ]);
    const scale = Math.exp(-2 * (0.7 - 0.6));
    expect(permit).toMatchObject({ plan_id: 'a', bot: 'bot-1', requested_qty: 2, reduce_only: false });
    expect(permit!.qty_scale).toBeCloseTo(scale, 12);
    expect(permit!.computed_qty).toBeCloseTo(2 * scale, 12);
    expect(permit!.computed_notional).toBeCloseTo(200 * scale, 9);
    expect(permit!.expires_at - permit!.created_at).toBe(60);
    expect(await world.outcome('a')).toBe('issued');
    expect(await world.events('PERMIT_ISSUED')).toMatchObject([{ plan_id: 'a', symbol: 'BTCUSDT' }]);
    const never = new AbortController().signal;
    expect(await world.store.permits.awaitReply('a', 0, never)).toBe('{"granted":true,"reason":null}');
  });

  it('that comes again is answered with what became of its permit', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE);
    for (const id of ['used', 'expired', 'failed', 'gone'])
      expect(await world.ask({ plan_id: id })).toBe('granted');
    expect(await world.ask({ plan_id: 'used' })).toBe('granted');
    await world.take('used');
    await world.getdel('gone');
    await world.add('results', { plan_id: 'failed', executed: 'false' });
    await world.pass(61);
    for (const id of ['used', 'expired', 'failed'])
      expect(await world.ask({ plan_id: id })).toBe(`permit_${id}`);
    expect(await world.ask({ plan_id: 'gone' })).toBe('permit_used');
    expect(told.permits.length).toBe(4);
    expect(told.lines).toContain('getdel gone');
    expect(await world.outcome('gone')).toBe('used');
    expect(await world.outcome('expired')).toBe('expired');
  });

  it('that was blocked is judged anew', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern({ ...LOOSE, GOV_SYMBOL_COOLDOWN_SECONDS: 60 });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.ask({ plan_id: 'b' })).toBe('symbol_cooldown');
    expect(await world.ask({ plan_id: 'b' })).toBe('symbol_cooldown');
    const block = await world.block('b');
    expect(block).toMatchObject({ reason: 'symbol_cooldown', gate: 'caps', symbol: 'BTCUSDT' });
    await world.pass(Number(block!['next_eligible_at']) - world.nowSec + 0.01);
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    expect(told.blocks.length).toBe(2);
  });

  it('that is not to be executed is left alone, one that cannot be used is a dead letter', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE);
    await world.plan({ plan_id: 'hold', decision: 'HOLD' });
    await world.plan({ plan_id: 'no way!' });
    await world.plan({ plan_id: 'x'.repeat(129) });
    await world.plan({ symbol: 'ETHUSDT' });
    await world.add('results', { plan_id: 'hold', executed: 'perhaps' });
    await world.add('executions', { symbol: 'BTCUSDT', pnl: 'NaN' });
    await world.pass(2);
    expect(await world.store.permits.find(['hold'])).toEqual([{ permit: null, use: null, block: null }]);
    const reasons = (await world.entries('stream:apply.plan.dlq')).map(({ reason }) => reason);
    expect(reasons).toEqual(['bad_name', 'bad_name', 'missing_field']);
    expect(await world.entries('stream:apply.result.dlq')).toMatchObject([{ reason: 'bad_value' }]);
    expect(await world.entries('stream:execution.result.dlq')).toMatchObject([{ reason: 'bad_number' }]);
    expect(told.lines.filter((line) => line.startsWith('rejected')).length).toBe(5);
    expect(told.permits).toEqual([]);
  });

  it('of a symbol for which there is no room is refused, also where many come at once', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE, { maxSymbols: 3 });
    const symbols = ['A', 'B', 'C', 'D', 'E'];
    await Promise.all(symbols.map(async (symbol) => await world.plan({ plan_id: `p-${symbol}`, symbol })));
    await world.pass(2);
    expect(told.permits.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C']);
    const reasons = (await world.entries('stream:apply.plan.dlq')).map(({ reason }) => reason);
    expect(reasons).toEqual(['too_many_symbols', 'too_many_symbols']);
  });

  it('that says it is a drill never leads to a permit, whatever else it says', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE);
    for (const [i, drill] of ['', 'kill', 'hourly_limit_exceeded', '__proto__', 'pass'].entries()) {
      expect(await world.ask({ plan_id: `d${i}`, drill })).toBe('drill');
      expect(await world.permit(`d${i}`)).toBeNull();
    }
    await world.plan({ plan_id: '!', drill: 'kill' });
    await world.pass(2);
    expect(await world.entries('stream:apply.plan.dlq')).toMatchObject([{ reason: 'bad_name' }]);
    expect([told.permits, told.blocks]).toEqual([[], []]);
  });

  it('counts in the list of times, the day and the limits; a result that it failed takes it out of the limits', async () => {
    const world = await GovernorWorld.open();
    await world.govern({ ...LOOSE, GOV_MAX_EXEC_PER_HOUR: 2, GOV_MAX_NOTIONAL_PER_DAY_USD: 450 });
    expect(await world.ask({ plan_id: 'a', qty: '2' })).toBe('granted');
    expect(await world.ask({ plan_id: 'b', qty: '2' })).toBe('granted');
    expect(await world.ask({ plan_id: 'c' })).toBe('hourly_limit_exceeded');
    await world.add('results', { plan_id: 'a', executed: 'false' });
    expect(await world.ask({ plan_id: 'c', qty: '3' })).toBe('daily_limit_exceeded');
    expect(await world.ask({ plan_id: 'c', qty: '2' })).toBe('granted');
    expect(await world.ask({ plan_id: 'a' })).toBe('permit_failed');
    expect(await world.take('a')).toBe('voided');
  });

  it('that failed leaves no permit behind on which another could be granted as well', async () => {
    const world = await GovernorWorld.open();
    await world.govern({ ...LOOSE, GOV_MAX_EXEC_PER_HOUR: 1 });
    for (let i = 0; i < 5; i++) {
      expect(await world.ask({ plan_id: `p${i}` })).toBe('granted');
      await world.add('results', { plan_id: `p${i}`, executed: 'false' });
    }
    expect(await world.ask({ plan_id: 'last' })).toBe('granted');
    for (let i = 0; i < 5; i++)
      expect([await world.permit(`p${i}`), await world.take(`p${i}`)]).toEqual([null, 'voided']);
    expect(await world.take('last')).toBe('taken');
  });

  it('whose reply cannot be written holds up no other, also where it is only a drill', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE);
    await world.store.setText('quantum:permit:reply:d', 'not a list');
    await world.plan({ plan_id: 'd', drill: 'kill' });
    await world.plan({ plan_id: 'd' });
    expect(await world.ask({ plan_id: 'good' })).toBe('granted');
    expect(told.lines.filter((line) => line.startsWith('failed'))).toEqual([]);
    expect(told.lines.some((line) => line === 'refused quantum:permit:reply:d')).toBe(true);
  });
});

describe('a reservation', () => {
  it('of an opening holds 120 seconds, or until a newer position after it was taken', async () => {
    const world = await GovernorWorld.open();
    await world.govern({ ...LOOSE, GOV_MAX_TOTAL_NOTIONAL_USD: 150 });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.pass(119);
    expect(await world.ask({ plan_id: 'b' })).toBe('total_notional_exceeded');
    await world.pass(2);
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    await world.take('b');
    await world.pass(2);
    await world.position('BTCUSDT', 0);
    expect(await world.ask({ plan_id: 'c' })).toBe('granted');
  });

  it('of an exit ends when its permit runs out, and the plan comes back; not when it was taken without a word', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.position('BTCUSDT', 10);
    expect(await world.ask({ plan_id: 'a', ...EXIT })).toBe('granted');
    expect(await world.ask({ plan_id: 'b', ...EXIT })).toBe('nothing_to_close');
    await world.pass(61);
    expect(await world.ask({ plan_id: 'a', ...EXIT })).toBe('granted');
    await world.getdel('a');
    await world.pass(65);
    expect(await world.ask({ plan_id: 'a', ...EXIT })).toBe('permit_used');
    expect(await world.ask({ plan_id: 'b', ...EXIT })).toBe('nothing_to_close');
    await world.position('BTCUSDT', 4);
    expect(await world.ask({ plan_id: 'b', ...EXIT })).toBe('granted');
    expect((await world.permit('b'))!['computed_qty']).toBe(4);
  });

  it('of an exit ends with its time although nobody looked at the very moment', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.position('BTCUSDT', 10);
    // The permit ends between two looks of the governor, or at one: at each of its second's tenths.
    for (let i = 0; i < 10; i++) {
      expect(await world.ask({ plan_id: `x${i}`, ...EXIT })).toBe('granted');
      await world.pass(60.5 + i / 10);
      expect(await world.outcome(`x${i}`)).not.toBe('used');
      await world.pass(1);
      await world.position('BTCUSDT', 10);
    }
    expect(await world.ask({ plan_id: 'last', ...EXIT })).toBe('granted');
  });
});

describe('what a plan is judged on', () => {
  it('is the account: its own, or fed by another program and at most 900 seconds old', async () => {
    const world = await GovernorWorld.open();
    await world.govern({ ...LOOSE, INITIAL_EQUITY_USD: 1000 });
    expect(await world.ask({ plan_id: 'a' })).toBe('notional_per_trade_exceeded');
    await world.add('cashflows', { amount_usd: '1000' });
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    await world.put('state:portfolio', { equity_usd: 1999 });
    expect(await world.ask({ plan_id: 'c' })).toBe('notional_per_trade_exceeded');
    await world.put('state:portfolio', { equity_usd: 1e6 });
    await world.pass(900);
    expect(await world.ask({ plan_id: 'd' })).toBe('granted');
    await world.pass(2);
    expect(await world.ask({ plan_id: 'e' })).toBe('equity_unknown');
  });

  it('is losses of the last 24 hours', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.add('executions', { symbol: 'ETHUSDT', pnl: '-4999', execution_id: 'e1' });
    await world.add('executions', { symbol: 'ETHUSDT', pnl: '-4999', execution_id: 'e1' });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await world.add('executions', { symbol: 'ETHUSDT', pnl: '-2', execution_id: 'e2' });
    expect(await world.ask({ plan_id: 'b' })).toBe('daily_loss_limit');
  });

  it('is a mark of at most 60 seconds', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.put('state:market:BTCUSDT', { mark_price: 50 });
    expect(await world.ask({ plan_id: 'a' })).toBe('price_out_of_range');
    await world.put('state:market:BTCUSDT', { mark_price: 50, timestamp: world.nowSec + 4000 });
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    await world.put('state:market:BTCUSDT', { mark_price: 50 });
    await world.pass(61);
    expect(await world.ask({ plan_id: 'c' })).toBe('granted');
  });

  const unusable: readonly [
    what: string,
    fields: Readonly<Record<string, string | number>>,
    ageSec: number,
  ][] = [
    ['of a component in shadow', { mode: 'shadow' }, 0],
    ['that says no mode', {}, 0],
    ['too old', { mode: 'enforce' }, 400],
    ['of the future', { mode: 'enforce' }, -4000],
    ['that is no number', { mode: 'enforce', budget_usd: 'Infinity', target_usd: 'NaN' }, 0],
    ['without a time', { mode: 'enforce', timestamp: 'soon' }, 0],
  ];
  it('is budget and target, where they are enforced and fresh', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    await world.put('portfolio:budget:BTCUSDT', { budget_usd: 50, mode: 'enforce' });
    expect(await world.ask({ plan_id: 'a' })).toBe('p28_budget_violation');
    await world.put('portfolio:budget:BTCUSDT', { budget_usd: 5000, mode: 'enforce' });
    await world.put('allocation:target:BTCUSDT', { target_usd: 50, mode: 'enforce' });
    expect(await world.ask({ plan_id: 'b' })).toBe('p29_allocation_cap');
    const events = (await world.events()).filter(({ plan_id }) => plan_id === 'b').map(({ event }) => event);
    expect(events).toEqual(['PLAN_BLOCKED', 'P29_ALLOCATION_CAP_BLOCK']);
  });
  for (const [what, fields, ageSec] of unusable)
    it(`is no budget and no target ${what}`, async () => {
      const world = await GovernorWorld.open();
      await world.govern(LOOSE);
      const timestamp = world.nowSec - ageSec;
      await world.put('portfolio:budget:BTCUSDT', { budget_usd: 50, timestamp, ...fields });
      const target = what.includes('no mode') ? {} : { target_usd: 50, timestamp, ...fields };
      await world.put('allocation:target:BTCUSDT', target);
      await world.put('shadow:allocation:target:BTCUSDT', { target_usd: 50, mode: 'enforce' });
      expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    });

  it('is an efficiency that makes a permit smaller, from the enforced key only', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    const bad = { efficiency_score: 0.2, confidence: 0.9, mode: 'enforce', ts: world.nowSec };
    await world.put('shadow:capital:efficiency:BTCUSDT', bad);
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.permit('a')).toMatchObject({ eff_action: 'NONE', eff_reason: 'missing_eff' });
    await world.put('capital:efficiency:BTCUSDT', { ...bad, mode: 'shadow' });
    expect(await world.ask({ plan_id: 'b' })).toBe('granted');
    expect(await world.permit('b')).toMatchObject({ eff_action: 'NONE', eff_reason: 'missing_eff' });
    await world.put('capital:efficiency:BTCUSDT', bad);
    expect(await world.ask({ plan_id: 'c' })).toBe('granted');
    expect(await world.permit('c')).toMatchObject({
      eff_action: 'DOWNSIZE',
      eff_factor: '0.4444',
      eff_score: '0.2000',
      extra_cooldown_sec: '96',
      computed_qty: 1,
    });
  });

  it('is a symbol by another name, and settings of a symbol or a bot', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern({
      ...LOOSE,
      bySymbol: new Map([['ETHUSDT', { GOV_MAX_NOTIONAL_PER_TRADE_USD: 50 }]]),
      byBot: new Map([['small', { GOV_MAX_NOTIONAL_PER_TRADE_USD: 20 }]]),
    });
    await world.store.writeFields('quantum:config:symbol.alias', [['XBTUSD', 'BTCUSDT']]);
    await world.pass(1.5);
    expect(await world.ask({ plan_id: 'a', symbol: 'XBTUSD' })).toBe('granted');
    expect(told.permits[0]!.symbol).toBe('BTCUSDT');
    expect(await world.ask({ plan_id: 'b', symbol: 'ETHUSDT' })).toBe('notional_per_trade_exceeded');
    expect(await world.ask({ plan_id: 'c', bot: 'small' })).toBe('notional_per_trade_exceeded');
    expect(await world.ask({ plan_id: 'd', bot: 'small', qty: '0.2' })).toBe('granted');
  });

  it('is a position that says it is of the future only once', async () => {
    const world = await GovernorWorld.open();
    await world.govern(LOOSE);
    const timestamp = world.nowSec + 5000;
    await world.put('position:snapshot:BTCUSDT', { position_amt: 10, mark_price: 100, timestamp });
    await world.pass(5);
    expect(await world.ask({ plan_id: 'a', ...EXIT, qty: '3' })).toBe('granted');
    await world.take('a');
    await world.pass(3);
    expect(await world.ask({ plan_id: 'b', ...EXIT })).toBe('nothing_to_close');
    await world.pass(400);
    expect(await world.ask({ plan_id: 'c', ...EXIT, qty: '3' })).toBe('granted');
    expect((await world.permit('c'))!['computed_qty']).toBe(3);
    await world.put('state:portfolio', { equity_usd: 1e6, timestamp: world.nowSec + 5000 });
    await world.pass(1000);
    expect(await world.ask({ plan_id: 'd' })).toBe('equity_unknown');
  });

  it('is every position there is, from the first plan on', async () => {
    const world = await GovernorWorld.open();
    for (let i = 0; i < 1500; i++) await world.position(`S${i}`, 1, 100);
    await world.plan({ plan_id: 'a' });
    const { told } = await world.govern({ ...LOOSE, GOV_MAX_OPEN_POSITIONS: 1400 }, { maxSymbols: 5000 });
    await world.pass(1);
    expect(told.blocks).toMatchObject([{ reason: 'max_positions_reached', value: 1500 }]);
  });
});

describe('GOV_ARMED_GATES=closed', () => {
  const CLOSED = { ...LOOSE, GOV_ARMED_GATES: 'closed' } as const;
  const GONE = [
    ['budget_usd', null],
    ['mode', null],
    ['timestamp', null],
  ] as const;

  for (const hasPlan of [true, false])
    it(`blocks once an enforced budget is lost for 900 s, over a restart, ${hasPlan ? 'seen by a plan' : 'seen by no plan'}`, async () => {
      const world = await GovernorWorld.open();
      const first = await world.govern(CLOSED);
      await world.put('portfolio:budget:BTCUSDT', { budget_usd: 5000, mode: 'enforce' });
      if (hasPlan) expect(await world.ask({ plan_id: 'a' })).toBe('granted');
      else await world.position('BTCUSDT', 0);
      await world.pass(3);
      await world.store.writeFields('quantum:portfolio:budget:BTCUSDT', GONE);
      await world.pass(800);
      expect(await world.ask({ plan_id: 'b' })).toBe('granted');
      await first.stop();
      await world.pass(110);
      await world.govern(CLOSED);
      expect(await world.ask({ plan_id: 'c' })).toBe('p28_budget_violation');
      expect(await world.block('c')).toMatchObject({ setting: 'GOV_ARMED_GATES' });
    });
});

describe('an execution without a permit', () => {
  it('is told with what is wrong with it, once', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern(LOOSE);
    const open = { symbol: 'BTCUSDT', kind: 'open', side: 'BUY', qty: '1' };
    await world.add('executions', { ...open, execution_id: 'before' });
    expect(told.unpermittedOnes).toEqual([]);
    await world.pass(0.5);
    for (const id of ['a', 'b', 'c', 'd']) expect(await world.ask({ plan_id: id })).toBe('granted');
    for (const id of ['a', 'c', 'd']) await world.take(id);
    await world.pass(0.1);
    for (const fields of [
      { execution_id: '1' },
      { execution_id: '2', plan_id: 'never' },
      { execution_id: '3', plan_id: 'b' },
      { execution_id: '4', plan_id: 'a', symbol: 'ETHUSDT' },
      { execution_id: '5', plan_id: 'c', side: 'SELL' },
      { execution_id: '6', plan_id: 'd', qty: '0.6' },
      { execution_id: '7', plan_id: 'd', qty: '0.6' },
      { execution_id: '7', plan_id: 'd', qty: '0.6' },
      { execution_id: '8', plan_id: 'd', kind: '', pnl: '3', side: 'SELL', qty: '0.9' },
    ])
      await world.add('executions', { ...open, ...fields });
    await world.pass(2);
    expect(told.unpermittedOnes.map(({ executionId, reason }) => [executionId, reason])).toEqual([
      ['1', 'no_plan'],
      ['2', 'no_permit'],
      ['3', 'not_taken'],
      ['4', 'other_symbol'],
      ['5', 'other_side'],
      ['7', 'exceeded'],
    ]);
    expect(await world.events('UNPERMITTED_EXECUTION')).toHaveLength(6);
  });

  it('is nothing in a dry run, whose permits nobody can take', async () => {
    const world = await GovernorWorld.open();
    const { told } = await world.govern({ ...LOOSE, APPLY_MODE: 'dry_run' });
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    expect(await world.take('a')).toBe('dry_run');
    await world.add('executions', { symbol: 'BTCUSDT', kind: 'open', qty: '1', plan_id: 'a' });
    await world.pass(2);
    expect(told.unpermittedOnes).toEqual([]);
  });
});
