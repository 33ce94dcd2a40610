import { describe, expect, test } from 'vitest';
import { bold, dim, signed, wantsColour } from './colour.ts';

describe('wantsColour', () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '' }, true, true],
  ])('with %o and terminal %s it is %s', (env, isTTY, expected) => {
    expect(wantsColour(env, isTTY)).toBe(expected);
  });
});

describe('signed', () => {
  test('is green above zero, red below and plain at zero', () => {
    expect(signed('x', 1, { colour: true })).toBe('\u001b[32mx\u001b[39m');
    expect(signed('x', -1, { colour: true })).toBe('\u001b[31mx\u001b[39m');
    expect([signed('x', 0, { colour: true }), signed('x', Number.NaN, { colour: true })]).toEqual(['x', 'x']);
  });

  test('nothing is added without colour', () => {
    const plain = { colour: false };
    expect([signed('x', -1, plain), bold('x', plain), dim('x', plain)]).toEqual(['x', 'x', 'x']);
  });
});
