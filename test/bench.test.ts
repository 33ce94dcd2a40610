/** The benchmarks at a thousandth of their size: they run, and they measure something. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { measure } from '../bench/measure.ts';
import { benchTasks } from '../bench/tasks.ts';

const isBuilt = existsSync(fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)));

describe('the benchmarks', () => {
  it.skipIf(!isBuilt)('all run and give a rate (needs a build)', async () => {
    using tasks = benchTasks(0.001);
    expect(tasks.all.length).toBeGreaterThanOrEqual(6);
    for (const make of tasks.all) {
      const task = make();
      const measured = await measure(task, 1);
      expect(measured.rate, task.name).toBeGreaterThan(0);
      expect(measured.limitRate === null, task.name).toBe(task.limit === null);
    }
  });
});
