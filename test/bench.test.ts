/** The benchmarks at a thousandth of their size: they run, and they measure something. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { measureLive } from '../bench/live.ts';
import { measure } from '../bench/measure.ts';
import { measurePermits } from '../bench/permits.ts';
import { benchTasks } from '../bench/tasks.ts';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

describe('the benchmarks', () => {
  it('all run, each beside its limit', () => {
    expect(existsSync(MAIN), 'npm run build comes first').toBe(true);
    using tasks = benchTasks(0.001);
    expect(tasks.all.length).toBeGreaterThanOrEqual(6);
    for (const make of tasks.all) {
      const measured = measure(make(), 1);
      expect(measured.rate, measured.name).toBeGreaterThan(0);
      expect(measured.limitRate, measured.name).toBeGreaterThan(0);
      expect(measured.ratio, measured.name).toBeGreaterThan(0);
    }
  });

  it('of the live system run too, on a redis-server of their own', async () => {
    const rows = [...(await measureLive(0.005)), ...(await measurePermits(0.005))];
    expect(rows.map(({ what }) => what)).toHaveLength(8);
    for (const { what, figure } of rows) expect(figure, what).toMatch(/\d/);
    for (const { what, figure } of rows) expect(figure, what).not.toContain('NaN');
  });
});
