import cl100k from 'js-tiktoken/ranks/cl100k_base';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { describe, expect, test } from 'vitest';
import { type Encoding, hashOf, loadRanks, NO_RANK } from '../../../src/daemon/estimate/ranks.ts';

const TABLES = [
  ['o200k_base', o200k, 199_998],
  ['cl100k_base', cl100k, 100_256],
] as const;

describe.each(TABLES)('the table of %s', (encoding, table, size) => {
  test('has every token that js-tiktoken ships, at its rank', async () => {
    const tokens = table.bpe_ranks.split(' ').slice(2);
    const lookUp = await lookUpIn(encoding);

    const wrong = tokens.filter((token, rank) => lookUp(Buffer.from(token, 'base64')) !== rank);

    expect(table.bpe_ranks).toMatch(/^! 0 [^\n!]+$/);
    expect(tokens).toHaveLength(size);
    expect(wrong).toEqual([]);
  });

  test('has nothing else', async () => {
    const tokens = new Set(table.bpe_ranks.split(' ').slice(2));
    const lookUp = await lookUpIn(encoding);

    const texts = [...tokens].filter((_, rank) => rank % 7 === 0).map((token) => Buffer.from(`${token}AA==`, 'base64'));
    const strangers = texts.filter((bytes) => !tokens.has(bytes.toString('base64')));

    expect(strangers.length).toBeGreaterThan(1000);
    expect(strangers.filter((bytes) => lookUp(bytes) !== NO_RANK)).toEqual([]);
    expect(lookUp(new Uint8Array())).toBe(NO_RANK);
    expect(lookUp(new Uint8Array(100_000).fill(0x61))).toBe(NO_RANK);
  });

  test('finds pairs of bytes as it finds tokens', async () => {
    const { rankOf, rankOfPair } = await loadRanks(encoding);

    for (let pair = 0; pair < 0x10000; pair++) {
      const bytes = Uint8Array.of(pair >> 8, pair & 0xff);
      if (rankOfPair(bytes[0]!, bytes[1]!) !== rankOf(bytes, 0, 2, hashOf(bytes, 0, 2))) expect.fail(`pair ${pair}`);
    }
  });
});

async function lookUpIn(encoding: Encoding): Promise<(bytes: Uint8Array) => number> {
  const { rankOf } = await loadRanks(encoding);
  return (bytes) => rankOf(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length));
}
