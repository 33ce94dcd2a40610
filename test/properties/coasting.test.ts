/** Ticks that are not computed one by one leave everything as if they had been: the most important property of replay. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSequences, tickSettings } from '../support/engine-arbitrary.ts';
import { expectSameAsEveryTick } from '../support/engine-coasting.ts';

describe('coasting over ticks without news', () => {
  it('gives the decisions and the final state of computing every tick, to the last bit', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(14), (settings, events) => {
        expectSameAsEveryTick(settings, events);
      }),
      { numRuns: 250 },
    );
    expect.hasAssertions();
  });
});
