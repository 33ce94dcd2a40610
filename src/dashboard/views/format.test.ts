import { describe, expect, it } from 'vitest';
import {
  ageText,
  ageWords,
  countText,
  dateTimeText,
  decimalText,
  digitsOfStep,
  fullTimeText,
  percentText,
  quantityText,
  sentenceText,
  shortTimeText,
  sumText,
  timeText,
  UNKNOWN,
  usdText,
  zoneName,
} from './format.ts';

/** 2026-11-21 14:03:27 UTC. */
const TS = Date.UTC(2026, 10, 21, 14, 3, 27) / 1000;

describe('digits', () => {
  it('of ticks tell them apart, and are no more than that', () => {
    expect([0.05, 0.002, 0.5, 1, 500, 0].map(digitsOfStep)).toEqual([2, 3, 1, 0, 0, 0]);
  });

  it('of a quantity are those it has', () => {
    expect([67_379, 400, 0.00123, 1.5, null].map(quantityText)).toEqual([
      ...['67,379', '400', '0.00123', '1.5', '–'],
    ]);
  });

  it('of a sum are few from a million on', () => {
    expect([999_999, 5_432_100, -2_000_000, null].map(sumText)).toEqual([
      ...['999,999', '5.43\u00a0M', '\u22122.00\u00a0M', '–'],
    ]);
  });
});

describe('numbers', () => {
  it('have separators for thousands and as many digits as asked for', () => {
    expect(decimalText(12_345.6)).toBe('12,345.60');
    expect(decimalText(0.44444, 4)).toBe('0.4444');
    expect(decimalText(1_000_000, 0)).toBe('1,000,000');
  });

  it('have a real minus, and a plus only where asked for', () => {
    expect(decimalText(-3.5)).toBe('−3.50');
    expect(decimalText(3.5)).toBe('3.50');
    expect(decimalText(3.5, 2, true)).toBe('+3.50');
  });

  it('have no sign where they round to nothing', () => {
    expect(decimalText(-0.001)).toBe('0.00');
    expect(decimalText(0.001, 2, true)).toBe('0.00');
    expect(decimalText(-0)).toBe('0.00');
  });

  it.each([null, Number.NaN, Number.POSITIVE_INFINITY])('%s is an en dash', (value) => {
    expect(decimalText(value)).toBe(UNKNOWN);
    expect(usdText(value)).toBe(UNKNOWN);
    expect(percentText(value)).toBe(UNKNOWN);
    expect(ageText(value)).toBe(UNKNOWN);
  });

  it('of money lose their cents from 100,000 on, unless digits are asked for', () => {
    expect(usdText(99_999.5)).toBe('99,999.50');
    expect(usdText(100_000.5)).toBe('100,001');
    expect(usdText(-123_456.78, true)).toBe('−123,457');
    expect(usdText(123_456.78, false, 2)).toBe('123,456.78');
  });

  it('of fractions are percent', () => {
    expect(percentText(0.0213, 2)).toBe('2.13\u00a0%');
    expect(percentText(-0.5, 0, true)).toBe('−50\u00a0%');
  });

  it('of things agree with their noun', () => {
    expect(countText(1, 'symbol')).toBe('1 symbol');
    expect(countText(1200, 'symbol')).toBe('1,200 symbols');
    expect(countText(0, 'entry', 'entries')).toBe('0 entries');
  });
});

it('what a program said becomes a sentence', () => {
  expect(sentenceText(' that is no token ')).toBe('That is no token.');
  expect(sentenceText('“fixed”')).toBe('“fixed”');
  expect(sentenceText('Done!')).toBe('Done!');
});

describe('ages', () => {
  it.each([
    [0, '0 s', '0 seconds'],
    [1.9, '1 s', '1 second'],
    [119, '119 s', '119 seconds'],
    [120, '2 min', '2 minutes'],
    [7199, '119 min', '119 minutes'],
    [7200, '2 h', '2 hours'],
    [172_800, '2 d', '2 days'],
    [-3, '0 s', '0 seconds'],
  ])('of %d seconds are %s', (seconds, short, words) => {
    expect(ageText(seconds).replace('\u00a0', ' ')).toBe(short);
    expect(ageWords(seconds)).toBe(words);
  });

  it('that are not known are said so', () => {
    expect(ageWords(null)).toBe('not known');
  });
});

describe('times', () => {
  it('are told in UTC', () => {
    expect(timeText(TS, 'utc')).toBe('14:03:27');
    expect(dateTimeText(TS, 'utc')).toBe('2026-11-21 14:03:27');
    expect(fullTimeText(TS, 'utc')).toBe('2026-11-21 14:03:27 UTC');
  });

  it('are told in local time with their distance from UTC', () => {
    const offset = -new Date(TS * 1000).getTimezoneOffset();
    const local = new Date(TS * 1000 + offset * 60_000).toISOString();
    expect(timeText(TS, 'local')).toBe(local.slice(11, 19));
    expect(zoneName(TS, 'local')).toMatch(/^UTC[+−]\d{1,2}(?::\d\d)?$/);
    expect(fullTimeText(TS, 'local')).toContain(zoneName(TS, 'local'));
  });

  it('carry their day only where it is another', () => {
    expect(shortTimeText(TS, TS + 60, 'utc')).toBe('14:03:27');
    expect(shortTimeText(TS, TS + 86_400, 'utc')).toBe('11-21 14:03:27');
  });

  it.each([null, Number.NaN, 1e18, 1.78e12, -1e18])('that no calendar holds are an en dash: %s', (ts) => {
    expect(timeText(ts, 'utc')).toBe(UNKNOWN);
    expect(dateTimeText(ts, 'local')).toBe(UNKNOWN);
    expect(fullTimeText(ts, 'utc')).toBe(UNKNOWN);
    expect(shortTimeText(ts, TS, 'utc')).toBe(UNKNOWN);
  });
});
