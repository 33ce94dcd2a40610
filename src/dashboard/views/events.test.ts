import { describe, expect, it } from 'vitest';
import { eventViews, kindCounts, kindIn, type EventView } from './events.ts';
import type { EventRow } from '../wire.ts';

const row = (event: string, fields: Record<string, string> = {}, symbol: string | null = null): EventRow => ({
  id: '1-1',
  ts: 1_780_000_000,
  event,
  symbol,
  fields,
});
const viewOf = (...args: Parameters<typeof row>): EventView => eventViews([row(...args)])[0]!;

describe('an event', () => {
  it.each([
    ['HALTED', 'Trading halted', 'bad'],
    ['REDUCING', 'Entries stopped', 'warn'],
    ['ACTIVE', 'Trading re-armed', 'ok'],
    ['toString', 'Trading state toString', 'bad'],
  ])('of the trading state %s says so', (state, title, tone) => {
    expect(viewOf('KILL_SWITCH', { state, by: 'ann', reason: 'news', how: 'switch' })).toMatchObject({
      kind: 'trading',
      title,
      tone,
      by: 'ann',
      text: '“news”',
    });
  });

  it('says that a hand set the key, and how many permits were voided', () => {
    const fields = { state: 'HALTED', how: 'note', voided: '2' };
    expect(viewOf('KILL_SWITCH', fields).text).toBe('The key was set by hand. 2 outstanding permits voided.');
    expect(viewOf('KILL_SWITCH', { ...fields, how: 'void', state: 'ACTIVE', voided: '1' })).toMatchObject({
      title: 'Outstanding permits voided',
      tone: 'warn',
      text: '1 outstanding permit voided.',
    });
  });

  it('of a symbol disarmed, and of all by one', () => {
    expect(
      viewOf('AUTO_DISARM', { reason: 'burst_limit_exceeded', scope: 'symbol', plan_id: 'p-1' }, 'BTCUSDT'),
    ).toMatchObject({
      kind: 'disarm',
      tone: 'warn',
      title: 'BTCUSDT disarmed',
      text: 'Too many permits in 5 minutes.',
      planId: 'p-1',
    });
    expect(viewOf('AUTO_DISARM', { scope: 'all' }, 'BTCUSDT')).toMatchObject({
      tone: 'bad',
      title: 'Every symbol disarmed',
      text: 'The last straw was BTCUSDT.',
    });
  });

  it('of re-arming, one or all', () => {
    expect(viewOf('REARM', { reason: 'fixed' }, 'BTCUSDT').title).toBe('BTCUSDT re-armed');
    expect(viewOf('REARM', { reason: 'fixed', symbol: '' }).title).toBe('Everything re-armed');
  });

  it('of an execution without a permit says what is wrong with it', () => {
    const fields = { reason: 'exceeded', value: '2', limit: '1.5', execution_id: 'x-9', bot: 'rogue' };
    expect(viewOf('UNPERMITTED_EXECUTION', fields, 'BTCUSDT')).toMatchObject({
      kind: 'unpermitted',
      tone: 'bad',
      title: 'BTCUSDT traded without a permit',
      text: 'More was filled than permitted. 2 filled, 1.5 permitted. Execution x-9.',
      by: 'rogue',
    });
  });

  it('of a mode and of a violation', () => {
    expect(
      viewOf('MODE_CHANGE', { component: 'allocation', from: 'shadow', to: 'enforce', reason: 'promoted' }),
    ).toMatchObject({ kind: 'mode', title: 'allocation: shadow to enforce', text: 'Promoted.' });
    expect(
      viewOf(
        'BUDGET_VIOLATION',
        { position_notional_usd: '1500', budget_usd: '1000', over_budget: '500' },
        'A',
      ),
    ).toMatchObject({
      kind: 'violation',
      title: 'A is over its budget',
      text: '1,500.00 USD held, 1,000.00 USD budget. 500.00 USD too much.',
    });
  });

  it('that is not known here keeps its name and its fields, in order', () => {
    expect(viewOf('SOME_NEWS', { b: '2', a: '<b>' }, 'X')).toMatchObject({
      kind: 'other',
      tone: 'neutral',
      title: 'some news X',
      fields: [
        ['a', '<b>'],
        ['b', '2'],
      ],
    });
  });
});

describe('events', () => {
  it('are newest first and counted by kind', () => {
    const views = eventViews([
      { ...row('REARM'), id: '1-0' },
      { ...row('UNPERMITTED_EXECUTION'), id: '2-0' },
      { ...row('UNPERMITTED_EXECUTION'), id: '3-0' },
    ]);
    expect(views.map(({ id }) => id)).toEqual(['3-0', '2-0', '1-0']);
    expect(kindCounts(views).get('unpermitted')).toBe(2);
    expect(kindCounts(views).get('mode')).toBe(0);
  });

  it('are chosen by a kind that an address names, or not at all', () => {
    expect(kindIn('unpermitted')).toBe('unpermitted');
    expect(kindIn('constructor')).toBeNull();
    expect(kindIn(null)).toBeNull();
  });
});
