import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allTokens,
  freshTokens,
  isExact,
  outweighs,
  readCount,
} from '../../../../src/daemon/meters/forms/token-counts.ts';
import type { TokenCounts } from '../../../../src/daemon/meters/observation.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const tokens: TokenCounts = { input: 1, cache_read: 20, cache_write: 300, output: 4000, reasoning: 3000 };

describe('a count from outside', () => {
  test.each<[unknown, number | undefined]>([
    [0, 0],
    [-0, 0],
    [42, 42],
    [MOST, MOST],
    ['0', 0],
    ['42', 42],
    ['9007199254740991', MOST],
    [MOST + 1, undefined],
    ['9007199254740993', undefined],
    ['99999999999999999999', undefined],
    ['00000000000000042', undefined],
    [-1, undefined],
    ['-1', undefined],
    [1.5, undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['1,000', undefined],
    [' 1', undefined],
    ['', undefined],
    ['４２', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [null, undefined],
    [undefined, undefined],
    [true, undefined],
    [[7], undefined],
    [{}, undefined],
  ])('%j is read as %j', (value, count) => {
    expect(readCount(value)).toBe(count);
  });
});

describe('tokens of a count', () => {
  test('all tokens are every class once, and reasoning lies within the output', () => {
    expect(allTokens(tokens)).toBe(4321);
  });

  test('fresh tokens leave out what a cache gave back', () => {
    expect(freshTokens(tokens)).toBe(4301);
  });

  test('a sum that no number tells exactly is known as such', () => {
    expect(isExact({ ...tokens, input: MOST - 4320 })).toBe(true);
    expect(isExact({ ...tokens, input: MOST - 4319 })).toBe(false);
  });
});

describe('what a cell holds', () => {
  const count = fc.integer({ min: 0, max: 3 });
  const counts = fc.record({ input: count, cache_read: count, cache_write: count, output: count, reasoning: count });

  test('the larger sum outweighs the smaller, whatever its classes', () => {
    expect(outweighs({ ...tokens, input: 2 }, tokens)).toBe(true);
    expect(outweighs(tokens, { ...tokens, input: 2 })).toBe(false);
    expect(outweighs(tokens, { ...tokens })).toBe(false);
    expect(outweighs({ ...tokens, reasoning: 3001 }, tokens)).toBe(true);
  });

  test('of two that differ exactly one outweighs the other, so that no order of reading decides', () => {
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(Number(outweighs(one, other)) + Number(outweighs(other, one))).toBe(isSame ? 0 : 1);
      }),
    );
  });

  test('the largest of several is the same in every order', () => {
    const largest = (all: readonly TokenCounts[]) => all.reduce((one, other) => (outweighs(other, one) ? other : one));
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1, maxLength: 5 }), (all) => {
        expect(largest([...all].reverse())).toEqual(largest(all));
      }),
    );
  });
});
