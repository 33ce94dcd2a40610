import { describe, expect, it } from 'vitest';
import { importsOf, readSource } from './source.ts';

const specifiers = (source: string): (string | null)[] =>
  importsOf(readSource(source)).map(({ specifier }) => specifier);

describe('reading source as text', () => {
  it('blanks comments and the contents of strings and keeps every offset', () => {
    const source = `#!/usr/bin/env node\nlet a = 'x // y'; // Date\n/* Date\n */ let b = "it's";\n`;
    const { code, strings } = readSource(source);
    expect(code).toHaveLength(source.length);
    expect(code.split('\n').map((line) => line.trimEnd())).toEqual([
      '',
      "let a = '      ';",
      '',
      '    let b = "    ";',
      '',
    ]);
    expect(strings.map(({ value }) => value)).toEqual(['x // y', "it's"]);
  });

  it('keeps the code inside the substitutions of a template, at any depth', () => {
    const { code } = readSource('f(`a ${one({ b: `c ${two} d` })} Date ${three}`) + four;');
    expect(code.match(/\w+/g)).toEqual(['f', 'one', 'b', 'two', 'three', 'four']);
  });

  it('does not take an escaped quote for the end of a string', () => {
    expect(readSource(String.raw`a('\'Date', "\\", b)`).code.match(/\w+/g)).toEqual(['a', 'b']);
  });

  it('tells a regular expression from a division', () => {
    expect(readSource(`const x = /Date['"/]+/g.test(y) && z / Date / 2;`).code).toContain('z / Date / 2');
    expect(readSource(`const x = /Date['"/]+/g.test(y)`).code).not.toContain('Date');
    expect(readSource(`if (a) return /'/.test(b); c('d')`).code).toContain("c(' ')");
    expect(readSource(`const half = (a + b) / 2; // '\nc / d`).code).toContain('c / d');
  });

  it('ends what is not closed with the text', () => {
    expect(readSource('a /* b').code).toBe('a     ');
    expect(readSource('a `b').strings).toEqual([{ start: 2, value: 'b' }]);
    expect(readSource("a '\\").code).toHaveLength(4);
  });
});

describe('finding imports', () => {
  it('sees every form of import', () => {
    expect(
      specifiers(`
        import a from './a.ts';
        import type { B } from "./b.ts";
        import {
          c,
        } from './c.ts';
        import './d.ts';
        export * from './e.ts';
        export { f } from './f.ts';
        const g = await import('./g.ts');
        type H = import( './h.ts').H;
        const i = require('./i.cjs');
        import j from './j.json' with { type: 'json' };
      `),
    ).toEqual([
      './a.ts',
      './b.ts',
      './c.ts',
      './d.ts',
      './e.ts',
      './f.ts',
      './g.ts',
      './h.ts',
      './i.cjs',
      './j.json',
    ]);
  });

  it('does not take comments, strings or properties for imports', () => {
    expect(
      specifiers(`
        // import './a.ts'
        /* export * from './b.ts' */
        const text = "import './c.ts'";
        Array.from('abc'); loader.import('./d.ts'); import.meta.url;
      `),
    ).toEqual([]);
  });

  it('gives null for an import whose name is computed, and the line of each', () => {
    expect(importsOf(readSource("import './a.ts';\n\nimport(name)"))).toEqual([
      { specifier: './a.ts', line: 1, isType: false },
      { specifier: null, line: 3, isType: false },
    ]);
  });
});
