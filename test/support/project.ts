/** The files of this project, as the house rules look at them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ProjectFile {
  /** From the project's root, with forward slashes: `src/core/num.ts`. */
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Not ours, or made from ours. */
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'coverage', 'artefacts', 'out', 'data']);

/** The text files below a folder (or the one file) of the project whose names end as asked; none if it does not exist. */
export function projectFiles(below: string, ending: RegExp): ProjectFile[] {
  return pathsBelow(below)
    .filter((path) => ending.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Every folder below `src` that holds a file, at any depth: `core`, `core/budget`, … */
export function foldersOf(files: readonly ProjectFile[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/').slice(1, -1);
    for (let depth = 1; depth <= parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
  }
  return [...folders].toSorted();
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

function pathsBelow(below: string): string[] {
  const stats = statSync(join(root, below), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [below];
  return readdirSync(join(root, below))
    .filter((name) => below !== '.' || !LEFT_OUT.has(name))
    .flatMap((name) => pathsBelow(below === '.' ? name : `${below}/${name}`))
    .toSorted();
}
