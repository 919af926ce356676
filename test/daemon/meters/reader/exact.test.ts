import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { makeClaudeHome } from '../../../../bench/meters/claude-home.ts';
import { makeCodexHome } from '../../../../bench/meters/codex-home.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { randomOf } from '../../../support/random.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { SecondCount } from '../second-count.ts';
import { metersIn } from '../store/meters-at.ts';
import { secondOf, truthOf } from './counted.ts';
import { expectCounted } from './expect-counted.ts';
import { orderFor, ReaderAt } from './reader-at.ts';

const SEEDS = Array.from({ length: 8 }, (_, seed) => seed);
const ORDERS = Array.from({ length: 20 }, (_, order) => order);

/** Gives every file a time of its own, by which they are read. */
function shuffle(folder: string, random: () => number): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of entries) {
    const path = join(parentPath, name);
    utimesSync(path, statSync(path).atime, 1_700_000_000 + Math.floor(random() * 1e6));
  }
}

describe.each([
  ['Claude Code', makeClaudeHome],
  ['Codex', makeCodexHome],
])('what is counted of a home of %s', (_, make) => {
  test.each(SEEDS)(
    'after every change of its files all sums, contexts and windows are those of the truth (seed %i)',
    async (seed) => {
      const root = temporaryFolder(MEMORY);
      const path = metersIn(temporaryFolder(MEMORY));
      const home = make(root, seed);
      const count = new SecondCount();
      // Each is read by one that goes on or, with an odd seed, by a new one.
      const order = orderFor(root, path, { together: seed % 3 === 0 ? 1 : 100 });
      let reader = new ReaderAt(order);
      for (const stage of [undefined, ...home.stages]) {
        stage?.apply();
        if (stage && seed % 2 === 1) {
          await reader.end();
          reader = new ReaderAt(order);
        }
        await reader.look();
        count.readHome(root);
        expectCounted(path, truthOf(home), stage?.name ?? 'at first');
        expectCounted(path, secondOf(count), stage?.name ?? 'at first');
      }
    },
  );

  test.each(ORDERS)('in whichever order the files are read everything is the same (order %i)', async (order) => {
    const root = temporaryFolder(MEMORY);
    const path = metersIn(temporaryFolder(MEMORY));
    const home = make(root, order % 5, { [make === makeCodexHome ? 'families' : 'sessions']: 8 });
    shuffle(root, randomOf(order));
    const reader = new ReaderAt(orderFor(root, path, { together: order % 2 === 0 ? 1 : 15_000 }));
    await reader.look();
    expectCounted(path, truthOf(home), `order ${order}`);
  });
});
