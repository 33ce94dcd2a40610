/** Builds the dashboard's page: hashed files that run under a policy without inline scripts, styles or markup from strings. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/dashboard/page',
  // The server hands out the same page for every path, so its files are named from the root.
  base: '/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/dashboard/page',
    emptyOutDir: true,
    // `light-dark()`, `color-mix()` and `:has()` are used as they are: every browser has them since 2024.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // A preload script is one more thing to allow, and there is one bundle anyway.
    modulePreload: { polyfill: false },
    // As a data: URL an icon would need an exception in the policy.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
});
