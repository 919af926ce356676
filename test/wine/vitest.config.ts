import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/wine/*.wine.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One drive C and one clipboard.
    fileParallelism: false,
    setupFiles: ['./test/support/skipping.ts'],
    reporters: ['default', './test/support/skip-reporter.ts'],
  },
});
