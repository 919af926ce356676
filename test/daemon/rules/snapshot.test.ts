import { describe, expect, test } from 'vitest';
import { percentOf, usageOf } from '../../../src/daemon/rules/snapshot.ts';
import { MAX_TOKENS } from '../../../src/protocol/limits.ts';
import { snapshotOf } from './readings.ts';

describe('percentOf', () => {
  test.each([
    [350_000, 1_000_000, 35],
    [0, 1_000_000, 0],
    [1, 3, 33.33],
    [2, 3, 66.67],
    [1_500_000, 1_000_000, 150],
    [10_050, 1_000_000, 1.01],
    [350_050, 1_000_000, 35.01],
    [350_049, 1_000_000, 35],
    [5, 0, 0],
    [5, -1, 0],
    [MAX_TOKENS, MAX_TOKENS, 100],
    [MAX_TOKENS, 1, MAX_TOKENS * 100],
    [1, MAX_TOKENS, 0],
  ])('percentOf gives %i of %i to two decimals', (used, total, expected) => {
    expect(percentOf(used, total)).toBe(expected);
  });

  test('percentOf gives one decimal for the state file', () => {
    expect(percentOf(299_000, 1_000_000, 1)).toBe(29.9);
    expect(percentOf(1_005, 100_000, 1)).toBe(1);
    expect(percentOf(1_050, 100_000, 1)).toBe(1.1);
  });
});

test.each([
  [350_000, 1_000_000, 650_000],
  [1_200_000, 1_000_000, -200_000],
  [350_000, 0, 0],
])('%i used of %i leave %i', (used, total, remaining) => {
  expect(usageOf(snapshotOf(used, total), '7:0a1b2c3d')).toMatchObject({
    used,
    total,
    remaining,
    revision: 7,
    mark: '7:0a1b2c3d',
    sessions_count: 3,
  });
});
