import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const draws = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  it('draws evenly from 0 to 1', () => {
    const values = draws(new Random(7, 'even'), 20_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const inside = values.filter((value) => Math.floor(value * 10) === tenth).length;
      expect(inside / values.length).toBeCloseTo(0.1, 1);
    }
  });

  it('has normal numbers around 0 with deviation 1', () => {
    const random = new Random(7, 'normal');
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it('follows from seed and purpose alone', () => {
    expect(draws(new Random(1, 'a'), 10)).toEqual(draws(new Random(1, 'a'), 10));
    const others = [new Random(1, 'b'), new Random(2, 'a'), new Random(2 ** 32 + 1, 'a')];
    for (const other of others) expect(draws(other, 10)).not.toEqual(draws(new Random(1, 'a'), 10));
  });
});
