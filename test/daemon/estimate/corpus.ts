import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The languages of the code among the texts. */
export const CODE_LANGUAGES = 'typescript python go rust java c ruby shell sql html'.split(' ');

/** A text of test/fixtures/texts. */
export function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'texts', `${name}.txt`), 'utf8');
}

/** Texts of every kind, always the same ones for a seed, `textsPerKind` of each; without long runs, on which the judges take for ever. */
export function* corpus(textsPerKind: number, seed = 1): Generator<[kind: string, text: string]> {
  const random = randomFrom(seed * 7919 + 17);
  for (const [kind, make] of Object.entries(KINDS)) {
    for (let index = 0; index < textsPerKind; index++) yield [kind, make(random)];
  }
}

/** A text of so many characters in which the sentences or lines of a fixture come in any order. */
export function shuffled(text: string, length: number, seed = 1): string {
  const parts = text.match(/[^。！？.!?\n]+[。！？.!?\n]*/g) ?? [text];
  return filled(randomFrom(seed), length, (random) => pick(parts, random));
}

/** A text of so many characters, made of what `part` gives. */
export function filled(random: Random, length: number, part: (random: Random) => string): string {
  const parts: string[] = [];
  for (let made = 0; made < length; made += parts.at(-1)!.length) parts.push(part(random));
  return parts.join('').slice(0, length);
}

export type Random = () => number;

/** Marsaglia's xorshift, from 0 to below 1. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const WORDS_BETWEEN = [' ', ' ', ' ', ', ', '. ', '\n', '; ', ' — ', '? ', '! '];
const PROSE = ['english', 'modern-chinese', 'classical-chinese', 'japanese', 'korean', 'arabic', 'minified'];
const FIXTURES = [...PROSE, ...CODE_LANGUAGES.map((language) => `code-${language}`)];
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const KINDS: Record<string, (random: Random) => string> = {
  ...Object.fromEntries(FIXTURES.map((name) => [name, cutFrom(fixture(name))])),
  words: words(
    "The the quick brown fox doesn't jump OVER lazy dogs they'll I'VE we'd McDonald's iPhone naïve 1984 3.14159",
  ),
  'any Chinese': parts((random) => String.fromCodePoint(0x4e00 + Math.floor(random() ** 3 * 0x51ff)), '，。、的一'),
  'rare Chinese': parts((random) => String.fromCodePoint(0x3400 + Math.floor(random() * 0x1dff)), '𠀀龘靐齉之也'),
  'any Korean': parts((random) => String.fromCodePoint(0xac00 + Math.floor(random() * 11_172)), ' .ㅋㄱ'),
  'any Arabic': parts((random) => String.fromCodePoint(0x600 + Math.floor(random() * 0x100)), ' ،ال١٢'),
  'other scripts': words('Привет МИРу Ελληνικά ΣΊΣΥΦΟΣ हिन्दी भाषा ไทย עִבְרִית Ǆǅǆ ﬁﬂ İstanbul ß ẞ Ⅷ ½ ² ൨'),
  emoji: parts(['😀', '👩‍👩‍👧‍👦', '👍🏽', '🇨🇳', '🏳️‍🌈', '❤️', '1️⃣', '👨🏿‍💻', ' ', '🫠', '⚠️', '!']),
  'any emoji': parts(
    (random) => String.fromCodePoint(0x1f300 + Math.floor(random() * 0x600)),
    '\u{1f3fb}\u{1f3ff}\u200d\ufe0f ',
  ),
  JSON: parts([
    '{"',
    '":',
    ' [',
    '1',
    '25',
    ',',
    '"tokens"',
    'null',
    'true',
    '\\n',
    '\\u4e00',
    '}',
    ']',
    ': "',
    '\n  ',
  ]),
  base64: parts((random) => pick(BASE64, random)),
  hexadecimal: parts((random) => pick('0123456789abcdef', random)),
  numbers: parts((random) => String(Math.floor(random() * 10 ** (random() * 12))), ' ,.-/:\n%'),
  whitespace: parts([
    ' ',
    '  ',
    '\t',
    '\n',
    '\r\n',
    '\n\n',
    '\u0085',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\v\f',
    'x',
    '    ',
    '/',
    '\ufeff',
  ]),
  'control characters': parts((random) =>
    pick('\0\u0001\u0007\b\u001b\u001f\u007f\u0080\u009f\u200b\u200d\u202ea ', random),
  ),
  'lone surrogates': parts(['\ud800', '\udfff', '\ud83d', '\ude00', 'a', ' ', '中', '\udc00\ud800', '1', '\n']),
  'special tokens': parts(['<|endoftext|>', '<|fim_prefix|>', '<|endofprompt|>', '<|', '|>', 'endoftext', ' ', 'a']),
  contractions: parts(["'s", "'S", "'Ll", "'RE", "'d", "'", 'a', 'A', '一', ' ', '\u0301', '1', '\n', "'ſ", 'ǅ', 'ʰ']),
  punctuation: parts(
    (random) => pick('!"#$%&()*+,-./:;<=>?@[]^_`{|}~', random).repeat(1 + random() ** 4 * 90),
    ' \na1',
  ),
  'code units': parts((random) => String.fromCharCode(Math.floor(random() * 0x10000))),
  characters: parts((random) => String.fromCodePoint(Math.floor(random() * (random() < 0.8 ? 0x3000 : 0x110000)))),
  mixtures(random) {
    const makers = Object.values(KINDS).filter((make) => make !== KINDS.mixtures);
    return filled(random, lengthFrom(random), (again) => pick(makers, again)(again).slice(0, 1 + again() * 30));
  },
};

/** Mostly short, now and then some thousand characters. */
function lengthFrom(random: Random): number {
  return 1 + Math.floor(random() ** 8 * 2_000 + random() * 100);
}

function cutFrom(text: string): (random: Random) => string {
  return (random) => {
    const start = Math.floor(random() * text.length);
    return text.slice(start, start + lengthFrom(random));
  };
}

function words(text: string): (random: Random) => string {
  const list = text.split(' ');
  return (random) => filled(random, lengthFrom(random), (again) => pick(list, again) + pick(WORDS_BETWEEN, again));
}

/** Parts in any order, and now and then a character in between. */
function parts(part: readonly string[] | ((random: Random) => string), between = ''): (random: Random) => string {
  const separators = [...between];
  return (random) =>
    filled(random, lengthFrom(random), (again) => {
      if (separators.length > 0 && again() < 0.2) return pick(separators, again);
      return typeof part === 'function' ? part(again) : pick(part, again);
    });
}

function pick<T>(from: ArrayLike<T>, random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}
