import { get_encoding } from 'tiktoken';
import { describe, expect, test } from 'vitest';
import { createTokenCounter } from '../../../src/daemon/estimate/count-tokens.ts';
import { type Encoding, loadRanks } from '../../../src/daemon/estimate/ranks.ts';
import { corpus } from './corpus.ts';

const ENCODINGS = ['o200k_base', 'cl100k_base'] as const;

describe.each(ENCODINGS)('counting by %s', (encoding) => {
  // More of them by other seeds: node bench/estimate-agreement.ts.
  test("the count agrees with OpenAI's own tokenizer on 5,000 texts of every kind", async () => {
    const counter = await counterOf(encoding);
    const judge = get_encoding(encoding);
    let texts = 0;
    for (const [kind, text] of corpus(150)) {
      texts++;
      const expected = judge.encode(text, [], []).length;
      // An `expect` for each takes longer than the counting.
      if (counter.count(text) !== expected) expect.fail(`${kind}: ${JSON.stringify(text)} has ${expected} tokens`);
    }
    judge.free();

    expect(texts).toBeGreaterThan(5_000);
  });
});

describe('counting', () => {
  // Obtained from OpenAI's own code, too: of some of these it makes much work.
  test.each([
    ['', 0, 0],
    ['hello world', 2, 2],
    ['学而时习之，不亦说乎？', 10, 14],
    ['<|endoftext|>', 7, 7],
    ['<|endofprompt|><|fim_middle|>', 12, 13],
    ['x\ud800y\udfff\ude00\ud83d', 4, 4],
    ['👩‍👩‍👧‍👦🏳️‍🌈👍🏽', 20, 33],
    // What js-tiktoken counts otherwise, for JavaScript has its own white space, its own case and a younger Unicode.
    ['  \u0085hello', 4, 4],
    ['\u0085\n \u0085 x', 6, 6],
    ['  \ufeffhello', 3, 3],
    ['a\ufeff\ufeffb', 3, 4],
    ["donſ'ſtuff", 6, 8],
    ["\u088f's \u{323b0}!", 11, 11],
    // What would take js-tiktoken seconds to hours.
    ['a'.repeat(10_000), 1250, 1250],
    ['一'.repeat(10_000), 10_000, 10_000],
    [' '.repeat(10_000), 79, 79],
    [`${' '.repeat(9_999)}x`, 80, 80],
    ['\n'.repeat(10_000), 625, 313],
    ['😀'.repeat(5_000), 5000, 10_000],
    ['Ab1-'.repeat(2_500), 5001, 7500],
    ['abcdefghij'.repeat(1_000), 2000, 2000],
    ['\u0301A'.repeat(3_000), 6000, 6000],
    ['天地玄黄宇宙洪荒'.repeat(500), 4000, 7000],
  ])('the count finds the tokens that OpenAI finds in %j', async (text, o200kTokens, cl100kTokens) => {
    expect((await counterOf('o200k_base')).count(text)).toBe(o200kTokens);
    expect((await counterOf('cl100k_base')).count(text)).toBe(cl100kTokens);
  });

  test('a text has the same count again, whatever was counted in between', async () => {
    const counter = await counterOf('o200k_base');
    const texts = [...corpus(20)].map(([, text]) => text);
    const counts = texts.map((text) => counter.count(text));
    // More different words than are remembered.
    counter.count(
      Array.from({ length: 100_000 }, (_, index) => `qzx${index.toString(36).replaceAll(/\d/g, 'w')}`).join(' '),
    );

    expect(texts.map((text) => counter.count(text))).toEqual(counts);
  });

  test.each([
    ['many words', 'so many words '.repeat(20_000), 60_001, 35],
    [
      'words that are each just short enough for no memory of their own',
      `${'qzxj'.repeat(1_000)} `.repeat(70),
      140_071,
      35,
    ],
    ['one long piece', 'qzxj'.repeat(100_000), 200_001, 40],
  ])('the count yields all through %s, and may be left there', async (_, text, tokens, turns) => {
    const counter = await counterOf('o200k_base');
    const bytes = new TextEncoder().encode(text);
    const left = counter.countBytes(bytes);

    expect(left.next().done).toBe(false);
    expect([...counter.countBytes(bytes)].length).toBeGreaterThanOrEqual(turns);
    expect(counter.count(text)).toBe(tokens);
    expect(counter.count('hello world')).toBe(2);
  });

  test.each<[kind: string, run: (length: number) => string]>([
    ['a', (length) => 'a'.repeat(length)],
    ['一', (length) => '一'.repeat(length)],
    ['blanks', (length) => ' '.repeat(length)],
    ['blanks before a word', (length) => `${' '.repeat(length)}x`],
    ['dashes', (length) => '-'.repeat(length)],
    ['blanks and newlines in turn', (length) => ' \n'.repeat(length / 2)],
    ['emoji', (length) => '😀'.repeat(length / 2)],
    ['capitals after a letter that has no case', (length) => `一${'A'.repeat(length)}`],
  ])('the count takes for ten times a run of %s about ten times as long', { retry: 2 }, async (_, run) => {
    const counter = await counterOf('o200k_base');
    const short = run(100_000);
    const long = run(1_000_000);
    counter.count(short);

    const tenShortMs = cpuMs(() => Array.from({ length: 10 }, () => counter.count(short)));
    const longMs = cpuMs(() => counter.count(long));

    // Ten times as much when quadratic; some milliseconds are the garbage collector's.
    expect(longMs).toBeLessThan(1.5 * tenShortMs + 20);
  });
});

async function counterOf(encoding: Encoding) {
  counters[encoding] ??= loadRanks(encoding).then(createTokenCounter);
  return counters[encoding];
}

const counters: Partial<Record<Encoding, Promise<ReturnType<typeof createTokenCounter>>>> = {};

/** The time a task takes on its own thread, which other programs disturb less than the clock. */
function cpuMs(task: () => unknown): number {
  const before = process.threadCpuUsage();
  task();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
