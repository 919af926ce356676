import type { Reporter, TestModule } from 'vitest/node';

/** How often a test of whole programs may be tried again: in CI once, for a machine under load; elsewhere whoever watches sees it fail. */
export const RETRY = process.env.CI ? 1 : 0;

/** Names the tests that passed only when they were tried again: each is a race that somebody has to find. */
export default class SecondTryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const retried = modules
      .flatMap((module) => [...module.children.allTests('passed')])
      .filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0);
    if (retried.length === 0) return;
    console.warn(`\n${retried.length} passed only at the second try, and hide a race:`);
    for (const test of retried) {
      console.warn(`  ${test.module.relativeModuleId} > ${test.fullName}`);
      for (const error of test.result().errors ?? []) console.warn(`    ${error.message}`);
    }
  }
}
