import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    // They take minutes and run on their own: `npm run test:long`.
    exclude: ['test/long/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of the time goes by in waiting: for leases, for deadlines, for browsers.
    maxWorkers: 2,
    coverage: { include: ['src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
});
