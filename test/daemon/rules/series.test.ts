import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Levels, sampleLevels } from '../../../src/daemon/rules/series.ts';

interface Level {
  readonly atMs: number;
  readonly used: number;
  readonly total: number;
}

function levelsOf(list: readonly Level[]): Levels {
  const column = (field: keyof Level) => (rank: number) => list[rank]![field];
  return { atMs: column('atMs'), used: column('used'), total: column('total') };
}

/** A counter that grows, begins anew now and then, and has its budget changed; times of every density. */
const lines = fc
  .array(
    fc.record({
      afterMs: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 5_000_000 })),
      used: fc.nat({ max: 1_000_000 }),
      total: fc.oneof({ weight: 9, arbitrary: fc.constant(1_000_000) }, { weight: 1, arbitrary: fc.nat() }),
    }),
    { minLength: 1, maxLength: 400 },
  )
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ afterMs, used, total }) => {
      atMs += afterMs;
      return { atMs, used, total };
    });
  });
const limits = fc.integer({ min: 1, max: 120 });

test('a series that fits stands whole', () => {
  fc.assert(
    fc.property(lines, fc.nat({ max: 50 }), (list, more) => {
      const all = list.map((_, rank) => rank);
      expect(sampleLevels(levelsOf(list), 0, list.length, list.length + more)).toEqual(all);
    }),
  );
});

test('a series that does not fit keeps the first and the last, in order, and nothing twice', () => {
  fc.assert(
    fc.property(lines, limits, (list, limit) => {
      const ranks = sampleLevels(levelsOf(list), 0, list.length, limit);
      expect(ranks.length).toBeLessThanOrEqual(limit);
      expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
      expect(ranks).toContain(list.length - 1);
      if (limit > 1) expect(ranks).toContain(0);
    }),
  );
});

test('the highest peak and the deepest fall of `used`, and the furthest budgets, are never lost', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 6, max: 120 }), (list, limit) => {
      const kept = sampleLevels(levelsOf(list), 0, list.length, limit).map((rank) => list[rank]!);
      const ends = (of: readonly Level[], field: 'used' | 'total') => {
        const values = of.map((level) => level[field]);
        return [Math.min(...values), Math.max(...values)];
      };
      expect(ends(kept, 'used')).toEqual(ends(list, 'used'));
      expect(ends(kept, 'total')).toEqual(ends(list, 'total'));
    }),
  );
});

describe('a year of readings every few minutes', () => {
  const MINUTE_MS = 60_000;
  const year = Array.from({ length: 100_000 }, (_, index) => ({
    atMs: index * 5 * MINUTE_MS,
    // Twelve counters, one a month, each of which begins anew.
    used: (index % 8_333) * 100,
    total: index < 50_000 ? 1_000_000 : 2_000_000,
  }));

  test('a year of readings shows each of its restarts, and the change of the budget, at its very instant', () => {
    const ranks = new Set(sampleLevels(levelsOf(year), 0, year.length, 500));

    for (let restart = 8_333; restart < year.length; restart += 8_333) {
      expect([ranks.has(restart - 1), ranks.has(restart)]).toEqual([true, true]);
    }
    expect(ranks.has(50_000)).toBe(true);
    expect(ranks.size).toBeGreaterThan(200);
  });

  test('the points of a thinned year go to the days with changes where most have none', () => {
    const burst = Array.from({ length: 10_000 }, (_, index) => ({
      ...year[index]!,
      atMs: index < 9_000 ? index : 31_536e6 + index * 30_000_000,
    }));

    expect(sampleLevels(levelsOf(burst), 0, burst.length, 500).length).toBeGreaterThan(200);
  });
});
