import cl100k from 'js-tiktoken/ranks/cl100k_base';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { describe, expect, test } from 'vitest';
import { type Encoding, hashOf, loadRanks, NO_RANK } from '../../../src/daemon/estimate/ranks.ts';

const TABLES = [
  ['o200k_base', o200k, 199_998],
  ['cl100k_base', cl100k, 100_256],
] as const;

describe.each(TABLES)('the table of %s', (encoding, table, size) => {
  test('the table has every token that js-tiktoken ships, at its rank', async () => {
    const tokens = table.bpe_ranks.split(' ').slice(2);
    const lookUp = await lookUpIn(encoding);

    const wrong = tokens.filter((token, rank) => lookUp(Buffer.from(token, 'base64')) !== rank);

    expect(table.bpe_ranks).toMatch(/^! 0 [^\n!]+$/);
    expect(tokens).toHaveLength(size);
    expect(wrong).toEqual([]);
  });

  test('the table has nothing but those tokens', async () => {
    const tokens = new Set(table.bpe_ranks.split(' ').slice(2));
    const lookUp = await lookUpIn(encoding);

    const texts = [...tokens].filter((_, rank) => rank % 7 === 0).map((token) => Buffer.from(`${token}AA==`, 'base64'));
    const strangers = texts.filter((bytes) => !tokens.has(bytes.toString('base64')));

    expect(strangers.length).toBeGreaterThan(1000);
    expect(strangers.filter((bytes) => lookUp(bytes) !== NO_RANK)).toEqual([]);
    expect(lookUp(new Uint8Array())).toBe(NO_RANK);
    expect(lookUp(new Uint8Array(100_000).fill(0x61))).toBe(NO_RANK);
  });

  test('the table finds the longest token at a place, and its beginnings from long to short', async () => {
    const { longestAt, shorterThan, lengthOf } = await loadRanks(encoding);
    const tokens = table.bpe_ranks
      .split(' ')
      .slice(2)
      .map((token) => Buffer.from(token, 'base64'));
    const known = new Set(tokens.map((token) => token.toString('latin1')));

    for (const [rank, token] of tokens.entries()) {
      if (rank % 50 !== 0) continue;
      expect(longestAt(token, 0, token.length)).toBe(rank);
      const beginnings = Array.from({ length: token.length - 1 }, (_, index) => token.length - 1 - index);
      const found: number[] = [];
      for (let shorter = shorterThan(rank); shorter !== NO_RANK; shorter = shorterThan(shorter))
        found.push(lengthOf(shorter));
      expect(found).toEqual(beginnings.filter((length) => known.has(token.toString('latin1', 0, length))));
    }
  });

  test('the table joins two tokens to a third where there is one', async () => {
    const { joined, restOf, shorterThan, count } = await loadRanks(encoding);
    for (let rank = 0; rank < count; rank += 7) {
      const left = shorterThan(rank);
      const right = left === NO_RANK ? NO_RANK : restOf(rank, left);
      if (right !== NO_RANK) expect(joined(left, right)).toBe(rank);
    }
    const lookUp = await lookUpIn(encoding);
    const [space, e] = [lookUp(Buffer.from(' ')), lookUp(Buffer.from('e'))];
    expect(joined(space, e)).toBe(lookUp(Buffer.from(' e')));
    expect(joined(e, space)).toBe(lookUp(Buffer.from('e ')));
  });
});

async function lookUpIn(encoding: Encoding): Promise<(bytes: Uint8Array) => number> {
  const { rankOf } = await loadRanks(encoding);
  return (bytes) => rankOf(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length));
}
