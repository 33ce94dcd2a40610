/** P3.0: the window, its sums, the alpha score and its smoothing. */
import { describe, expect, it } from 'vitest';
import { cluster, execution, portfolio, T0 } from '../../../test/support/engine-events.ts';
import { newest, runEvents, testSettings } from '../../../test/support/engine-run.ts';
import { alphaScore } from './attribution.ts';
import type { AttributionDecision } from '../decision.ts';
import type { ExecutionEvent, InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

function attribute(events: readonly InputEvent[], settings: Partial<Settings> = {}): AttributionDecision {
  return newest(runEvents(testSettings(settings), events), 'attribution', 'BTC');
}

const profits = (...usd: number[]): ExecutionEvent[] =>
  usd.map((pnlUsd, i) => execution(T0 + i * 0.01, 'BTC', pnlUsd));
const alpha = (x: number): number => 2 / (1 + Math.exp(-x)) - 1;

describe('the alpha score', () => {
  it('is a squashed mean profit in units of 100 USD', () => {
    expect(attribute(profits(100, 20)).alpha_score).toBeCloseTo(alpha(0.6), 14);
    expect(attribute(profits(-100)).alpha_score).toBeCloseTo(-alpha(1), 14);
    expect(attribute(profits(0)).alpha_score).toBe(0);
  });

  it('reaches its ends without overflow', () => {
    for (const scale of [1e-300, 1, 100, 9e9]) {
      expect(alphaScore(1e308, scale)).toBe(1);
      expect(alphaScore(-1e308, scale)).toBe(-1);
      expect(alphaScore(Number.MAX_VALUE, scale)).toBe(1);
      expect(alphaScore(-Number.MAX_VALUE, scale)).toBe(-1);
    }
    expect(attribute(profits(1e308, 1e308, 1e308)).alpha_score).toBe(1);
    expect(attribute(profits(-1e308, -1e308, -1e308)).alpha_score).toBe(-1);
  });

  it('scales with equity right after the execution, at least 1 USD of it', () => {
    const settings = { P30_PNL_SCALE: { kind: 'equity', value: 0.001 } } as const;
    const fed = [portfolio(T0, 50_000), ...profits(25)];
    expect(attribute(fed, settings).alpha_score).toBeCloseTo(alpha(0.5), 12);
    const own = { ...settings, INITIAL_EQUITY_USD: 900 };
    expect(attribute(profits(100), own).alpha_score).toBeCloseTo(alpha(100), 12);
    const ruined = [portfolio(T0, -50), ...profits(0.002)];
    expect(attribute(ruined, settings).alpha_score).toBeCloseTo(alpha(2), 12);
  });
});

describe('the performance factor', () => {
  it('begins with the first score and steps once an execution, not once a tick', () => {
    expect(attribute(profits(100)).performance_factor).toBe(attribute(profits(100)).alpha_score);
    const [first, second] = [alpha(1), alpha(0)];
    const expected = 0.3 * second + 0.7 * first;
    expect(attribute(profits(100, -100)).performance_factor).toBeCloseTo(expected, 14);
    const later = attribute([...profits(100, -100), execution(T0 + 500, 'ETH', 1)]);
    expect(later.performance_factor).toBeCloseTo(expected, 14);
    const { pipeline } = runEvents(testSettings(), [...profits(100, -100), execution(T0 + 500, 'BTC', null)]);
    expect(new Map(pipeline.final()).get('BTC')?.attribution).toMatchObject({
      tick: T0 + 500,
      performance_factor: later.performance_factor,
    });
  });
});

describe('the window', () => {
  it('holds the newest 20 and forgets the oldest', () => {
    const twentyOne = attribute(profits(1000, ...Array.from({ length: 20 }, () => 1)));
    expect(twentyOne).toMatchObject({ window: 20, confidence: 1 });
    expect(twentyOne.regime_contrib).toEqual(new Map([['UNKNOWN', 20]]));
    expect(attribute(profits(...Array.from({ length: 19 }, () => 1)))).toMatchObject({
      window: 19,
      confidence: 19 / 20,
    });
  });

  it('is summed afresh, oldest first, wherever the ring stands', () => {
    const usd = Array.from({ length: 47 }, (_, i) => Math.sin(i) * 10 ** (i % 7));
    for (let count = 1; count <= usd.length; count++) {
      const expected = usd.slice(Math.max(0, count - 20), count).reduce((sum, one) => sum + one, 0);
      const { signal_contrib, time_contrib } = attribute(profits(...usd.slice(0, count)));
      expect([...signal_contrib.values(), ...time_contrib.values()]).toEqual([expected, expected]);
    }
  });

  it('takes another length', () => {
    expect(attribute(profits(1, 2, 4), { P30_LOOKBACK_WINDOW: 2 })).toMatchObject({
      window: 2,
      confidence: 1,
      regime_contrib: new Map([['UNKNOWN', 6]]),
    });
  });

  it('lists no name without an execution in it', () => {
    const events = [
      execution(T0, 'BTC', 1, { regime: 'OLD' }),
      ...Array.from({ length: 20 }, (_, i) => execution(T0 + 1 + i / 100, 'BTC', 1, { regime: 'NEW' })),
    ];
    expect(attribute(events).regime_contrib).toEqual(new Map([['NEW', 20]]));
  });
});

describe('the contributions', () => {
  it('go by regime, cluster and signal, names of any kind', () => {
    const decision = attribute([
      execution(T0, 'BTC', 3, { regime: 'TREND', signal: '__proto__', cluster: 'L1' }),
      execution(T0, 'BTC', 5, { regime: 'CHOP', signal: 'toString' }),
      execution(T0, 'BTC', -1, { regime: 'TREND', signal: '__proto__' }),
    ]);
    expect(decision.regime_contrib).toEqual(
      new Map([
        ['TREND', 2],
        ['CHOP', 5],
      ]),
    );
    expect(decision.signal_contrib).toEqual(
      new Map([
        ['__proto__', 2],
        ['toString', 5],
      ]),
    );
    expect(decision.cluster_contrib).toEqual(
      new Map([
        ['L1', 3],
        ['UNKNOWN', 4],
      ]),
    );
  });

  it('take the configured cluster where the execution names none, as it was then', () => {
    const decision = attribute([
      execution(T0, 'BTC', 1),
      cluster(T0, 'BTC', 'L1'),
      execution(T0, 'BTC', 2),
      execution(T0, 'BTC', 4, { cluster: 'OWN' }),
    ]);
    expect(decision.cluster_contrib).toEqual(
      new Map([
        ['UNKNOWN', 1],
        ['L1', 2],
        ['OWN', 4],
      ]),
    );
  });

  it.each([
    ['00:00:00', '00-06'],
    ['05:59:59.999', '00-06'],
    ['06:00:00', '06-12'],
    ['12:00:00', '12-18'],
    ['17:59:59', '12-18'],
    ['18:00:00', '18-24'],
    ['23:59:59.999', '18-24'],
  ])('put an event at %s UTC into %s', (time, bucket) => {
    const eventTs = Date.parse(`2023-11-13T${time}Z`) / 1000;
    expect(attribute([execution(T0, 'BTC', 1, { eventTs })]).time_contrib).toEqual(new Map([[bucket, 1]]));
  });
});

describe('an opening fill', () => {
  it('only moves last_exec_ts', () => {
    const events = [...profits(50), execution(T0 + 2, 'BTC', null, { regime: 'TREND' })];
    expect(attribute(events)).toMatchObject({ window: 1, last_exec_ts: T0 + 2 });
    expect(attribute(events).regime_contrib).toEqual(new Map([['UNKNOWN', 50]]));
  });

  it('alone makes no attribution', () => {
    const { pipeline } = runEvents(testSettings(), [execution(T0, 'BTC', null)]);
    expect(new Map(pipeline.final()).get('BTC')?.attribution).toBeNull();
  });
});

describe('event times', () => {
  it('may go back: last_exec_ts is the newest', () => {
    const events = [execution(T0, 'BTC', 1), execution(T0 + 1, 'BTC', 1, { eventTs: T0 - 5000 })];
    expect(attribute(events).last_exec_ts).toBe(T0);
  });
});
