import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { RETRY } from './test/support/second-try-reporter.ts';

const BROWSER = 'test/**/*.browser.test.ts';

/** Whole programs as people run them: at terminals, on desktops, over starts, crashes and full disks. */
const SYSTEM = 'test/**/*.system.test.ts';

/** Whole set-ups and benches: too long for every day. */
const PACKAGE = 'test/package/*.test.ts';

export default defineConfig({
  test: {
    // Real processes and real disks: a hung one must fail its own test, not the whole run.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    globalSetup: './test/support/build.ts',
    setupFiles: ['./test/support/skipping.ts', './test/support/no-desktop.ts'],
    // Most of them wait for a process of their own.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    reporters: ['default', './test/support/skip-reporter.ts', './test/support/second-try-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, BROWSER, PACKAGE, SYSTEM],
        },
      },
      // Of all others one that fails once has found a fault: their figures, seeds and texts are of no machine's mood.
      { extends: true, test: { name: 'system', include: [SYSTEM], retry: RETRY } },
      { extends: true, test: { name: 'package', include: [PACKAGE], testTimeout: 180_000, fileParallelism: false } },
      { extends: true, test: { name: 'browser', include: [BROWSER], retry: RETRY, fileParallelism: false } },
    ],
  },
});
