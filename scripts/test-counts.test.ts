import { describe, expect, it } from 'vitest';
import { countTests, NOTHING_RAN } from './test-counts.ts';

const report = (...files: { status: string; tests: string[] }[]): string =>
  JSON.stringify({
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test, title: test, ancestorTitles: ['group'] })),
    })),
  });

describe('counting the tests of a report', () => {
  it('counts passed, failed and skipped tests over all files', () => {
    const json = report(
      { status: 'passed', tests: ['passed', 'skipped', 'passed'] },
      { status: 'failed', tests: ['failed', 'passed', 'todo', 'pending'] },
    );
    expect(countTests(json)).toEqual({ passed: 3, failed: 1, skipped: 3, skippedWhere: ['3 of: group'] });
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(countTests(report({ status: 'failed', tests: [] }))).toMatchObject({
      passed: 0,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts a failing hook of a file whose tests did not run as one failure', () => {
    expect(countTests(report({ status: 'failed', tests: ['skipped'] }))).toMatchObject({
      passed: 0,
      failed: 1,
      skipped: 1,
    });
  });

  it('counts nothing where nothing ran', () => {
    expect(countTests(report())).toEqual(NOTHING_RAN);
  });

  it('refuses a text that is no report', () => {
    expect(() => countTests('{}')).toThrow(SyntaxError);
    expect(() => countTests('')).toThrow(SyntaxError);
  });
});
