import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashStep, Intern } from './intern.ts';

function get(intern: Intern, text: string, hash?: number): string {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  const computed = [...bytes.subarray(1, -1)].reduce(hashStep, 0);
  return intern.get(bytes, 1, bytes.length - 1, hash ?? computed);
}

describe('interned strings', () => {
  it('are the text of their bytes, however often and in whatever order they come', () => {
    const intern = new Intern();
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 70 })), (texts) => {
        for (const text of [...texts, ...texts]) expect(get(intern, text)).toBe(text);
      }),
    );
  });

  it('are told apart where their hashes are the same', () => {
    const intern = new Intern();
    const texts = ['a', 'b', 'ab', 'ba', '', 'abc'];
    for (const text of [...texts, ...texts]) expect(get(intern, text, 42)).toBe(text);
  });

  it('stay right when there are more than are kept', () => {
    const intern = new Intern();
    const wrong: string[] = [];
    for (let i = 0; i < 80_000; i++) if (get(intern, `name-${i}`) !== `name-${i}`) wrong.push(`name-${i}`);
    for (const i of [0, 65_535, 65_536, 65_537, 79_999]) expect(get(intern, `name-${i}`)).toBe(`name-${i}`);
    expect(wrong).toEqual([]);
  });
});
