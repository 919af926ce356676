import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/strangers/*.strangers.ts'],
    testTimeout: 120_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // The load of one file must not slow the figures of another.
    fileParallelism: false,
    setupFiles: ['./test/support/skipping.ts'],
    reporters: ['default', './test/support/skip-reporter.ts'],
  },
});
