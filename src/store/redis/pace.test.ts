import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('the pace', () => {
  it('goes down on a slow server and comes back, and stays within its limits', () => {
    const pace = new Pace();
    const start = pace.limit;
    for (let i = 0; i < 100; i++) pace.learn(500, 1500);
    expect(pace.limit).toBeGreaterThan(200);
    expect(pace.limit).toBeLessThan(300);
    for (let i = 0; i < 100; i++) pace.learn(500, 50);
    expect(pace.limit).toBe(start);
    for (let i = 0; i < 100; i++) pace.learn(500, 1e9);
    expect(pace.limit).toBe(100);
  });

  it('learns nothing from small calls, from a clock that stands still, and little from one hiccup', () => {
    const pace = new Pace();
    const start = pace.limit;
    for (let i = 0; i < 100; i++) {
      pace.learn(10, 10_000);
      pace.learn(500, 0);
    }
    expect(pace.limit).toBe(start);
    pace.learn(500, 1e9);
    expect(pace.limit).toBeGreaterThan(start / 2);
  });
});
