/** Each mistake of test/support/mutants.ts, made in a copy of the project: the tests must notice it. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPOSSIBLE, MUTANTS, type Change, type Mutant } from '../support/mutants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A test that hangs over a mistake has noticed it. */
const LIMIT_MS = 180_000;
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'ballast-mutants-'));
  const left = new Set(['node_modules', '.git', 'dist']);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A change that does not run at all is no mistake a test notices. */
const BROKEN = /SyntaxError|ReferenceError|Transform failed|compiling function|Script attempted/;

/** Runs tests of the copy: whether they passed, how many there were, and whether a test noticed something. */
function run({ caughtBy, tests }: Pick<Mutant, 'caughtBy' | 'tests'>): {
  readonly passed: boolean;
  readonly count: number;
  readonly noticed: boolean;
  readonly said: string;
} {
  const name = tests === undefined ? [] : ['-t', tests];
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [vitest, 'run', caughtBy, ...name, '--bail', '1'],
    { cwd: copy, encoding: 'utf8', timeout: LIMIT_MS, env: { ...process.env, NO_COLOR: '1' } },
  );
  const said = `${stdout}\n${stderr}`;
  return {
    passed: status === 0,
    count: Number(/Tests\s+(\d+) passed/.exec(stdout)?.[1] ?? 0),
    noticed: error !== undefined || (/Tests\s+\d+ failed/.test(stdout) && !BROKEN.test(said)),
    said: said.slice(-2000),
  };
}

/** Makes the changes; returns what undoes them. */
function apply(changes: readonly Change[]): () => void {
  const before = new Map<string, string>();
  for (const { file, text, replacement } of changes) {
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, source);
    expect(source.split(text).length - 1, `${file} holds once: ${text}`).toBe(1);
    writeFileSync(
      path,
      source.replace(text, () => replacement),
    );
  }
  return () => {
    for (const [path, source] of before) writeFileSync(path, source);
  };
}

describe('without a mistake', () => {
  const runs = new Map(MUTANTS.map((mutant) => [`${mutant.caughtBy} ${mutant.tests ?? ''}`, mutant]));
  it.each([...runs])('%s passes, and there is something to run', (_name, mutant) => {
    const { passed, count, said } = run(mutant);
    expect({ passed, hasTests: count > 0 }, said).toEqual({ passed: true, hasTests: true });
  });
});

describe('a mistake is noticed', () => {
  it.each(MUTANTS)('$mistake', (mutant) => {
    const undo = apply(mutant.changes);
    try {
      const { passed, noticed, said } = run(mutant);
      expect({ passed, noticed }, said).toEqual({ passed: false, noticed: true });
    } finally {
      undo();
    }
  });

  it('of at least 25 that were made before', () => {
    expect(MUTANTS.length + IMPOSSIBLE.length).toBeGreaterThanOrEqual(25);
  });
});

describe('a mistake cannot be made', () => {
  it.each(IMPOSSIBLE)('$mistake', ({ heldBy, because }) => {
    expect(existsSync(join(root, heldBy))).toBe(true);
    expect(because.length).toBeGreaterThan(20);
  });
});
