/** What would have turned a verdict, put to the judge: whatever was planned, known and set, every stated change does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTINGS, type SettingName } from '../../src/contract/settings.ts';
import { stepAt } from '../../src/core/governor/flip/boundary.ts';
import { flipsFor, MAX_FLIPS, withChanges, type InputChange } from '../../src/core/governor/flip/flips.ts';
import { plainInputs } from '../../src/core/governor/flip/plain.ts';
import { judgeOn, type JudgedOn } from '../../src/core/governor/judged-on.ts';
import { testSettings } from '../support/engine-run.ts';
import { GATE_CASES, joined, planOf, viewOf } from '../support/gate-cases.ts';
import { anyModes, exits, limits, openings, views } from '../support/judged-arbitrary.ts';
import { plan, T0 } from '../support/engine-events.ts';
import { PEACE } from '../support/engine-view.ts';
import type { PlanEvent } from '../../src/core/event.ts';
import type { JudgeView } from '../../src/core/governor/view.ts';
import type { Settings } from '../../src/core/settings.ts';

const stances = fc.constantFrom<Partial<JudgeView>>(
  {},
  {},
  {},
  {},
  { state: 'HALTED' },
  { state: 'REDUCING' },
  { disarmed: true },
  { state: 'REDUCING', disarmed: true },
);
const names = fc.constantFrom({}, {}, {}, { namesValid: false, symbolValid: false });
const doubts = fc.constantFrom(null, null, null, 'entries are gone');
const overrides: fc.Arbitrary<Partial<Settings>> = fc.record(
  {
    GOV_MAX_EXEC_PER_5MIN: fc.constantFrom(0, 1, 2),
    GOV_MAX_NOTIONAL_PER_TRADE_PCT: fc.constantFrom(0, 0.001, 0.05),
    GOV_SYMBOL_COOLDOWN_SECONDS: fc.constantFrom(0, 60, 600),
    GOV_MAX_PRICE_DEVIATION_PCT: fc.constantFrom(0, 0.01),
    GOV_MAX_DAILY_LOSS_PCT: fc.constantFrom(0, 0.01, 1),
    GOV_KILL_SCORE_CRITICAL: fc.constantFrom(0.6, 1),
  },
  { requiredKeys: [] },
);

const judged: fc.Arbitrary<JudgedOn> = fc
  .record({ asked: fc.oneof(openings, exits), named: names, view: views, stance: stances, doubt: doubts })
  .map(({ asked, named, view, stance, doubt }) => ({
    plan: { ...asked, ...named },
    view: { ...view, ...stance },
    doubt,
  }));
const settings = fc
  .tuple(limits, anyModes, overrides)
  .map(([changed, modes, own]) => testSettings({ ...changed, ...modes, ...own }));

function verdictWith(one: JudgedOn, set: Settings, changes: readonly InputChange[]): string {
  const changed = withChanges({ judged: one, settings: set }, changes);
  const verdict = judgeOn(changed.judged, changed.settings);
  return verdict.granted ? 'permitted' : verdict.reason;
}

describe('what would have turned a verdict', () => {
  it('is always something, and every time does', () => {
    const before = new Set<string>();
    const sizes: number[] = [];
    fc.assert(
      fc.property(judged, settings, (one, set) => {
        const was = verdictWith(one, set, []);
        before.add(was);
        const flips = flipsFor(one, set);
        expect(flips.length).toBeGreaterThan(0);
        expect(flips.length).toBeLessThanOrEqual(MAX_FLIPS);
        for (const { changes, reason } of flips) {
          sizes.push(changes.length);
          expect(verdictWith(one, set, changes)).toBe(reason ?? 'permitted');
          expect(reason === null).toBe(was !== 'permitted');
          expect(new Set(changes.map(({ input }) => input)).size).toBe(changes.length);
        }
        if (was === 'permitted') expect(flips.some(({ changes }) => changes[0]!.to === 'HALTED')).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(before.size).toBeGreaterThan(18);
    expect(Math.max(...sizes)).toBeGreaterThan(2);
  });

  it('ends with an ordinary plan, which is permitted whatever the case', () => {
    fc.assert(
      fc.property(judged, settings, (one, set) => {
        const plain = plainInputs({ judged: one, settings: set }).map(([input, to]) => ({ input, to }));
        const { judged: then, settings: so } = withChanges({ judged: one, settings: set }, plain);
        expect(judgeOn(then, so).granted).toBe(true);
      }),
      { numRuns: 5000 },
    );
    // Names that cannot be used, worth too much, and a mark price that makes it so whatever its size.
    const broken = { qty: 40, notionalUsd: 2 ** 53, namesValid: false, symbolValid: false };
    const flips = allOf(broken, { markUsd: Infinity }, { APPLY_MODE: 'testnet' });
    expect(flips.map((changes) => changes.map((change) => change.split(' ')[0]))).toEqual([
      ['names_valid', 'qty', 'stated_notional_usd'],
    ]);
  });

  it('gives a quantity in place of one that cannot be used: the largest that passes, or what else it takes', () => {
    const record = (usd: number) => ({ usd, ageSec: 0, lifeSec: 300 });
    const over = {
      position: { amount: 3, markUsd: 100, notionalUsd: null, ts: T0 },
      budget: record(200),
      target: record(250),
    };
    expect(allOf({ qty: -5, price: 100 }, {})).toEqual([['qty -5 -> 5']]);
    expect(allOf({ qty: -5, price: 100 }, { budget: record(123.456) })).toEqual([['qty -5 -> 1.23456']]);
    expect(allOf({ qty: 0, price: 100 }, {})).toEqual([['qty 0 -> 50']]);
    expect(allOf({ qty: NaN, price: 97 }, {})).toEqual([['qty NaN -> 51.5463']]);
    expect(allOf({ qty: -5, price: 100 }, over)).toEqual([
      ['qty -5 -> 5', 'side BUY -> SELL'],
      ['qty -5 -> 5', 'budget_usd 200 -> 800', 'target_usd 250 -> 800'],
    ]);
    // Of that, the most a trade may be.
    expect(allOf({ qty: -500, price: 100 }, over)).toEqual([
      ['qty -500 -> 50', 'budget_usd 200 -> 5300', 'target_usd 250 -> 5300'],
    ]);
    // One that asks for a notional needs none.
    expect(allOf({ qty: -5, price: 100, notionalUsd: 300 }, {})).toContainEqual(['qty -5 -> null']);
  });

  it('leaves every gate on while another answer is left', () => {
    fc.assert(
      fc.property(fc.constantFrom(null, -5, 0, NaN, 1e12), fc.constantFrom('BUY', 'SELL'), (qty, side) => {
        const held = { amount: 3, markUsd: 100, notionalUsd: null, ts: T0 };
        const view = { position: held, budget: { usd: 1, ageSec: 0, lifeSec: 300 }, permitsLast5Min: 5 };
        const found = allOf({ qty, price: 100, side }, view);
        expect(found.flat().join()).not.toContain('GOV_GATE_MODES');
      }),
      { numRuns: 40 },
    );
  });

  it('gives a number that is reckoned with few digits', () => {
    const flat = { position: { amount: 0, markUsd: 100, notionalUsd: null, ts: T0 }, reservedQty: 0.1 };
    const exit = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL', qty: 0.2, madeAt: null };
    expect(allOf(exit, flat)[0]).toEqual(['position_amt 0 -> 0.3']);
  });

  it('tells ages in whole milliseconds', () => {
    const found = allOf({ notionalUsd: 100, madeAt: T0 - 0.002 }, {}, { GOV_PLAN_MAX_AGE_SEC: 0.0071234 });
    expect(found.flat().filter((change) => change.startsWith('age_sec'))).toEqual([
      expect.stringMatching(/ -> 0\.008$/),
    ]);
  });

  it('begins with the fewest changes, and leaves out what is not needed', () => {
    fc.assert(
      fc.property(judged, settings, (one, set) => {
        const flips = flipsFor(one, set);
        const counts = flips.map(({ changes }) => changes.length);
        expect(counts).toEqual(counts.toSorted((a, b) => a - b));
        for (const { changes, reason } of flips)
          for (const change of changes) {
            const rest = changes.filter((other) => other !== change);
            const without = verdictWith(one, set, rest);
            expect(without === 'permitted').toBe(reason !== null);
          }
      }),
      { numRuns: 500 },
    );
  });

  it('names settings only within what they may be set to', () => {
    fc.assert(
      fc.property(judged, settings, (one, set) => {
        for (const { changes } of flipsFor(one, set))
          for (const { kind, input, to } of changes) {
            if (kind !== 'setting') continue;
            const parsed = SETTINGS[input as SettingName].parse(String(to));
            expect([input, to, parsed === undefined]).toEqual([input, to, false]);
          }
      }),
      { numRuns: 500 },
    );
  });

  it('goes just as far as it takes: one step less does not', () => {
    let looked = 0;
    for (const one of GATE_CASES) {
      const situation = joined(one.both, one.above);
      const set = testSettings({ APPLY_MODE: 'production', ...situation.settings });
      const here: JudgedOn = { plan: planOf(situation, T0), view: viewOf(situation, T0), doubt: null };
      expect([one.name, verdictWith(here, set, [])]).toEqual([one.name, one.reason]);
      const flips = flipsFor(here, set);
      expect([one.name, flips.length > 0]).toEqual([one.name, true]);
      for (const { changes } of flips) {
        const [change, ...others] = changes;
        const less = others.length === 0 ? oneStepLess(change!) : null;
        if (less === null || EXACT.has(change!.input)) continue;
        looked++;
        expect([one.name, less, verdictWith(here, set, [less]) !== 'permitted']).toEqual([
          one.name,
          less,
          true,
        ]);
      }
    }
    expect(looked).toBeGreaterThan(40);
  });

  it('names no change that a smaller one beside the others would do, nor more inputs than are enough', () => {
    const held = { amount: 0, markUsd: 1, notionalUsd: null, ts: T0 };
    const view: Partial<JudgeView> = {
      position: held,
      budget: { usd: 1868, ageSec: 0, lifeSec: 300 },
      target: { usd: 1880, ageSec: 0, lifeSec: 300 },
    };
    // A smaller notional alone answers both gates.
    expect(allOf({ qty: 1000, price: 150 }, view)).toEqual([['notional_usd 150000 -> 1868']]);
    let looked = 0;
    fc.assert(
      fc.property(judged, settings, (one, set) => {
        if (verdictWith(one, set, []) === 'permitted') return;
        const flips = flipsFor(one, set);
        const inputs = flips.map(({ changes }) => changes.map(({ input }) => input));
        for (const own of inputs)
          expect(inputs.some((few) => few.length < own.length && few.every((it) => own.includes(it)))).toBe(
            false,
          );
        for (const { changes } of flips.filter((flip) => flip.changes.length > 1))
          for (const change of changes.filter(({ kind }) => kind === 'state')) {
            const { from, to } = change;
            if (typeof from !== 'number' || !Number.isFinite(from) || typeof to !== 'number') continue;
            const less = oneStepLess(change)!;
            if (EXACT.has(change.input) || Object.is(less.to, to)) continue;
            looked++;
            const nearer = changes.map((other) => (other === change ? less : other));
            expect(verdictWith(one, set, nearer)).not.toBe('permitted');
          }
      }),
      { numRuns: 1000 },
    );
    expect(looked).toBeGreaterThan(20);
  });

  it('gives a price that is not known where it is permitted, not where it is another block', () => {
    expect(allOf({ qty: 5, price: null }, {})[0]).toEqual(['price null -> 1000']);
  });

  it('is what a person would look for first', () => {
    expect(firstOf({ notionalUsd: 5000.01 }, {})).toEqual(['notional_usd 5000.01 -> 5000']);
    expect(firstOf({ notionalUsd: 100 }, { state: 'HALTED', disarmed: true, permitsLast5Min: 2 })).toEqual([
      'trading_state HALTED -> ACTIVE',
      'symbol_disarmed true -> false',
      'permits_last_5min 2 -> 1',
    ]);
    // One smaller notional answers four gates.
    expect(
      firstOf(
        { notionalUsd: 9000 },
        { budget: { usd: 700.005, ageSec: 0, lifeSec: 300 }, permittedDayMicro: 49.5e9 },
      ),
    ).toEqual(['notional_usd 9000 -> 500']);
    expect(firstOf({ notionalUsd: 100 }, {})).toEqual(['age_sec 30 -> 30.001']);
    expect(firstOf({ qty: 1, price: 106 }, { markUsd: 100 })).toEqual(['price 106 -> 105']);
    expect(firstOf({ notionalUsd: 100, killScore: 0.9 }, {})).toEqual(['kill_score 0.9 -> 0.799999']);
  });
});

/** What is given as it is, for the least that helps is nothing anyone would mean. */
const EXACT: ReadonlySet<string> = new Set(['position_amt', 'qty', 'price']);

/** The same change one step of its rounding nearer to what it was; null: it has no size. */
function oneStepLess({ from, to, ...rest }: InputChange): InputChange | null {
  if (typeof from !== 'number' || typeof to !== 'number' || !Number.isFinite(from)) return null;
  const step = stepAt(to, rest.unit);
  const less = from > to ? Math.min(from, to + step) : Math.max(from, to - step);
  return { ...rest, from, to: less };
}

/** The first flip of an opening of 1000 USD in production, made 30 s ago, in few words. */
function firstOf(asked: Partial<PlanEvent>, view: Partial<JudgeView>): readonly string[] {
  return allOf(asked, view)[0]!;
}

function allOf(
  asked: Partial<PlanEvent>,
  view: Partial<JudgeView>,
  set: Partial<Settings> = {},
): readonly (readonly string[])[] {
  const one: JudgedOn = {
    plan: plan(T0, 'p', { madeAt: T0 - 30, side: 'BUY', ...asked }),
    view: { ...PEACE, ...view },
    doubt: null,
  };
  return flipsFor(one, testSettings({ APPLY_MODE: 'production', ...set })).map(({ changes }) =>
    changes.map(({ input, from, to }) => `${input} ${from} -> ${to}`),
  );
}
