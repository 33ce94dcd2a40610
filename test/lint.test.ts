/** The linter's settings bite: a checker that sees nothing would pass too. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lines of code, each with the rule it breaks. */
const BROKEN: readonly (readonly [rule: string, code: string])[] = [
  ['typescript(no-floating-promises)', 'later();'],
  ['typescript(no-misused-promises)', 'if (later()) sync();'],
  ['typescript(await-thenable)', 'await 1;'],
  ['typescript(no-explicit-any)', 'export const loose: any = 1;'],
  ['typescript(no-unsafe-member-access)', "sync(JSON.parse('{}').length);"],
  ['typescript(switch-exhaustiveness-check)', "switch (side) { case 'BUY': sync(); }"],
  ['typescript(only-throw-error)', "if (side === 'BUY') throw 'text';"],
  ['eslint(eqeqeq)', 'if (number == 1) sync();'],
  ['eslint(no-console)', 'console.log(1);'],
  ['eslint(no-empty)', 'try { sync(); } catch {}'],
  ['eslint(no-restricted-globals)', "sync(parseFloat('1abc'));"],
  ['node(no-process-env)', 'sync(process.env);'],
  ['import(no-default-export)', 'export default 1;'],
];

const PREAMBLE = `
async function later(): Promise<void> { await Promise.resolve(); }
function sync(..._values: unknown[]): void {}
const number: number = Math.max(1, 2);
const side = (number > 1 ? 'BUY' : 'SELL') as 'BUY' | 'SELL';
`;

it('refuses what the house does not want, the rules that need types included', () => {
  const project = mkdtempSync(join(tmpdir(), 'ballast-lint-'));
  try {
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
      cpSync(join(root, file), join(project, file));
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'dir');
    mkdirSync(join(project, 'src/core'), { recursive: true });
    writeFileSync(join(project, 'src/core/good.ts'), 'export const one = 1;\n');
    writeFileSync(
      join(project, 'src/core/bad.ts'),
      PREAMBLE + BROKEN.map(([, code]) => `${code}\n`).join(''),
    );

    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    const { status, stdout } = spawnSync(process.execPath, [oxlint, '--format=json'], {
      cwd: project,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
    const found = new Set(diagnostics.map(({ code }) => code));
    expect(BROKEN.map(([rule]) => rule).filter((rule) => !found.has(rule))).toEqual([]);
    expect(diagnostics.map(({ filename }) => filename).filter((name) => !name.endsWith('bad.ts'))).toEqual(
      [],
    );
    expect(status).toBe(1);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
