import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { execFileSync } from '../../support/programs.ts';

const MODULE = fileURLToPath(new URL('../../../src/daemon/heap/idle-memory.ts', import.meta.url));

/** How often V8 was asked to collect in a program that makes 100 MB and lets go of it, and then does what is given. */
function forcedCollections(then: string): number {
  const program = `
    import { PerformanceObserver, constants } from 'node:perf_hooks';
    import { setTimeout as pause } from 'node:timers/promises';
    import { IdleMemory } from ${JSON.stringify(MODULE)};
    let forced = 0;
    new PerformanceObserver((list) => {
      forced += list.getEntries().filter(({ detail }) => detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED).length;
    }).observe({ entryTypes: ['gc'] });
    const IDLE_MS = 20;
    let held = Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: 'x' + index }));
    const make = () => (held = []);
    ${then}
    console.log(forced);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

test('what a large work leaves is collected once, when nothing has been done for a while', () => {
  expect(forcedCollections('make(); new IdleMemory(IDLE_MS); await pause(IDLE_MS * 10);')).toBe(1);
});

test.each([
  ['while something is done', 'const memory = new IdleMemory(IDLE_MS); make(); memory.noteWork(); memory.noteWork();'],
  ['when it is closed', 'const memory = new IdleMemory(IDLE_MS); make(); memory.close(); await pause(IDLE_MS * 10);'],
])('nothing is collected %s', (_, then) => {
  expect(forcedCollections(then)).toBe(0);
});
