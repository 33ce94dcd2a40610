/** What is told beside a block: moments at which it would pass and just before would not, quantities that pass and a little more would not. */
import { describe, expect, it } from 'vitest';
import { plan, T0 } from '../../../test/support/engine-events.ts';
import { testSettings } from '../../../test/support/engine-run.ts';
import { blocked, outcome, PEACE } from '../../../test/support/engine-view.ts';
import { adviceFor, type BlockAdvice } from './advice.ts';
import { judge } from './judge.ts';
import { PermitBook } from './permit-book.ts';
import { drillCases } from './drill.ts';
import type { PlanEvent } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { PermitRecord } from './permit-book.ts';
import type { JudgeView } from './view.ts';

const BTC = 0;
const ETH = 1;
const HELD = { amount: 2, markUsd: 100, notionalUsd: null, ts: T0 };

/** A book in which these permits were issued, in order; `at` in seconds from `T0`. */
function bookOf(...permits: readonly (Partial<PermitRecord> & { readonly at: number })[]): PermitBook {
  const book = new PermitBook();
  for (const [sequence, { at, ...rest }] of permits.entries())
    book.issue({
      sequence,
      planId: `p${sequence}`,
      symbol: BTC,
      reducing: false,
      issuedAt: T0 + at,
      expiresAt: T0 + at + 60,
      reserveSec: 120,
      qty: null,
      notionalUsd: 1000,
      takeable: true,
      takenAt: null,
      executedAt: null,
      failed: false,
      voided: false,
      counted: rest.reducing !== true,
      reserved: false,
      ...rest,
    });
  return book;
}

interface Situation {
  readonly book?: PermitBook;
  /** Seconds from `T0`. */
  readonly now?: number;
  readonly plan?: Partial<PlanEvent>;
  readonly view?: Partial<JudgeView>;
  readonly settings?: Partial<Settings>;
}

interface Advised {
  readonly advice: BlockAdvice;
  readonly reason: string;
  /** What the judge says to the plan at that many seconds from `T0`, of that quantity. */
  readonly at: (sec: number) => string;
  readonly ofQty: (qty: number) => string;
  /** How often the book was read ahead. */
  readonly looks: () => number;
}

function advise({ book = bookOf(), now = 10, ...changed }: Situation): Advised {
  const settings = testSettings({ APPLY_MODE: 'production', ...changed.settings });
  const asked = plan(T0 + now, 'asked', { notionalUsd: 1000, ...changed.plan });
  book.advance(T0 + now);
  const view = { ...PEACE, ...changed.view, ...book.ahead(BTC, T0 + now) };
  const verdict = blocked(judge(asked, view, settings));
  let looks = 0;
  const viewAt = (sec: number) => ({ ...view, ...book.ahead(BTC, sec) });
  const outlook = {
    view: () => view,
    runsOut: (windowsSec: readonly number[]) => book.runsOut(BTC, T0 + now, windowsSec),
    at: (sec: number) => {
      looks++;
      return book.ahead(BTC, sec);
    },
  };
  return {
    advice: adviceFor(asked, verdict, outlook, settings),
    reason: verdict.reason,
    at: (sec) => outcome(judge(asked, viewAt(T0 + sec), settings)),
    ofQty: (qty) => outcome(judge({ ...asked, qty, notionalUsd: null }, view, settings)),
    looks: () => looks,
  };
}

const open = { plan: { notionalUsd: null, qty: 10, price: 100 } };
const record = (usd: number) => ({ usd, ageSec: 0, lifeSec: 300 });

describe('the moment a plan could pass', () => {
  const noDisarm = { GOV_DISARM_ON_BURST_BREACH: false };
  const free = { ...noDisarm, GOV_SYMBOL_COOLDOWN_SECONDS: 0 };

  it.each<[string, string, number, Situation]>([
    ['the cooldown is over', 'symbol_cooldown', 60, { book: bookOf({ at: 0 }) }],
    [
      'the hour of the oldest permit is over',
      'hourly_limit_exceeded',
      3600,
      { book: bookOf({ at: 0 }, { at: 400 }, { at: 800 }), now: 1200 },
    ],
    [
      'five minutes are over, where a breach does not disarm',
      'burst_limit_exceeded',
      300,
      { book: bookOf({ at: 0 }, { at: 100 }), now: 200, settings: noDisarm },
    ],
    [
      'five minutes are over after the hour is',
      'hourly_limit_exceeded',
      3800,
      { book: bookOf({ at: 0 }, { at: 3500 }, { at: 3550 }), now: 3590, settings: noDisarm },
    ],
    [
      'a day of what was permitted is over',
      'daily_limit_exceeded',
      86_400,
      {
        book: bookOf({ at: 0, notionalUsd: 4000 }, { at: 40_000, notionalUsd: 4000 }),
        now: 50_000,
        settings: { GOV_MAX_NOTIONAL_PER_DAY_USD: 8500 },
      },
    ],
    [
      'a reservation of the symbol has ended, which lasts through its last moment',
      'p28_budget_violation',
      120.001,
      { book: bookOf({ at: 0 }), view: { budget: record(1500) }, settings: free },
    ],
    [
      'enough reservations have ended for the target',
      'p29_allocation_cap',
      125.001,
      {
        book: bookOf({ at: 0 }, { at: 5 }, { at: 9, symbol: ETH }),
        view: { target: record(1500) },
        settings: { ...free, GOV_MAX_EXEC_PER_5MIN: 3 },
      },
    ],
    [
      'a reservation of another symbol has ended',
      'total_notional_exceeded',
      120.001,
      { book: bookOf({ at: 0, symbol: ETH }), settings: { ...free, GOV_MAX_TOTAL_NOTIONAL_USD: 1500 } },
    ],
    [
      'an exit that holds the whole position has expired',
      'nothing_to_close',
      60.001,
      {
        book: bookOf({ at: 0, reducing: true, qty: 2 }),
        view: { position: HELD },
        plan: { action: 'PARTIAL_50', notionalUsd: null },
      },
    ],
    [
      'exits count too, and no breach keeps them from passing',
      'burst_limit_exceeded',
      300,
      {
        book: bookOf({ at: 0 }, { at: 100 }),
        now: 200,
        view: { position: HELD },
        plan: { action: 'PARTIAL_50', notionalUsd: null },
        settings: { GOV_EXITS_EXEMPT: false },
      },
    ],
    [
      'all that blocks is over, at a moment between milliseconds',
      'symbol_cooldown',
      0.667,
      {
        book: bookOf({ at: 0 }),
        now: 0.5,
        settings: { ...noDisarm, GOV_SYMBOL_COOLDOWN_SECONDS: 2 / 3 },
      },
    ],
  ])('comes when %s', (_name, reason, sec, situation) => {
    const { advice, at, ...advised } = advise(situation);
    expect(advised.reason).toBe(reason);
    expect(advice.nextEligibleAt).toBe(T0 + sec);
    expect(at(sec)).toBe('granted');
    expect(at(sec - 0.001)).not.toBe('granted');
  });

  it.each<[string, Situation]>([
    ['a halt', { view: { state: 'HALTED' } }],
    ['a disarmed symbol', { view: { disarmed: true }, book: bookOf({ at: 0 }) }],
    ['a plan that cannot be read', { plan: { qty: -1 }, book: bookOf({ at: 0 }) }],
    [
      'a position that is flat',
      { plan: { action: 'PARTIAL_50' }, view: { position: { ...HELD, amount: 0 } } },
    ],
    ['a loss', { view: { lossUsd: 50_000 }, book: bookOf({ at: 0 }) }],
    ['too many positions', { view: { openSymbols: 10 }, book: bookOf({ at: 0, symbol: ETH }) }],
    ['a trade that is too large', { plan: { notionalUsd: 6000 }, book: bookOf({ at: 0, symbol: ETH }) }],
    [
      'a cooldown in which the trade is too large as well',
      { plan: { notionalUsd: 6000 }, book: bookOf({ at: 0 }) },
    ],
    ['a limit of nothing', { book: bookOf({ at: 0 }), settings: { GOV_MAX_EXEC_PER_HOUR: 0 } }],
  ])('never comes by time alone: %s', (_name, situation) => {
    const { advice, at, looks } = advise(situation);
    expect(advice.nextEligibleAt).toBeNull();
    expect(at(1e6)).not.toBe('granted');
    expect(looks()).toBeLessThanOrEqual(1);
  });

  it('never comes where a burst disarms the symbol', () => {
    const { advice, reason } = advise({ book: bookOf({ at: 0 }, { at: 5 }), now: 100 });
    expect(reason).toBe('burst_limit_exceeded');
    expect(advice.nextEligibleAt).toBeNull();
  });

  it('is found with few looks, however many permits there are', () => {
    const many = Array.from({ length: 450 }, (_, index) => ({ at: index / 100, symbol: index + 1 }));
    const { advice, looks } = advise({ book: bookOf(...many), now: 16 });
    // Of 450,000 USD reserved, 99,000 may be left beside the plan.
    expect(advice.nextEligibleAt).toBe(T0 + 123.501);
    expect(looks()).toBeLessThanOrEqual(12);
  });
});

describe('the largest quantity that would pass', () => {
  it.each<[string, string, number, Situation]>([
    ['what a trade may be', 'notional_per_trade_exceeded', 50, { plan: { ...open.plan, qty: 70 } }],
    ['what the budget leaves', 'p28_budget_violation', 4, { ...open, view: { budget: record(400) } }],
    [
      'what the target leaves beside the position',
      'p29_allocation_cap',
      3,
      { plan: { ...open.plan, side: 'BUY' }, view: { target: record(500), position: HELD } },
    ],
    [
      'what the target leaves after turning the position',
      'p29_allocation_cap',
      7,
      { plan: { ...open.plan, side: 'SELL' }, view: { target: record(500), position: HELD } },
    ],
    [
      'what a day leaves',
      'daily_limit_exceeded',
      2.5,
      { ...open, book: bookOf({ at: -1000, notionalUsd: 49_750 }) },
    ],
    [
      'what the whole account leaves',
      'total_notional_exceeded',
      1,
      { ...open, view: { grossPositionUsd: 99_900 } },
    ],
    [
      'the least of all that several limits leave',
      'p28_budget_violation',
      2,
      {
        ...open,
        view: { budget: record(900), target: record(800), grossPositionUsd: 99_500 },
        settings: { GOV_MAX_NOTIONAL_PER_TRADE_USD: 300, GOV_MAX_NOTIONAL_PER_DAY_USD: 200 },
      },
    ],
    [
      'a notional over the price, where the plan gives only that',
      'notional_per_trade_exceeded',
      50,
      { plan: { notionalUsd: 9000, price: 100 } },
    ],
    [
      'a notional over its price, worth no more at the mark',
      'notional_per_trade_exceeded',
      5000 / 104,
      { plan: { notionalUsd: 9000, price: 100 }, view: { markUsd: 104 } },
    ],
    [
      'a notional over the mark',
      'notional_per_trade_exceeded',
      100,
      { plan: { notionalUsd: 9000 }, view: { markUsd: 50 } },
    ],
    [
      'a notional over the mark of a position that is known',
      'notional_per_trade_exceeded',
      50,
      { plan: { notionalUsd: 9000 }, view: { position: HELD } },
    ],
    [
      'before the kill score makes it smaller',
      'notional_per_trade_exceeded',
      50 / Math.exp(-0.2),
      { plan: { ...open.plan, qty: 90, killScore: 0.7 } },
    ],
  ])('is %s', (_name, reason, qty, situation) => {
    const { advice, ofQty, ...advised } = advise(situation);
    expect(advised.reason).toBe(reason);
    expect(advice.maxQty).toBeCloseTo(qty, 9);
    if (situation.plan?.price === undefined && situation.view?.markUsd === undefined) return;
    expect(ofQty(advice.maxQty!)).toBe('granted');
    expect(ofQty(advice.maxQty! * (1 + 1e-7))).not.toBe('granted');
  });

  it.each<[string, Situation]>([
    ['nothing is left', { ...open, view: { grossPositionUsd: 100_000 } }],
    ['equity is gone', { ...open, view: { equityUsd: -1 } }],
    ['something else blocks a small one too', { plan: { ...open.plan, qty: 70 }, view: { openSymbols: 10 } }],
    ['a later gate blocks a small one too', { ...open, view: { budget: record(400), openSymbols: 10 } }],
    ['size is not why', { ...open, book: bookOf({ at: 0 }) }],
    ['there is no price', { plan: { notionalUsd: 9000 } }],
    [
      'the record is lost',
      { ...open, view: { budget: { ...record(1), ageSec: 901 } }, settings: { GOV_ARMED_GATES: 'closed' } },
    ],
    [
      'only more would pass, since the position is over its target',
      {
        plan: { ...open.plan, qty: 1, side: 'SELL' },
        view: { target: record(50), position: HELD },
      },
    ],
    [
      'the plan reduces',
      {
        plan: { action: 'FULL_CLOSE_PROPOSED', price: 100, notionalUsd: null },
        view: { position: HELD },
        settings: { GOV_EXITS_EXEMPT: false, GOV_MAX_NOTIONAL_PER_DAY_USD: 10 },
      },
    ],
  ])('is not given where %s', (_name, situation) => {
    expect(advise(situation).advice.maxQty).toBeNull();
  });
});

describe('advice', () => {
  it('looks at nothing where nothing can help', () => {
    const settings = testSettings({ APPLY_MODE: 'production' });
    const unseen = () => {
      throw new Error('looked');
    };
    const outlook = { view: unseen, at: unseen, runsOut: unseen };
    let asked = 0;
    for (const { plan: drilled, view, expected } of drillCases(settings)) {
      const helpless = [
        'kill',
        'invalid',
        'stale',
        'would',
        'price',
        'loss',
        'unknown',
        'error',
        'positions',
      ];
      if (expected === null || !helpless.some((part) => expected.includes(part))) continue;
      asked++;
      expect(adviceFor(drilled, blocked(judge(drilled, view, settings)), outlook, settings)).toEqual({
        nextEligibleAt: null,
        maxQty: null,
      });
    }
    expect(asked).toBeGreaterThan(9);
  });
});
