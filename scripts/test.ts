/**
 * `npm test`: every check of the house, each under its name, then the tests. A failed step does not stop
 * the next. The last line is `N passed, N failed` (and `, N skipped` where there are any): the tests as
 * vitest counted them, plus one failure for each other step that failed. Arguments choose steps by name.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countTests, NOTHING_RAN, type TestCounts } from './test-counts.ts';

interface Step {
  readonly name: string;
  /** A file of node_modules or scripts, run with this Node, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

const TSX = ['--import', 'tsx'];

const STEPS: readonly Step[] = [
  { name: 'types', command: ['scripts/types.ts'] },
  { name: 'lint', command: ['node_modules/oxlint/bin/oxlint'] },
  {
    name: 'format',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  },
  { name: 'dead', command: ['scripts/dead.ts'] },
  { name: 'build', command: ['scripts/build.ts'] },
  { name: 'package', command: ['node_modules/publint/src/cli.js', '--strict'] },
  {
    name: 'tests',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'],
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'ballast-test-'));
try {
  process.exitCode = await runAll(process.argv.slice(2));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function runAll(chosen: readonly string[]): Promise<number> {
  const unknown = chosen.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(
      `no step is called ${unknown.join(', ')}; there are ${STEPS.map(({ name }) => name).join(', ')}`,
    );
    return 2;
  }
  const failed: string[] = [];
  let counts: TestCounts | null = null;
  for (const step of STEPS.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    const started = performance.now();
    console.log(`--- ${step.name}`);
    const isTests = step.name === 'tests';
    const report = join(scratch, 'vitest.json');
    const passed = await run(step, isTests ? [`--outputFile.json=${report}`] : []);
    if (isTests) counts = readCounts(report);
    const empty = isTests && counts !== null && counts.passed + counts.failed === 0;
    if (empty) console.error('no test was executed');
    if (isTests) for (const where of counts?.skippedWhere ?? []) console.log(`skipped: ${where}`);
    const good = passed && !empty;
    if (!good) failed.push(step.name);
    const took = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`--- ${step.name} ${good ? 'passed' : 'FAILED'} in ${took} s\n`);
  }
  return report(failed, counts);
}

/** Says which steps failed, then the line of counts. Returns the exit code. */
function report(failed: readonly string[], counts: TestCounts | null): number {
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
  const { passed, failed: failedTests, skipped } = counts ?? NOTHING_RAN;
  const failedSteps = failed.filter((name) => name !== 'tests').length;
  // A run of the tests that failed without a failed test (a crash, nothing to run) is one failure too.
  const failedRun = failed.includes('tests') && failedTests === 0 ? 1 : 0;
  const line = `${passed} passed, ${failedTests + failedSteps + failedRun} failed`;
  console.log(skipped > 0 ? `${line}, ${skipped} skipped` : line);
  return failed.length > 0 ? 1 : 0;
}

function readCounts(path: string): TestCounts {
  try {
    return countTests(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`vitest left no readable report: ${String(error)}`);
    return NOTHING_RAN;
  }
}

/** True if the step exited with 0. Its output is passed on as it comes, without colours. */
async function run(step: Step, extra: readonly string[]): Promise<boolean> {
  const [file, ...args] = step.command;
  const node = file.endsWith('.ts') ? [...TSX, file] : [file];
  const child = spawn(process.execPath, [...node, ...args, ...extra], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}
