import { classAt, LETTER, LOWER, NEWLINE, NUMBER, SPACE, UPPER, widthOf } from './character-class.ts';
import type { Encoding } from './ranks.ts';

/**
 * The end of the piece that begins at `start` (before `end`) of well-formed UTF-8, as the encoding's pattern cuts it.
 *
 * Written by hand and not as the pattern itself because this is linear in the text, whatever the text, and needs neither
 * strings nor a stack. The comments below quote the pattern's alternatives in their order.
 */
export function pieceEnd(bytes: Uint8Array, start: number, end: number, encoding: Encoding): number {
  const plainEnd = plainEnglishEnd(bytes, start, end);
  if (plainEnd > start) return plainEnd;
  const first = classAt(bytes, start, end);
  return (
    (encoding === 'o200k_base'
      ? casedWordEnd(bytes, start, end, first)
      : (contractionEnd(bytes, start, end) ?? plainWordEnd(bytes, start, end, first))) ??
    numberEnd(bytes, start, end, first) ??
    punctuationEnd(bytes, start, end, encoding === 'o200k_base') ??
    spaceEnd(bytes, start, end)
  );
}

/**
 * The end of ` ?[A-Z]?[a-z]+` before what neither encoding takes into the same piece, or `start`: most pieces of English and
 * of code, at a third of the cost.
 */
function plainEnglishEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === BLANK ? start + 1 : start;
  if ((ASCII[bytes[at]!]! & CAPITAL) !== 0) at++;
  const from = at;
  while (at < end && (ASCII[bytes[at]!]! & SMALL) !== 0) at++;
  return at > from && (at >= end || (ASCII[bytes[at]!]! & APART) !== 0) ? at : start;
}

/** `[^\r\n\p{L}\p{N}]?\p{L}+` */
function plainWordEnd(bytes: Uint8Array, start: number, end: number, first: number): number | undefined {
  const from = mayPrefixWord(first) ? start + widthOf(bytes[start]!) : start;
  const wordEnd = runEnd(bytes, from, end, LETTER);
  return wordEnd > from ? wordEnd : undefined;
}

/** `[^\r\n\p{L}\p{N}]?` + (`UPPER*LOWER+` or else `UPPER+LOWER*`) + `(?i:'s|'t|'re|'ve|'m|'ll|'d)?` */
function casedWordEnd(bytes: Uint8Array, start: number, end: number, first: number): number | undefined {
  const afterPrefix = mayPrefixWord(first) ? start + widthOf(bytes[start]!) : undefined;
  // A mark is both a prefix and a part of words, so both readings are tried, in the pattern's order.
  const wordEnd =
    (afterPrefix && smallWordEnd(bytes, afterPrefix, end)) ??
    smallWordEnd(bytes, start, end) ??
    (afterPrefix && capitalWordEnd(bytes, afterPrefix, end)) ??
    capitalWordEnd(bytes, start, end);
  return wordEnd && (contractionEnd(bytes, wordEnd, end) ?? wordEnd);
}

/** `UPPER*LOWER+`: when nothing small follows the capitals, the pattern gives back capitals as far as one that may be small. */
function smallWordEnd(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  let lastSmallEnd: number | undefined;
  for (;;) {
    const found = classAt(bytes, at, end);
    if (!(found & UPPER)) return found & LOWER ? runEnd(bytes, at, end, LOWER) : lastSmallEnd;
    at += widthOf(bytes[at]!);
    if (found & LOWER) lastSmallEnd = at;
  }
}

/** `UPPER+LOWER*`, where the first alternative has failed: so nothing small follows. */
function capitalWordEnd(bytes: Uint8Array, start: number, end: number): number | undefined {
  const wordEnd = runEnd(bytes, start, end, UPPER);
  return wordEnd > start ? wordEnd : undefined;
}

/** `(?i:'s|'t|'re|'ve|'m|'ll|'d)` */
function contractionEnd(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (bytes[start] !== APOSTROPHE || start + 1 >= end) return undefined;
  const letter = bytes[start + 1]! | 0x20;
  if (letter === 0x73 || letter === 0x74 || letter === 0x6d || letter === 0x64) return start + 2; // s t m d
  if (start + 2 >= end) return undefined;
  const next = bytes[start + 2]!;
  if ((letter === 0x72 || letter === 0x76) && (next | 0x20) === 0x65) return start + 3; // re ve
  if (letter === 0x6c && (next | 0x20) === 0x6c) return start + 3; // ll
  // The long s (U+017F) is an s when case does not count.
  return bytes[start + 1] === 0xc5 && next === 0xbf ? start + 3 : undefined;
}

/** `\p{N}{1,3}` */
function numberEnd(bytes: Uint8Array, start: number, end: number, first: number): number | undefined {
  if (!(first & NUMBER)) return undefined;
  let at = start;
  for (let digits = 0; digits < 3 && classAt(bytes, at, end) & NUMBER; digits++) at += widthOf(bytes[at]!);
  return at;
}

/** ` ?[^\s\p{L}\p{N}]+[\r\n]*`, in o200k_base `[\r\n/]*` */
function punctuationEnd(bytes: Uint8Array, start: number, end: number, takesSlash: boolean): number | undefined {
  const from = bytes[start] === BLANK ? start + 1 : start;
  let at = from;
  while (at < end && !(classAt(bytes, at, end) & (SPACE | LETTER | NUMBER))) at += widthOf(bytes[at]!);
  if (at === from) return undefined;
  while (at < end && (bytes[at] === LF || bytes[at] === CR || (takesSlash && bytes[at] === SLASH))) at++;
  return at;
}

/** `\s*[\r\n]+`, else `\s+(?!\S)`, else `\s+`: to the last newline, else all but the blank before the next word, else all. */
function spaceEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let last = start;
  let newlineEnd = start;
  for (;;) {
    const found = classAt(bytes, at, end);
    if (!(found & SPACE)) break;
    last = at;
    at += widthOf(bytes[at]!);
    if (found & NEWLINE) newlineEnd = at;
  }
  if (newlineEnd > start) return newlineEnd;
  return at === end || last === start ? at : last;
}

function mayPrefixWord(classes: number): boolean {
  return (classes & (LETTER | NUMBER | NEWLINE)) === 0;
}

function runEnd(bytes: Uint8Array, start: number, end: number, classes: number): number {
  let at = start;
  while (classAt(bytes, at, end) & classes) at += widthOf(bytes[at]!);
  return at;
}

const SMALL = 1;
const CAPITAL = 2;
/** ASCII that never belongs to the word before it. */
const APART = 4;
const ASCII = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[a-z]/.test(character)) return SMALL;
  if (/[A-Z]/.test(character)) return CAPITAL;
  return byte < 0x80 && character !== "'" ? APART : 0;
});

const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
