import type { TokenCounts } from '../observation.ts';

/** Input, cache_read, cache_write, output, reasoning. */
export type Counts = readonly [number, number, number, number, number];

export const NOTHING: Counts = [0, 0, 0, 0, 0];

/** Counts in the order of the columns; `undefined` for what no count is. Reasoning lies within output, whatever was told. */
export function countsOf({ input, cache_read, cache_write, output, reasoning }: TokenCounts): Counts | undefined {
  const counts = [input, cache_read, cache_write, output, reasoning] as const;
  const areCounts = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!areCounts || !Number.isSafeInteger(allOf(counts))) return undefined;
  return [input, cache_read, cache_write, output, Math.min(reasoning, output)];
}

/** What the vendors' pages call the total. */
export function allOf([input, cacheRead, cacheWrite, output]: Counts): number {
  return input + cacheRead + cacheWrite + output;
}

/** All but what was read from the cache. */
export function freshOf([input, , cacheWrite, output]: Counts): number {
  return input + cacheWrite + output;
}

/** Adds counts, or with −1 takes them away. */
export function plus(counts: Counts, other: Counts, sign: 1 | -1 = 1): Counts {
  return [
    counts[0] + sign * other[0],
    counts[1] + sign * other[1],
    counts[2] + sign * other[2],
    counts[3] + sign * other[3],
    counts[4] + sign * other[4],
  ];
}
