/** Reading a plan: every sentence of the model's "Reading the plan". */
import { describe, expect, it } from 'vitest';
import { plan, T0 } from '../../../test/support/engine-events.ts';
import { testSettings } from '../../../test/support/engine-run.ts';
import { readPlan, reduces, signedNotionalUsd, type PlanReading, type SymbolView } from './read-plan.ts';
import type { PlanEvent } from '../event.ts';

const NOTHING: SymbolView = { position: null, markUsd: null, reservedQty: 0 };
const LONG = { amount: 4, markUsd: 90, notionalUsd: null, ts: T0 - 300 };

function read(changes: Partial<PlanEvent>, view: Partial<SymbolView> = {}): PlanReading {
  return readPlan({ ...plan(T0, 'p'), ...changes }, { ...NOTHING, ...view }, testSettings());
}

const reasonOf = (reading: PlanReading): string | null => reading.problem?.reason ?? null;

describe('what a plan does', () => {
  it.each([
    ['FULL_CLOSE_PROPOSED', false, true],
    ['PARTIAL_75', false, true],
    ['PARTIAL_50', false, true],
    ['PARTIAL_25', false, true],
    ['OPEN_PROPOSED', true, true],
    ['OPEN_PROPOSED', false, false],
    ['PARTIAL_10', false, false],
    ['full_close_proposed', false, false],
    ['', false, false],
  ])('%s with reduceOnly %s reduces: %s', (action, reduceOnly, expected) => {
    expect(reduces(plan(T0, 'p', { action, reduceOnly }))).toBe(expected);
  });

  it.each([
    ['BUY', 1],
    ['long', 1],
    ['SELL', -1],
    ['Short', -1],
    ['HOLD', 0],
    [null, 0],
  ])('side %s is %s', (side, expected) => {
    expect(read({ side, notionalUsd: 1 }).side).toBe(expected);
  });
});

describe('a plan that reduces a known position', () => {
  const close = { action: 'FULL_CLOSE_PROPOSED' };

  it.each([
    ['FULL_CLOSE_PROPOSED', 4, 1],
    ['PARTIAL_75', 3, 0.75],
    ['PARTIAL_50', 2, 0.5],
    ['PARTIAL_25', 1, 0.25],
  ])('%s closes its share, whatever the plan’s qty', (action, qty, closeFraction) => {
    expect(read({ action, qty: 100 }, { position: LONG })).toMatchObject({
      qty,
      closeFraction,
      problem: null,
    });
  });

  it('closes the plan’s qty for reduceOnly alone, all of it without one, never more than there is', () => {
    const only = { reduceOnly: true };
    expect(read({ ...only, qty: 1.5 }, { position: LONG })).toMatchObject({ qty: 1.5, closeFraction: 1 });
    expect(read(only, { position: LONG }).qty).toBe(4);
    expect(read({ ...only, qty: 9 }, { position: LONG }).qty).toBe(4);
  });

  it('leaves what open reducing reservations hold', () => {
    expect(read(close, { position: LONG, reservedQty: 3 }).qty).toBe(1);
    expect(reasonOf(read(close, { position: LONG, reservedQty: 4 }))).toBe('nothing_to_close');
    expect(reasonOf(read(close, { position: LONG, reservedQty: 5 }))).toBe('nothing_to_close');
    const thirds = { amount: 0.3, markUsd: 1, notionalUsd: null, ts: T0 };
    expect(reasonOf(read(close, { position: thirds, reservedQty: 0.1 + 0.2 }))).toBe('nothing_to_close');
  });

  it('has nothing to close where the position is flat, whatever the side', () => {
    const flat = { ...LONG, amount: 0 };
    for (const side of ['BUY', 'SELL', null])
      expect(reasonOf(read({ ...close, side }, { position: flat }))).toBe('nothing_to_close');
  });

  it('would increase where its side is the position’s', () => {
    expect(reasonOf(read({ ...close, side: 'BUY' }, { position: LONG }))).toBe('would_increase');
    const short = { ...LONG, amount: -4 };
    expect(reasonOf(read({ ...close, side: 'SELL' }, { position: short }))).toBe('would_increase');
    expect(read({ ...close, side: 'BUY' }, { position: short })).toMatchObject({ qty: 4, problem: null });
    expect(read({ ...close, side: 'odd' }, { position: LONG })).toMatchObject({ qty: 4, problem: null });
  });

  it('would increase before there is nothing to close', () => {
    expect(reasonOf(read({ ...close, side: 'BUY' }, { position: LONG, reservedQty: 4 }))).toBe(
      'would_increase',
    );
  });

  it('is worth quantity times the plan’s price, else the mark, else the snapshot’s, else unknown', () => {
    const view = { position: LONG, markUsd: 95 };
    expect(read({ ...close, price: 100 }, view).notionalUsd).toBe(400);
    expect(read(close, view).notionalUsd).toBe(380);
    expect(read(close, { position: LONG }).notionalUsd).toBe(360);
    expect(read(close, { position: { ...LONG, markUsd: null } }).notionalUsd).toBeNull();
    expect(read({ ...close, price: NaN }, view).notionalUsd).toBe(380);
    expect(read({ ...close, price: -1 }, view).notionalUsd).toBe(380);
  });

  it('does not check what it does not need', () => {
    const odd = { killScore: 7, confidence: NaN, regimeFlip: NaN, notionalUsd: -1, qty: NaN };
    expect(read({ ...close, ...odd }, { position: LONG })).toMatchObject({ qty: 4, problem: null });
    expect(read({ ...close, ...odd }, { position: LONG }).requestedQty).toBeNull();
  });

  it('is invalid where a qty it needs is unusable', () => {
    for (const qty of [NaN, 0, -1])
      expect(reasonOf(read({ reduceOnly: true, qty }, { position: LONG }))).toBe('invalid_plan');
  });

  it('is known for 300 s', () => {
    expect(read(close, { position: LONG }).qty).toBe(4);
    expect(read(close, { position: { ...LONG, ts: T0 - 300.5 } }).qty).toBeNull();
  });

  it('holds finite numbers only, whatever the position and price', () => {
    const position = { amount: 1e200, markUsd: 1, notionalUsd: null, ts: T0 };
    const { notionalUsd } = read({ ...close, price: 1e200 }, { position });
    expect(Number.isFinite(notionalUsd ?? 0)).toBe(true);
  });
});

describe('a plan that reduces an unknown position', () => {
  it('takes the plan’s qty, or that share of whatever there is', () => {
    expect(read({ action: 'PARTIAL_50', qty: 3 })).toMatchObject({ qty: 3, closeFraction: 0.5 });
    expect(read({ action: 'PARTIAL_50' })).toMatchObject({
      qty: null,
      closeFraction: 0.5,
      notionalUsd: null,
    });
    expect(read({ reduceOnly: true })).toMatchObject({ qty: null, closeFraction: 1, problem: null });
    expect(read({ action: 'PARTIAL_50', qty: 3 }, { markUsd: 10 }).notionalUsd).toBe(30);
  });

  it('never would increase and never has nothing to close', () => {
    const old = { ...LONG, ts: T0 - 301 };
    expect(reasonOf(read({ action: 'FULL_CLOSE_PROPOSED', side: 'BUY' }, { position: old }))).toBeNull();
    const flat = { ...old, amount: 0 };
    expect(reasonOf(read({ action: 'FULL_CLOSE_PROPOSED' }, { position: flat }))).toBeNull();
  });

  it('is invalid where its qty is unusable, since it is needed', () => {
    expect(reasonOf(read({ action: 'FULL_CLOSE_PROPOSED', qty: 0 }))).toBe('invalid_plan');
  });
});

describe('a plan that opens', () => {
  it.each([
    ['its own notional', { notionalUsd: 100 }, {}, 100, null],
    ['quantity times price', { qty: 2, price: 60 }, {}, 120, 2],
    ['quantity times mark', { qty: 2 }, { markUsd: 61 }, 122, 2],
    ['the largest of all three', { qty: 2, price: 60, notionalUsd: 121 }, { markUsd: 61 }, 122, 2],
    ['unknown without any', {}, {}, null, null],
    ['unknown for a quantity without a price', { qty: 2 }, {}, null, 2],
    ['unknown for both without a price to tie them', { qty: 2, notionalUsd: 9 }, {}, null, 2],
    ['known for both with a mark', { qty: 2, notionalUsd: 9 }, { markUsd: 3 }, 9, 2],
    ['quantity from notional and price', { notionalUsd: 100, price: 50 }, {}, 100, 2],
    ['quantity from notional and mark', { notionalUsd: 100 }, { markUsd: 25 }, 100, 4],
    ['quantity from the known position’s mark', { notionalUsd: 90 }, { position: LONG }, 90, 1],
    [
      'no quantity from an old position’s mark',
      { notionalUsd: 90 },
      { position: { ...LONG, ts: T0 - 301 } },
      90,
      null,
    ],
  ])('is worth %s', (_name, changes, view, notionalUsd, qty) => {
    expect(read(changes, view)).toMatchObject({ notionalUsd, qty, problem: null, closeFraction: null });
  });

  it.each([
    ['qty', { qty: NaN }],
    ['a qty of 0', { qty: 0 }],
    ['price', { price: NaN }],
    ['a negative price', { price: -1 }],
    ['notional_usd', { notionalUsd: NaN }],
    ['a notional_usd of 0', { notionalUsd: 0 }],
    ['kill score', { killScore: NaN }],
    ['a kill score above 1', { killScore: 1.01 }],
    ['a kill score below 0', { killScore: -0.01 }],
    ['confidence', { confidence: NaN }],
    ['a confidence above 1', { confidence: 1.01 }],
    ['regime flip', { regimeFlip: NaN }],
    ['timestamp', { madeAt: NaN }],
    ['names', { namesValid: false }],
  ])('is invalid for its %s', (_name, changes) => {
    expect(reasonOf(read({ notionalUsd: 10, ...changes }))).toBe('invalid_plan');
  });

  it('is fine at the ends of 0..1 and for any finite regime flip', () => {
    for (const changes of [{ killScore: 0 }, { killScore: 1 }, { confidence: 1 }, { regimeFlip: -3 }])
      expect(reasonOf(read({ notionalUsd: 10, ...changes }))).toBeNull();
  });

  it('compares notional_usd with qty × price: 5 % of the larger apart is allowed', () => {
    expect(reasonOf(read({ notionalUsd: 95, qty: 1, price: 100 }))).toBeNull();
    expect(reasonOf(read({ notionalUsd: 94.99, qty: 1, price: 100 }))).toBe('notional_mismatch');
    expect(reasonOf(read({ notionalUsd: 100, qty: 1, price: 95 }))).toBeNull();
    expect(read({ notionalUsd: 100, qty: 1, price: 94.9 }).problem).toMatchObject({
      reason: 'notional_mismatch',
      value: 100,
      limit: 94.9,
    });
  });

  it('compares its price with the mark: 5 % of the mark apart is allowed', () => {
    const view = { markUsd: 100 };
    expect(reasonOf(read({ price: 105, notionalUsd: 1 }, view))).toBeNull();
    expect(reasonOf(read({ price: 95, notionalUsd: 1 }, view))).toBeNull();
    expect(read({ price: 105.01, notionalUsd: 1 }, view).problem).toMatchObject({
      reason: 'price_out_of_range',
      value: 105.01,
      limit: 100,
    });
    expect(reasonOf(read({ price: 94.99, notionalUsd: 1 }, view))).toBe('price_out_of_range');
  });

  it('gives its reasons in order: invalid, stale, mismatch, price', () => {
    const all = { madeAt: T0 - 100, notionalUsd: 1, qty: 1, price: 200 };
    const view = { markUsd: 100 };
    expect(reasonOf(read({ ...all, killScore: 2 }, view))).toBe('invalid_plan');
    expect(reasonOf(read(all, view))).toBe('stale_plan');
    expect(reasonOf(read({ ...all, madeAt: T0 }, view))).toBe('notional_mismatch');
    expect(reasonOf(read({ ...all, madeAt: T0, notionalUsd: null }, view))).toBe('price_out_of_range');
  });

  it('holds finite numbers only, whatever its price', () => {
    const { qty, notionalUsd } = read({ notionalUsd: 100, price: 1e-310 });
    expect([qty, notionalUsd].every((value) => Number.isFinite(value ?? 0))).toBe(true);
    expect(reasonOf(read({ qty: 1e200, price: 1e200 }))).toBe('invalid_plan');
  });
});

describe('the age of a plan', () => {
  it('may be 30 s for an opening, 300 s for one that reduces', () => {
    expect(reasonOf(read({ notionalUsd: 1, madeAt: T0 - 30 }))).toBeNull();
    expect(read({ notionalUsd: 1, madeAt: T0 - 30.5 }).problem).toMatchObject({ value: 30.5, limit: 30 });
    const close = { action: 'FULL_CLOSE_PROPOSED' };
    expect(reasonOf(read({ ...close, madeAt: T0 - 300 }))).toBeNull();
    expect(reasonOf(read({ ...close, madeAt: T0 - 300.5 }))).toBe('stale_plan');
    expect(reasonOf(read({ ...close, madeAt: NaN }))).toBe('invalid_plan');
  });

  it('is not known where the plan does not say', () => {
    expect(reasonOf(read({ notionalUsd: 1 }))).toBeNull();
  });
});

describe('the value of a position', () => {
  it.each([
    [2, 300, 100, 300],
    [-2, 300, 100, -300],
    [-2, -300, 100, -300],
    [2, -300, 100, 300],
    [2, null, 100, 200],
    [-2, null, 100, -200],
    [2, null, null, 0],
    [0, 300, 100, 0],
  ])('of amount %s, notional %s and mark %s is %s', (amount, notionalUsd, markUsd, expected) => {
    expect(signedNotionalUsd({ amount, notionalUsd, markUsd, ts: T0 }) + 0).toBe(expected);
  });
});
