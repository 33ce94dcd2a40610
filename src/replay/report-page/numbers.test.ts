import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  count,
  counted,
  dayText,
  fixed,
  minuteText,
  percent,
  shortUsd,
  signedFixed,
  signedUsd,
  usd,
} from './numbers.ts';

describe('numbers on a page', () => {
  it.each([
    [1234567.891, '1,234,567.89'],
    [-0.004, '−0.0040'],
    [0.005, '0.01'],
    [0, '0.00'],
    [-0, '0.00'],
    [-12.5, '−12.50'],
    [0.0000012, '0.0000012'],
    [1e15, '1.000e15'],
    [-1e-12, '−1.0e−12'],
    [null, '–'],
    [NaN, '–'],
    [-Infinity, '–'],
  ])('show %s USD as %s', (value, text) => {
    expect(usd(value)).toBe(text);
  });

  it('show a gain with a plus, nothing with none', () => {
    expect([5, 0, -5, null].map(signedUsd)).toEqual(['+5.00', '0.00', '−5.00', '–']);
    expect([0.25, -0.25, 0.00001, -0.00001].map((value) => signedFixed(value, 2))).toEqual([
      ...['+0.25', '−0.25', '0.00', '0.00'],
    ]);
  });

  it.each([
    [0, '0'],
    [0.05, '+0.05'],
    [-9.994, '−9.99'],
    [9.999, '+10.0'],
    [99.96, '+100'],
    [-340.2, '−340'],
    [999.6, '+1.0k'],
    [1234, '+1.2k'],
    [-123456, '−123k'],
    [2.5e6, '+2.5M'],
    [7e9, '+7.0B'],
    [3e18, '+3.0e18'],
  ])('show %s in short as %s', (value, text) => {
    expect(shortUsd(value)).toBe(text);
  });

  it('show fractions as percent and counts in groups', () => {
    expect([0.1234, -0.0001, 0, null, 1e12].map((value) => percent(value))).toEqual([
      ...['12.3%', '0.0%', '0.0%', '–', '1.0e14%'],
    ]);
    expect(percent(-0.12345, 2)).toBe('−12.35%');
    expect([count(1234567), counted(1, 'symbol'), counted(1200, 'symbol')]).toEqual([
      ...['1,234,567', '1 symbol', '1,200 symbols'],
    ]);
    expect(counted(0, 'repeat of an id', 'repeats of an id')).toBe('0 repeats of an id');
  });

  it('show times in UTC, and none where there is none', () => {
    expect([minuteText(1_614_834_360), dayText(1_614_834_360), minuteText(0), dayText(null)]).toEqual([
      ...['2021-03-04 05:06', '2021-03-04', '–', '–'],
    ]);
  });

  it('are never minus zero, not a number, or wide', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: false }), (value) => {
        for (const text of [
          ...[usd(value), signedUsd(value), percent(value), fixed(value, 3), signedFixed(value, 3)],
          ...(Number.isFinite(value) ? [shortUsd(value)] : []),
        ]) {
          expect(text).not.toMatch(/NaN|Infinity|undefined|^[−+-][0.,]*%?$/);
          expect(text.length).toBeLessThan(24);
        }
        if (Number.isFinite(value)) expect(shortUsd(value).length).toBeLessThan(11);
      }),
    );
  });
});
