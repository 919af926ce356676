import { expect, test } from 'vitest';
import { RecentFigures } from '../../../../src/daemon/meters/feeding/recent-figures.ts';

const MINUTE_MS = 60_000;

/** A gauge showed 350,400 after one minute and 352,000 after nine; 90,000 was used up to the fifth, 91,000 since. */
function figures(): RecentFigures {
  const recent = new RecentFigures();
  recent.noteUsed(90_000, 0);
  recent.noteGauge(350_400, MINUTE_MS);
  recent.noteUsed(91_000, 5 * MINUTE_MS);
  recent.noteGauge(352_000, 9 * MINUTE_MS);
  return recent;
}

test.each<[value: number, unit: number, minutes: number, expected: boolean]>([
  [350_400, 1, 9, true],
  [350_401, 1, 9, false],
  [350_000, 1_000, 9, true],
  [351_000, 1_000, 9, true],
  [349_000, 1_000, 9, false],
  [400_000, 100_000, 9, true],
  [350_400, 1, 11, true],
  [350_400, 1, 12, false],
  [352_000, 1, 19, true],
  [352_000, 1, 20, false],
  [90_000, 1, 15, true],
  [90_000, 1, 16, false],
  [91_000, 1, 600, true],
  [91_000, 1_000, 600, true],
  [89_000, 1_000, 9, false],
])('a figure of %i, told to %i, is counted already after %i minutes: %s', (value, unit, minutes, expected) => {
  expect(figures().isAlreadyCounted(value, unit, minutes * MINUTE_MS)).toBe(expected);
});

test('a gauge that changes all day keeps only what is recent', () => {
  const recent = new RecentFigures();
  for (let at = 0; at < 10_000; at++) recent.noteGauge(at, at * 1_000);
  expect([9_399, 9_398].map((value) => recent.isAlreadyCounted(value, 1, 9_999_000))).toEqual([true, false]);
});
