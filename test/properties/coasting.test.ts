/** Ticks that are not computed one by one leave everything as if they had been: the most important property of replay. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSequences, longGap, tickSettings } from '../support/engine-arbitrary.ts';
import { expectSameAsEveryTick } from '../support/engine-coasting.ts';
import { execution, market, plan, portfolio, position, regime, T0 } from '../support/engine-events.ts';
import { testSettings } from '../support/engine-run.ts';

describe('coasting over ticks without news', () => {
  it('gives the decisions and the final state of computing every tick, to the last bit', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(14), (settings, events) => {
        expectSameAsEveryTick(settings, events);
      }),
      { numRuns: 300 },
    );
    expect.hasAssertions();
  });

  it('does so over gaps of days', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(6, longGap), (settings, events) => {
        expectSameAsEveryTick(settings, events);
      }),
      { numRuns: 30 },
    );
    expect.hasAssertions();
  });

  it('does so with unequal intervals, none of which divides another', () => {
    const settings = testSettings({
      P28_INTERVAL_SEC: 13,
      P30_INTERVAL_SEC: 11,
      P29_INTERVAL_SEC: 7,
      P31_LOOP_SEC: 5,
      LOOP_INTERVAL_SEC: 15,
      P29_APPLY_PROPOSED: true,
      PROPOSER_EWMA_ALPHA: 0.3,
      P31_MIN_CONF: 0,
    });
    expectSameAsEveryTick(settings, [
      portfolio(T0, 20_000, { heat: 0.4 }),
      execution(T0 + 1, 'BTC', -80),
      regime(T0 + 2, 'CHOP', { confidence: 0.9 }),
      execution(T0 + 2000, 'ETH', 5),
      position(T0 + 2500, 'SOL', 1),
      plan(T0 + 9000, 'p', { notionalUsd: 10 }),
    ]);
  });

  it('sees an age limit that lies a hair before a tick: a time of 0.24 µs before it', () => {
    const justBefore = T0 - 2 ** -22;
    expectSameAsEveryTick(testSettings(), [
      market(justBefore, 'BTC', { volRegime: 'EXTREME_VOL' }),
      execution(justBefore, 'BTC', 50),
      execution(T0 + 300, 'ETH', 50),
    ]);
  });

  it('sees an age limit that lies on a tick, and one a hair after it', () => {
    for (const ts of [T0, T0 + 2 ** -22])
      expectSameAsEveryTick(testSettings(), [
        market(ts, 'BTC', { volRegime: 'EXTREME_VOL' }),
        execution(ts, 'BTC', 50),
        execution(T0 + 300, 'ETH', 50),
      ]);
  });

  it('sees budgets die between two ticks of the budget where its interval is longer than their life', () => {
    const long = 2000;
    const settings = testSettings({
      P28_INTERVAL_SEC: 1000,
      STALE_DATA_SEC: long,
      P28_MAX_LKG_AGE_SEC: long,
      P30_ATTRIBUTION_TTL_SEC: long,
      TARGET_TTL_SEC: long,
      P31_KEY_TTL_SEC: long,
      P31_STALE_SEC: long,
      P31_STALE_SEC_P29: long,
      P31_STALE_SEC_P30: long,
    });
    expectSameAsEveryTick(settings, [execution(T0, 'BTC', 50), plan(T0 + 9990, 'p', { notionalUsd: 10 })]);
  });

  it('goes on proposing where a target lives hardly longer than it takes to renew it', () => {
    const settings = testSettings({ P29_INTERVAL_SEC: 45, TARGET_TTL_SEC: 50, LOOP_INTERVAL_SEC: 30 });
    const once = { executionId: 'x' };
    // A repeat at the end is no news: the run ends while it coasts.
    expectSameAsEveryTick(settings, [
      execution(T0 + 11.25, 'BTC', null, once),
      execution(T0 + 1301.25, 'BTC', null, once),
    ]);
  });

  it('lets an age limit that is crossed right after an event go through every component too', () => {
    const settings = testSettings({ P28_INTERVAL_SEC: 30, P31_LOOP_SEC: 13 });
    expectSameAsEveryTick(settings, [
      execution(T0 + 11.25, 'BTC', 50),
      regime(T0 + 5335.25, 'TREND'),
      position(T0 + 6335.25, 'BTC', 0),
    ]);
  });

  it('sees a hold penalty that begins to move late, after an execution from the future, where proposals are applied', () => {
    const settings = testSettings({ P29_APPLY_PROPOSED: true, P31_MIN_CONF: 0 });
    expectSameAsEveryTick(settings, [
      execution(T0, 'BTC', 0, { eventTs: T0 + 60 }),
      plan(T0 + 300, 'p', { notionalUsd: 10 }),
    ]);
  });
});
