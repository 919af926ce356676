import { isSinceUnicode17 } from './unicode-17.ts';

/** May stand in the capital part of a word: Lu, Lt, Lm, Lo, M. */
export const UPPER = 1;
/** May stand in the small part of a word: Ll, Lm, Lo, M. */
export const LOWER = 2;
/** `\p{L}`. */
export const LETTER = 4;
/** `\p{N}`. */
export const NUMBER = 8;
/** Unicode's White_Space, which is what `\s` means to OpenAI's tokenizer; JavaScript's leaves out U+0085 and adds U+FEFF. */
export const SPACE = 16;
/** CR or LF. */
export const NEWLINE = 32;

/** The classes of the character that begins at `bytes[at]` of well-formed UTF-8; 0 at and past `end`. */
export function classAt(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return 0;
  const first = bytes[at]!;
  const codePoint = first < 0x80 ? first : longCodePointAt(bytes, at, first);
  return known[codePoint]! || learnClass(codePoint);
}

/** The length in bytes of a character, by its first byte. */
export function widthOf(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Set in every class that has been looked up, so that 0 means "not yet". */
const KNOWN = 128;

// Asking Unicode for all 1.1 million characters takes longer than counting a book; few of them ever turn up.
const known = new Uint8Array(0x110000);

function learnClass(codePoint: number): number {
  const found = KNOWN | classesOf(codePoint);
  known[codePoint] = found;
  return found;
}

function classesOf(codePoint: number): number {
  let found = 0;
  if (isSinceUnicode17(codePoint)) return found;
  const character = String.fromCodePoint(codePoint);
  if (/[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u.test(character)) found |= UPPER;
  if (/[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u.test(character)) found |= LOWER;
  if (/\p{L}/u.test(character)) found |= LETTER;
  if (/\p{N}/u.test(character)) found |= NUMBER;
  if (/\p{White_Space}/u.test(character)) found |= SPACE;
  if (/[\r\n]/.test(character)) found |= NEWLINE;
  return found;
}

function longCodePointAt(bytes: Uint8Array, at: number, first: number): number {
  const second = bytes[at + 1]! & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = bytes[at + 2]! & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (bytes[at + 3]! & 0x3f);
}
