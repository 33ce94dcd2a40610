import { describe, expect, test } from 'vitest';
import { formatCount, formatPercent, formatRatio, formatUsd } from './figures.ts';

describe('formatUsd', () => {
  test.each([
    [1234567.891, '+1,234,567.89'],
    [-1234.5, '-1,234.50'],
    [1, '+1.00'],
    [0.99999, '+1.00'],
    [0.5, '+0.5000'],
    [-0.0123456, '-0.01235'],
    [0.000001, '+0.000001000'],
    [1e-9, '+1.000e-9'],
    [0, '0.00'],
    [-0, '0.00'],
    [1e21, '+1.000e+21'],
    [null, '-'],
    [Number.NaN, '-'],
  ])('%d is %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });
});

describe('formatPercent', () => {
  test.each([
    [0.1234, '12.3%'],
    [-0.5, '-50.0%'],
    [-0.0001, '0.0%'],
    [12.5, '1,250.0%'],
    [1e9, '1.0e+11%'],
    [null, '-'],
  ])('%d is %s', (fraction, text) => {
    expect(formatPercent(fraction)).toBe(text);
  });
});

test('ratios have two decimals and counts none', () => {
  expect([formatRatio(1.5), formatRatio(null), formatRatio(1e10)]).toEqual(['1.50', '-', '1.00e+10']);
  expect([formatCount(0), formatCount(999), formatCount(1234567)]).toEqual(['0', '999', '1,234,567']);
});
