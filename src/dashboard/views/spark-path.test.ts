import { expect, it } from 'vitest';
import { sparkPath } from './spark-path.ts';

it('a sparkline goes from left to right, the least at the bottom', () => {
  expect(sparkPath([0, 10, 5], 100, 20)).toEqual({
    line: 'M2.5 17.5L50 2.5L97.5 10',
    endX: 97.5,
    endY: 10,
    zeroY: 17.5,
  });
});

it('a sparkline shows zero only where it crosses it', () => {
  expect(sparkPath([1, 2], 100, 20)?.zeroY).toBeNull();
  expect(sparkPath([-1, 1], 100, 20)?.zeroY).toBe(10);
});

it('equal values lie in the middle', () => {
  expect(sparkPath([3, 3], 100, 20)).toMatchObject({ line: 'M2.5 10L97.5 10', zeroY: null });
});

it('one value is no line', () => {
  expect(sparkPath([1], 100, 20)).toBeNull();
  expect(sparkPath([], 100, 20)).toBeNull();
});
