/** Breaking sentences into lines. */
import { describe, expect, it } from 'vitest';
import { wrap } from './wrap.ts';

describe('wrap', () => {
  it('breaks at spaces so that no line is wider than asked', () => {
    const lines = wrap('one two three four five six seven eight nine ten eleven twelve', 24).split('\n');
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.length <= 24)).toBe(true);
    expect(lines.join(' ')).toBe('one two three four five six seven eight nine ten eleven twelve');
  });
  it('indents every line but the first and keeps a long word whole', () => {
    expect(wrap(`start ${'x'.repeat(30)} end`, 20, 2)).toBe(`start\n  ${'x'.repeat(30)}\n  end`);
  });
  it('does not make lines of prose as wide as a file allows', () => {
    expect(wrap('word '.repeat(100).trim(), Infinity).split('\n')[0]!.length).toBeLessThanOrEqual(120);
  });
});
