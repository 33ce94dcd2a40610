/**
 * Which part of `src` may import which, and what a pure part may use. `violations` holds files against
 * the table; `cycles` finds files that import each other in a circle.
 */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { isTest, type ProjectFile } from './project.ts';
import { importsOf, lineAt, readSource, type Import } from './source.ts';

export interface Layer {
  /** The layers it may import, besides itself. */
  readonly imports: readonly string[];
  /** Layers of which it may import types, but nothing that is there when it runs. */
  readonly types: readonly string[];
  /** `true`: it may import `node:` modules and the packages we depend on. A list: these packages, and nothing of Node. */
  readonly outside: boolean | readonly string[];
  /** Whether it must do without clocks, randomness, waiting and the process. */
  readonly pure: boolean;
}

const shell = (...imports: readonly string[]): Layer => ({ imports, types: [], outside: true, pure: false });
const BELOW_REPLAY = ['core', 'contract', 'store', 'signing', 'runtime', 'components'];
const BELOW_CLI = [...BELOW_REPLAY, 'replay', 'ops', 'demo'];
const WIRE = ['dashboard/wire.ts', 'dashboard/views'];

/** What is sent to browsers: no Node, and of the server no more than the types of what it says. */
const browser = (outside: readonly string[], ...imports: readonly string[]): Layer => ({
  imports: ['core', 'contract', ...imports],
  types: ['ops', 'dashboard/wire.ts'],
  outside,
  pure: false,
});

/**
 * A layer is a folder of `src` (the longest that fits) or a file directly in it, and may import only what
 * is above it here. What is not here may not exist: a new folder is added with what it may import.
 */
export const LAYERS: ReadonlyMap<string, Layer> = new Map([
  ['core', { imports: [], types: [], outside: false, pure: true }],
  ['contract', { imports: ['core'], types: [], outside: false, pure: false }],
  ['store', shell('core', 'contract')],
  ['signing', shell('core', 'contract')],
  ['client', shell('core', 'contract', 'store', 'signing')],
  ['runtime', shell('core', 'contract', 'store')],
  ['components', shell('core', 'contract', 'store', 'signing', 'runtime')],
  ['replay', shell(...BELOW_REPLAY)],
  ['ops', shell(...BELOW_REPLAY)],
  ['demo', shell(...BELOW_REPLAY, 'client')],
  ['dashboard/wire.ts', { imports: ['core', 'contract'], types: [], outside: ['zod'], pure: false }],
  ['dashboard/views', browser([])],
  ['dashboard', shell(...BELOW_CLI, ...WIRE)],
  ['dashboard/page', browser(['preact', '@preact/signals', 'uplot'], 'dashboard/views')],
  ['cli', shell(...BELOW_CLI, 'client', ...WIRE, 'dashboard')],
  ['index.ts', shell(...BELOW_CLI)],
]);

/** What pure code may not name. A property of that name (`.process`) is another thing and allowed. */
const IMPURE = [
  ...[
    'Date',
    'Math.random',
    'performance.now',
    'process',
    'console',
    'globalThis',
    'crypto',
    'fetch',
    'Intl',
  ],
  ...['await', 'async', 'Promise', 'queueMicrotask', 'setTimeout', 'setInterval', 'setImmediate'],
];
const IMPURE_NAME = new RegExp(
  String.raw`(?<![\w$#])(?<!(?<!\.)\.)(?:${IMPURE.join('|').replaceAll('.', String.raw`\s*\.\s*`)})(?![\w$])`,
  'g',
);

/** The layer of a path such as `src/core/num.ts`, or null if it lies in none. */
export function layerOf(path: string): string | null {
  const inside = path.replace(/^src\//, '');
  const fitting = [...LAYERS.keys()].filter((name) => inside === name || inside.startsWith(`${name}/`));
  return fitting.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/**
 * Everything the files of `src` do against the table, as `file:line what`. `packages` are the package's
 * own dependencies: what only the tools need is not installed at a user's.
 */
export function violations(files: readonly ProjectFile[], packages: readonly string[]): string[] {
  const sources = files.filter(({ path }) => !isTest(path));
  return sources.flatMap((file) => {
    const name = layerOf(file.path);
    const layer = name === null ? undefined : LAYERS.get(name);
    if (name === null || layer === undefined)
      return [`${file.path}:1 lies in no layer; add its folder to LAYERS in test/support/boundaries.ts`];
    return [
      ...importsOf(readSource(file.text)).flatMap((found) =>
        wrongImport(file.path, name, layer, found, packages).map(
          (what) => `${file.path}:${found.line} ${what}`,
        ),
      ),
      ...(layer.pure ? impureNames(file) : []),
    ];
  });
}

function wrongImport(
  path: string,
  name: string,
  layer: Layer,
  { specifier, isType }: Import,
  packages: readonly string[],
): string[] {
  if (specifier === null) return ['imports a computed name, which nobody can check'];
  if (specifier.startsWith('.')) return wrongFile(path, name, layer, specifier, isType);
  const packageName = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (layer.outside !== true) {
    const allowed = layer.outside === false ? [] : layer.outside;
    if (allowed.includes(packageName)) return [];
    return [`imports ${specifier}: ${name} imports only ${[name, ...layer.imports, ...allowed].join(', ')}`];
  }
  if (specifier.startsWith('node:')) return [];
  if (builtinModules.includes(specifier)) return [`imports ${specifier}: write node:${specifier}`];
  return packages.includes(packageName)
    ? []
    : [`imports ${packageName}, which is not among the dependencies`];
}

function wrongFile(path: string, name: string, layer: Layer, specifier: string, isType: boolean): string[] {
  const target = resolveImport(path, specifier);
  if (!target.startsWith('src/')) return [`imports ${specifier}, which lies outside src`];
  if (isTest(target)) return [`imports ${specifier}, which is a test`];
  const other = layerOf(target);
  if (other === name || (other !== null && layer.imports.includes(other))) return [];
  if (other !== null && layer.types.includes(other))
    return isType
      ? []
      : [`imports ${specifier} of ${other}: ${name} may import its types only, by import type`];
  return [
    `imports ${specifier} of ${other ?? 'no layer'}: ${name} imports only ${[name, ...layer.imports].join(', ')}`,
  ];
}

function impureNames({ path, text }: ProjectFile): string[] {
  const { code } = readSource(text);
  return [...code.matchAll(IMPURE_NAME)].map(
    ({ 0: name, index }) => `${path}:${lineAt(code, index)} uses ${name}, which is not pure`,
  );
}

/** Each circle of imports among the files, once, as `a.ts → b.ts → a.ts`. Imports of types count too. */
export function cycles(files: readonly ProjectFile[]): string[] {
  const graph = new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(readSource(text)).flatMap(({ specifier }) =>
        specifier?.startsWith('.') === true ? [resolveImport(path, specifier)] : [],
      ),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}
