import { describe, expect, test } from 'vitest';
import { judgeBy } from '../../../support/worlds/judges.ts';
import { oldRules } from '../../../support/worlds/old-rules.ts';
import type { Month } from '../../../support/worlds/person.ts';
import { productFold } from '../../../support/worlds/product.ts';
import { monthsOf, verdictOn } from '../../../support/worlds/run.ts';
import type { World } from '../../../support/worlds/world.ts';
import { WORLDS } from '../../../support/worlds/worlds.ts';

// `npm run test:worlds -- --long` takes sixty, and shows all figures.
const SEEDS = 5;

/** The naive fold is judged by being the same, in oracle.test.ts. */
const judge = judgeBy(productFold);

const known = new Map<World, readonly Month[]>();

function months(world: World): readonly Month[] {
  const month = known.get(world) ?? monthsOf(world, SEEDS);
  known.set(world, month);
  return month;
}

for (const [figure, worlds] of Object.entries(WORLDS)) {
  describe(`of ${figure}`, () => {
    test.each(worlds)('the fold counts as much of what was used as can be had: $name', (world) => {
      const { median, falseResets } = verdictOn(months(world), judge);
      const [low, high] = world.counted;
      expect(median).toBeGreaterThanOrEqual(low);
      expect(median).toBeLessThanOrEqual(high);
      expect(falseResets).toBeLessThanOrEqual(world.falseResets);
    });

    const telling = worlds.filter(({ oldAtLeast, oldAtMost }) => oldAtLeast !== undefined || oldAtMost !== undefined);
    test.each(telling)('the rules of 0.1.0 fail: $name', (world) => {
      const { median } = verdictOn(months(world), oldRules);
      expect(median).toBeGreaterThanOrEqual(world.oldAtLeast ?? 0);
      expect(median).toBeLessThanOrEqual(world.oldAtMost ?? Number.POSITIVE_INFINITY);
      expect(median < world.counted[0] || median > world.counted[1]).toBe(true);
    });
  });
}
