import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { PermitCounts } from './permit-counts.ts';

const T0 = 1_800_000_000;

function countsAt(counts: PermitCounts, nowSec: number): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = {};
  counts.each(nowSec, (id, hour, five) => (found[counts.name(id)] = [hour, five]));
  return found;
}

describe('counts of permits', () => {
  it('fall as each permit leaves its window, to the second', () => {
    const counts = new PermitCounts();
    counts.tell('A', T0, true, 1, 1);
    counts.tell('A', T0 + 200, true, 2, 2);
    counts.tell('B', T0 + 200, true, 1, 1);
    expect(countsAt(counts, T0 + 299.9)).toEqual({ A: [2, 2], B: [1, 1] });
    expect(countsAt(counts, T0 + 300)).toEqual({ A: [2, 1], B: [1, 1] });
    expect(countsAt(counts, T0 + 500)).toEqual({ A: [2, 0], B: [1, 0] });
    expect(countsAt(counts, T0 + 3600)).toEqual({ A: [1, 0], B: [1, 0] });
    expect(countsAt(counts, T0 + 3800)).toEqual({ A: [0, 0], B: [0, 0] });
  });

  it('believe what they are told of permits from before, until a window after the last', () => {
    const counts = new PermitCounts();
    counts.tell('A', T0, true, 3, 2);
    expect(countsAt(counts, T0 + 299)).toEqual({ A: [3, 2] });
    expect(countsAt(counts, T0 + 3599)).toEqual({ A: [3, 0] });
    expect(countsAt(counts, T0 + 3600)).toEqual({ A: [0, 0] });
  });

  it('do not take for counted what is not, and believe that a failed one is not any more', () => {
    const counts = new PermitCounts();
    counts.tell('A', T0, true, 1, 1);
    counts.tell('A', T0 + 400, false, 1, 0);
    expect(countsAt(counts, T0 + 500)).toEqual({ A: [1, 0] });
    expect(countsAt(counts, T0 + 3600)).toEqual({ A: [0, 0] });
    counts.tell('A', T0 + 4000, true, 1, 1);
    counts.tell('A', T0 + 4010, true, 1, 1);
    expect(countsAt(counts, T0 + 4011)).toEqual({ A: [1, 1] });
  });

  it('keep no more than a hundred times of a symbol, and never say too few', () => {
    const counts = new PermitCounts();
    for (let i = 0; i < 1000; i++) counts.tell('A', T0 + i, true, i + 1, Math.min(300, i + 1));
    expect(countsAt(counts, T0 + 999)).toEqual({ A: [1000, 300] });
    const { A } = countsAt(counts, T0 + 999 + 250);
    expect(A![1]).toBeGreaterThanOrEqual(50);
    expect(A![1]).toBeLessThan(300);
    expect(countsAt(counts, T0 + 999 + 3600)).toEqual({ A: [0, 0] });
  });

  it('are right at every moment where all permits are known', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 4000 }), (between, laterSec) => {
        const counts = new PermitCounts();
        const times: number[] = [];
        const countOf = (windowSec: number, now: number) =>
          times.filter((time) => now - time < windowSec).length;
        let now = T0;
        for (const gap of between) {
          now += gap;
          times.push(now);
          counts.tell('A', now, true, countOf(3600, now), countOf(300, now));
        }
        const later = now + laterSec;
        expect(countsAt(counts, later)).toEqual({ A: [countOf(3600, later), countOf(300, later)] });
      }),
    );
  });

  it('are forgotten', () => {
    const counts = new PermitCounts();
    counts.tell('A', T0, true, 1, 1);
    counts.clear();
    expect(countsAt(counts, T0)).toEqual({});
  });
});
