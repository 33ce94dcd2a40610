import { describe, expect, test } from 'vitest';
import { decimalMarkOf, parseDecimal } from './decimals.ts';

describe('numbers as people write them', () => {
  test.each([
    ['12.5', 12.5, null],
    ['-12', -12, null],
    ['1,234.56', 1234.56, null],
    ['1.234,56', 1234.56, null],
    ['1,234,567', 1234567, null],
    ['1 234,56', 1234.56, null],
    ["1'234.50", 1234.5, null],
    ['-$12.50', -12.5, 'USD'],
    ['$-12.50', -12.5, 'USD'],
    ['(12.50)', -12.5, null],
    ['($1,012.50)', -1012.5, 'USD'],
    ['12,50', 12.5, null],
    ['€ 12,50', 12.5, 'EUR'],
    ['0.00081438BNB', 0.00081438, 'BNB'],
    ['0.01018698 USDT', 0.01018698, 'USDT'],
    ['R$ 100,50', 100.5, 'BRL'],
    ['1.2E-05', 0.000012, null],
    ['−3.5', -3.5, null],
    ['0.125', 0.125, null],
  ])('%s is %d', (text, value, unit) => expect(parseDecimal(text, null)).toEqual({ ok: true, value, unit }));

  test('what reads two ways is refused until the file tells', () => {
    expect(parseDecimal('1,234', null)).toMatchObject({ ok: false });
    expect(parseDecimal('1,234', '.')).toMatchObject({ value: 1234 });
    expect(parseDecimal('1,234', ',')).toMatchObject({ value: 1.234 });
    expect(parseDecimal('1.234', ',')).toMatchObject({ value: 1234 });
    expect(parseDecimal('1.234', null)).toMatchObject({ value: 1.234 });
  });

  test('a value against the mark of its file is refused', () => {
    expect(parseDecimal('12.50', ',').ok).toBe(false);
    expect(parseDecimal('12,50', '.').ok).toBe(false);
  });

  test.each(['', 'abc', '1.2.3', '12,34,56', 'NaN', 'Infinity', '0x10', '--5', '1e999', '12%', '1,23.4'])(
    '"%s" is no number',
    (text) => expect(parseDecimal(text, null).ok).toBe(false),
  );

  test('a value proves a mark only if it fits one reading', () => {
    expect(
      ['12,50', '12.50', '1,234', '1.234', '1,234.5', '1.234.567', '0,125', '7'].map(decimalMarkOf),
    ).toEqual([',', '.', null, null, '.', ',', ',', null]);
  });
});
