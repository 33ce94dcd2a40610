/** What a run of vitest did, read from its JSON report. */
export interface TestCounts {
  readonly passed: number;
  /** Failed tests, and one for each file that could not be loaded at all. */
  readonly failed: number;
  readonly skipped: number;
  /** What was skipped, a line for each group of tests, for people to see the reason. */
  readonly skippedWhere: readonly string[];
}

export const NOTHING_RAN: TestCounts = { passed: 0, failed: 0, skipped: 0, skippedWhere: [] };

/** Counts the tests of a report of vitest's `json` reporter. Throws `SyntaxError` for text that is none. */
export function countTests(reportJson: string): TestCounts {
  const report = JSON.parse(reportJson) as Partial<VitestReport>;
  const { testResults } = report;
  if (testResults === undefined) throw new SyntaxError('the report has no testResults');
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const skippedIn = new Map<string, number>();
  for (const file of testResults) {
    let failedHere = 0;
    for (const { status, title, ancestorTitles } of file.assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') failedHere++;
      else {
        counts.skipped++;
        const where = ancestorTitles[0] ?? title;
        skippedIn.set(where, (skippedIn.get(where) ?? 0) + 1);
      }
    }
    // A file fails without a failed test where it does not load or a hook throws.
    if (file.status === 'failed' && failedHere === 0) failedHere = 1;
    counts.failed += failedHere;
  }
  return { ...counts, skippedWhere: [...skippedIn].map(([where, count]) => `${count} of: ${where}`) };
}

interface VitestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}
