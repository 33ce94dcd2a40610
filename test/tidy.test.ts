/** House rules, held by a test: how files look, and that the map of the house is true. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pathsNamed } from './support/folders.ts';
import { foldersOf, isTest, projectFiles } from './support/project.ts';
import { lineCount, MAX_LINES, RULES, untidy } from './support/tidy.ts';

/** Files of `src` that may be longer than `MAX_LINES`, and why. */
const LONG_FILES: ReadonlyMap<string, string> = new Map([
  [
    'src/replay/formats/columns.ts',
    'tables of the column names of seven venues; a reader looks up one venue, not the file',
  ],
]);

const root = new URL('..', import.meta.url);
const sources = projectFiles('src', /\.tsx?$/);
/** Texts we write; not the golden vectors, which come from elsewhere, and not what npm writes. */
const ours = [
  ...projectFiles(
    '.',
    /(?:\.(?:ts|tsx|mjs|js|json|md|sh|yml|yaml|css|html|lua)|^LICENSE|^\.[\w.]+|^\.ci\/run)$/,
  ),
].filter(({ path }) => !/^(?:spec\/|package-lock\.json$)/.test(path) && !/\bgolden\//.test(path));

describe('the files of the house', () => {
  it('were found', () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter(({ path }) => isTest(path)).length).toBeGreaterThan(0);
    expect(ours.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['package.json', 'LICENSE', '.ci/run', 'test/tidy.test.ts', 'scripts/test.ts']),
    );
  });

  it('keep the rules', () => {
    expect(ours.flatMap(untidy)).toEqual([]);
  });

  it(`have at most ${MAX_LINES} lines in src, but for those with a reason`, () => {
    const long = sources.filter(({ text }) => lineCount(text) > MAX_LINES).map(({ path }) => path);
    expect(long).toEqual([...LONG_FILES.keys()].toSorted());
    for (const reason of LONG_FILES.values()) expect(reason.length).toBeGreaterThan(20);
  });
});

describe('ARCHITECTURE.md', () => {
  const named = pathsNamed(projectFiles('ARCHITECTURE.md', /\.md$/)[0]?.text ?? '');

  it('names every folder of src', () => {
    const folders = foldersOf(sources).map((folder) => `src/${folder}`);
    expect(folders.filter((folder) => !named.mentioned.includes(folder))).toEqual([]);
  });

  it('says where things are', () => {
    expect(named.claimed.length).toBeGreaterThan(0);
  });
});

describe('the documents', () => {
  it('name no file and no folder of src that is not there', () => {
    const documents = projectFiles('.', /^[A-Z]+\.md$/);
    expect(documents.length).toBeGreaterThan(2);
    const wrong = documents.flatMap(({ path, text }) =>
      pathsNamed(text)
        .claimed.filter((claim) => !existsSync(new URL(claim, root)))
        .map((claim) => `${path} names ${claim}, which is not there`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const words = (...pieces: string[]): string => pieces.join('');
  const source = (code: string): string => `/** Purpose. */\n${code}\n`;
  const test = (code: string): string => `expect(1).toBe(1);\n${code}\n`;

  const broken: readonly [rule: string, path: string, text: string][] = [
    ['trailing spaces', 'README.md', 'a \nb\n'],
    ['carriage returns', 'README.md', 'a\r\nb\n'],
    ['one line break', 'README.md', 'a'],
    ['one line break', 'README.md', 'a\n\n'],
    ['machine', 'README.md', words('see /wo', 'rk/shared/x\n')],
    ['machine', 'src/a.ts', source(words("const url = 'https://regis", "try.example.com';"))],
    ['later', 'src/a.ts', source(words('// TO', 'DO: more'))],
    ['later', 'scripts/a.sh', words('# FIX', 'ME\n')],
    ['@ts-', 'src/a.ts', source(words('// @ts-', 'ignore'))],
    ['any', 'src/a.ts', source('const a = b as any;')],
    ['any', 'src/a.ts', source('const a = new Map<any>();')],
    ['default', 'src/a.ts', source('export default 1;')],
    ['default', 'src/a.ts', source('export { a as default };')],
    ['enum', 'src/a.ts', source('export enum A { B }')],
    ['prints', 'src/core/a.ts', source('console.log(1);')],
    ['environment', 'src/cli/a.ts', source('const a = process.env.HOME;')],
    ['swallows', 'src/a.ts', source('try { a(); } catch { /* never mind */ }')],
    ['swallows', 'src/a.ts', source('try { a(); } catch (error) {\n}')],
    ['swallows', 'src/a.ts', source('a().catch(() => {});')],
    ['begins', 'src/a.ts', 'export const a = 1;\n'],
    ['ending', 'src/a.ts', source("import { a } from './a.js';")],
    ['asserts', 'src/a.test.ts', "it('expect(1)', () => { run(); });\n"],
    ['only', 'src/a.test.ts', test("it.only('runs', () => {});")],
    ['only', 'src/a.test.ts', test("describe.concurrent.only('runs', () => {});")],
    ['skip', 'src/a.test.ts', test("it.skip('runs', () => {});")],
    ['skip', 'src/a.test.ts', test("describe.skipIf(!existsSync(data))('runs', () => {});")],
    ['skip', 'src/a.test.ts', test('it("runs", (context) => { context.skip(); });')],
    ['skip', 'src/a.test.ts', test("it.todo('runs');")],
  ];

  it.each(broken)('find a file that breaks the one about %s: %s %j', (rule, path, text) => {
    expect(untidy({ path, text })).toEqual([expect.stringContaining(rule)]);
  });

  it.each([
    ['src/cli/main.ts', '#!/usr/bin/env node\n/** Starts. */\nconsole.log(process.env.HOME);\n'],
    ['src/runtime/settings.ts', source('const env = process.env;')],
    ['src/a.ts', source("const a = 'as any, console.log(), export default'; // process.env")],
    ['src/a.ts', source('try { a(); } catch (error) { report(error); }')],
    ['src/a.ts', source("import { a } from './a.ts'; import b from './b.json' with { type: 'json' };")],
    ['src/a.ts', source('const page = defaults.enum; reader.skip(3);')],
    ['src/a.test.ts', test("// Skipped without the data set.\ndescribe.skipIf(!present)('runs', () => {});")],
    ['src/a.test.ts', test("describe.skipIf(!present)('runs (skipped: no data)', () => {});")],
    ['src/a.test.ts', test("it('runs', (context) => { context.skip(!present, 'there is no data'); });")],
    ['src/a.test.ts', 'fc.assert(property);\n'],
  ])('let pass what keeps them: %s %j', (path, text) => {
    expect(untidy({ path, text })).toEqual([]);
  });

  it('are each broken by a case above', () => {
    const found = broken.flatMap(([, path, text]) => untidy({ path, text })).join('\n');
    expect(RULES.filter(({ name }) => !found.includes(name)).map(({ name }) => name)).toEqual([]);
  });

  it('count the lines of a file', () => {
    expect(lineCount('a\nb\n')).toBe(2);
    expect(lineCount('a\nb')).toBe(2);
  });

  it('find the folders a document names', () => {
    const markdown = [
      'See `src/core/num.ts`, src/replay. A new one goes to src/replay/formats/NAME.ts or `store/redis/`.',
      '```',
      'src/',
      '  contract/   tables ; cli/ is prose here',
      '    wire/',
      '  cli/',
      'test/',
      '  golden/',
      '```',
    ].join('\n');
    expect(pathsNamed(markdown)).toEqual({
      claimed: ['src/cli', 'src/contract', 'src/contract/wire', 'src/core/num.ts', 'src/replay'],
      mentioned: [
        ...['src/cli', 'src/contract', 'src/contract/wire', 'src/core/num.ts', 'src/replay'],
        'src/store/redis',
      ],
    });
  });

  it('find the folders that hold files', () => {
    const files = ['src/index.ts', 'src/core/budget/a.ts'].map((path) => ({ path, text: '' }));
    expect(foldersOf(files)).toEqual(['core', 'core/budget']);
  });
});
