/** Permits over time: plans that come again, and what openings and exits reserve until when. */
import { describe, expect, it } from 'vitest';
import { answers, close, FREE, held, open } from '../../../test/support/engine-answers.ts';
import { kill, plan, position, result, take, T0 } from '../../../test/support/engine-events.ts';
import type { InputEvent } from '../event.ts';

describe('a plan that comes again', () => {
  it('is dropped without a decision once it had a permit, whatever became of it', () => {
    const again = (between: InputEvent[], at = T0 + 200) =>
      answers(FREE, [open(T0, 'p'), ...between, open(at, 'p')]);
    expect(again([])).toEqual(['granted']);
    expect(again([take(T0 + 1, 'p')])).toEqual(['granted']);
    expect(again([result(T0 + 1, 'p', false)])).toEqual(['granted']);
    expect(again([kill(T0 + 1, 'HALTED'), kill(T0 + 2, 'ACTIVE')])).toEqual(['granted']);
    expect(again([], T0 + 86_400)).toEqual(['granted']);
  });

  it('is forgotten after a day, also beside one whose reservation is still open', () => {
    const late = result(T0 + 86_390, 'other', true);
    const events = [open(T0, 'other'), open(T0 + 1, 'p'), late, open(T0 + 86_450, 'p')];
    expect(answers(FREE, events)).toEqual(['granted', 'granted', 'granted']);
  });

  it('is judged anew where it was blocked', () => {
    const events = [kill(T0, 'HALTED'), open(T0 + 1, 'p'), kill(T0 + 2, 'ACTIVE'), open(T0 + 3, 'p')];
    expect(answers(FREE, events)).toEqual(['kill_switch_active', 'granted']);
  });

  it('is judged anew where it reduces and its permit expired, was voided or failed', () => {
    const again = (between: InputEvent[], at: number) =>
      answers(FREE, [held(T0), close(T0 + 1, 'p'), ...between, close(at, 'p')]);
    expect(again([], T0 + 61)).toEqual(['granted 4']);
    expect(again([], T0 + 61.5)).toEqual(['granted 4', 'granted 4']);
    expect(again([kill(T0 + 2, 'HALTED'), kill(T0 + 3, 'ACTIVE')], T0 + 4)).toHaveLength(2);
    expect(again([kill(T0 + 2, 'REDUCING')], T0 + 4)).toHaveLength(1);
    expect(again([result(T0 + 2, 'p', false)], T0 + 3)).toHaveLength(2);
    expect(again([take(T0 + 2, 'p')], T0 + 62)).toHaveLength(1);
    expect(again([result(T0 + 2, 'p', true)], T0 + 62)).toHaveLength(1);
    expect(again([take(T0 + 2, 'p'), result(T0 + 3, 'p', false)], T0 + 4)).toHaveLength(2);
  });

  it('is dropped as an opening where the same id had a permit to reduce, whatever became of that', () => {
    expect(answers(FREE, [held(T0), close(T0 + 1, 'p'), open(T0 + 100, 'p')])).toEqual(['granted 4']);
  });

  it('is not judged where its decision is not EXECUTE', () => {
    expect(answers(FREE, [plan(T0, 'p', { notionalUsd: 1, decision: 'HOLD' })])).toEqual([]);
  });
});

describe('a reservation of an opening', () => {
  const limit = { ...FREE, GOV_MAX_TOTAL_NOTIONAL_USD: 1500 };
  const second = (between: InputEvent[], at: number) =>
    answers(limit, [open(T0, 'p1'), ...between, open(at, 'p2', 1000, 'ETH')])[1];

  it('holds its notional for 120 s', () => {
    expect(second([], T0 + 120)).toBe('total_notional_exceeded');
    expect(second([], T0 + 120.5)).toBe('granted');
  });

  it('ends when its result says it was not executed', () => {
    expect(second([result(T0 + 1, 'p1', false)], T0 + 2)).toBe('granted');
  });

  it('lasts 120 s from an executed result', () => {
    expect(second([result(T0 + 100, 'p1', true)], T0 + 220)).toBe('total_notional_exceeded');
    expect(second([result(T0 + 100, 'p1', true)], T0 + 221)).toBe('granted');
  });

  it('ends with a snapshot newer than what is known of it, not with one of the same time', () => {
    const flat = (ts: number) => position(ts, 'BTC', 0);
    expect(second([flat(T0 + 5)], T0 + 6)).toBe('total_notional_exceeded');
    expect(second([take(T0 + 5, 'p1'), flat(T0 + 5)], T0 + 6)).toBe('total_notional_exceeded');
    expect(second([take(T0 + 5, 'p1'), flat(T0 + 5.5)], T0 + 6)).toBe('granted');
    expect(second([result(T0 + 5, 'p1', true), flat(T0 + 5.5)], T0 + 6)).toBe('granted');
    const both = [take(T0 + 5, 'p1'), result(T0 + 9, 'p1', true)];
    expect(second([...both, position(T0 + 10, 'BTC', 0, { stateTs: T0 + 7 })], T0 + 11)).toBe('granted');
    const other = position(T0 + 6, 'ETH', 0);
    expect(second([take(T0 + 5, 'p1'), other], T0 + 7)).toBe('total_notional_exceeded');
  });

  it('outlives its permit’s expiry and voiding', () => {
    expect(second([], T0 + 61)).toBe('total_notional_exceeded');
    const voided = [kill(T0 + 1, 'REDUCING'), kill(T0 + 2, 'ACTIVE')];
    expect(second(voided, T0 + 3)).toBe('total_notional_exceeded');
  });
});

describe('a reservation of a plan that reduces', () => {
  const second = (between: InputEvent[], at: number, first = close(T0 + 1, 'p1', 'PARTIAL_75')) =>
    answers(FREE, [held(T0), first, ...between, close(at, 'p2')])[1];

  it('leaves only the rest to the next plan, then nothing', () => {
    expect(second([], T0 + 2)).toBe('granted 1');
    expect(second([], T0 + 2, close(T0 + 1, 'p1'))).toBe('nothing_to_close');
  });

  it('ends with the permit’s expiry where it was neither taken nor executed', () => {
    expect(second([], T0 + 61)).toBe('granted 1');
    expect(second([], T0 + 61.5)).toBe('granted 4');
    expect(second([take(T0 + 5, 'p1')], T0 + 121)).toBe('granted 1');
    expect(second([take(T0 + 5, 'p1')], T0 + 121.5)).toBe('granted 4');
  });

  it('ends when the permit is voided, or its plan failed', () => {
    const voided = [kill(T0 + 5, 'HALTED'), kill(T0 + 6, 'ACTIVE')];
    expect(second(voided, T0 + 7)).toBe('granted 4');
    expect(second([result(T0 + 5, 'p1', false)], T0 + 7)).toBe('granted 4');
  });

  it('ends with a newer snapshot once it is known to be taken', () => {
    expect(second([take(T0 + 5, 'p1'), held(T0 + 6, 1)], T0 + 7)).toBe('granted 1');
    expect(second([held(T0 + 6, 1)], T0 + 7)).toBe('nothing_to_close');
  });

  it('reserves nothing where its quantity is unknown', () => {
    const events = [close(T0, 'p1'), held(T0 + 1), close(T0 + 2, 'p2')];
    expect(answers(FREE, events)).toEqual(['granted', 'granted 4']);
  });
});
