import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** A test may be left out in CI only when its name says which other system it is for. */
const OTHER_SYSTEM = /\b(?:on|only) (?:Windows|macOS)\b/;

/** Counts skipped tests aloud; in CI one that could have run here is a failure. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) skipped.push(nameOf(test));
    }
    if (skipped.length === 0) return;
    console.warn(`\n${skipped.length} skipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
    const unexcused = skipped.filter((name) => !OTHER_SYSTEM.test(name));
    if (process.env.CI && unexcused.length > 0) {
      console.error(`${unexcused.length} of them should have run here`);
      process.exitCode = 1;
    }
  }
}

function nameOf(test: TestCase): string {
  const reason = test.result()?.state === 'skipped' ? ((test.result() as { note?: string }).note ?? '') : '';
  return reason === '' ? test.fullName : `${test.fullName} (${reason})`;
}
