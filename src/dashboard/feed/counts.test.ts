import { describe, expect, it } from 'vitest';
import { HourCount } from './hour-count.ts';
import { Newest } from './newest.ts';
import { Pace } from './paces.ts';

describe('the count of an hour', () => {
  it('forgets minutes that are over', () => {
    const count = new HourCount();
    for (let minute = 0; minute < 90; minute++) for (let i = 0; i < 2; i++) count.add(minute * 60 + i);
    expect(count.at(89 * 60 + 30)).toBe(120);
    expect(count.at(89 * 60 + 30 + 1800)).toBe(60);
    expect(count.at(100_000)).toBe(0);
  });

  it('does not count what is told an hour late', () => {
    const count = new HourCount();
    count.add(7200);
    count.add(3600);
    expect(count.at(7200)).toBe(1);
  });
});

describe('the newest', () => {
  it('are as many as asked for, oldest first', () => {
    const newest = new Newest<number>(3);
    expect(newest.all()).toEqual([]);
    for (let i = 0; i < 20; i++) newest.add(i);
    expect(newest.all()).toEqual([17, 18, 19]);
  });
});

describe('a pace', () => {
  const first = () => 30;

  it('begins with what the minute before had', () => {
    const pace = new Pace();
    expect(pace.perMinute(1e6)).toBe(0);
    pace.note(1e6, 100, first);
    expect(pace.perMinute(1e6)).toBe(30);
  });

  it('is what came within a minute', () => {
    const pace = new Pace();
    for (let sec = 0; sec <= 300; sec++) pace.note(1e6 + sec * 1000, 100 + sec * 2, first);
    expect(pace.perMinute(1e6 + 300_000)).toBe(120);
    expect(pace.perMinute(1e6 + 330_000)).toBe(60);
  });

  it('begins anew with another stream of its name', () => {
    const pace = new Pace();
    pace.note(1e6, 1000, first);
    pace.note(1e6 + 5000, 3, () => 3);
    expect(pace.perMinute(1e6 + 5000)).toBe(3);
  });

  it('counts what comes between two samples that are close', () => {
    const pace = new Pace();
    for (let i = 0; i <= 100; i++) pace.note(1e6 + i * 100, i, () => 0);
    expect(pace.perMinute(1e6 + 10_000)).toBeGreaterThanOrEqual(90);
  });
});
