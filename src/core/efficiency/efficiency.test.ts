/** P3.1: the score, the hold penalty, flags and confidence, pressure. */
import { describe, expect, it } from 'vitest';
import { execution, portfolio, position, T0 } from '../../../test/support/engine-events.ts';
import { newest, runEvents, testSettings } from '../../../test/support/engine-run.ts';
import { Efficiency, flagNames, inputsOk, type EfficiencyInputs } from './efficiency.ts';
import type { EfficiencyDecision } from '../decision.ts';
import type { InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

interface Given {
  factor?: number;
  p30Confidence?: number;
  p30AgeSec?: number;
  target?: number;
  p29Confidence?: number;
  p29AgeSec?: number;
  lifeSec?: number;
}

function inputsAt(now: number, given: Given): EfficiencyInputs {
  const lifeSec = given.lifeSec ?? 300;
  return {
    attributionTs: Float64Array.of(now - (given.p30AgeSec ?? 0)),
    performanceFactor: Float64Array.of(given.factor ?? 0),
    performanceConfidence: Float64Array.of(given.p30Confidence ?? 1),
    factorRange: null,
    attributionLifeSec: lifeSec,
    targetTs: Float64Array.of(now - (given.p29AgeSec ?? 0)),
    baseTargetUsd: Float64Array.of(given.target ?? 1000),
    targetConfidence: Float64Array.of(given.p29Confidence ?? 1),
    targetLifeSec: lifeSec,
  };
}

interface Scored {
  readonly score: number;
  readonly ewma: number;
  readonly hold: number;
  readonly confidence: number;
  readonly flags: number;
  readonly factor: number;
  readonly targetUsd: number;
  readonly volUsd: number;
  readonly ddUsd: number;
  readonly weight: number;
  readonly pressure: string;
}

/** One tick on a fresh symbol whose state a test prepares. */
function score(
  given: Given,
  prepare: (efficiency: Efficiency, settings: Settings) => void = () => undefined,
  changed: Partial<Settings> = {},
): Scored {
  const settings = testSettings(changed);
  const efficiency = new Efficiency();
  efficiency.ensure(1);
  prepare(efficiency, settings);
  efficiency.tick(T0, Int32Array.of(0), inputsAt(T0, given), [settings]);
  const { columns } = efficiency;
  return {
    score: columns.score.get(0),
    ewma: columns.ewma.get(0),
    hold: columns.hold.get(0),
    confidence: columns.confidence.get(0),
    flags: columns.flags.get(0),
    factor: columns.goodFactor.get(0),
    targetUsd: columns.goodTargetUsd.get(0),
    volUsd: columns.volUsd.get(0),
    ddUsd: columns.ddUsd.get(0),
    weight: efficiency.reallocationWeight(0),
    pressure: efficiency.pressure(0, settings),
  };
}

describe('the score', () => {
  it.each([
    [-1, 0],
    [0, 0.5],
    [1, 1],
  ])('of a factor %s alone is %s', (factor, expected) => {
    expect(score({ factor })).toMatchObject({ score: expected });
  });

  it('divides by what the way was like, in shares of the target', () => {
    const rough = score({ factor: 0.5, target: 200 }, (efficiency, settings) => {
      efficiency.applyProfit(0, 100, settings);
      efficiency.applyProfit(0, -50, settings);
    });
    const vol = 0.2 * 50 + 0.8 * 20;
    const dd = 0.2 * 50;
    expect(rough.volUsd).toBeCloseTo(vol, 12);
    expect(rough.ddUsd).toBeCloseTo(dd, 12);
    expect(rough.score).toBeCloseTo(0.75 / (1 + (0.8 * vol) / 200 + (1.2 * dd) / 200), 12);
  });

  it('takes a target of at least 1 USD', () => {
    const nothing = score({ factor: 1, target: 0 }, (efficiency, settings) =>
      efficiency.applyProfit(0, 10, settings),
    );
    expect(nothing.score).toBeCloseTo(1 / (1 + 0.8 * 2), 12);
  });

  it('reads a factor of 0..1 as it is where it is told to', () => {
    const range = { P31_PF_RANGE: '0_1' } as const;
    expect(score({ factor: 0.7 }, undefined, range).score).toBe(0.7);
    expect(score({ factor: -0.7 }, undefined, range).score).toBe(0);
  });

  it('moves its EWMA from 0.5, one step a tick', () => {
    expect(score({ factor: 1 }).ewma).toBe(0.25 * 1 + 0.75 * 0.5);
    const run = runEvents(testSettings(), [position(T0, 'X', 1), execution(T0 + 4, 'BTC', 0)]);
    expect(newest(run, 'efficiency', 'BTC').efficiency_ewma).toBeCloseTo(0.5, 2);
  });

  it('stays finite for losses beyond all measure', () => {
    const lost = score({ factor: 1, target: 0 }, (efficiency, settings) => {
      for (let i = 0; i < 50; i++) efficiency.applyProfit(0, -Number.MAX_VALUE, settings);
    });
    for (const value of Object.values(lost))
      expect(typeof value === 'string' || Number.isFinite(value)).toBe(true);
    expect(lost.score).toBe(0);
    expect(lost.pressure).toBe('DECREASE');
  });
});

describe('the hold penalty', () => {
  const holdAt = (agoSec: number, changed: Partial<Settings> = {}, times: number[] = []) =>
    score(
      {},
      (efficiency) => [...times, T0 - agoSec].forEach((ts) => efficiency.noteExecution(0, ts)),
      changed,
    ).hold;

  it('grows to 1 within an hour without an execution', () => {
    expect(holdAt(0)).toBe(0);
    expect(holdAt(1800)).toBe(0.5);
    expect(holdAt(3600)).toBe(1);
    expect(holdAt(99_999)).toBe(1);
    expect(holdAt(-60)).toBe(0);
  });

  it('is 0 before any execution', () => {
    expect(score({}).hold).toBe(0);
  });

  it('grows at the bot’s own rate where it trades rarely', () => {
    const rate = { P31_HOLD_BASIS: 'trade_rate' } as const;
    const last = T0 - 36_000;
    expect(holdAt(36_000, rate)).toBe(1);
    expect(holdAt(36_000, rate, [last - 40_000])).toBe(36_000 / 120_000);
    const g = 0.2 * 10_000 + 0.8 * 40_000;
    expect(holdAt(36_000, rate, [last - 50_000, last - 10_000])).toBeCloseTo(36_000 / (3 * g), 12);
    expect(holdAt(1800, rate, [T0 - 1900])).toBe(0.5);
  });

  it('counts no gap where an event time goes back or stays', () => {
    const rate = { P31_HOLD_BASIS: 'trade_rate' } as const;
    const last = T0 - 36_000;
    expect(holdAt(36_000, rate, [last - 40_000, last - 90_000, last - 40_000])).toBe(36_000 / 120_000);
  });

  it('counts opening fills in the gaps and the newest time', () => {
    const settings = testSettings({ P31_HOLD_BASIS: 'trade_rate' });
    const events = [
      execution(T0, 'BTC', 1),
      execution(T0 + 20_000, 'BTC', null),
      execution(T0 + 20_001, 'BTC', 1, { eventTs: T0 + 10_000 }),
    ];
    const run = runEvents(settings, [...events, execution(T0 + 50_000, 'BTC', 1, { eventTs: T0 })]);
    expect(newest(run, 'efficiency', 'BTC').hold_time_penalty).toBeCloseTo(30_000 / 60_000, 12);
  });
});

describe('flags and confidence', () => {
  const flagsOf = (given: Given, changed: Partial<Settings> = {}) => {
    const found = score({ p30Confidence: 0.8, p29Confidence: 0.6, ...given }, undefined, changed);
    return [flagNames(found.flags), found.confidence, inputsOk(found.flags)];
  };
  const stale = { P31_STALE_SEC_P30: 100, P31_STALE_SEC_P29: 100 };

  it('are the smaller of both confidences where all is well', () => {
    expect(flagsOf({})).toEqual(['', 0.6, 1]);
    expect(flagsOf({ p30Confidence: 0.1 })).toEqual(['', 0.1, 1]);
  });

  it('halve the confidence once for stale inputs that are still there', () => {
    expect(flagsOf({ p30AgeSec: 100 }, stale)).toEqual(['', 0.6, 1]);
    expect(flagsOf({ p30AgeSec: 101 }, stale)).toEqual(['P30_STALE', 0.3, 1]);
    expect(flagsOf({ p29AgeSec: 101 }, stale)).toEqual(['P29_STALE', 0.3, 1]);
    expect(flagsOf({ p30AgeSec: 101, p29AgeSec: 101 }, stale)).toEqual(['P30_STALE,P29_STALE', 0.3, 1]);
  });

  it('are 0 for an input whose life is over', () => {
    expect(flagsOf({ p30AgeSec: 300 })[0]).toBe('');
    expect(flagsOf({ p30AgeSec: 301 })).toEqual(['P30_MISSING', 0, 0]);
    expect(flagsOf({ p29AgeSec: 301 })).toEqual(['P29_MISSING', 0, 0]);
    expect(flagsOf({ p29AgeSec: 301, p30AgeSec: 301 })).toEqual(['P30_MISSING,P29_MISSING', 0, 0]);
  });

  it('keep the last good values of what is missing, before any a factor of 0 and 100 USD', () => {
    const missing = { p30AgeSec: T0, p29AgeSec: T0 };
    const known = (efficiency: Efficiency): void => efficiency.noteExecution(0, T0);
    expect(score({ ...missing, factor: 1 }, known)).toMatchObject({
      factor: 0,
      targetUsd: 100,
      score: 0.5,
    });
    const settings = testSettings();
    const efficiency = new Efficiency();
    efficiency.ensure(1);
    efficiency.tick(T0, Int32Array.of(0), inputsAt(T0, { factor: 1, target: 777 }), [settings]);
    const gone = inputsAt(T0 + 5, { factor: -1, target: 5, p30AgeSec: 999, p29AgeSec: 999 });
    efficiency.tick(T0 + 5, Int32Array.of(0), gone, [settings]);
    expect(efficiency.columns.goodTargetUsd.get(0)).toBe(777);
    expect(efficiency.columns.score.get(0)).toBe(1);
    expect(efficiency.columns.factorConfidence.get(0)).toBe(0);
  });

  it('come in whole runs from a portfolio that is too old for targets', () => {
    const silent = [portfolio(T0, 1e5), execution(T0, 'BTC', 5)];
    const at = (sec: number) =>
      runEvents(testSettings(), [...silent, execution(T0 + sec, 'BTC', null)]).decisions.findLast(
        (decision): decision is EfficiencyDecision => decision.type === 'efficiency',
      )!;
    expect(at(360)).toMatchObject({ stale_flags: '', inputs_ok: 1 });
    const later: readonly InputEvent[] = [...silent, execution(T0 + 365, 'BTC', null)];
    const final = new Map(runEvents(testSettings(), later).pipeline.final()).get('BTC')?.efficiency;
    expect(final).toMatchObject({ stale_flags: 'P29_MISSING', inputs_ok: 0, confidence: 0 });
  });
});

describe('the pressure', () => {
  const pressureOf = (ewma: number, confidence: number, ddUsd = 0) => {
    const alpha = { P31_SCORE_ALPHA: 1 };
    const found = score(
      { factor: 2 * ewma - 1, p30Confidence: confidence, target: 100 },
      (efficiency) => (efficiency.columns.ddUsd.data[0] = ddUsd),
      { ...alpha, P31_W_DD: 0 },
    );
    return found.pressure;
  };

  it('is INCREASE from 0.65 up with more than half the confidence', () => {
    expect(pressureOf(0.66, 0.51)).toBe('INCREASE');
    expect(pressureOf(0.64, 0.51)).toBe('HOLD');
    expect(pressureOf(0.66, 0.5)).toBe('HOLD');
  });

  it('is DECREASE up to 0.35 or for losses above half the target', () => {
    expect(pressureOf(0.34, 0)).toBe('DECREASE');
    expect(pressureOf(0.36, 0)).toBe('HOLD');
    expect(pressureOf(0.5, 1, 50)).toBe('HOLD');
    expect(pressureOf(0.5, 1, 50.01)).toBe('DECREASE');
  });

  it('is INCREASE before DECREASE', () => {
    expect(pressureOf(0.9, 1, 99)).toBe('INCREASE');
  });

  it('has a weight of twice the distance from 0.5 times the confidence', () => {
    const found = score({ factor: 1, p30Confidence: 0.4 });
    expect(found.weight).toBeCloseTo(2 * (0.625 - 0.5) * 0.4, 12);
  });
});

describe('a symbol without execution or attribution', () => {
  it('has no efficiency', () => {
    const { pipeline } = runEvents(testSettings(), [position(T0, 'BTC', 1)]);
    expect(new Map(pipeline.final()).get('BTC')).toMatchObject({ efficiency: null, attribution: null });
  });
});
