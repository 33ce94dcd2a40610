import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from './cast.ts';
import { FEE, PaperExchange } from './exchange.ts';
import { Market } from './market.ts';

function setUp(): { market: Market; exchange: PaperExchange } {
  const market = new Market(INSTRUMENTS, 1);
  return { market, exchange: new PaperExchange(market, INSTRUMENTS) };
}

describe('PaperExchange', () => {
  it('fills worse than the price, both ways', () => {
    const { market, exchange } = setUp();
    const { priceUsd } = market.quote('BTCUSDT');
    expect(exchange.open('BTCUSDT', 'BUY', 0.1, 0)!.priceUsd).toBeGreaterThan(priceUsd);
    expect(exchange.close('BTCUSDT', 0.1, 0)!.priceUsd).toBeLessThan(priceUsd);
  });

  it('loses fees and spread where the price does not move', () => {
    const { exchange } = setUp();
    const opened = exchange.open('ETHUSDT', 'SELL', 2, 10)!;
    const closed = exchange.close('ETHUSDT', 2, 25)!;
    const spread = (opened.priceUsd - closed.priceUsd) * 2;
    expect(opened.realisedUsd).toBeNull();
    expect(closed.realisedUsd).toBeCloseTo(spread - FEE * 2 * (opened.priceUsd + closed.priceUsd), 2);
    expect(closed.realisedUsd).toBeLessThan(0);
    expect(closed).toMatchObject({ side: 'BUY', quantity: 2, holdSec: 15 });
    expect(exchange.holding('ETHUSDT')).toBeNull();
  });

  it('closes in parts that add up to the whole', () => {
    const parts = setUp();
    const whole = setUp();
    for (const { exchange } of [parts, whole]) exchange.open('SOLUSDT', 'BUY', 100, 0);
    for (let second = 0; second < 60; second++) for (const { market } of [parts, whole]) market.step();
    const [half, rest] = [parts.exchange.close('SOLUSDT', 50, 60)!, parts.exchange.close('SOLUSDT', 50, 60)!];
    const all = whole.exchange.close('SOLUSDT', 100, 60)!;
    // A larger order moves the price a little more.
    expect(half.realisedUsd! + rest.realisedUsd!).toBeGreaterThan(all.realisedUsd! - 0.01);
    expect(half.realisedUsd! + rest.realisedUsd!).toBeCloseTo(all.realisedUsd!, -1);
  });

  it('averages what is added, and closes no more than there is', () => {
    const { market, exchange } = setUp();
    const first = exchange.open('XRPUSDT', 'BUY', 1000, 0)!;
    for (let second = 0; second < 30; second++) market.step();
    const second = exchange.open('XRPUSDT', 'BUY', 3000, 30)!;
    const holding = exchange.holding('XRPUSDT')!;
    expect(holding.quantity).toBe(4000);
    expect(holding.entryUsd).toBeCloseTo((first.priceUsd + 3 * second.priceUsd) / 4, 9);
    expect(exchange.close('XRPUSDT', 9999, 31)!.quantity).toBe(4000);
    expect(exchange.close('XRPUSDT', 1, 32)).toBeNull();
  });

  it('takes whole units only, rounded down', () => {
    const { exchange } = setUp();
    expect(exchange.roundDown('BTCUSDT', 0.12349)).toBe(0.1234);
    expect(exchange.roundDown('BTCUSDT', 0.1 + 0.2)).toBe(0.3);
    expect(exchange.open('XRPUSDT', 'BUY', 0.9, 0)).toBeNull();
  });

  it('refuses to turn a position around', () => {
    const { exchange } = setUp();
    exchange.open('BTCUSDT', 'BUY', 0.1, 0);
    expect(() => exchange.open('BTCUSDT', 'SELL', 0.1, 0)).toThrow(/against the position/);
  });
});
