import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sparkline } from './sparkline.ts';

describe('sparkline', () => {
  test('goes from the lowest block to the highest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], { width: 8 })).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([3, -3], { width: 8 })).toBe('█▁');
  });

  test('has an ASCII form', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], { width: 8, ascii: true })).toBe('_.-=+*%#');
  });

  test('draws a flat series at half height and nothing for no values or no room', () => {
    expect(sparkline([5, 5, 5], { width: 8 })).toBe('▅▅▅');
    expect([sparkline([], { width: 8 }), sparkline([1, 2], { width: 0 })]).toEqual(['', '']);
  });

  test('thins a long series by averaging neighbours', () => {
    expect(sparkline([0, 0, 0, 8, 8, 8], { width: 2 })).toBe('▁█');
  });

  test('leaves out what is not finite and survives the ends of the number range', () => {
    expect(sparkline([Number.NaN, 0, Infinity, 1], { width: 8 })).toBe('▁█');
    expect(sparkline([-Number.MAX_VALUE, Number.MAX_VALUE], { width: 8 })).toBe('▁█');
  });

  test('never takes more room than given', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.nat(50), (values, width) => {
        const line = sparkline(values, { width });
        expect(line).toMatch(/^[▁-█]*$/);
        expect(line.length).toBe(Math.min(width, values.filter(Number.isFinite).length));
      }),
    );
  });
});
