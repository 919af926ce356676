import { Buffer } from 'node:buffer';
import cl100k from 'js-tiktoken/ranks/cl100k_base';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMerger, MAX_SHORT, type Merger } from '../../../src/daemon/estimate/byte-pair-merge.ts';
import { loadRanks, type Ranks } from '../../../src/daemon/estimate/ranks.ts';
import { filled, randomFrom } from './corpus.ts';

describe.each([
  ['o200k_base', o200k.bpe_ranks],
  ['cl100k_base', cl100k.bpe_ranks],
] as const)('merging by %s', (encoding, lines) => {
  const tokens = lines
    .split(' ')
    .slice(2)
    .map((token) => Buffer.from(token, 'base64').toString('latin1'));
  const ranksByToken: ReadonlyMap<string, number> = new Map(tokens.map((token, rank) => [token, rank]));
  let ranks: Ranks;
  let merger: Merger;
  beforeAll(async () => {
    ranks = await loadRanks(encoding);
    merger = createMerger(ranks);
  });

  const alphabets = [
    'ab',
    'aAbB',
    'abcdefghijklmnopqrstuvwxyz',
    '=-_/*#.',
    ' \t\n',
    '的一是了我不人在他有',
    'يالله',
    '😀👍🏽‍',
  ];
  const random = randomFrom(4711);
  const pieces = [
    ...alphabets
      .flatMap((letters) =>
        Array.from({ length: 150 }, () =>
          filled(random, 2 + random() * 60, () => [...letters][Math.floor(random() * [...letters].length)]!),
        ),
      )
      .map((text) => Buffer.from(text).toString('latin1')),
    ...Array.from({ length: 1_500 }, () =>
      filled(random, 2 + random() * 30, () => tokens[Math.floor(random() * tokens.length)]!),
    ),
  ];

  test('the merge leaves as many tokens as the definition: lowest rank first, and of equal ones the leftmost', () => {
    for (const piece of pieces) {
      const expected = mergeNaively(piece, ranksByToken).parts.length;
      const bytes = Buffer.from(`<${piece}>`, 'latin1');
      if (merger.countShort(bytes, 1, bytes.length - 1) !== expected)
        expect.fail(`${JSON.stringify(piece)}: ${expected}`);
    }
  });

  test('the merge comes to the same whatever the length and however often it yields', () => {
    const patient = createMerger(ranks, 1);
    for (const piece of pieces.slice(0, 300)) {
      const bytes = Buffer.from(piece, 'latin1');
      expect(run(patient.countLong(bytes, 0, bytes.length)).result).toBe(merger.countShort(bytes, 0, bytes.length));
    }
  });

  test('the merge makes every token of the table: that no row is missed relies on it', () => {
    const unmade = tokens.filter((token) => {
      const bytes = Buffer.from(token, 'latin1');
      return merger.countShort(bytes, 0, bytes.length) !== 1;
    });
    expect(unmade).toEqual([]);
  });

  test('a merge never makes a lower rank possible: on that taking tokens apart in the order of their ranks relies', () => {
    const falling = tokens.filter((token) => mergeNaively(token, ranksByToken).isFalling);
    expect(falling).toEqual([]);
  });

  test.each([
    ['a', (length: number) => 'a'.repeat(length)],
    ['blanks', (length: number) => ' '.repeat(length)],
    ['dashes', (length: number) => '-'.repeat(length)],
    ['equals signs with another end', (length: number) => `${'='.repeat(length - 1)}-`],
    ['tabs', (length: number) => '\t'.repeat(length)],
    ['一', (length: number) => '一'.repeat(length / 3)],
    ['a and b in turn', (length: number) => 'ab'.repeat(length / 2)],
    ['random letters', (length: number) => filled(randomFrom(5), length, () => pickFrom('etaoinshrdlu'))],
    ['random signs', (length: number) => filled(randomFrom(6), length, () => pickFrom('=-_/*#'))],
  ])('the merge takes ten times the steps for ten times the length of %s', (_, piece) => {
    const counting = createMerger(ranks, 10);
    const steps = (length: number) => {
      const bytes = new TextEncoder().encode(piece(length));
      return run(counting.countLong(bytes, 0, bytes.length)).turns;
    };
    expect(steps(300_000)).toBeLessThan(13 * steps(30_000));
  });

  test('the merge takes the longest piece that needs no memory of its own', () => {
    const bytes = new Uint8Array(MAX_SHORT).fill(0x61);
    expect(merger.countShort(bytes, 0, MAX_SHORT)).toBe(MAX_SHORT / 8);
  });
});

let picked = 1;

function pickFrom(letters: string): string {
  picked = (Math.imul(picked, 1_103_515_245) + 12_345) & 0x7fffffff;
  return letters[(picked >> 8) % letters.length]!;
}

/** Lets a count come to its end, and tells how often it gave way. */
function run(counting: Generator<void, number>): { result: number; turns: number } {
  for (let turns = 0; ; turns++) {
    const { done, value } = counting.next();
    if (done) return { result: value, turns };
  }
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
