import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { Netting, type Netted, type NettingFill } from './netting.ts';

const at = (fill: Partial<NettingFill>): NettingFill => ({
  tsMs: 0,
  symbol: 'BTCUSDT',
  account: '',
  side: 'BUY',
  qty: 1,
  price: 100,
  feeUsd: 0,
  ...fill,
});

function realized(parts: readonly Netted[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'close' ? (part.realizedUsd ?? Number.NaN) : 0), 0);
}

describe('netting at average cost', () => {
  test('a partial close realizes its share and its share of the entry fee', () => {
    const netting = new Netting();
    netting.fill(at({ qty: 2, price: 100, feeUsd: 0.4 }));
    netting.fill(at({ qty: 2, price: 110, feeUsd: 0.4, tsMs: 1000 }));
    const [part] = netting.fill(at({ side: 'SELL', qty: 1, price: 120, feeUsd: 0.1, tsMs: 61_000 }));
    expect(part).toMatchObject({
      kind: 'close',
      side: 'LONG',
      qty: 1,
      entryPrice: 105,
      entryTsMs: 0,
      profit: 15,
    });
    expect(part?.kind === 'close' ? part.realizedUsd : null).toBeCloseTo(15 - 0.1 - 0.2, 12);
    expect(netting.quantity('BTCUSDT')).toBe(3);
  });

  test('a flip closes first and then opens, the fee split by quantity', () => {
    const netting = new Netting();
    netting.fill(at({ qty: 1, price: 100 }));
    const parts = netting.fill(at({ side: 'SELL', qty: 3, price: 90, feeUsd: 0.3 }));
    expect(parts.map((part) => [part.kind, part.side, part.qty])).toEqual([
      ['close', 'LONG', 1],
      ['open', 'SHORT', 2],
    ]);
    expect(realized(parts)).toBeCloseTo(-10.1, 12);
    expect(netting.quantity('BTCUSDT')).toBe(-2);
  });

  test('a rebate adds to profit', () => {
    const netting = new Netting();
    netting.fill(at({ feeUsd: -0.02 }));
    expect(realized(netting.fill(at({ side: 'SELL', feeUsd: -0.01 })))).toBeCloseTo(0.03, 12);
  });

  test('float dust does not keep a position open or flip it', () => {
    const netting = new Netting();
    for (let i = 0; i < 3; i += 1) netting.fill(at({ qty: 0.1 }));
    expect(netting.fill(at({ side: 'SELL', qty: 0.3 })).map((part) => part.kind)).toEqual(['close']);
    expect(netting.quantity('BTCUSDT')).toBe(0);
  });

  test('an inverse contract gains coins by the difference of reciprocal prices', () => {
    const netting = new Netting();
    const inverse = { contract: { kind: 'inverse', multiplier: 1 } } as const;
    netting.fill(at({ qty: 1000, price: 10_000, ...inverse, usdPerUnit: 10_000 }));
    const [part] = netting.fill(
      at({ side: 'SELL', qty: 1000, price: 12_500, ...inverse, usdPerUnit: 12_500 }),
    );
    expect(part).toMatchObject({ kind: 'close', entryPrice: 10_000 });
    expect(part?.kind === 'close' ? part.profit : 0).toBeCloseTo(0.1 - 0.08, 12);
    expect(realized(part === undefined ? [] : [part])).toBeCloseTo(250, 9);
  });

  test('a spot sale without coins is unmatched, not a short', () => {
    const netting = new Netting();
    expect(netting.fill(at({ side: 'SELL', shortAllowed: false }))).toMatchObject([
      { kind: 'unmatched', qty: 1 },
    ]);
    expect(netting.quantity('BTCUSDT')).toBe(0);
  });

  test('a close of a position from before the history takes the profit of the venue', () => {
    const netting = new Netting();
    const [part] = netting.fill(at({ side: 'SELL', effect: 'close', venueProfit: 7, feeUsd: 1 }));
    expect(part).toMatchObject({
      kind: 'close',
      basis: 'venue',
      realizedUsd: 6,
      entryPrice: null,
      entryTsMs: null,
    });
  });

  test('a position of unknown origin counts by the venue until it is flat', () => {
    const netting = new Netting();
    netting.held('BTCUSDT', '', 5, 1e-9);
    expect(netting.fill(at({ side: 'SELL', qty: 5, venueProfit: 3 }))).toMatchObject([
      { basis: 'venue', profit: 3 },
    ]);
    netting.fill(at({ qty: 1, price: 10 }));
    expect(netting.fill(at({ side: 'SELL', price: 12 }))).toMatchObject([
      { basis: 'average_cost', profit: 2 },
    ]);
  });

  test('coins that were moved out leave at average cost without profit', () => {
    const netting = new Netting();
    netting.fill(at({ qty: 4, price: 10, feeUsd: 4 }));
    netting.held('BTCUSDT', '', 1, 1e-9);
    expect(realized(netting.fill(at({ side: 'SELL', qty: 1, price: 12 })))).toBeCloseTo(2 - 1, 12);
  });

  test('accounts, symbols and legs are positions of their own', () => {
    const netting = new Netting();
    netting.fill(at({ account: 'a' }));
    netting.fill(at({ account: 'b', side: 'SELL' }));
    netting.fill(at({ symbol: '__proto__' }));
    netting.fill(at({ leg: 'SHORT', side: 'SELL' }));
    expect(netting.quantity('BTCUSDT', 'a')).toBe(1);
    expect(netting.quantity('BTCUSDT', 'b')).toBe(-1);
    expect(netting.quantity('__proto__')).toBe(1);
    expect(netting.quantity('BTCUSDT', '', 'SHORT')).toBe(-1);
  });

  test('funding is profit of the position held', () => {
    const netting = new Netting();
    netting.fill(at({ side: 'SELL' }));
    const paid = netting.funding({ tsMs: 5, symbol: 'BTCUSDT', account: '', amountUsd: -0.5 });
    expect(paid).toEqual({
      kind: 'funding',
      tsMs: 5,
      symbol: 'BTCUSDT',
      account: '',
      realizedUsd: -0.5,
      side: 'SHORT',
    });
  });

  test('a quantity or price that is not above 0 is a fault of the caller', () => {
    expect(() => new Netting().fill(at({ qty: 0 }))).toThrow(RangeError);
    expect(() => new Netting().fill(at({ price: Number.NaN }))).toThrow(RangeError);
  });
});

const trades = fc.array(
  fc.record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    qty: fc.double({ min: 0.001, max: 1000, noNaN: true }),
    price: fc.double({ min: 0.01, max: 100_000, noNaN: true }),
    feeUsd: fc.double({ min: -1, max: 10, noNaN: true }),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('netting as bookkeeping', () => {
  test('realized profit, open value and open fees add up to the cash that moved', () => {
    fc.assert(
      fc.property(trades, fc.double({ min: 0.01, max: 100_000, noNaN: true }), (fills, mark) => {
        const netting = new Netting();
        let cash = 0;
        let moved = 0;
        let profit = 0;
        for (const fill of fills) {
          profit += realized(netting.fill(at(fill)));
          cash += (fill.side === 'SELL' ? 1 : -1) * fill.qty * fill.price - fill.feeUsd;
          moved += fill.qty * (fill.price + mark) + Math.abs(fill.feeUsd);
        }
        const held = netting.quantity('BTCUSDT');
        if (held !== 0)
          profit += realized(
            netting.fill(at({ side: held > 0 ? 'SELL' : 'BUY', qty: Math.abs(held), price: mark })),
          );
        expect(Math.abs(profit - (cash + held * mark))).toBeLessThanOrEqual(1e-8 * Math.max(1, moved));
      }),
    );
  });

  test('a fill in two halves changes no total', () => {
    fc.assert(
      fc.property(trades, (fills) => {
        const whole = new Netting();
        const halves = new Netting();
        let one = 0;
        let two = 0;
        let moved = 0;
        for (const fill of fills) {
          moved += fill.qty * fill.price;
          one += realized(whole.fill(at(fill)));
          const half = at({ ...fill, qty: fill.qty / 2, feeUsd: fill.feeUsd / 2 });
          two += realized(halves.fill(half)) + realized(halves.fill(half));
        }
        expect(Math.abs(one - two)).toBeLessThanOrEqual(1e-8 * Math.max(1, moved));
      }),
    );
  });
});
