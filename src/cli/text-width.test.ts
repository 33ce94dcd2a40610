import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutToWidth, harmless, textWidth } from './text-width.ts';

describe('harmless', () => {
  test('replaces what could move, hide or reorder text', () => {
    expect(harmless('a\u001b[31mb\r\nc\u0000d\u009be')).toBe('a·[31mb··c·d·e');
    expect(harmless('evil\u202Etxt\u200b\u2066')).toBe('evil·txt··');
    expect(harmless('BTCUSDT é 比特币 __proto__')).toBe('BTCUSDT é 比特币 __proto__');
  });

  test('leaves no control character in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(harmless(text)).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      }),
    );
  });
});

describe('textWidth', () => {
  test('counts wide characters twice and combining marks not at all', () => {
    expect(['abc', '比特币', 'e\u0301', '🚀', 'ｱ', '한'].map(textWidth)).toEqual([3, 6, 1, 2, 1, 2]);
  });
});

describe('cutToWidth', () => {
  test('cuts with an ellipsis and never through a wide character', () => {
    expect(cutToWidth('abcdef', 4)).toBe('abc…');
    expect(cutToWidth('abcd', 4)).toBe('abcd');
    expect(cutToWidth('比特币', 4)).toBe('比…');
    expect(cutToWidth('abc', 0)).toBe('');
  });
});
