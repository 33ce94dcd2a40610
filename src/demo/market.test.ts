import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from './cast.ts';
import { Market, REGIMES, type Regime } from './market.ts';

const HOURS = 6;
const SECONDS = HOURS * 3600;

interface Series {
  readonly returns: number[];
  readonly regimes: Regime[];
  readonly pulls: number[];
}

function seriesOf(seed: number): Map<string, Series> {
  const market = new Market(INSTRUMENTS, seed);
  const all = new Map(
    INSTRUMENTS.map(({ symbol }): [string, Series] => [symbol, { returns: [], regimes: [], pulls: [] }]),
  );
  for (let second = 0; second < SECONDS; second++) {
    const before = new Map(INSTRUMENTS.map(({ symbol }) => [symbol, market.quote(symbol)]));
    market.step();
    for (const [symbol, { returns, regimes, pulls }] of all) {
      const quote = market.quote(symbol);
      returns.push(quote.priceUsd / before.get(symbol)!.priceUsd - 1);
      regimes.push(quote.regime);
      pulls.push(before.get(symbol)!.pull);
    }
  }
  return all;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('the market of the demo', () => {
  const series = seriesOf(1);

  it('moves as lively coins do: between half a percent and eight percent an hour', () => {
    const blockSec = 600;
    for (const { returns } of series.values()) {
      const blocks = Array.from({ length: SECONDS / blockSec }, (_, i) =>
        returns.slice(i * blockSec, (i + 1) * blockSec).reduce((sum, change) => sum + change, 0),
      );
      const hourly = deviation(blocks) * Math.sqrt(3600 / blockSec);
      expect(hourly).toBeGreaterThan(0.005);
      expect(hourly).toBeLessThan(0.08);
    }
  });

  it('never loses a price, and stays in the neighbourhood of where it began', () => {
    for (const { returns } of series.values()) {
      const end = returns.reduce((price, change) => price * (1 + change), 1);
      expect(end).toBeGreaterThan(0.5);
      expect(end).toBeLessThan(2);
    }
  });

  it('goes through every regime, for minutes at a time', () => {
    for (const { regimes } of series.values()) {
      const switches = regimes.filter((regime, i) => i > 0 && regime !== regimes[i - 1]).length;
      expect(switches).toBeGreaterThan(3);
      expect(SECONDS / (switches + 1)).toBeGreaterThan(120);
    }
    const met = new Set([...series.values()].flatMap(({ regimes }) => regimes));
    expect([...met].toSorted()).toEqual([...REGIMES].toSorted());
  });

  it('jumps now and then', () => {
    const jumps = [...series.values()].flatMap(({ returns }) =>
      returns.filter((change) => Math.abs(change) > 0.0035),
    );
    expect(jumps.length).toBeGreaterThan(INSTRUMENTS.length);
    expect(jumps.length).toBeLessThan((INSTRUMENTS.length * SECONDS) / 60);
  });

  it('goes where it is pulled, more often than not', () => {
    const minute = 60;
    for (const { returns, pulls, regimes } of series.values()) {
      let right = 0;
      let counted = 0;
      for (let at = 1; at + minute < SECONDS; at += minute) {
        if (regimes[at] === 'CHOP' || Math.abs(pulls[at]!) < 0.00005) continue;
        const moved = returns.slice(at, at + minute).reduce((sum, change) => sum + change, 0);
        counted++;
        if (Math.sign(moved) === Math.sign(pulls[at]!)) right++;
      }
      expect(counted).toBeGreaterThan(20);
      expect(right / counted).toBeGreaterThan(0.65);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    expect(seriesOf(1)).toEqual(series);
    expect(seriesOf(2).get('BTCUSDT')!.returns).not.toEqual(series.get('BTCUSDT')!.returns);
  });

  it('knows no other symbols', () => {
    expect(() => new Market(INSTRUMENTS, 1).quote('NOPEUSDT')).toThrow(RangeError);
  });
});
