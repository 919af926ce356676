import { describe, expect, test } from 'vitest';
import { crossedThresholds, setTotal } from '../../../src/daemon/rules/budget.ts';
import { NOW_MS, snapshotOf } from './readings.ts';

const LEVELS = [80, 90, 100];

function crossed(before: [number, number], after: [number, number], levels = LEVELS): number[] {
  return crossedThresholds(snapshotOf(...before), snapshotOf(...after), levels).map(({ level }) => level);
}

describe('an alert', () => {
  test.each<[string, [number, number], [number, number], number[]]>([
    ['comes at the level itself', [799_999, 1_000_000], [800_000, 1_000_000], [80]],
    ['does not come just below it, however that is rounded', [0, 1_000_000], [799_999, 1_000_000], []],
    ['comes once, not again further on', [800_000, 1_000_000], [850_000, 1_000_000], []],
    ['comes for each level that one step crosses, lowest first', [0, 1_000_000], [2_000_000, 1_000_000], [80, 90, 100]],
    ['does not come downwards', [950_000, 1_000_000], [100_000, 1_000_000], []],
    ['comes again after the counter went below', [100_000, 1_000_000], [900_000, 1_000_000], [80, 90]],
    ['comes when the budget shrinks', [500_000, 1_000_000], [500_000, 550_000], [80, 90]],
    ['does not come when the budget grows', [950_000, 1_000_000], [950_000, 2_000_000], []],
    ['never comes without a budget', [0, 0], [5, 0], []],
    ['comes when a budget is set that is passed already', [5, 0], [5, 5], [80, 90, 100]],
  ])('%s', (_, before, after, expected) => {
    expect(crossed(before, after)).toEqual(expected);
  });

  test('comes at every whole percentage exactly, whatever binary fractions make of it', () => {
    for (let level = 1; level <= 200; level++) {
      const at = (level * 1_000_000) / 100;
      expect([level, crossed([at - 1, 1_000_000], [at, 1_000_000], [level])]).toEqual([level, [level]]);
      expect([level, crossed([0, 1_000_000], [at - 1, 1_000_000], [level])]).toEqual([level, []]);
    }
  });

  test('tells the level, the percentage and the revision', () => {
    const [alert] = crossedThresholds(snapshotOf(0), snapshotOf(812_345), [90, 80]);

    expect(alert).toEqual({ level: 80, percent: 81.23, revision: 7 });
  });
});

test('a budget is set without a word about usage or sessions', () => {
  expect(setTotal(snapshotOf(5), 2_000_000, 'rpc', NOW_MS)).toMatchObject({
    kind: 'total',
    total: 2_000_000,
    used: 5,
    revision: 8,
    sessions_count: 3,
    last_updated: '2025-11-18T20:30:00',
  });
});
