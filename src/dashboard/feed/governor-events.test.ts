import { describe, expect, it } from 'vitest';
import { eventSchema, verdictSchema } from '../wire.ts';
import { KEPT_VERDICTS, MAX_EVENT_FIELDS, MAX_OUTSTANDING, MAX_TEXT_LENGTH } from './bounds.ts';
import { GovernorEvents } from './governor-events.ts';
import type { StreamEntry } from '../../store/store.ts';

const T0 = 1_780_304_400;
let count = 0;
const entry = (event: string, fields: Readonly<Record<string, string>> = {}): StreamEntry => ({
  id: `${T0 * 1000}-${count++}`,
  fields: ['event', event, 'timestamp', String(T0), ...Object.entries(fields).flat()],
});
const permit = (planId: string, fields: Readonly<Record<string, string>> = {}): StreamEntry =>
  entry('PERMIT_ISSUED', { plan_id: planId, symbol: 'A', expires_at: String(T0 + 60), ...fields });
const block = (planId: string, fields: Readonly<Record<string, string>> = {}): StreamEntry =>
  entry('PLAN_BLOCKED', { plan_id: planId, symbol: 'A', ...fields });
const folded = (...entries: readonly StreamEntry[]): GovernorEvents => {
  const events = new GovernorEvents();
  events.apply(entries);
  return events;
};
type Filter = Parameters<GovernorEvents['verdicts']>[0];
const ALL: Filter = { symbol: null, outcome: null, limit: 10_000 };

describe('verdicts', () => {
  it('tell what was permitted', () => {
    const gates = [
      { gate: 'kill', enforced: true, outcome: 'pass', reason: null, value: null, limit: 5, note: 'n' },
    ];
    const [verdict] = folded(
      permit('p', {
        ...{ bot: 'b', action: 'OPEN_PROPOSED', side: 'BUY', reduce_only: 'false', computed_qty: '2' },
        ...{ computed_notional: '200.5', downsize_factor: '0.4444', gates: JSON.stringify(gates) },
      }),
    ).takeVerdicts();
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
    expect(verdict).toMatchObject({
      ...{
        outcome: 'permitted',
        plan_id: 'p',
        symbol: 'A',
        bot: 'b',
        side: 'BUY',
        reduce_only: false,
        qty: 2,
      },
      ...{ notional_usd: 200.5, downsize_factor: 0.4444, expires_at: T0 + 60, reason: null, ts: T0 },
      gates: [{ ...gates[0], setting: null }],
    });
  });

  it('tell what was blocked, and what the plan had asked for where that was recorded', () => {
    const plan = {
      plan_id: 'p',
      symbol: 'A',
      ts: T0,
      action: 'OPEN_PROPOSED',
      side: 'SELL',
      qty: 3,
      price: 10,
    };
    const known = { reason: 'burst_limit_exceeded', gate: 'burst', value: '3', limit: '2', setting: 'S' };
    const judged = JSON.stringify({ v: 1, plan, view: { gross_position_usd: 0, open_symbols: 0 } });
    const [bare, full] = folded(block('p', known), block('p', { ...known, judged })).takeVerdicts();
    expect(bare).toMatchObject({ ...known, value: 3, limit: 2, outcome: 'blocked', side: null, qty: null });
    for (const one of [bare, full]) expect(verdictSchema.parse(one)).toEqual(one);
    expect(full).toMatchObject({ ...known, value: 3, limit: 2, side: 'SELL', qty: 3, notional_usd: 30 });
    expect(full).toMatchObject({ action: 'OPEN_PROPOSED', reduce_only: false, expires_at: null });
  });

  it.each(['', 'null', '{', '{"gate":1}', '[null,1,"x",[],{}]', '[{"gate":"g","outcome":"perhaps"}]'])(
    'have no gates where they hold %j',
    (gates) => {
      expect(folded(permit('p', { gates })).takeVerdicts()).toMatchObject([{ plan_id: 'p', gates: [] }]);
    },
  );

  it('without a plan or a symbol are counted and skipped', () => {
    const events = folded(entry('PERMIT_ISSUED'), block(''), block('p', { symbol: '' }), entry(''));
    expect([events.bad, events.takeVerdicts(), events.takeEvents()]).toEqual([4, [], []]);
    expect(events.counts.permits.at(T0)).toBe(0);
  });

  it('are asked for newest first, by symbol and by outcome', () => {
    const events = folded(permit('1'), block('2'), permit('3', { symbol: 'B' }), block('4', { symbol: 'B' }));
    const plans = (filter: Partial<Filter>): string[] =>
      events.verdicts({ ...ALL, ...filter }).map(({ plan_id: planId }) => planId);
    expect(plans({})).toEqual(['4', '3', '2', '1']);
    expect(plans({ outcome: 'blocked' })).toEqual(['4', '2']);
    expect(plans({ outcome: 'permitted', limit: 1 })).toEqual(['3']);
    expect(events.verdicts({ ...ALL, symbol: 'B' }).map(({ plan_id: planId }) => planId)).toEqual(['4', '3']);
    expect(events.verdicts({ ...ALL, symbol: 'C' })).toEqual([]);
  });

  it('in great numbers are counted, and only the newest are told', () => {
    const many = Array.from({ length: 3 * KEPT_VERDICTS }, (_, i) => permit(`p${i}`));
    const events = folded(...many);
    const told = events.takeVerdicts();
    expect(told.map(({ plan_id: planId }) => planId)).toEqual(
      Array.from({ length: 200 }, (_, i) => `p${many.length - 200 + i}`),
    );
    expect(events.takeVerdicts()).toEqual([]);
    expect(events.counts.permits.at(T0)).toBe(many.length);
    expect(events.verdicts(ALL)).toHaveLength(KEPT_VERDICTS);
  });
});

describe('events', () => {
  it('are told with their fields, but for those that would be too many', () => {
    const events = folded(
      entry('REARM', { symbol: 'A', by: 'ann' }),
      entry('PERMIT_TAKEN', { plan_id: 'p' }),
      entry('P29_ALLOCATION_CAP_BLOCK', { plan_id: 'p' }),
      entry('A_LATER_VERSION', { what: 'ever' }),
    );
    const told = events.takeEvents();
    expect(told.map(({ event, symbol }) => [event, symbol])).toEqual([
      ['REARM', 'A'],
      ['A_LATER_VERSION', null],
    ]);
    expect(told[0]!.fields).toEqual({ timestamp: String(T0), symbol: 'A', by: 'ann' });
    expect(events.events({ event: null, limit: 10 }).map(({ event }) => event)).toEqual([
      'A_LATER_VERSION',
      'REARM',
    ]);
    expect(events.events({ event: 'REARM', limit: 10 })).toHaveLength(1);
    expect(events.events({ event: null, limit: 0 })).toEqual([]);
  });

  it('hold hostile names as names, and of what is too much the beginning', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x'.repeat(5000)]));
    const [told] = folded({
      id: `${T0 * 1000}-1`,
      fields: ['event', 'REARM', '__proto__', '<img onerror=1>', ...Object.entries(many).flat()],
    }).takeEvents();
    expect(Object.getPrototypeOf(told!.fields)).toBe(Object.prototype);
    expect(JSON.parse(JSON.stringify(told!.fields))).toHaveProperty('f1');
    expect(Object.entries(told!.fields)[0]).toEqual(['__proto__', '<img onerror=1>']);
    expect(Object.keys(told!.fields)).toHaveLength(MAX_EVENT_FIELDS);
    expect(told!.fields['f0']).toHaveLength(MAX_TEXT_LENGTH);
    expect(eventSchema.safeParse(told).success).toBe(true);
  });

  it('of two streams come in the order of time', () => {
    const events = folded({ id: '20-0', fields: ['event', 'REARM'] });
    events.applyViolations([{ id: '10-0', fields: ['symbol', 'A', 'over_budget', '5'] }]);
    expect(events.takeEvents().map(({ event }) => event)).toEqual(['BUDGET_VIOLATION', 'REARM']);
    expect(events.events({ event: null, limit: 1 }).map(({ id }) => id)).toEqual(['20-0']);
  });
});

describe('the change of the trading state', () => {
  it('is the newest that is one', () => {
    const events = folded(
      entry('KILL_SWITCH', { state: 'HALTED', by: 'ann', reason: 'why', how: 'switch' }),
      entry('KILL_SWITCH', { state: 'HALTED', by: 'bob', reason: 'void', how: 'void' }),
    );
    expect(events.change).toEqual({ state: 'HALTED', since: T0, by: 'ann', why: 'why' });
  });

  it('may be the governor itself, which stops openings', () => {
    const all = entry('AUTO_DISARM', { symbol: 'A', reason: 'burst_limit_exceeded', scope: 'all' });
    expect(folded(all).change).toEqual({
      state: 'REDUCING',
      since: T0,
      by: 'governor',
      why: 'burst_limit_exceeded',
    });
    const halted = entry('KILL_SWITCH', { state: 'HALTED', by: 'ann', reason: 'why', how: 'switch' });
    expect(folded(halted, all).change?.by).toBe('ann');
    expect(folded(entry('AUTO_DISARM', { symbol: 'A', reason: 'r', scope: 'symbol' })).change).toBeNull();
  });
});

describe('permits that may still be taken', () => {
  const left = (...entries: readonly StreamEntry[]): string[] => [
    ...(folded(...entries)
      .outstanding(T0)
      ?.keys() ?? []),
  ];
  const exit = permit('exit', { reduce_only: 'true' });

  it('are those issued and neither taken nor run out nor voided', () => {
    expect(left(permit('1'), permit('2'), entry('PERMIT_TAKEN', { plan_id: '1' }))).toEqual(['2']);
    expect(left(permit('1', { expires_at: String(T0 - 1) }), exit)).toEqual(['exit']);
    expect(left(permit('1'), exit, entry('KILL_SWITCH', { state: 'REDUCING', how: 'switch' }))).toEqual([
      'exit',
    ]);
    expect(left(permit('1'), exit, entry('KILL_SWITCH', { state: 'HALTED', how: 'note' }))).toEqual([]);
    expect(left(permit('1'), exit, entry('KILL_SWITCH', { state: 'ACTIVE', how: 'void' }))).toEqual([]);
    expect(left(permit('1'), exit, entry('AUTO_DISARM', { scope: 'all' }))).toEqual(['exit']);
  });

  it('are not told where they are too many, until those ran out', () => {
    const events = folded(...Array.from({ length: MAX_OUTSTANDING + 1 }, (_, i) => permit(`p${i}`)));
    expect(events.outstanding(T0)).toBeNull();
    expect(events.outstanding(T0 + 61)?.size).toBe(0);
  });
});
