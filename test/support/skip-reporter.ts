import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { packagesOf } from './needs.ts';

/** A test may be left out in CI only when its name says which other system it is for. */
const OTHER_SYSTEM = /\b(?:on|only) (?:Windows|macOS)\b/;

/** Tells which tests did not run, and which tools they need; in CI one that could have run here is a failure. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    const others = skipped.filter((test) => missingFor(test).length === 0).map(nameOf);
    if (others.length > 0) console.warn(`\n${others.length} skipped:\n${others.map((name) => `  ${name}`).join('\n')}`);
    const byTool = countByTool(skipped);
    if (byTool.size > 0) console.warn(toolsText(byTool));
    const unexcused = skipped.filter((test) => !OTHER_SYSTEM.test(test.fullName));
    if (process.env.CI && unexcused.length > 0) {
      console.error(`${unexcused.length} of them should have run here`);
      process.exitCode = 1;
    }
  }
}

function countByTool(tests: readonly TestCase[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const tool of tests.flatMap(missingFor)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  return counts;
}

/** The tools for want of which a test, or what it stands in, was left out. */
function missingFor(test: TestCase): readonly string[] {
  for (let place: TestCase | TestCase['parent'] = test; ; place = place.parent) {
    const { needs } = place.meta();
    if (needs || place.type === 'module') return needs ?? [];
  }
}

function toolsText(byTool: ReadonlyMap<string, number>): string {
  const rows = [...byTool].toSorted().map(([tool, count]) => [tool, packagesOf([tool])[0]!, `${count}`] as const);
  const heads = ['工具 / tool', 'Debian', '测试 / tests'] as const;
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length), 14) + 2;
  const line = ([tool, name, count]: readonly [string, string, string]) =>
    `  ${tool.padEnd(width(0))}${name.padEnd(width(1))}${count}`;
  return [
    '\n有测试因缺少工具而未运行 / tests did not run for want of tools:',
    // Each Chinese character takes two places.
    line([heads[0].padEnd(width(0) - 2), heads[1], heads[2]]),
    ...rows.map(line),
    `Debian, Ubuntu: apt-get install ${packagesOf(byTool.keys()).join(' ')}`,
  ].join('\n');
}

function nameOf(test: TestCase): string {
  const reason = test.result()?.state === 'skipped' ? ((test.result() as { note?: string }).note ?? '') : '';
  return reason === '' ? test.fullName : `${test.fullName} (${reason})`;
}
