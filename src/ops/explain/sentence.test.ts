import { describe, expect, it } from 'vitest';
import { plan, T0 } from '../../../test/support/engine-events.ts';
import { testSettings } from '../../../test/support/engine-run.ts';
import { PEACE } from '../../../test/support/engine-view.ts';
import { exactText, roughText } from './numbers.ts';
import { invalidText } from './invalid-plan.ts';
import { blockSentence, permitSentence } from './sentence.ts';
import type { PlanEvent } from '../../core/event.ts';
import type { JudgeView } from '../../core/governor/view.ts';

const NOTHING = { value: null, limit: null, setting: null, note: null };

describe('a plan that cannot be read', () => {
  it.each<[Partial<PlanEvent>, string]>([
    [{ qty: -5 }, 'its quantity −5 is not above 0'],
    [{ qty: 0 }, 'its quantity 0 is not above 0'],
    [{ price: NaN }, 'its price is no number'],
    [{ price: Infinity }, 'its price is infinite'],
    [{ notionalUsd: -1200.5 }, 'its notional −1,200.5 is not above 0'],
    [{ killScore: 1.2 }, 'its kill score 1.2 is not within 0 and 1'],
    [{ confidence: NaN }, 'its confidence is no number'],
    [{ regimeFlip: NaN }, 'its regime-flip score is no number'],
    [{ madeAt: NaN }, 'its time is no time'],
    [{ namesValid: false, symbolValid: false }, 'its symbol does not fit its grammar'],
    [{ namesValid: false, symbolValid: true }, 'its plan id does not fit its grammar'],
    [{ qty: -5, price: -1 }, 'its quantity −5 is not above 0, and its price −1 is not above 0'],
    [{ qty: 1e9, price: 100 }, 'it is worth more than 9,000,000,000.00 USD, which has to be a mistake'],
  ])('says which part, and why: %j', (asked, text) => {
    const invalid = invalidOf({ notionalUsd: null, ...asked }, {});
    expect(invalid).toBe(text);
    const sentence = blockSentence('invalid_plan', NOTHING, { invalid, maxPriceDeviation: null });
    expect(sentence).toBe(`Blocked by the reading of the plan: ${text}.`);
  });

  it('says of an exit only what is looked at in one', () => {
    const exit = { action: 'FULL_CLOSE_PROPOSED', qty: -5, price: -1, namesValid: false, symbolValid: true };
    const held = { amount: 3, markUsd: 100, notionalUsd: null, ts: T0 };
    expect(invalidOf(exit, { position: held })).toBe('its plan id does not fit its grammar');
    expect(invalidOf({ ...exit, namesValid: true }, {})).toBe('its quantity −5 is not above 0');
  });
});

describe('the sentence', () => {
  it('says how far a price may be from the mark price', () => {
    const compared = { value: 106, limit: 100, setting: 'GOV_MAX_PRICE_DEVIATION_PCT', note: null };
    const said = (value: number, maxPriceDeviation: number | null): string =>
      blockSentence('price_out_of_range', { ...compared, value }, { invalid: null, maxPriceDeviation });
    expect(said(106, 0.05)).toBe(
      'Blocked by the reading of the plan: its price 106 is 6.00 % away from the mark price 100, allowed are 5.00 % (GOV_MAX_PRICE_DEVIATION_PCT).',
    );
    expect(said(105.001, 0.05)).toContain('is more than 5.00 % away');
    expect(said(106, null)).toContain('is too far from the mark price 100');
  });

  it('rounds times to milliseconds, and tells apart what is not the same', () => {
    const stale = (value: number, limit: number): string =>
      blockSentence('stale_plan', { value, limit, setting: null, note: null });
    expect(stale(300.00712345, 300)).toContain('was 300.007 s old, limit 300 s');
    expect(stale(0.0071234, 0)).toContain('was 0.007 s old, limit 0 s');
    expect(stale(300.0001, 300)).toContain('was 300.0001 s old, limit 300 s');
  });

  it('says what a cut quantity was cut from', () => {
    const cut = { notionalUsd: 122.81, qty: 1, qtyScale: Math.exp(-0.2), downsizeFactor: 0.5 };
    expect(permitSentence({ ...cut, reduces: false, wouldBlock: [] })).toBe(
      'Permitted: an opening of 122.81 USD passed every gate that is enforced, cut to 81.87 % of 150.00 USD for its kill score, advised at 50.00 % for how well the symbol uses its capital.',
    );
  });

  it('has a minus that is one', () => {
    expect([exactText(-4210.55), exactText(-1e-9), roughText(-0.1234567, '')]).toEqual([
      '−4,210.55',
      '−1e-9',
      '−0.123457',
    ]);
  });
});

function invalidOf(asked: Partial<PlanEvent>, view: Partial<JudgeView>): string | null {
  const judged = { plan: plan(T0, 'p', asked), view: { ...PEACE, ...view }, doubt: null };
  return invalidText(judged, testSettings({}));
}
