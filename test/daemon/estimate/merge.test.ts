import fc from 'fast-check';
import cl100k from 'js-tiktoken/ranks/cl100k_base';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { describe, expect, test } from 'vitest';
import { countMerged } from '../../../src/daemon/estimate/merge.ts';
import { NO_RANK, type Ranks } from '../../../src/daemon/estimate/ranks.ts';

describe('merging', () => {
  test.each([
    ['short', 2, 90],
    ['long', 100, 400],
  ])(
    'takes the lowest rank first, and of equal ones the leftmost, in %s pieces by any table',
    (_, minLength, maxLength) => {
      // Of two letters, so that pairs overlap and a merge often makes a lower rank possible than its own.
      const token = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 2, maxLength: 6 });
      const tokens = fc.uniqueArray(token, { maxLength: 12 });
      const piece = fc.string({ unit: fc.constantFrom('a', 'a', 'b'), minLength, maxLength });
      fc.assert(
        fc.property(tokens, piece, (table, text) => {
          expect(countIn(text, table)).toBe(mergeNaively(text, ranksByText(table)).parts.length);
        }),
        { numRuns: 500 },
      );
    },
  );

  test.each([
    ['o200k_base', o200k.bpe_ranks],
    ['cl100k_base', cl100k.bpe_ranks],
  ])('never makes a lower rank possible by the table of %s: on that long pieces rely to be linear', (_, lines) => {
    const tokens = lines.split(' ').slice(2);
    const ranks = ranksByText(tokens.map((token) => Buffer.from(token, 'base64').toString('latin1')));

    const falling = [...ranks.keys()].filter((token) => mergeNaively(token, ranks).isFalling);

    expect(falling).toEqual([]);
  });

  test('ends by what the checkpoint throws, in the middle of one long piece', () => {
    const bytes = new Uint8Array(100_000).fill(0x61);
    let calls = 0;

    const merge = () =>
      countMerged(bytes, 0, bytes.length, rankTable(['aa', 'aaaa']), () => {
        if (++calls === 3) throw new Error('enough');
      });

    expect(merge).toThrow('enough');
    expect(calls).toBe(3);
  });
});

function countIn(text: string, tokens: readonly string[]): number {
  const surrounded = new TextEncoder().encode(`ab${text}ab`);
  return countMerged(surrounded, 2, surrounded.length - 2, rankTable(tokens), () => undefined);
}

function rankTable(tokens: readonly string[]): Ranks {
  const ranks = ranksByText(tokens);
  const rankOf = (...bytes: number[]) => ranks.get(String.fromCharCode(...bytes)) ?? NO_RANK;
  return {
    encoding: 'o200k_base',
    rankOf: (bytes, start, end) => rankOf(...bytes.subarray(start, Math.min(end, start + 10))),
    rankOfPair: rankOf,
  };
}

function ranksByText(tokens: readonly string[]): ReadonlyMap<string, number> {
  return new Map(tokens.map((token, rank) => [token, rank]));
}

/** The definition, as slow as it is plain; `isFalling` tells whether a rank ever came after a higher one. */
function mergeNaively(text: string, ranks: ReadonlyMap<string, number>): { parts: string[]; isFalling: boolean } {
  const parts = [...text];
  let lastRank = -1;
  let isFalling = false;
  for (;;) {
    let best = -1;
    let bestRank = Infinity;
    for (let index = 0; index < parts.length - 1; index++) {
      const rank = ranks.get(parts[index]! + parts[index + 1]!) ?? Infinity;
      if (rank >= bestRank) continue;
      best = index;
      bestRank = rank;
    }
    if (best < 0) return { parts, isFalling };
    isFalling ||= bestRank < lastRank;
    lastRank = bestRank;
    parts.splice(best, 2, parts[best]! + parts[best + 1]!);
  }
}
