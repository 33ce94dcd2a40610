/** What the gates compare: inputs that are not known, records that are lost, exposure after, and what the kill score scales. */
import { describe, expect, it } from 'vitest';
import { blocked, granted, judgeOne, outcome, traceOf } from '../../../test/support/engine-view.ts';
import type { ApplyMode, Settings } from '../settings.ts';
import type { GateName } from './reasons.ts';
import type { JudgeView } from './view.ts';

const MODES: readonly ApplyMode[] = ['dry_run', 'testnet', 'production'];

describe('unknown inputs', () => {
  const unknown = { notionalUsd: null };

  it('block an unknown notional in production, before an unknown equity', () => {
    expect(outcome(judgeOne({ equityUsd: null }, unknown))).toBe('notional_unknown');
    expect(outcome(judgeOne({ equityUsd: null }))).toBe('equity_unknown');
    expect(blocked(judgeOne({}, unknown))).toMatchObject({ value: null, limit: null, gate: 'caps' });
  });

  it('count an unknown notional as nothing on the testnet', () => {
    const testnet = { APPLY_MODE: 'testnet' } as const;
    expect(granted(judgeOne({}, unknown, testnet)).notionalUsd).toBeNull();
    expect(outcome(judgeOne({ grossPositionUsd: 100_000 }, unknown, testnet))).toBe('granted');
    expect(outcome(judgeOne({ grossPositionUsd: 100_000.01 }, unknown, testnet))).toBe(
      'total_notional_exceeded',
    );
  });

  it('skip comparisons with an unknown equity outside production, but not those with a fixed sum', () => {
    const testnet = { APPLY_MODE: 'testnet' } as const;
    const huge = { notionalUsd: 1e6 };
    expect(outcome(judgeOne({ equityUsd: null }, huge, testnet))).toBe('granted');
    const fixed = { ...testnet, GOV_MAX_NOTIONAL_PER_TRADE_USD: 5000 };
    expect(outcome(judgeOne({ equityUsd: null }, huge, fixed))).toBe('notional_per_trade_exceeded');
  });

  it('take an equity below zero as zero', () => {
    expect(outcome(judgeOne({ equityUsd: -5000 }, { notionalUsd: 0.01 }))).toBe(
      'notional_per_trade_exceeded',
    );
    expect(blocked(judgeOne({ equityUsd: -5000 })).limit).toBe(0);
  });

  it('let the loss gate pass where equity is unknown, and say so', () => {
    const verdict = judgeOne({ equityUsd: null, lossUsd: 1e6 }, {}, { APPLY_MODE: 'testnet' });
    expect(traceOf(verdict, 'loss')).toMatchObject({ outcome: 'not_evaluated', note: 'equity unknown' });
  });

  it('never block for a loss of nothing or a profit, not even on an empty account', () => {
    expect(outcome(judgeOne({ equityUsd: 0, lossUsd: 0 }, { notionalUsd: 1 }, gates('loss')))).toBe(
      'granted',
    );
    expect(outcome(judgeOne({ equityUsd: 100, lossUsd: -50 }, {}, gates('loss')))).toBe('granted');
    expect(outcome(judgeOne({ equityUsd: 0, lossUsd: 0.01 }, {}, gates('loss')))).toBe('daily_loss_limit');
  });

  it.each<[GateName, string, Partial<JudgeView>]>([
    ['budget', 'no enforced record', {}],
    ['allocation', 'no enforced record', {}],
    ['kill_score', 'no kill score', {}],
    ['loss', 'equity unknown', { equityUsd: null, lossUsd: 1e9 }],
    ['caps', 'equity unknown', { equityUsd: null }],
    ['daily', 'equity unknown', { equityUsd: null, permittedDayMicro: 1e15 }],
  ])('are nothing the gate %s compares, and it says: %s', (gate, note, view) => {
    for (const mode of MODES.filter((one) => one !== 'production' || gate !== 'caps')) {
      const verdict = judgeOne(view, {}, { APPLY_MODE: mode, GOV_GATE_MODES: new Map([[gate, 'enforce']]) });
      expect(outcome(verdict)).toBe(
        mode === 'production' && view.equityUsd === null ? 'equity_unknown' : 'granted',
      );
      if (verdict.granted || gate === 'loss')
        expect(traceOf(verdict, gate)).toMatchObject({ outcome: 'not_evaluated', enforced: true, note });
    }
  });

  it('of the gates that count permits are counts of nothing', () => {
    const verdict = granted(judgeOne());
    for (const gate of ['hourly', 'burst'])
      expect(traceOf(verdict, gate)).toMatchObject({ outcome: 'pass', value: 0 });
  });

  it('say why the budget and the target were not compared', () => {
    expect(traceOf(judgeOne(), 'budget')).toMatchObject({
      outcome: 'not_evaluated',
      note: 'no enforced record',
    });
    const late = judgeOne({ target: { usd: 1, ageSec: 301, lifeSec: 300 } });
    expect(traceOf(late, 'allocation')).toMatchObject({ outcome: 'not_evaluated', note: 'record too old' });
  });
});

/** Only the named gates are enforced. */
function gates(...names: string[]): Partial<Settings> {
  return { APPLY_MODE: 'dry_run', GOV_GATE_MODES: new Map(names.map((name) => [name, 'enforce'])) };
}

describe('GOV_ARMED_GATES=closed', () => {
  const closed = { GOV_ARMED_GATES: 'closed' } as const;

  it('blocks an opening once an enforced record has been missing for more than 900 s', () => {
    const lost = (ageSec: number) => judgeOne({ budget: { usd: 1e6, ageSec, lifeSec: 300 } }, {}, closed);
    expect(outcome(lost(900))).toBe('granted');
    expect(blocked(lost(900.5))).toMatchObject({
      reason: 'p28_budget_violation',
      value: null,
      setting: 'GOV_ARMED_GATES',
    });
    const target = judgeOne({ target: { usd: 1e6, ageSec: 901, lifeSec: 300 } }, {}, closed);
    expect(outcome(target)).toBe('p29_allocation_cap');
  });

  it('never blocks for a record that never was, nor a plan that reduces', () => {
    expect(outcome(judgeOne({}, {}, closed))).toBe('granted');
    const closing = { action: 'FULL_CLOSE_PROPOSED' };
    expect(outcome(judgeOne({ budget: { usd: 1, ageSec: 901, lifeSec: 300 } }, closing, closed))).toBe(
      'granted',
    );
  });
});

describe('exposure after', () => {
  const target = (usd: number) => ({ target: { usd, ageSec: 0, lifeSec: 300 } });
  const at = (amount: number, notionalUsd: number | null) => ({
    position: { amount, markUsd: 50, notionalUsd, ts: 1_600_000_000 },
  });

  it.each([
    ['a long grows by a buy', at(10, 2000), 'BUY', 3000],
    ['a long shrinks by a sell', at(10, 2000), 'SELL', 1000],
    ['a small long flips by a sell', at(10, 300), 'SELL', 700],
    ['a short grows by a sell', at(-10, 2000), 'short', 3000],
    ['a short whose notional is given negative is the same', at(-10, -2000), 'SELL', 3000],
    ['a plan without a side adds up', at(-10, 2000), null, 3000],
    ['an unknown side adds up', at(10, 2000), 'UP', 3000],
    ['a notional that is absent is amount times the snapshot’s mark', at(10, null), 'LONG', 1500],
    ['no snapshot counts nothing', {}, 'BUY', 1000],
  ])('%s, however old the snapshot', (_name, view, side, exposure) => {
    expect(outcome(judgeOne({ ...view, ...target(exposure) }, { side }))).toBe('granted');
    const verdict = blocked(judgeOne({ ...view, ...target(exposure - 0.01) }, { side }));
    expect(verdict).toMatchObject({ reason: 'p29_allocation_cap', limit: exposure - 0.01 });
    expect(verdict.value).toBeCloseTo(exposure, 9);
  });

  it('adds what openings of the symbol reserve', () => {
    const reserved = { reservedMicro: 500e6 };
    expect(outcome(judgeOne({ ...reserved, ...target(1500) }, { side: 'BUY' }))).toBe('granted');
    expect(blocked(judgeOne({ ...reserved, ...target(1499) }, { side: 'BUY' })).value).toBe(1500);
  });

  it('stays a finite number for a position beyond all measure', () => {
    const position = { amount: 1e200, markUsd: 1e200, notionalUsd: null, ts: 1_700_000_000 };
    const verdict = judgeOne({ position, grossPositionUsd: Number.MAX_VALUE, ...target(1) });
    for (const { value, limit } of verdict.trace) {
      expect(Number.isFinite(value ?? 0)).toBe(true);
      expect(Number.isFinite(limit ?? 0)).toBe(true);
    }
  });
});

describe('the kill score', () => {
  it('scales quantity and notional from the open threshold up, before every gate', () => {
    const verdict = granted(judgeOne({}, { killScore: 0.7, qty: 2, price: 500 }));
    const scale = Math.exp(-2 * (0.7 - 0.6));
    expect(verdict.qtyScale).toBeCloseTo(scale, 12);
    expect(verdict.qty).toBeCloseTo(2 * scale, 12);
    expect(verdict.notionalUsd).toBeCloseTo(1000 * scale, 9);
    expect(verdict.reading.requestedQty).toBe(2);
    const large = { killScore: 0.7, notionalUsd: 5000 / scale - 0.01 };
    expect(outcome(judgeOne({}, large))).toBe('granted');
  });

  it('does not scale at the threshold itself', () => {
    expect(granted(judgeOne({}, { killScore: 0.6 })).qtyScale).toBe(1);
  });

  it.each([
    ['confidence raises the threshold', { confidence: 1 }, 0.65],
    ['doubt lowers it', { confidence: 0 }, 0.55],
    ['a regime flip lowers it', { regimeFlip: 1 }, 0.45],
    ['never below 0.4', { regimeFlip: 5 }, 0.4],
    ['never above 0.8', { regimeFlip: -5 }, 0.8],
  ])('%s', (_name, changes, threshold) => {
    const at = (killScore: number) => granted(judgeOne({}, { ...changes, killScore })).qtyScale;
    expect(at(threshold - 1e-9)).toBe(1);
    if (threshold < 0.8) expect(at(0.799)).toBeCloseTo(Math.exp(-2 * (0.799 - threshold)), 9);
  });

  it('never scales below GOV_KILL_SCORE_OPEN_MIN_SCALE', () => {
    const steep = { GOV_KILL_SCORE_OPEN_QTY_SCALE_ALPHA: 100 };
    expect(granted(judgeOne({}, { killScore: 0.79 }, steep)).qtyScale).toBe(0.25);
  });

  it('scales nothing where the gate is not enforced, and nothing of a plan that reduces', () => {
    const verdict = granted(judgeOne({}, { killScore: 0.7 }, { APPLY_MODE: 'testnet' }));
    expect(verdict.qtyScale).toBe(1);
    const closing = { killScore: 0.7, action: 'FULL_CLOSE_PROPOSED' };
    expect(granted(judgeOne({}, closing)).qtyScale).toBe(1);
  });

  it('passes as not evaluated where there is none', () => {
    expect(traceOf(judgeOne(), 'kill_score')).toMatchObject({ outcome: 'not_evaluated' });
  });
});
