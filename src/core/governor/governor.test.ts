/** What the governor remembers and does: counters, disarming, the kill switch, errors, the downsize hint. */
import { describe, expect, it } from 'vitest';
import { answers, close, FREE, held, open, PRODUCTION } from '../../../test/support/engine-answers.ts';
import {
  execution,
  kill,
  plan,
  portfolio,
  rearm,
  result,
  take,
  T0,
} from '../../../test/support/engine-events.ts';
import { runEvents, testSettings, verdicts } from '../../../test/support/engine-run.ts';
import { granted, judgeOne, outcome, PEACE, traceOf } from '../../../test/support/engine-view.ts';
import { Governor } from './governor.ts';
import { judge } from './judge.ts';
import type { InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

describe('the counters', () => {
  const counted = (id: number, at: number, between: InputEvent[] = []) => [
    ...between,
    open(at, `p${id}`, 10),
  ];
  const settings = { ...PRODUCTION, GOV_DISARM_ON_BURST_BREACH: false };

  it('let two permits a symbol pass in five minutes and three an hour', () => {
    const events = [
      ...counted(1, T0),
      ...counted(2, T0 + 60),
      ...counted(3, T0 + 299.9),
      ...counted(4, T0 + 300),
      ...counted(5, T0 + 3599),
      ...counted(6, T0 + 3600),
    ];
    expect(answers(settings, events)).toEqual([
      'granted',
      'granted',
      'burst_limit_exceeded',
      'granted',
      'hourly_limit_exceeded',
      'granted',
    ]);
  });

  it('do not count a plan whose result says it was not executed', () => {
    const failed = (id: number, at: number) => result(at, `p${id}`, false);
    const events = [
      ...counted(1, T0),
      failed(1, T0 + 1),
      ...counted(2, T0 + 100),
      failed(2, T0 + 101),
      ...counted(3, T0 + 200),
    ];
    expect(answers(settings, events)).toEqual(['granted', 'granted', 'granted']);
  });

  it('count voided and expired openings, and no plan that reduces', () => {
    const voided = [kill(T0 + 61, 'HALTED'), kill(T0 + 62, 'ACTIVE')];
    const events = [
      held(T0),
      close(T0, 'c1'),
      close(T0 + 1, 'c2', 'PARTIAL_25'),
      ...counted(1, T0 + 2),
      ...voided,
      ...counted(2, T0 + 63),
      ...counted(3, T0 + 124),
    ];
    expect(answers(settings, events)).toEqual([
      'granted 4',
      'nothing_to_close',
      'granted 1',
      'granted 1',
      'burst_limit_exceeded',
    ]);
  });

  it('sum a day’s notional up to its limit and forget it after 24 h', () => {
    const day = { ...FREE, GOV_GATE_MODES: new Map([['daily', 'enforce'] as const]) };
    const limit = { ...day, GOV_MAX_NOTIONAL_PER_DAY_USD: 1000 };
    const events = [
      open(T0, 'p1', 600),
      open(T0 + 10, 'p2', 400),
      open(T0 + 20, 'p3', 0.01),
      open(T0 + 86_399, 'p4', 0.01),
      open(T0 + 86_400, 'p5', 600),
      open(T0 + 86_401, 'p6', 0.01),
    ];
    expect(answers(limit, events)).toEqual([
      'granted',
      'granted',
      'daily_limit_exceeded',
      'daily_limit_exceeded',
      'granted',
      'daily_limit_exceeded',
    ]);
  });

  it('take the losses of the last 24 h by arrival', () => {
    const loss = (ts: number, usd: number) => execution(ts, 'ETH', -usd, { eventTs: ts - 90_000 });
    expect(answers(PRODUCTION, [loss(T0, 5000), open(T0 + 1, 'p', 10)])).toEqual(['daily_loss_limit']);
    expect(answers(PRODUCTION, [loss(T0, 4999), open(T0 + 1, 'p', 10)])).toEqual(['granted']);
    expect(answers(PRODUCTION, [loss(T0, 5000), open(T0 + 86_400, 'p', 10)])).toEqual(['granted']);
  });
});

describe('disarming', () => {
  const burst = (symbol: string, at: number) =>
    [0, 60, 120].map((sec) => open(at + sec, `${symbol}${at + sec}`, 10, symbol));
  const settings = { ...PRODUCTION };

  it('stops a symbol’s openings after a burst until an operator re-arms it', () => {
    const events = [
      ...burst('BTC', T0),
      open(T0 + 9999, 'p1', 10),
      open(T0 + 9999, 'p2', 10, 'ETH'),
      close(T0 + 9999, 'p3'),
      rearm(T0 + 10_000, 'ETH'),
      open(T0 + 10_001, 'p4', 10),
      rearm(T0 + 10_002, 'BTC'),
      open(T0 + 10_003, 'p5', 10),
    ];
    expect(answers(settings, events)).toEqual([
      'granted',
      'granted',
      'burst_limit_exceeded',
      'disarm symbol',
      'symbol_disarmed',
      'granted',
      'granted',
      'symbol_disarmed',
      'granted',
    ]);
  });

  it('follows the block that caused it, with its plan and reason', () => {
    const found = verdicts(runEvents(testSettings(settings), burst('BTC', T0)));
    expect(found.at(-1)).toEqual({
      type: 'disarm',
      ts: T0 + 120,
      plan_id: `BTC${T0 + 120}`,
      symbol: 'BTC',
      reason: 'burst_limit_exceeded',
      scope: 'symbol',
    });
  });

  it('happens only where the breach blocks, and where it is wanted', () => {
    const none = (changed: Partial<Settings>) =>
      answers({ ...settings, ...changed }, burst('BTC', T0)).includes('disarm symbol');
    expect(none({})).toBe(true);
    expect(none({ GOV_GATE_MODES: new Map([['burst', 'shadow']]) })).toBe(false);
    expect(none({ GOV_ENABLE_AUTO_DISARM: false })).toBe(false);
    expect(none({ GOV_DISARM_ON_BURST_BREACH: false })).toBe(false);
  });

  it('of three symbols stops all openings, and only an operator starts them again', () => {
    const three = [...burst('BTC', T0), ...burst('ETH', T0 + 500), ...burst('SOL', T0 + 1000)];
    const all = answers(settings, three);
    expect(all.slice(-3)).toEqual(['burst_limit_exceeded', 'disarm symbol', 'disarm all']);
    const later = (event: InputEvent) =>
      answers(settings, [...three, event, open(T0 + 5002, 'p', 10, 'ADA')]).at(-1);
    expect(later(rearm(T0 + 5000))).toBe('kill_switch_reducing');
    expect(later(kill(T0 + 5000, 'ACTIVE'))).toBe('granted');
    const closing = answers(settings, [...three, held(T0 + 4999), close(T0 + 5000, 'c')]).at(-1);
    expect(closing).toBe('granted 4');
  });

  it('is undone for all symbols by a rearm without one, and by ACTIVE', () => {
    const two = [...burst('BTC', T0), ...burst('ETH', T0 + 500)];
    const later = (event: InputEvent) =>
      answers(settings, [...two, event, open(T0 + 5000, 'p', 10), open(T0 + 5000, 'q', 10, 'ETH')]).slice(-2);
    expect(later(rearm(T0 + 4000))).toEqual(['granted', 'granted']);
    expect(later(kill(T0 + 4000, 'ACTIVE'))).toEqual(['granted', 'granted']);
  });

  it('stops an opening of a disarmed symbol for that before its names are looked at', () => {
    const bad = plan(T0 + 200, 'bad id', { namesValid: false, notionalUsd: 1 });
    expect(answers(settings, [...burst('BTC', T0), bad]).at(-1)).toBe('symbol_disarmed');
  });
});

describe('the kill switch', () => {
  it('halts every plan, or openings only while reducing', () => {
    const both = (state: 'HALTED' | 'REDUCING') =>
      answers(PRODUCTION, [held(T0), kill(T0, state), open(T0 + 1, 'p'), close(T0 + 1, 'c')]);
    expect(both('HALTED')).toEqual(['kill_switch_active', 'kill_switch_active']);
    expect(both('REDUCING')).toEqual(['kill_switch_reducing', 'granted 4']);
  });

  it('is enforced in every mode and by no gate mode', () => {
    for (const mode of ['dry_run', 'testnet', 'production'] as const)
      expect(answers({ APPLY_MODE: mode }, [kill(T0, 'HALTED'), open(T0 + 1, 'p')])).toEqual([
        'kill_switch_active',
      ]);
  });

  it('comes before everything else that is wrong with a plan', () => {
    const bad = plan(T0 + 1, 'p', { namesValid: false, qty: NaN });
    expect(answers(PRODUCTION, [kill(T0, 'HALTED'), bad])).toEqual(['kill_switch_active']);
  });

  it('voids permits: a take after it changes nothing', () => {
    const events = [
      held(T0),
      close(T0 + 1, 'p'),
      kill(T0 + 2, 'HALTED'),
      take(T0 + 3, 'p'),
      kill(T0 + 4, 'ACTIVE'),
      close(T0 + 5, 'p'),
    ];
    expect(answers(PRODUCTION, events)).toEqual(['granted 4', 'granted 4']);
  });
});

describe('an error while judging', () => {
  const broken = (name: 'budget' | 'position' | 'permitsLastHour') =>
    Object.defineProperty({ ...PEACE }, name, {
      get: () => {
        throw new Error('broken');
      },
    });
  const governor = () => new Governor(testSettings({ ...PRODUCTION, GOV_DISARM_ON_ERROR_COUNT: 2 }));
  const failing = {
    markUsd: null,
    equityUsd: 100_000,
    budget: { usd: 0, ageSec: Infinity, lifeSec: 300 },
    get target(): never {
      throw new Error('broken');
    },
    efficiency: { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 },
  };

  it('passes inside the gates of budget and allocation', () => {
    const verdict = judge(open(T0, 'p'), broken('budget'), testSettings(PRODUCTION));
    expect(outcome(verdict)).toBe('granted');
    expect(traceOf(verdict, 'budget')).toMatchObject({ outcome: 'not_evaluated', reason: null });
    expect(traceOf(verdict, 'budget')?.note).toContain('broken');
  });

  it('blocks with evaluation_error anywhere else', () => {
    expect(judge(open(T0, 'p'), broken('permitsLastHour'), testSettings(PRODUCTION))).toMatchObject({
      granted: false,
      reason: 'evaluation_error',
      gate: 'hourly',
    });
    expect(judge(open(T0, 'p'), broken('position'), testSettings(PRODUCTION))).toMatchObject({
      granted: false,
      reason: 'evaluation_error',
    });
  });

  it('is only recorded in a gate that is not enforced', () => {
    const verdict = judge(open(T0, 'p'), broken('permitsLastHour'), testSettings({ APPLY_MODE: 'testnet' }));
    expect(outcome(verdict)).toBe('granted');
    expect(traceOf(verdict, 'hourly')).toMatchObject({ outcome: 'would_block', reason: 'evaluation_error' });
  });

  it('blocks where the governor cannot even see what it needs: it never throws', () => {
    expect(governor().plan(0, open(T0, 'p'), failing)).toMatchObject([
      { type: 'block', reason: 'evaluation_error' },
    ]);
  });
});

describe('the downsize hint', () => {
  const efficiency = (score: number, confidence = 1, ageSec = 0) => ({
    efficiency: { score, confidence, ageSec, lifeSec: 600 },
  });
  const hint = (view: Parameters<typeof judgeOne>[0], plan = {}) => granted(judgeOne(view, plan)).downsize;

  it('shrinks an opening of a symbol below 0.45', () => {
    expect(hint(efficiency(0.2))).toMatchObject({
      action: 'DOWNSIZE',
      extraCooldownSec: 96,
      reason: 'ok',
      score: 0.2,
    });
    expect(hint(efficiency(0.2)).factor).toBeCloseTo(0.2 / 0.45, 12);
    expect(hint(efficiency(0.01)).factor).toBe(0.25);
    expect(hint(efficiency(0.45))).toMatchObject({ action: 'NONE', factor: 1, reason: 'ok' });
    expect(hint(efficiency(0.4499))).toMatchObject({ action: 'DOWNSIZE' });
  });

  it('does nothing where efficiency is missing, stale or unsure, and says which', () => {
    expect(hint({})).toMatchObject({ action: 'NONE', factor: 1, reason: 'missing_eff', score: null });
    expect(hint(efficiency(0.1, 0.65))).toMatchObject({ action: 'DOWNSIZE' });
    expect(hint(efficiency(0.1, 0.649))).toMatchObject({ action: 'NONE', factor: 1, reason: 'low_conf' });
    expect(hint(efficiency(0.1, 1, 600))).toMatchObject({ action: 'DOWNSIZE' });
    expect(hint(efficiency(0.1, 1, 600.5))).toMatchObject({ reason: 'missing_eff' });
    const longLife = { efficiency: { score: 0.1, confidence: 0, ageSec: 601, lifeSec: 900 } };
    expect(hint(longLife)).toMatchObject({ action: 'NONE', reason: 'stale_eff', stale: 1 });
  });

  it('leaves plans that reduce alone', () => {
    expect(hint(efficiency(0.1), { action: 'FULL_CLOSE_PROPOSED' })).toMatchObject({
      action: 'NONE',
      factor: 1,
      extraCooldownSec: 0,
      reason: 'ok',
    });
  });
});

describe('a permit', () => {
  it('says what was asked, what was computed, and that a plan that reduces only reduces', () => {
    const run = runEvents(testSettings(PRODUCTION), [
      portfolio(T0, 50_000),
      plan(T0 + 1, 'p', { qty: 2, price: 100, side: 'BUY', killScore: 0.7, bot: 'b' }),
      plan(T0 + 2, 'c', { action: 'PARTIAL_50', qty: 3 }),
    ]);
    const [first, second] = verdicts(run);
    expect(first).toMatchObject({
      type: 'permit',
      requested_qty: 2,
      reduce_only: false,
      close_fraction: null,
      created_at: T0 + 1,
      expires_at: T0 + 61,
      bot: 'b',
      apply_mode: 'production',
      side: 'BUY',
    });
    expect(first).toHaveProperty('computed_qty', 2 * (first as { qty_scale: number }).qty_scale);
    expect(second).toMatchObject({ reduce_only: true, close_fraction: 0.5, computed_qty: 3 });
  });

  it('cannot be taken in dry_run', () => {
    const events = [held(T0), close(T0 + 1, 'p'), take(T0 + 2, 'p'), close(T0 + 70, 'p')];
    expect(answers({ APPLY_MODE: 'dry_run' }, events)).toEqual(['granted 4', 'granted 4']);
    expect(answers({ APPLY_MODE: 'testnet' }, events)).toEqual(['granted 4']);
  });

  it('of a target whose record has died is not held against it', () => {
    const short = { ...FREE, TARGET_TTL_SEC: 100 };
    const events = [portfolio(T0, 100_000), execution(T0 + 1, 'BTC', 1), open(T0 + 230, 'p', 4500)];
    const found = verdicts(runEvents(testSettings(short), events))[0];
    const trace =
      found?.type === 'disarm' ? undefined : found?.gates.find(({ gate }) => gate === 'allocation');
    expect(trace).toMatchObject({ outcome: 'not_evaluated' });
  });
});
