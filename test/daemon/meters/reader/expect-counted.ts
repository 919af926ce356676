import { expect } from 'vitest';
import { type Counted, countedIn, GROUPS } from './counted.ts';

/** Compares group by group, the shortest first, so that a failure shows what is wrong. */
export function expectCounted(path: string, expected: Counted, at: string): void {
  const counted = countedIn(path);
  for (const group of GROUPS) expect(counted.sums[group], `${at}, by ${group}`).toEqual(expected.sums[group]);
  expect(counted.gauges, at).toEqual(expected.gauges);
  expect(counted.windows, at).toEqual(expected.windows);
}
