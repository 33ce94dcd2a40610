/** The advice beside a block and the book read ahead, against a book that really lives through the time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../src/core/governor/advice.ts';
import { judge } from '../../src/core/governor/judge.ts';
import { PermitBook } from '../../src/core/governor/permit-book.ts';
import { GATES_IN_ORDER } from '../../src/core/governor/gates.ts';
import { plan, T0 } from '../support/engine-events.ts';
import { testSettings } from '../support/engine-run.ts';
import { PEACE } from '../support/engine-view.ts';
import type { BookView } from '../../src/core/governor/permit-book.ts';
import type { PlanEvent } from '../../src/core/event.ts';
import type { Mode, Settings } from '../../src/core/settings.ts';
import type { JudgeView } from '../../src/core/governor/view.ts';

const SYMBOLS = [0, 1, 2];
const symbol = fc.constantFrom(...SYMBOLS);
const gapMs = fc.oneof(
  fc.constantFrom(0, 1, 10, 1000, 59_999, 60_000, 60_001, 120_000, 300_000, 3_599_999, 3_600_000),
  fc.integer({ min: 0, max: 200_000 }),
);
const amount = fc.constantFrom(null, 0.1, 7, 50, 333.333333, 1000);
const planId = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('issue' as const),
      planId,
      symbol,
      reducing: fc.boolean(),
      notionalUsd: amount,
      qty: amount,
      reserveSec: fc.constantFrom(120, 1, 400),
      counted: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), planId }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('result' as const), planId, executed: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), symbol }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('void' as const), openingsOnly: fc.boolean() }) },
);
const history = fc.array(fc.tuple(step, gapMs), { minLength: 1, maxLength: 25, size: 'max' });

interface Lived {
  readonly book: PermitBook;
  readonly now: number;
  /** The same book after nothing but time, at a moment from now on. */
  readonly later: (at: number) => PermitBook;
}

function live(steps: typeof history extends fc.Arbitrary<infer Steps> ? Steps : never): Lived {
  const book = new PermitBook();
  const snapshots = new Map<number, number>();
  let ms = T0 * 1000;
  let sequence = 0;
  for (const [one, gap] of steps) {
    ms += gap;
    const now = ms / 1000;
    book.advance(now);
    if (one.kind === 'take') book.take(one.planId, now);
    else if (one.kind === 'result') book.result(one.planId, one.executed, now);
    else if (one.kind === 'void') book.void(one.openingsOnly, now);
    else if (one.kind === 'snapshot') {
      book.snapshot(one.symbol, now);
      snapshots.set(one.symbol, now);
    } else
      book.issue({
        ...one,
        sequence: sequence++,
        planId: `${one.planId}${one.reducing}`,
        issuedAt: now,
        expiresAt: now + 60,
        counted: one.counted || !one.reducing,
        takeable: true,
        takenAt: null,
        executedAt: null,
        failed: false,
        voided: false,
        reserved: false,
      });
  }
  const saved = book.save();
  const later = (at: number): PermitBook => {
    const aged = new PermitBook();
    aged.load(saved, snapshots);
    aged.advance(at);
    return aged;
  };
  return { book, now: ms / 1000, later };
}

function shown(book: PermitBook, one: number, at: number): BookView {
  return {
    reservedQty: book.reservedQty(one),
    reservedMicro: book.reservedMicro(one),
    allReservedMicro: book.allReservedMicro,
    permitsLastHour: book.count(one, 3600, at),
    permitsLast5Min: book.count(one, 300, at),
    sinceLastOpeningSec: book.sinceLastOpeningSec(one, at),
    permittedDayMicro: book.dayMicro(one, at),
  };
}

const waitMs = fc.oneof(gapMs, fc.constantFrom(86_399_999, 86_400_000, 90_000_000));

describe('the permit book read ahead', () => {
  it('shows what the book will show, and changes nothing', () => {
    let reserved = 0;
    fc.assert(
      fc.property(history, fc.array(waitMs, { minLength: 1, maxLength: 6 }), (steps, waits) => {
        const { book, now, later } = live(steps);
        for (const wait of waits) {
          const at = (Math.round(now * 1000) + wait) / 1000;
          for (const one of SYMBOLS) {
            const ahead = book.ahead(one, at);
            expect(ahead).toEqual(shown(later(at), one, at));
            reserved += ahead.allReservedMicro > 0 ? 1 : 0;
          }
        }
        for (const one of SYMBOLS) expect(book.ahead(one, now)).toEqual(shown(book, one, now));
      }),
      { numRuns: 1000 },
    );
    expect(reserved).toBeGreaterThan(100);
  });

  it('changes at the moments it names and nowhere between', () => {
    let moments = 0;
    const windowsSec = [300, 3600, 86_400];
    fc.assert(
      fc.property(history, symbol, (steps, one) => {
        const { book, now } = live(steps);
        const at = (moment: number) => ({ ...book.ahead(one, moment), sinceLastOpeningSec: 0 });
        let before = now;
        for (const moment of book.runsOut(one, now, windowsSec)) {
          expect(moment).toBeGreaterThan(before);
          expect(at((Math.round(moment * 1000) - 1) / 1000)).toEqual(at(before));
          before = moment;
          moments++;
        }
        expect(at(now + 1e6)).toEqual(at(before));
      }),
      { numRuns: 1000 },
    );
    expect(moments).toBeGreaterThan(1000);
  });
});

const usd = fc.constantFrom(1, 100, 999.999999, 1500, 20_000, 1e6);
const record = fc.record({ usd, ageSec: fc.constantFrom(0, 59, Infinity), lifeSec: fc.constant(300) });
const position = fc.option(
  fc.record({
    amount: fc.constantFrom(0, 3, -3, 0.001),
    markUsd: fc.constantFrom(null, 100),
    notionalUsd: fc.constantFrom(null, 250),
    ts: fc.constant(T0),
  }),
);

const views: fc.Arbitrary<Partial<JudgeView>> = fc.record({
  position,
  markUsd: fc.constantFrom(null, 100, 101),
  equityUsd: fc.constantFrom(100_000, 100_000, 100_000, 70_000.123, 20_000.5, 2345.678, 0, null),
  budget: record,
  target: record,
  grossPositionUsd: fc.constantFrom(0, 1234.567891, 99_000),
  openSymbols: fc.constantFrom(0, 1, 2, 3, 10),
  lossUsd: fc.constantFrom(0, 0, 0, -5, 1e5),
});

const opening = fc
  .record({
    qty: fc.double({ min: 0.001, max: 200, noNaN: true }),
    /** USD a unit, a little off the prices. */
    unitUsd: fc.constantFrom(96.5, 100, 103),
    price: fc.constantFrom(null, 100, 99.7),
    says: fc.constantFrom('qty', 'notional', 'both'),
    killScore: fc.constantFrom(null, null, 0.7),
    side: fc.constantFrom(null, 'BUY', 'SELL'),
  })
  .map(({ qty, unitUsd, says, ...rest }): Partial<PlanEvent> => ({
    ...rest,
    qty: says === 'notional' ? null : qty,
    notionalUsd: says === 'qty' ? null : qty * unitUsd,
  }));
const closing: fc.Arbitrary<Partial<PlanEvent>> = fc.record({
  action: fc.constantFrom('PARTIAL_50', 'FULL_CLOSE_PROPOSED'),
  side: fc.constantFrom(null, 'SELL'),
});
const plans = fc.oneof({ weight: 5, arbitrary: opening }, { weight: 1, arbitrary: closing });

const limit = fc.constantFrom(null, null, null, 0, 500, 1000.000001, 4000);
const changes: fc.Arbitrary<Partial<Settings>> = fc.record({
  APPLY_MODE: fc.constantFrom('testnet', 'production', 'production'),
  GOV_GATE_MODES: fc
    .dictionary(
      fc.constantFrom(...GATES_IN_ORDER.map(({ name }) => name)),
      fc.constantFrom<Mode>('shadow', 'enforce'),
      { maxKeys: 4 },
    )
    .map((modes) => new Map(Object.entries(modes))),
  GOV_EXITS_EXEMPT: fc.boolean(),
  GOV_DISARM_ON_BURST_BREACH: fc.boolean(),
  GOV_MAX_EXEC_PER_HOUR: fc.constantFrom(3, 10, 1000),
  GOV_MAX_EXEC_PER_5MIN: fc.constantFrom(2, 5, 1000),
  GOV_SYMBOL_COOLDOWN_SECONDS: fc.constantFrom(0, 0, 60, 1 / 3, 7000.5),
  GOV_MAX_NOTIONAL_PER_TRADE_USD: limit,
  GOV_MAX_TOTAL_NOTIONAL_USD: limit,
  GOV_MAX_NOTIONAL_PER_DAY_USD: limit,
});

/** Every asked moment is looked up in a book that lived through it. */
const situation = fc
  .tuple(history, views, plans, changes)
  .map(([steps, changedView, changedPlan, changed]) => {
    const { book, now, later } = live(steps);
    const settings = testSettings(changed);
    const asked = plan(now, 'asked', changedPlan);
    const position = changedView.position === null ? null : { ...changedView.position!, ts: now };
    const viewAt = (at: number): JudgeView => ({
      ...PEACE,
      ...changedView,
      position,
      ...shown(later(at), 0, at),
    });
    const verdict = judge(asked, viewAt(now), settings);
    const outlook = {
      view: () => viewAt(now),
      at: (at: number) => book.ahead(0, at),
      runsOut: (windowsSec: readonly number[]) => book.runsOut(0, now, windowsSec),
    };
    const advice = verdict.granted ? null : adviceFor(asked, verdict, outlook, settings);
    return { asked, settings, now, viewAt, verdict, advice };
  });

describe('the advice beside a block', () => {
  it('names the first millisecond at which the plan would be granted, or there is none', () => {
    const reasons = new Map<string, number>();
    fc.assert(
      fc.property(situation, fc.double({ min: 0, max: 1, noNaN: true }), (found, part) => {
        const { asked, settings, now, viewAt, verdict, advice } = found;
        if (verdict.granted || advice === null) return;
        const grantsAt = (at: number): boolean => judge(asked, viewAt(at), settings).granted;
        const { nextEligibleAt } = advice;
        if (nextEligibleAt === null) {
          const isBurst = verdict.reason === 'burst_limit_exceeded' && settings.GOV_DISARM_ON_BURST_BREACH;
          if (!isBurst) expect(grantsAt(now + 200_000)).toBe(false);
          return;
        }
        reasons.set(verdict.reason, (reasons.get(verdict.reason) ?? 0) + 1);
        expect(grantsAt(nextEligibleAt)).toBe(true);
        expect(grantsAt((Math.round(nextEligibleAt * 1000) - 1) / 1000)).toBe(false);
        const waitMs = Math.round((nextEligibleAt - now) * 1000);
        const anyMs = Math.round(now * 1000) + Math.floor((waitMs - 1) * part);
        expect(grantsAt(anyMs / 1000)).toBe(false);
        expect(grantsAt(nextEligibleAt + part * 1e5)).toBe(true);
      }),
      { numRuns: 6000 },
    );
    expect(reasons.size).toBeGreaterThan(5);
  });

  it('names a quantity that would be granted, the largest up to what was asked', () => {
    let given = 0;
    fc.assert(
      fc.property(situation, fc.double({ min: 1e-6, max: 1, noNaN: true }), (found, part) => {
        const { asked, settings, now, viewAt, verdict, advice } = found;
        if (verdict.granted || advice === null) return;
        const view = viewAt(now);
        const price = asked.price ?? view.markUsd;
        const askedQty = asked.qty ?? (price === null ? null : (asked.notionalUsd ?? NaN) / price);
        const grants = (share: number): boolean => {
          const notionalUsd = asked.notionalUsd === null ? null : asked.notionalUsd * share;
          return judge({ ...asked, qty: askedQty! * share, notionalUsd }, view, settings).granted;
        };
        if (advice.maxQty === null) {
          const isOpening = asked.action === 'OPEN_PROPOSED' && askedQty !== null;
          // Less than a micro-USD is nothing, and nothing passes every limit.
          const isSeen = isOpening && askedQty * part * (price ?? 0) > 2e-6;
          if (isSeen) expect(grants(part)).toBe(false);
          return;
        }
        given++;
        expect(advice.maxQty).toBeGreaterThan(0);
        if (askedQty === null) return;
        const share = advice.maxQty / askedQty;
        expect(share).toBeLessThan(1);
        expect(grants(share) || grants(share * (1 - 1e-15))).toBe(true);
        const more = share + (2e-6 / (askedQty * 100)) * 1.1 + share * 1e-12;
        if (more < 1) expect(grants(more)).toBe(false);
        expect(grants(share + (1 - share) * part) && share + (1 - share) * part > more).toBe(false);
      }),
      { numRuns: 6000 },
    );
    expect(given).toBeGreaterThan(100);
  });
});
