import { describe, expect, it } from 'vitest';
import {
  blockGroups,
  comparedText,
  compactText,
  filterVerdicts,
  gateViews,
  heldList,
  NO_FILTER,
  reasonsOf,
  reasonText,
  sideText,
} from './verdicts.ts';
import { BLOCK_REASONS } from '../../core/governor/reasons.ts';
import type { GateRow, Verdict } from '../wire.ts';

function verdict(id: string, different: Partial<Verdict> = {}): Verdict {
  return {
    id,
    ts: 1_780_000_000,
    outcome: 'permitted',
    plan_id: `plan-${id}`,
    symbol: 'BTCUSDT',
    bot: null,
    action: null,
    side: 'BUY',
    reduce_only: false,
    qty: 1,
    notional_usd: 100,
    downsize_factor: null,
    expires_at: null,
    reason: null,
    gate: null,
    value: null,
    limit: null,
    setting: null,
    gates: [],
    ...different,
  };
}

const blocked = (id: string, reason: string, symbol = 'ETHUSDT'): Verdict =>
  verdict(id, { outcome: 'blocked', reason, symbol });

describe('the list of verdicts', () => {
  const all = [verdict('1'), blocked('2', 'symbol_cooldown'), blocked('3', 'stale_plan'), verdict('4')];
  const ids = (filter: Partial<typeof NO_FILTER>): string[] =>
    filterVerdicts(all, { ...NO_FILTER, ...filter }).map(({ id }) => id);

  it('is newest first', () => {
    expect(ids({})).toEqual(['4', '3', '2', '1']);
  });

  it('is filtered by outcome, reason and part of a symbol in any case', () => {
    expect(ids({ outcome: 'permitted' })).toEqual(['4', '1']);
    expect(ids({ reason: 'stale_plan' })).toEqual(['3']);
    expect(ids({ symbol: ' eth ' })).toEqual(['3', '2']);
    expect(ids({ symbol: 'eth', outcome: 'permitted' })).toEqual([]);
  });

  it('offers the reasons that occur, the most frequent first', () => {
    expect(reasonsOf([...all, blocked('5', 'stale_plan')])).toEqual([
      { reason: 'stale_plan', count: 2 },
      { reason: 'symbol_cooldown', count: 1 },
    ]);
  });
});

describe('a list that is held', () => {
  const list = (...ids: string[]): { id: string }[] => ids.map((id) => ({ id }));

  it('shows what was there and counts what came since', () => {
    const held = list('2', '1');
    expect(heldList(list('4', '3', '2', '1'), held)).toEqual({ shown: held, waiting: 2 });
    expect(heldList(list('2', '1'), held)).toEqual({ shown: held, waiting: 0 });
  });

  it('keeps what is not there any more', () => {
    const held = list('2', '1');
    expect(heldList(list('9', '8'), held)).toEqual({ shown: held, waiting: 2 });
    expect(heldList(list('9', '2'), held)).toEqual({ shown: held, waiting: 1 });
  });

  it('counts all as new where nothing was there', () => {
    expect(heldList(list('1'), [])).toEqual({ shown: [], waiting: 1 });
  });

  it('shows everything where it is not held', () => {
    const now = list('2', '1');
    expect(heldList(now, null)).toEqual({ shown: now, waiting: 0 });
  });
});

describe('words', () => {
  it.each(BLOCK_REASONS)('exist for the reason %s', (reason) => {
    expect(reasonText(reason)).not.toBe(reason.replaceAll('_', ' '));
  });

  it('of a reason that is not known here are its own', () => {
    expect(reasonText('a_new_reason')).toBe('a new reason');
    expect(reasonText('constructor')).toBe('constructor');
  });

  it('say the side and whether it opens or closes', () => {
    expect(sideText({ side: 'BUY', reduce_only: false })).toBe('BUY to open');
    expect(sideText({ side: null, reduce_only: true })).toBe('to close');
  });

  it('say what was compared', () => {
    expect(comparedText({ value: 12_959.26, limit: 10_000 })).toBe('12,959.26, limit 10,000');
    expect(comparedText({ value: 3, limit: null })).toBe('3');
    expect(comparedText({ value: null, limit: 3 })).toBe('');
  });

  it.each([
    [5000, '5,000'],
    [349.5, '349.5'],
    [12.3456, '12.346'],
    [0.4444444, '0.4444'],
    [0.5, '0.5'],
    [-1.25, '−1.25'],
    [0.000001, '<0.0001'],
    [-0.000001, '>−0.0001'],
    [0, '0'],
  ])('write %d as %s', (value, text) => {
    expect(compactText(value)).toBe(text);
  });
});

describe('the trace of gates', () => {
  const gate: GateRow = {
    gate: 'kill_score',
    enforced: true,
    outcome: 'pass',
    reason: null,
    value: 0.25,
    limit: 0.8,
    setting: 'GOV_KILL_SCORE_CRITICAL',
    note: null,
  };

  it('says each outcome with a tone and a word', () => {
    const outcomes = (['pass', 'block', 'would_block', 'not_evaluated'] as const).map((outcome) => ({
      ...gate,
      outcome,
    }));
    expect(gateViews(outcomes).map(({ tone, word }) => `${tone} ${word}`)).toEqual([
      'ok pass',
      'bad block',
      'warn would block',
      'neutral not evaluated',
    ]);
  });

  it('says what was compared, by which setting, and why', () => {
    expect(gateViews([gate])).toEqual([
      {
        gate: 'Kill score',
        tone: 'ok',
        word: 'pass',
        why: null,
        value: '0.25',
        limit: '0.8',
        setting: 'GOV_KILL_SCORE_CRITICAL',
      },
    ]);
    const shadow = { ...gate, enforced: false, outcome: 'would_block', reason: 'daily_loss_limit' } as const;
    expect(gateViews([shadow])[0]?.why).toBe(
      'the loss of 24 hours is at its limit; in shadow: it only tells',
    );
    const missing = {
      ...gate,
      outcome: 'not_evaluated',
      note: 'no target',
      value: null,
      limit: null,
    } as const;
    expect(gateViews([missing])[0]).toMatchObject({ why: 'no target', value: null, limit: null });
  });
});

describe('blocks that stand together', () => {
  it('are those of one symbol for one reason: the newest is told, and how many there are', () => {
    const blocked = (id: string, symbol: string, reason: string | null): Verdict =>
      verdict(id, { outcome: 'blocked', symbol, reason });
    const groups = blockGroups([
      blocked('1', 'BTCUSDT', 'symbol_disarmed'),
      blocked('2', 'ETHUSDT', 'symbol_disarmed'),
      blocked('3', 'BTCUSDT', 'symbol_disarmed'),
      blocked('4', 'BTCUSDT', null),
      verdict('5'),
    ]);
    expect(groups.map(({ newest, count }) => [newest.id, count])).toEqual([
      ['4', 1],
      ['3', 2],
      ['2', 1],
    ]);
  });
});
