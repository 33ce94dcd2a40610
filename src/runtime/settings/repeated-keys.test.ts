import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedKeys } from './repeated-keys.ts';

describe('repeatedKeys', () => {
  it.each([
    ['{}', []],
    ['{"a":1,"b":1}', []],
    ['{"a":1,"a":1}', ['a']],
    ['{"a":{"b":1,"c":2,"b":3},"d":{"b":1}}', ['a.b']],
    ['{"a":"a","b":["a","a",{"a":1}]}', []],
    ['{"a" : 1, "\\u0061": 2}', ['a']],
    ['{"a":"{\\"a\\":1","b":"\\"a\\":"}', []],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
  ])('%s repeats %j', (json, paths) => {
    expect(repeatedKeys(json)).toEqual(paths);
  });

  it('finds nothing in what JavaScript writes', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(repeatedKeys(json)).toEqual([]);
      }),
    );
  });
});
