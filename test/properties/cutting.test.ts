/** A run cut anywhere into save, JSON and load goes on as if it had not been cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSequences, governorSettings, tickSettings } from '../support/engine-arbitrary.ts';
import { expectSameWhenCut } from '../support/engine-cutting.ts';
import { plan, portfolio, position, result, T0 } from '../support/engine-events.ts';
import { testSettings } from '../support/engine-run.ts';
import { Pipeline } from '../../src/core/pipeline/pipeline.ts';
import { loadPipeline, savePipeline } from '../../src/core/snapshot.ts';

describe('a cut run', () => {
  it('gives the decisions and the final state of the whole one, wherever it is cut', () => {
    fc.assert(
      fc.property(
        tickSettings,
        governorSettings,
        eventSequences(40),
        fc.nat(),
        (ticks, governor, events, at) => {
          expectSameWhenCut({ ...ticks, ...governor }, events, at % (events.length + 1));
        },
      ),
      { numRuns: 150 },
    );
    expect.hasAssertions();
  });

  it('does so with profits and equities up to 1e300', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(30, undefined, true), fc.nat(), (settings, events, at) => {
        expectSameWhenCut(settings, events, at % (events.length + 1));
      }),
      { numRuns: 150 },
    );
    expect.hasAssertions();
  });

  it('keeps counting a reducing permit that another of the same plan took the place of', () => {
    const settings = testSettings({
      APPLY_MODE: 'production',
      GOV_EXITS_EXEMPT: false,
      GOV_MAX_EXEC_PER_5MIN: 2,
      GOV_DISARM_ON_BURST_BREACH: false,
    });
    const close = { action: 'PARTIAL_25' };
    const events = [
      portfolio(T0, 100_000),
      position(T0, 'BTC', 1, { markPrice: 100 }),
      plan(T0 + 1, 'p1', close),
      plan(T0 + 100, 'p1', close),
      plan(T0 + 101, 'p2', close),
    ];
    for (let cut = 0; cut <= events.length; cut++) expectSameWhenCut(settings, events, cut);
  });

  it('keeps a failed result in mind', () => {
    const events = [
      portfolio(T0, 100_000),
      plan(T0 + 1, 'p1', { notionalUsd: 100 }),
      result(T0 + 2, 'p1', false),
      plan(T0 + 3, 'p2', { notionalUsd: 100 }),
    ];
    for (let cut = 0; cut <= events.length; cut++) expectSameWhenCut(testSettings(), events, cut);
  });

  it('refuses a state of another version or window length', () => {
    const snapshot = savePipeline(new Pipeline(testSettings(), 'final', () => undefined));
    const other = (settings = testSettings()): Pipeline => new Pipeline(settings, 'final', () => undefined);
    expect(() => loadPipeline(other(), { ...snapshot, version: 99 })).toThrow(RangeError);
    expect(() => loadPipeline(other(testSettings({ P30_LOOKBACK_WINDOW: 7 })), snapshot)).toThrow(RangeError);
  });
});
