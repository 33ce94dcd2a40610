import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJudged, encodeJudged } from './judged-on.ts';
import type { JudgedOn } from '../core/governor/judged-on.ts';

const any = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, 1e21, 0.1 + 0.2, Number.MAX_VALUE),
);
const orNull = fc.option(any);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '"', '\ud800', 'BUY', '__proto__'));
const record = fc.record({ usd: any, ageSec: any, lifeSec: any });

const judged: fc.Arbitrary<JudgedOn> = fc
  .record({
    plan: fc.record({
      type: fc.constant('plan' as const),
      ts: any,
      planId: text,
      symbol: text,
      symbolValid: fc.boolean(),
      namesValid: fc.constant(false),
      action: text,
      decision: fc.oneof(fc.constant('EXECUTE'), text),
      side: fc.option(text),
      reduceOnly: fc.boolean(),
      bot: fc.option(text),
      qty: orNull,
      price: orNull,
      notionalUsd: orNull,
      killScore: orNull,
      confidence: orNull,
      regimeFlip: orNull,
      madeAt: orNull,
    }),
    view: fc.record({
      state: fc.constantFrom('ACTIVE' as const, 'REDUCING' as const, 'HALTED' as const),
      disarmed: fc.boolean(),
      position: fc.option(fc.record({ amount: any, markUsd: orNull, notionalUsd: orNull, ts: any })),
      markUsd: orNull,
      reservedQty: any,
      equityUsd: orNull,
      budget: fc.oneof(record, fc.constant({ usd: 0, ageSec: Infinity, lifeSec: -1 })),
      target: record,
      efficiency: fc.oneof(
        fc.record({ score: any, confidence: any, ageSec: any, lifeSec: any }),
        fc.constant({ score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 }),
      ),
      reservedMicro: any,
      allReservedMicro: any,
      grossPositionUsd: any,
      openSymbols: any,
      lossUsd: any,
      permitsLastHour: any,
      permitsLast5Min: any,
      sinceLastOpeningSec: any,
      permittedDayMicro: any,
    }),
    doubt: fc.option(text),
  })
  .chain((one) =>
    fc.boolean().map((isNamed): JudgedOn => {
      const named = { planId: 'p-1.a_b', symbol: 'BTCUSDT', namesValid: true };
      return isNamed ? { ...one, plan: { ...one.plan, ...named } } : one;
    }),
  );

describe('what a plan was judged on', () => {
  it('reads back to the same bits, whatever stands in it', () => {
    fc.assert(
      fc.property(judged, (one) => {
        expect(decodeJudged(encodeJudged(one))).toEqual(one);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves out what is usual', () => {
    const [one] = fc.sample(judged, { numRuns: 1, seed: 1 });
    const plan = { ...one!.plan, ts: 1.5, planId: 'p', symbol: 'A', symbolValid: true, namesValid: true };
    const usual = { action: 'OPEN', decision: 'EXECUTE', side: null, reduceOnly: false, bot: null };
    const numbers = { qty: 2, price: null, notionalUsd: null, killScore: null, confidence: null };
    const view = {
      ...one!.view,
      ...{ state: 'ACTIVE' as const, disarmed: false, position: null, markUsd: null, reservedQty: 0 },
      ...{ equityUsd: 100, budget: { usd: 0, ageSec: Infinity, lifeSec: -1 }, reservedMicro: 0 },
      ...{ target: { usd: 5, ageSec: 1, lifeSec: 1e9 }, allReservedMicro: 0, lossUsd: -0 },
      ...{ efficiency: { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 }, permittedDayMicro: NaN },
      ...{ grossPositionUsd: 0, openSymbols: 0, permitsLastHour: 0, permitsLast5Min: 1 },
      sinceLastOpeningSec: Infinity,
    };
    expect(
      encodeJudged({
        plan: { ...plan, ...usual, ...numbers, regimeFlip: null, madeAt: null },
        view,
        doubt: null,
      }),
    ).toBe(
      '{"v":1,"plan":{"plan_id":"p","symbol":"A","ts":1.5,"action":"OPEN","qty":2},"view":{"gross_position_usd":0,' +
        '"open_symbols":0,"equity_usd":100,"target":[5,1,1000000000],"loss_usd":-0,"permits_last_5min":1,' +
        '"permitted_day_micro":"NaN"}}',
    );
  });

  it('is refused where the text is none, of another version, or lacks a part', () => {
    const good = encodeJudged(fc.sample(judged, { numRuns: 1, seed: 7 })[0]!);
    expect(decodeJudged(good)).not.toBeNull();
    for (const bad of [
      '',
      'null',
      '[]',
      '{"v":1}',
      good.replace('"v":1', '"v":2'),
      good.replace('"action":', '"actions":'),
      good.replace('"ts":', '"ts":"soon","x":'),
      good.replace('"view":{', '"view":{"position":[1,2],"state":"ON","y":{').replace(/}$/, '}}'),
      good.replace('"gross_position_usd":', '"gross_position_usd":"a","x":'),
      good.slice(0, -1),
    ])
      expect([bad, decodeJudged(bad)]).toEqual([bad, null]);
  });
});
