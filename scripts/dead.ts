/**
 * Dead code: files, exports and dependencies that nothing uses, found by knip. A checker that silently
 * sees nothing passes too, so knip looks at a copy of the project in which one dead thing of each kind
 * is planted: the planted ones must be found, and nothing else.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'coverage', 'data', 'out']);

/** What is planted, as `kind file` or `kind file name`. */
const PLANTED = [
  'files src/planted-file.ts',
  'exports src/planted-export.ts unusedFunction',
  'types src/planted-export.ts UnusedType',
  'dependencies package.json planted-package',
];

process.exitCode = main();

function main(): number {
  const copy = mkdtempSync(join(tmpdir(), 'ballast-dead-'));
  try {
    cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(root, path)) });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
    plant(copy);
    const found = runKnip(copy);
    const missed = PLANTED.filter((planted) => !found.includes(planted));
    const real = found.filter((issue) => !PLANTED.includes(issue));
    for (const planted of missed) console.error(`knip did not see what was planted: ${planted}`);
    for (const issue of real) console.error(`unused: ${issue}`);
    return missed.length + real.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function plant(copy: string): void {
  writeFileSync(join(copy, 'src/planted-file.ts'), 'export const planted = 1;\n');
  writeFileSync(
    join(copy, 'src/planted-export.ts'),
    'export function usedFunction(): void {}\nexport function unusedFunction(): void {}\nexport type UnusedType = 1;\n',
  );
  appendFileSync(
    join(copy, 'src/index.ts'),
    "import { usedFunction } from './planted-export.ts';\nusedFunction();\n",
  );
  const manifestPath = join(copy, 'package.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { dependencies: Record<string, string> };
  manifest.dependencies['planted-package'] = '1.0.0';
  writeFileSync(manifestPath, JSON.stringify(manifest, null, 2));
}

interface KnipReport {
  readonly issues: readonly ({ readonly file: string } & Record<
    string,
    readonly { readonly name: string }[]
  >)[];
}

/** Every issue, as `PLANTED` writes them. Throws if knip itself failed. */
function runKnip(directory: string): string[] {
  const knip = join(root, 'node_modules/knip/bin/knip.js');
  const args = [knip, '--reporter', 'json', '--no-config-hints', '--no-progress'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // 0 is nothing found, 1 something; anything else is knip's own trouble.
  if (status !== 0 && status !== 1) throw new Error(`knip failed with ${status}: ${stderr}`);
  const report = JSON.parse(stdout) as KnipReport;
  return report.issues.flatMap(({ file, ...kinds }) =>
    Object.entries(kinds).flatMap(([kind, entries]) =>
      entries.map(({ name }) => (name === file ? `${kind} ${file}` : `${kind} ${file} ${name}`)),
    ),
  );
}
