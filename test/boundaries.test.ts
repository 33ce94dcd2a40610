/** Imports point one way (ARCHITECTURE.md), and the core is pure. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cycles, layerOf, LAYERS, violations } from './support/boundaries.ts';
import { isTest, projectFiles, type ProjectFile } from './support/project.ts';
import { importsOf, readSource } from './support/source.ts';

const files = projectFiles('src', /\.tsx?$/);
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
};

describe('the sources', () => {
  it('were found, and so were imports among them', () => {
    const sources = files.filter(({ path }) => !isTest(path));
    expect(sources.length).toBeGreaterThan(10);
    const relative = sources.flatMap(({ text }) =>
      importsOf(readSource(text)).filter(({ specifier }) => specifier?.startsWith('.')),
    );
    expect(relative.length).toBeGreaterThan(sources.length / 2);
    const layers = new Set(sources.map(({ path }) => layerOf(path)));
    expect([...layers]).toEqual(expect.arrayContaining(['core', 'dashboard/views', 'dashboard/page']));
  });

  it('import only what their layer may import, and are pure where they must be', () => {
    expect(violations(files, Object.keys(manifest.dependencies))).toEqual([]);
  });

  it('do not import each other in a circle', () => {
    expect(cycles(files)).toEqual([]);
  });
});

describe('the table of layers', () => {
  it('points one way: a layer imports only layers that stand above it', () => {
    const above = new Set<string>();
    for (const [name, { imports, types }] of LAYERS) {
      for (const other of [...imports, ...types]) expect(above, `${name} imports ${other}`).toContain(other);
      above.add(name);
    }
  });

  it('lets the client see nothing above the store, and nobody but the page itself its files', () => {
    expect(LAYERS.get('client')?.imports).toEqual(['core', 'contract', 'store', 'signing']);
    for (const [, { imports }] of LAYERS) expect(imports).not.toContain('dashboard/page');
  });
});

describe('the check itself', () => {
  const check = (path: string, text: string, ...others: ProjectFile[]): string[] =>
    violations([{ path, text }, ...others], ['zod']);

  it.each([
    ['core from contract', 'src/core/budget/a.ts', "import { a } from '../../contract/a.ts';"],
    ['core from contract, a type', 'src/core/a.ts', "import type { A } from '../contract/a.ts';"],
    ['core from node', 'src/core/a.ts', "import { join } from 'node:path';"],
    ['core from a package', 'src/core/a.ts', "import { z } from 'zod';"],
    ['contract from node', 'src/contract/a.ts', "import { join } from 'node:path';"],
    ['contract from a package', 'src/contract/a.ts', "import { z } from 'zod';"],
    ['contract from runtime', 'src/contract/a.ts', "export * from '../runtime/a.ts';"],
    ['store from runtime', 'src/store/a.ts', "import '../runtime/a.ts';"],
    ['replay from cli', 'src/replay/formats/a.ts', "const a = await import('../../cli/a.ts');"],
    ['replay from ops', 'src/replay/a.ts', "import { a } from '../ops/a.ts';"],
    ['client from runtime', 'src/client/a.ts', "import { a } from '../runtime/a.ts';"],
    ['cli from the page', 'src/cli/a.ts', "import { a } from '../dashboard/page/a.ts';"],
    ['the page from node', 'src/dashboard/page/a.tsx', "import { join } from 'node:path';"],
    ['the page from a package of the server', 'src/dashboard/page/a.tsx', "import { z } from 'zod';"],
    [
      'the page from the wire, more than a type',
      'src/dashboard/page/a.tsx',
      "import { a } from '../wire.ts';",
    ],
    ['the page from the server', 'src/dashboard/page/a.tsx', "import type { A } from '../server/a.ts';"],
    ['views from preact', 'src/dashboard/views/a.ts', "import { h } from 'preact';"],
    ['views from ops, more than a type', 'src/dashboard/views/a.ts', "import { a } from '../../ops/a.ts';"],
    ['an undeclared package', 'src/cli/a.ts', "import { a } from '@scope/name/part';"],
    ['a built-in module by its bare name', 'src/cli/a.ts', "import { a } from 'fs';"],
    ['a computed name', 'src/cli/a.ts', 'await import(name);'],
    ['a test', 'src/cli/a.ts', "import { a } from './b.test.ts';"],
    ['a file outside src', 'src/cli/a.ts', "import { a } from '../../test/support/a.ts';"],
    ['a file of no layer', 'src/cli/a.ts', "import { a } from '../utils/a.ts';"],
  ])('refuses an import of %s', (_name, path, text) => {
    expect(check(path, text)).toEqual([expect.stringMatching(/^src\/[\w/]+\.tsx?:1 imports /)]);
  });

  it.each([
    ['src/core/budget/a.ts', "import { a } from '../num.ts';"],
    ['src/contract/a.ts', "import type { A } from '../core/a.ts';"],
    [
      'src/replay/formats/a.ts',
      "import { z } from 'zod'; import { b } from 'node:zlib'; import '../run.ts';",
    ],
    ['src/cli/a.ts', "import { a } from '../client/a.ts'; import { b } from '../replay/b.ts';"],
    ['src/core/a.test.ts', "import { a } from '../replay/a.ts'; import 'node:fs'; await 1;"],
    ['src/index.ts', "export { a } from './replay/a.ts';"],
    [
      'src/dashboard/page/a.tsx',
      "import { h } from 'preact/hooks'; import './a.css'; import type { A } from '../wire.ts'; import '../views/a.ts';",
    ],
    [
      'src/dashboard/views/a.ts',
      "import type { A } from '../wire.ts'; import type { B } from '../../ops/explain/b.ts';",
    ],
    ['src/dashboard/server/a.ts', "import { b } from '../views/b.ts'; import { z } from 'zod';"],
  ])('allows %s to %s', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it('refuses a folder and a file of src that are not in the table', () => {
    expect(check('src/utils/a.ts', '')).toEqual([expect.stringContaining('lies in no layer')]);
    expect(check('src/helpers.ts', '')).toEqual([expect.stringContaining('lies in no layer')]);
  });

  it.each([
    'const now = Date.now();',
    'const at = new Date(0);',
    'const x = Math.random();',
    'const x = `${Math . random()}`;',
    'const env = { ...process.env };',
    'export async function f() {}',
    'for await (const a of b) c(a);',
    'console.log(1);',
    'globalThis.setTimeout(f);',
    'const p: Promise<void> = q;',
    'performance.now();',
  ])('finds what is impure in core: %s', (text) => {
    expect(check('src/core/a.ts', text)).toEqual(
      expect.arrayContaining([expect.stringContaining('which is not pure')]),
    );
    expect(check('src/replay/a.ts', text)).toEqual([]);
  });

  it('does not take comments, strings, properties or longer names for impure code', () => {
    const text = `
      // Date, await
      const a = 'process';
      engine.process(a); startDate(); updated; const performance = 1; Math.max(1); x?.console; /Date/.test(a);
    `;
    expect(check('src/core/a.ts', text)).toEqual([]);
  });

  it('finds circles of imports, of any length and of types too', () => {
    const circle: ProjectFile[] = [
      { path: 'src/core/a.ts', text: "import { b } from './deep/b.ts';" },
      { path: 'src/core/deep/b.ts', text: "import type { C } from '../c.ts';" },
      { path: 'src/core/c.ts', text: "export { a } from './a.ts';" },
      { path: 'src/core/d.ts', text: "import { a } from './a.ts';" },
    ];
    expect(cycles(circle)).toEqual(['src/core/a.ts → src/core/deep/b.ts → src/core/c.ts → src/core/a.ts']);
    expect(cycles(circle.slice(1))).toEqual([]);
  });
});
