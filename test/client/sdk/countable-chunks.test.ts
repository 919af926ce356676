import { beforeAll, describe, expect, test } from 'vitest';
import { countableChunks, sumOfChunks } from '../../../src/client/sdk/countable-chunks.ts';
import { createTokenCounter, type TokenCounter } from '../../../src/daemon/estimate/count-tokens.ts';
import { loadRanks } from '../../../src/daemon/estimate/ranks.ts';
import { corpus, fixture } from '../../daemon/estimate/corpus.ts';

describe.each(['o200k_base', 'cl100k_base'] as const)('the tokens of the parts by %s', (encoding) => {
  let counter: TokenCounter;
  beforeAll(async () => {
    counter = createTokenCounter(await loadRanks(encoding));
  });

  test.each([1, 7, 40])(
    'the tokens of countable chunks from %i characters on are those of the whole text',
    (maxLength) => {
      let cuts = 0;
      for (const [kind, text] of corpus(40, 3)) {
        const chunks = [...countableChunks(text, maxLength)];
        cuts += chunks.length - 1;
        const sum = chunks.reduce((total, chunk) => total + counter.count(chunk), 0);
        if (sum !== counter.count(text)) expect.fail(`${kind}: ${JSON.stringify(chunks)}`);
      }
      expect(cuts).toBeGreaterThan(2_000);
    },
  );

  test('a text that is cut anywhere has other tokens than its parts, so that the check can fail', () => {
    const text = fixture('english');
    const halves = [text.slice(0, 1_000), text.slice(1_000)];
    expect(counter.count(halves[0]!) + counter.count(halves[1]!)).not.toBe(counter.count(text));
  });
});

describe('the parts', () => {
  test('the parts make up the text', () => {
    const text = fixture('modern-chinese').repeat(3);
    const chunks = [...countableChunks(text, 100)];
    expect(chunks.join('')).toBe(text);
    expect(chunks.length).toBeGreaterThan(20);
    expect([...countableChunks('')]).toEqual(['']);
    expect([...countableChunks('short')]).toEqual(['short']);
  });

  test('the parts of a text that cannot be divided grow as far as a request may', async () => {
    const long = 'a'.repeat(1_000_000);
    expect([...countableChunks(`${long} ${long}`)]).toEqual([long, ` ${long}`]);

    await expect(sumOfChunks('一'.repeat(2_000_000), async () => 1)).rejects.toMatchObject({ kind: 'too_large' });
    await expect(sumOfChunks('\0'.repeat(800_000), async () => 1)).rejects.toMatchObject({ kind: 'too_large' });
    expect(await sumOfChunks('\0'.repeat(600_000), async () => 1)).toBe(1);
  });
});
