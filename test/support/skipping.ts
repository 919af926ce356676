import { beforeAll, type RunnerTestCase, type RunnerTestSuite, TestRunner } from 'vitest';
import { skipBy, wordsFor } from './needs.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The tools for want of which it is left out. */
    needs?: readonly string[];
  }
}

skipBy({
  skipTest(missing) {
    const test = TestRunner.getCurrentTest();
    return test !== undefined && skip(test, missing);
  },
  skipSuite(missing) {
    // biome-ignore lint/correctness/noEmptyPattern: Vitest takes fixtures by this pattern, and no other name for none
    beforeAll(({}, suite) => {
      suite.meta.needs = missing;
      skip(firstTestOf(suite as RunnerTestSuite), missing);
    });
    return true;
  },
});

function skip(test: RunnerTestCase, missing: readonly string[]): never {
  test.meta.needs = missing;
  return test.context.skip(wordsFor(missing));
}

/** Any test's word that it is skipped ends the hook, and with it the suite. */
function firstTestOf(suite: RunnerTestSuite): RunnerTestCase {
  const [first] = suite.tasks;
  if (first === undefined) throw new Error(`${suite.name} has no tests`);
  return first.type === 'test' ? first : firstTestOf(first);
}
