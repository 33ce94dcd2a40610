/**
 * Builds `dist`: empties it, compiles, bundles the dashboard's page, checks what came out, makes the commands executable.
 * Runs as `npm run build`, and by itself at the end of `npm ci` (the `prepare` script).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGE = 'dist/dashboard/page';

/** The most all files of the page may weigh together, each gzipped. */
const PAGE_MAX_BYTES = 150 * 1024;

process.exitCode = build();

function build(): number {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  if (!ran('typescript/bin/tsc', '-p', 'tsconfig.build.json')) return fail(['tsc found errors']);
  const problems = [...wrongImports(), ...commandProblems()];
  if (!ran('vite/bin/vite.js', 'build', '--logLevel', 'warn')) problems.push('vite could not build the page');
  else problems.push(...pageProblems());
  return problems.length === 0 ? 0 : fail(problems);
}

/** True if the tool of node_modules exited with 0. */
function ran(tool: string, ...args: readonly string[]): boolean {
  const command = [join(root, 'node_modules', tool), ...args];
  return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status === 0;
}

function fail(problems: readonly string[]): number {
  for (const problem of problems) console.error(`build: ${problem}`);
  return 1;
}

/** Node runs what is in `dist`: an import that still ends in `.ts` there would only fail at the user's. */
function wrongImports(): string[] {
  const problems: string[] = [];
  const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' });
  const scripts = files.filter((file) => file.endsWith('.js') && !file.startsWith('dashboard/page/'));
  if (scripts.length === 0) problems.push('tsc wrote no .js file into dist');
  for (const file of scripts) {
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    const wrong = /^(?:import|export)\b.*\bfrom '(\.[^']*\.tsx?)';|\bimport\('(\.[^']*\.tsx?)'\)/m.exec(text);
    if (wrong !== null) problems.push(`dist/${file} imports ${wrong[1] ?? wrong[2]}`);
  }
  return problems;
}

/** The page is small, and nothing in it needs an exception from its policy: no script and no style inside its HTML. */
function pageProblems(): string[] {
  const problems: string[] = [];
  const html = readFileSync(join(root, PAGE, 'index.html'), 'utf8');
  if (/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|data:/i.test(html))
    problems.push(`${PAGE}/index.html has something inline, which its content security policy refuses`);
  const bytes = readdirSync(join(root, PAGE), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => gzipSync(readFileSync(join(parentPath, name))).length)
    .reduce((sum, each) => sum + each, 0);
  console.log(`page: ${(bytes / 1024).toFixed(1)} KB gzipped`);
  if (bytes > PAGE_MAX_BYTES)
    problems.push(`${PAGE} weighs ${bytes} bytes gzipped, more than ${PAGE_MAX_BYTES}`);
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
