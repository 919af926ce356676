import type { TokenCounts } from '../observation.ts';

/** As many as the largest safe integer has. */
const DIGITS = /^\d{1,16}$/;

/** A count as tools write it: a safe integer >= 0, or its decimal digits as a text; undefined for everything else. */
export function readCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < 0) return undefined;
  return (number as number) + 0;
}

/** What other programs and the vendors' pages call the total. */
export function allTokens({ input, cache_read, cache_write, output }: TokenCounts): number {
  return input + cache_read + cache_write + output;
}

/** All but what a cache gave back: what feeds a budget unless a person chose otherwise. */
export function freshTokens({ input, cache_write, output }: TokenCounts): number {
  return input + cache_write + output;
}

/** Whether the sum of the classes can still be told exactly. */
export function isExact(tokens: TokenCounts): boolean {
  return Number.isSafeInteger(allTokens(tokens));
}

/** Class by class what `combine` makes of both. */
export function combineTokens(
  one: TokenCounts,
  other: TokenCounts,
  combine: (one: number, other: number) => number,
): TokenCounts {
  return {
    input: combine(one.input, other.input),
    cache_read: combine(one.cache_read, other.cache_read),
    cache_write: combine(one.cache_write, other.cache_write),
    output: combine(one.output, other.output),
    reasoning: combine(one.reasoning, other.reasoning),
  };
}

/**
 * Whether a cell that holds `other` takes `one` in its place: the larger sum wins. Between equal sums the classes decide,
 * so that the order in which files are read never does.
 */
export function outweighs(one: TokenCounts, other: TokenCounts): boolean {
  return ranks(one, other) > 0;
}

function ranks(one: TokenCounts, other: TokenCounts): number {
  return (
    allTokens(one) - allTokens(other) ||
    one.output - other.output ||
    one.cache_write - other.cache_write ||
    one.input - other.input ||
    one.reasoning - other.reasoning
  );
}
