/** The coasting property over many more runs, and over gaps of days. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSequences, longGap, tickSettings } from '../support/engine-arbitrary.ts';
import { expectSameAsEveryTick } from '../support/engine-coasting.ts';

describe('coasting over ticks without news, at length', () => {
  it('gives what computing every tick gives, over many sequences', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(20), (settings, events) => {
        expectSameAsEveryTick(settings, events);
      }),
      { numRuns: 10_000 },
    );
    expect.hasAssertions();
  });

  it('gives what computing every tick gives, over days', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(8, longGap), (settings, events) => {
        expectSameAsEveryTick(settings, events);
      }),
      { numRuns: 500 },
    );
    expect.hasAssertions();
  });
});
