import fc from 'fast-check';
import cl100k from 'js-tiktoken/ranks/cl100k_base';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { describe, expect, test } from 'vitest';
import type { Encoding } from '../../../src/daemon/estimate/ranks.ts';
import { pieceEnd } from '../../../src/daemon/estimate/split.ts';
import { isSinceUnicode17 } from '../../../src/daemon/estimate/unicode-17.ts';
import { corpus } from './corpus.ts';

describe.each([
  ['o200k_base', o200k.pat_str],
  ['cl100k_base', cl100k.pat_str],
] as const)('the pieces of %s', (encoding, shippedPattern) => {
  const pattern = openAiPattern(shippedPattern);

  test('the pieces are those of the pattern on every kind of text', () => {
    for (const [kind, any] of corpus(60)) {
      // OpenAI's patterns know Unicode 16; the one that Node runs them with may be younger.
      const text = Array.from(any, (character) => (isSinceUnicode17(character.codePointAt(0)!) ? 'x' : character)).join(
        '',
      );
      const found = pieces(text, encoding);
      const expected = matches(text, pattern);
      if (found.join('\0') !== expected.join('\0')) expect(found, kind).toEqual(expected);
    }
  });

  test('the pieces are those of the pattern on any mixture of what the pattern tells apart', () => {
    const part = fc.constantFrom(
      ..."a B ſ ß 一 ʰ ǅ \u0301 7 Ⅷ ! / ' 's 'S 'ſ 'll 'Re 'm 😀 \ud800 \0".split(' '),
      ...[' ', '  ', '\n', '\r', '\r\n', '\t', '\u0085', '\ufeff', '\u3000'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        expect(pieces(parts.join(''), encoding)).toEqual(matches(parts.join(''), pattern));
      }),
      { numRuns: 3000 },
    );
  });

  test('the pieces end where the text ends, whatever lies behind it', () => {
    const bytes = new TextEncoder().encode("  abc'll123");

    expect(pieceEnd(bytes, 0, 2, encoding)).toBe(2);
    expect(pieceEnd(bytes, 2, 4, encoding)).toBe(4);
    expect(pieceEnd(bytes, 5, 7, encoding)).toBe(7);
    expect(pieceEnd(bytes, 8, 10, encoding)).toBe(10);
  });
});

test('a pattern that js-tiktoken changes is noticed here, for the pieces are cut by hand', () => {
  expect([o200k.pat_str, cl100k.pat_str]).toMatchInlineSnapshot(`
    [
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    ]
  `);
});

/** OpenAI's own pattern: contractions in any case, and Unicode's white space in place of JavaScript's. */
function openAiPattern(shipped: string): RegExp {
  const contractions = /\('s\|'S\|[^)]*\)/g;
  const source = shipped
    .replace(contractions, "(?:(?i:'s|'t|'re|'ve|'m|'ll|'d))")
    .replaceAll('\\s', '\\p{White_Space}')
    .replaceAll('\\S', '\\P{White_Space}');
  return new RegExp(source, 'gu');
}

function matches(text: string, pattern: RegExp): string[] {
  return text.toWellFormed().match(pattern) ?? [];
}

function pieces(text: string, encoding: Encoding): string[] {
  const bytes = new TextEncoder().encode(text);
  // Otherwise it would swallow U+FEFF.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const found: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = pieceEnd(bytes, start, bytes.length, encoding);
    found.push(decoder.decode(bytes.subarray(start, end)));
    start = end;
  }
  return found;
}
