/** The command line as a user meets it, in this process or as the built program. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  /** Lines of standard error. */
  readonly errors: readonly string[];
  /** What was shown as progress. */
  readonly progress: readonly string[];
}

/** Runs one command line in this process, with no environment and in an empty folder unless told. */
export async function runCli(
  words: readonly string[],
  surroundings: Partial<Terminal> = {},
): Promise<CliRun> {
  let out = '';
  const errors: string[] = [];
  const progress: string[] = [];
  const code = await runProgram(words, {
    out: (text) => (out += text),
    error: (line) => errors.push(...line.split('\n')),
    showsProgress: false,
    ascii: false,
    progress: (line) => progress.push(line),
    colour: false,
    isWatched: false,
    width: Infinity,
    env: {},
    folder: join(tmpdir(), 'ballast-test-no-such-folder'),
    ...surroundings,
  });
  return { code, out, errors, progress };
}

/** A folder that goes with the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files into a scratch folder of their own; returns where each lies. */
export function scratchFiles<Name extends string>(
  contents: Readonly<Record<Name, string | Uint8Array>>,
): Record<Name, string> {
  const folder = scratchFolder();
  const paths = Object.entries<string | Uint8Array>(contents).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return [name, path];
  });
  return Object.fromEntries(paths) as Record<Name, string>;
}

/** Every file below a folder with its content, so that before and after can be compared; empty where there is none. */
export function folderContents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  return Object.fromEntries(
    paths.sort().map((path) => [relative(folder, path), readFileSync(path, 'base64')]),
  );
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles the program into a folder of its own inside the project (its packages are found from there). */
export function buildProgram(): { readonly main: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(root, 'node_modules', '.ballast-test-'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['-p', 'tsconfig.build.json', '--outDir', folder, '--declaration', 'false'];
  const built = spawnSync(process.execPath, [tsc, ...options], { cwd: root, encoding: 'utf8' });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const main = join(folder, 'cli/main.js');
  if (!existsSync(main)) throw new Error(`tsc wrote no program: ${built.stdout}${built.stderr}`);
  return { main, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
