/**
 * Builds `dist`: empties it, compiles, checks what came out, makes the commands executable.
 * Runs as `npm run build`, and by itself at the end of `npm ci` (the `prepare` script).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

process.exitCode = build();

function build(): number {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (compiled.status !== 0) return fail(['tsc found errors']);
  const problems = [...wrongImports(), ...commandProblems()];
  return problems.length === 0 ? 0 : fail(problems);
}

function fail(problems: readonly string[]): number {
  for (const problem of problems) console.error(`build: ${problem}`);
  return 1;
}

/** Node runs what is in `dist`: an import that still ends in `.ts` there would only fail at the user's. */
function wrongImports(): string[] {
  const problems: string[] = [];
  const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' });
  const scripts = files.filter((file) => file.endsWith('.js'));
  if (scripts.length === 0) problems.push('tsc wrote no .js file into dist');
  for (const file of scripts) {
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    const wrong = /^(?:import|export)\b.*\bfrom '(\.[^']*\.tsx?)';|\bimport\('(\.[^']*\.tsx?)'\)/m.exec(text);
    if (wrong !== null) problems.push(`dist/${file} imports ${wrong[1] ?? wrong[2]}`);
  }
  return problems;
}

/** Every `bin` of package.json exists, starts with a shebang, and may be executed. */
function commandProblems(): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  return Object.values(manifest.bin).flatMap((command) => {
    const path = join(root, command);
    if (!existsSync(path)) return [`package.json names the command ${command}, which was not built`];
    if (!readFileSync(path, 'utf8').startsWith('#!/usr/bin/env node\n'))
      return [`${command} does not start with #!/usr/bin/env node`];
    chmodSync(path, 0o755);
    return [];
  });
}
