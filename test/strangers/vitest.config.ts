import { defineConfig } from 'vitest/config';
import { RETRY } from '../support/second-try-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/strangers/*.strangers.ts'],
    testTimeout: 120_000,
    hookTimeout: 30_000,
    retry: RETRY,
    pool: 'forks',
    // The load of one file must not slow the figures of another.
    fileParallelism: false,
    setupFiles: ['./test/support/skipping.ts'],
    reporters: ['default', './test/support/skip-reporter.ts', './test/support/second-try-reporter.ts'],
  },
});
