import { CODE_LANGUAGES, filled, fixture, type Random, randomFrom, shuffled } from '../test/daemon/estimate/corpus.ts';

/** Texts as people and programs write them, of so many characters; other ones for another seed. */
export const ORDINARY: Readonly<Record<string, (length: number, seed: number) => string>> = {
  English: (length, seed) => shuffled(fixture('english'), length, seed),
  Chinese: (length, seed) => shuffled(fixture('modern-chinese'), length, seed),
  'Chinese of random words': (length, seed) => randomChinese(randomFrom(seed), length),
  'classical Chinese': (length, seed) => shuffled(fixture('classical-chinese'), length, seed),
  code: (length, seed) =>
    shuffled(CODE_LANGUAGES.map((language) => fixture(`code-${language}`)).join('\n'), length, seed),
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Texts of a given length that make tokenizers slow, and some that do not; where chance is in it, another one for another seed. */
export const EXTREME: Readonly<Record<string, (length: number, seed?: number) => string>> = {
  a: (length) => 'a'.repeat(length),
  一: (length) => '一'.repeat(length),
  blanks: (length) => ' '.repeat(length),
  dashes: (length) => '-'.repeat(length),
  'random emoji': (length, seed = 2) =>
    filled(randomFrom(seed), length, (random) => String.fromCodePoint(0x1f300 + Math.floor(random() * 0x600))),
  'random letters': (length, seed = 3) =>
    filled(randomFrom(seed), length, (random) => String.fromCharCode(97 + Math.floor(random() * 26))),
  base64: (length, seed = 4) => filled(randomFrom(seed), length, (random) => BASE64[Math.floor(random() * 64)]!),
  prose: (length, seed) => shuffled(fixture('english'), length, seed),
};

/** Neighbouring characters of real sentences, so that words are likely and no sentence is ever met again. */
function randomChinese(random: Random, length: number): string {
  const characters = [...fixture('modern-chinese')].filter((character) => /\p{Script=Han}/u.test(character));
  return filled(random, length, () => {
    const words = Array.from({ length: 3 + Math.floor(random() * 6) }, () => {
      const at = Math.floor(random() * (characters.length - 2));
      return characters.slice(at, at + 2).join('');
    });
    return `${words.join('')}，`;
  });
}
