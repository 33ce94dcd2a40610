import { describe, expect, it } from 'vitest';
import { flipsFor, type InputChange } from '../../core/governor/flip/flips.ts';
import { GATE_CASES, joined, planOf, viewOf } from '../../../test/support/gate-cases.ts';
import { testSettings } from '../../../test/support/engine-run.ts';
import { T0 } from '../../../test/support/engine-events.ts';
import { changeText } from './change-text.ts';
import { exactText } from './numbers.ts';

const change = (rest: Partial<InputChange>): InputChange => ({
  kind: 'plan',
  input: 'notional_usd',
  from: 5000,
  to: 4210.55,
  unit: 'USD',
  ...rest,
});

describe('a change in words', () => {
  it('says what it should have been, and what it was', () => {
    expect(changeText(change({}))).toBe('a notional of at most 4,210.55 USD instead of 5,000.00 USD');
    expect(changeText(change({ to: 5000.5 }))).toBe(
      'a notional of at least 5,000.50 USD instead of 5,000.00 USD',
    );
    expect(changeText(change({ from: null }))).toBe('a notional of 4,210.55 USD instead of nothing');
    expect(changeText(change({ input: 'qty', from: -5, to: 5, unit: '' }))).toBe(
      'a quantity of at most 5 instead of −5',
    );
    const position = { kind: 'state', input: 'position_amt', unit: '' } as const;
    expect(changeText(change({ ...position, from: -3.263, to: 0 }))).toBe(
      'a flat position instead of −3.263',
    );
    expect(changeText(change({ input: 'side', from: null, to: 'SELL', unit: '' }))).toBe(
      'the side SELL instead of nothing',
    );
    expect(changeText(change({ input: 'age_sec', from: 0.0071234, to: 30.001, unit: 's' }))).toBe(
      'an age of at least 30.001 s instead of 0.007 s',
    );
    // What would look the same is told apart.
    expect(changeText(change({ from: 4210.5512 }))).toBe(
      'a notional of at most 4,210.55 USD instead of 4,210.5512 USD',
    );
    const state = { kind: 'state', unit: 'permits' } as const;
    expect(changeText(change({ ...state, input: 'permits_last_hour', from: 3, to: 1 }))).toBe(
      'at most 1 permit within the hour instead of 3',
    );
    expect(
      changeText(change({ ...state, input: 'since_last_opening_sec', from: Infinity, to: 59, unit: 's' })),
    ).toBe('a time since the last opening of at most 59 s instead of never');
    expect(changeText(change({ input: 'price', to: null }))).toBe('without a price');
    expect(changeText(change({ input: 'side', from: 'BUY', to: 'SELL', unit: '' }))).toBe(
      'the side SELL instead of BUY',
    );
    expect(
      changeText(
        change({ kind: 'setting', input: 'GOV_MAX_DAILY_LOSS_PCT', from: 0.05, to: 0.0625, unit: '' }),
      ),
    ).toBe('GOV_MAX_DAILY_LOSS_PCT of at least 0.0625 instead of 0.05');
  });

  it('holds the very number that was judged, whatever the gate', () => {
    let numbers = 0;
    for (const one of GATE_CASES) {
      for (const situation of [joined(one.both, one.above), joined(one.both, one.below)]) {
        const settings = testSettings({ APPLY_MODE: 'production', ...situation.settings });
        const judged = { plan: planOf(situation, T0), view: viewOf(situation, T0), doubt: null };
        for (const flip of flipsFor(judged, settings))
          for (const made of flip.changes) {
            const text = changeText(made);
            expect(text).not.toMatch(/undefined|null|NaN|\[object/);
            if (typeof made.to !== 'number' || made.input === 'made_at') continue;
            numbers++;
            if (made.input === 'position_amt' && made.to === 0) continue;
            expect(text).toContain(exactText(made.to));
          }
      }
    }
    expect(numbers).toBeGreaterThan(200);
  });
});
