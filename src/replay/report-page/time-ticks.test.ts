import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeTicks } from './time-ticks.ts';

const at = (text: string): number => Date.parse(`${text}Z`) / 1000;
const labels = (from: string, to: string): string[] =>
  timeTicks(at(from), at(to), 8).map(({ label }) => label);

describe('time ticks', () => {
  it('of years are years', () => {
    expect(labels('2017-08-03T00:00', '2026-02-01T00:00')).toEqual(['2018', '2020', '2022', '2024', '2026']);
  });

  it('of half a year are months with their year', () => {
    expect(labels('2021-01-01T00:00', '2021-06-02T00:00')).toEqual([
      ...['Jan 2021', 'Feb 2021', 'Mar 2021', 'Apr 2021', 'May 2021', 'Jun 2021'],
    ]);
  });

  it('of weeks are Mondays', () => {
    const ticks = timeTicks(at('2024-01-01T05:00'), at('2024-02-15T00:00'), 8);
    expect(ticks.map(({ label }) => label)).toEqual([
      '8 Jan',
      '15 Jan',
      '22 Jan',
      '29 Jan',
      '5 Feb',
      '12 Feb',
    ]);
    expect(ticks.every(({ tsSec }) => new Date(tsSec * 1000).getUTCDay() === 1)).toBe(true);
  });

  it('of a day are hours, with the date at midnight', () => {
    expect(labels('2024-01-01T20:30', '2024-01-02T19:00')).toEqual([
      ...['21:00', '2 Jan', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00'],
    ]);
  });

  it('of seconds are seconds', () => {
    expect(labels('2024-01-01T20:30:00', '2024-01-01T20:30:20')).toEqual([
      ...['20:30:00', '20:30:05', '20:30:10', '20:30:15', '20:30:20'],
    ]);
  });

  it('of a single moment are that moment', () => {
    expect(labels('2024-01-01T20:30', '2024-01-01T20:30')).toEqual(['20:30']);
  });

  it('are few, different, in order and inside, whatever the times', () => {
    const time = fc.double({ min: 946_684_800, max: 4_102_444_800, noNaN: true });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const ticks = timeTicks(from, to, 8);
        expect(ticks.length).toBeLessThanOrEqual(9);
        for (const [index, { tsSec }] of ticks.entries()) {
          expect(tsSec >= from && tsSec <= to).toBe(true);
          if (index > 0) expect(tsSec).toBeGreaterThan(ticks[index - 1]!.tsSec);
        }
      }),
    );
  });
});
