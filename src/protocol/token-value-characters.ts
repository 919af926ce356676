/** The text with each look-alike in its ASCII form, so that one grammar reads full-width, typeset and plain figures alike. */
export function foldCharacters(text: string): string {
  if (!/[^\t\n -~]/.test(text)) return text;
  return text
    .replace(FULL_WIDTH, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(INVISIBLE, '')
    .replace(SPACES, ' ')
    .replace(LINE_ENDS, '\n')
    .replace(/[’‘ʼ]/g, "'")
    .replace(/[‐‑‒–﹣]/g, '-')
    .replace(/￥/g, '¥')
    .replace(FOREIGN_LETTERS, FOREIGN_LETTER);
}

/** Whether the character is a letter or digit that joins its neighbours into one word or id; undefined is a text's end. */
export function isWordy(char: string | undefined): boolean {
  return isDigit(char) || isLetter(char) || char === '_';
}

/** Whether the character is one of a script written without spaces, in which a figure may touch its neighbours. */
export function isEastAsian(char: string): boolean {
  const code = char.charCodeAt(0);
  return code >= 0x1100 && EAST_ASIAN.some(([first, last]) => code >= first && code <= last);
}

/** Whether the character is an ASCII digit; undefined is a text's end. */
export function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function isLetter(char: string | undefined): boolean {
  if (char === undefined) return false;
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === FOREIGN_LETTER;
}

/** Every letter and digit of another script stands as this one: a figure that touches it is part of a word. */
const FOREIGN_LETTER = 'ø';

const FULL_WIDTH = /[\uFF01-\uFF5E]/g;

const INVISIBLE = /\p{Variation_Selector}|[\u00AD\u200B-\u200F\u2060\u2066-\u2069\uFEFF]/gu;

const SPACES = /[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g;

const LINE_ENDS = /[\r\v\f\u0085\u2028\u2029]/g;

const FOREIGN_LETTERS =
  /[[\p{L}\p{N}\p{M}]--[\p{ASCII}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\u2460-\u27BF]]/gv;

/** Kana, Han and Hangul by code unit; the surrogates are those of the supplementary ideographs. */
const EAST_ASIAN: readonly (readonly [number, number])[] = [
  [0x1100, 0x11ff],
  [0x3005, 0x3007],
  [0x3040, 0x9fff],
  [0xac00, 0xd7af],
  [0xd840, 0xd87f],
  [0xf900, 0xfaff],
  [0xff66, 0xff9f],
];
