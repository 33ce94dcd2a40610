import { describe, expect, test } from 'vitest';
import { InputError } from './format.ts';
import { fixedOffsetMin, timeZone } from './time-zone.ts';
import { dateOrderOf, parseTime, type DateOrder } from './timestamps.ts';

const iso = (text: string, zone = 'UTC', order: DateOrder | null = null): string => {
  const parsed = parseTime(text, timeZone(zone), order);
  return parsed.ok ? new Date(parsed.ms).toISOString() : parsed.problem;
};

describe('times as exports write them', () => {
  test.each([
    ['1704164645', '2024-01-02T03:04:05.000Z'],
    ['1704164645123', '2024-01-02T03:04:05.123Z'],
    ['1704164645123456', '2024-01-02T03:04:05.123Z'],
    ['1704164645123456789', '2024-01-02T03:04:05.123Z'],
    ['2024-01-02T03:04:05.5Z', '2024-01-02T03:04:05.500Z'],
    ['2024-01-02 03:04:05+02:00', '2024-01-02T01:04:05.000Z'],
    ['2024/01/02 03:04', '2024-01-02T03:04:00.000Z'],
    ['24-01-02 03:04:05', '2024-01-02T03:04:05.000Z'],
    ['03:04 2024-01-02', '2024-01-02T03:04:00.000Z'],
    ['02.01.2024 03:04', '2024-01-02T03:04:00.000Z'],
    ['02-12-2024 22:50', '2024-12-02T22:50:00.000Z'],
    ['13/01/2024 - 03:04:05', '2024-01-13T03:04:05.000Z'],
    ['01/13/2024, 12:04:05 AM', '2024-01-13T00:04:05.000Z'],
    ['Jan 2, 2024 03:04:05 PM', '2024-01-02T15:04:05.000Z'],
    ['02/Jan/2024 03:04:05', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02', '2024-01-02T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => expect(iso(text)).toBe(expected));

  test('a date that reads both ways is refused until something tells', () => {
    expect(iso('06/01/2025 10:00')).toContain('may be day or month first');
    expect(iso('06/01/2025 10:00', 'UTC', 'month_first')).toBe('2025-06-01T10:00:00.000Z');
    expect(iso('06/01/2025 10:00', 'UTC', 'day_first')).toBe('2025-01-06T10:00:00.000Z');
    expect([dateOrderOf('13/01/2025'), dateOrderOf('01/13/2025'), dateOrderOf('01/02/2025')]).toEqual([
      'day_first',
      'month_first',
      null,
    ]);
  });

  test.each([
    '1.73E+12',
    '31/02/2024',
    '2024-13-01',
    '13:00 PM 2024-01-02',
    'yesterday',
    '',
    '1970-01-01',
    '25:00 2024-01-01',
  ])('"%s" is refused', (text) => expect(parseTime(text, timeZone('UTC'), null).ok).toBe(false));
});

describe('time zones', () => {
  test('daylight saving is followed on both sides of a change', () => {
    expect(iso('2024-03-31 01:59:59', 'Europe/Berlin')).toBe('2024-03-31T00:59:59.000Z');
    expect(iso('2024-03-31 03:00:00', 'Europe/Berlin')).toBe('2024-03-31T01:00:00.000Z');
    expect(iso('2024-10-27 03:00:00', 'Europe/Berlin')).toBe('2024-10-27T02:00:00.000Z');
    expect(iso('2024-11-03 12:00:00', 'America/New_York')).toBe('2024-11-03T17:00:00.000Z');
  });

  test('an hour the clock skipped counts on, an hour it showed twice is the first', () => {
    expect(iso('2024-03-31 02:30:00', 'Europe/Berlin')).toBe('2024-03-31T01:30:00.000Z');
    expect(iso('2024-10-27 02:30:00', 'Europe/Berlin')).toBe('2024-10-27T00:30:00.000Z');
  });

  test('fixed offsets are minutes east', () => {
    expect(['Z', '+05:30', 'UTC+8', 'GMT-03:30', '-0500'].map(fixedOffsetMin)).toEqual([
      0, 330, 480, -210, -300,
    ]);
    expect(fixedOffsetMin('Europe/Berlin')).toBeNull();
    expect(iso('2024-01-02 05:30:00', '+05:30')).toBe('2024-01-02T00:00:00.000Z');
  });

  test('a zone nobody knows is an input error', () => {
    expect(() => timeZone('Mars/Olympus')).toThrow(InputError);
  });
});
