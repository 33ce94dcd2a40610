import { describe, expect, it } from 'vitest';
import { tradingView } from './trading.ts';
import { ACTIVE, componentRow, NOW, overviewOf } from '../../../test/support/dashboard-overview.ts';
import type { Trading } from '../wire.ts';

const GOVERNOR = componentRow({ component: 'governor' });

const viewOf = (different: Partial<Trading>): ReturnType<typeof tradingView> =>
  tradingView(overviewOf({ trading: { ...ACTIVE, ...different }, components: [GOVERNOR] }));

describe('the trading state', () => {
  it('is one word, one sentence, and what may be done about it', () => {
    expect(viewOf({})).toMatchObject({
      headline: 'ACTIVE',
      tone: 'ok',
      can: { stopEntries: true, halt: true, rearmAll: false },
    });
    expect(viewOf({ state: 'REDUCING', latched: 'REDUCING' })).toMatchObject({
      headline: 'ENTRIES STOPPED',
      tone: 'warn',
      can: { stopEntries: false, halt: true, rearmAll: true },
    });
    expect(viewOf({ state: 'HALTED', latched: 'HALTED' })).toMatchObject({
      headline: 'HALTED',
      tone: 'bad',
      can: { stopEntries: false, halt: false, rearmAll: true },
    });
  });

  it('that is active without a governor is no good sign: nothing is judged', () => {
    const view = tradingView(overviewOf({ components: [{ ...GOVERNOR, state: 'stopped' }] }));
    expect(view).toMatchObject({ headline: 'ACTIVE', tone: 'warn' });
    expect(view.meaning).toMatch(/no governor runs/);
    expect(tradingView(overviewOf({ components: [] })).tone).toBe('warn');
    const halted = { ...ACTIVE, state: 'HALTED', latched: 'HALTED' } as const;
    expect(tradingView(overviewOf({ trading: halted, components: [] })).tone).toBe('bad');
  });

  it('that is not known looks grave and may still be stopped', () => {
    expect(tradingView(overviewOf({ trading: null }))).toMatchObject({
      state: 'unknown',
      tone: 'bad',
      outstanding: null,
      note: null,
      can: { stopEntries: true, halt: true, rearmAll: false },
    });
  });

  it('says who, why and since when', () => {
    expect(viewOf({ since: NOW, by: 'ann', why: 'news' })).toMatchObject({
      since: NOW,
      by: 'ann',
      why: 'news',
    });
  });

  it('may be re-armed while a symbol is disarmed', () => {
    const disarmed = [{ symbol: 'BTCUSDT', reason: 'burst_limit_exceeded', since: NOW }];
    expect(viewOf({ disarmed }).can.rearmAll).toBe(true);
  });

  it('says how many permits are outstanding, of each kind', () => {
    expect(viewOf({ outstanding: { openings: 0, exits: 0 } }).outstanding).toBe('none');
    expect(viewOf({ outstanding: { openings: 3, exits: 1 } }).outstanding).toBe('3 to open, 1 to close');
    expect(viewOf({ outstanding: null }).outstanding).toBeNull();
  });

  it('says where the key alone holds it, and where the key cannot be read', () => {
    expect(viewOf({}).note).toBeNull();
    expect(viewOf({ state: 'HALTED', flag: '1' }).note).toBe(
      'It holds because quantum:kill is "1"; latched is ACTIVE.',
    );
    expect(viewOf({ state: 'HALTED', flag_error: 'WRONGTYPE' }).note).toBe(
      'quantum:kill cannot be read (WRONGTYPE), which halts.',
    );
  });
});
