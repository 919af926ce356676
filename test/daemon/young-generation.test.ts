import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MODULE = fileURLToPath(new URL('../../src/daemon/young-generation.ts', import.meta.url));

/** The megabytes of the young generation of a process that begins so and then makes much garbage, some of which lives for a while. */
function youngMegabytesAfter(beginning: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { boundYoungGeneration, keepYoungGenerationSmall } from ${JSON.stringify(MODULE)};
    ${beginning}
    let kept = [];
    for (let made = 0; made < 3_000_000; made++) {
      kept.push({ made, text: 'x' + made });
      if (kept.length > 100_000) kept = [];
      if (made % 1_000 === 0) await new Promise(setImmediate);
    }
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 1e6);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

test('the young generation stays small during the start, grows to a few megabytes then, and to many times that if left alone', () => {
  expect(youngMegabytesAfter('keepYoungGenerationSmall();')).toBeLessThan(5);
  const bounded = youngMegabytesAfter('keepYoungGenerationSmall(); boundYoungGeneration();');
  expect(bounded).toBeGreaterThan(5);
  expect(bounded).toBeLessThan(18);
  expect(youngMegabytesAfter('')).toBeGreaterThan(18);
});
