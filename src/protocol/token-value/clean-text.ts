/**
 * The text with what is not seen taken out and each look-alike in its ASCII form, so that one grammar reads full-width,
 * coloured, typeset and plain figures alike. A line ends where `splitLines` ends it.
 */
export function cleanText(text: string): string {
  if (!/[^\t\n -~]|[[^]/.test(text)) return text;
  const plain = text.replace(CONTROL_SEQUENCES, '').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  // A colour that lost its ESC on the way is known by the pair that sets it and takes it back.
  const lost = plain.match(LOST_SEQUENCE)?.length ?? 0;
  return (lost > 1 ? plain.replace(LOST_SEQUENCE, '') : plain)
    .replace(/[\uFF01-\uFF5E]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, ' ')
    .replace(LINE_END, '\n')
    .replace(/[’‘ʼ]/g, "'")
    .replace(/[‐‑‒–﹣]/g, '-')
    .replace(/[“”„«»]/g, '"')
    .replace(FOREIGN_DIGITS, FOREIGN_DIGIT);
}

/** The lines of a text, whichever of the line ends that Unicode knows was used. */
export function splitLines(text: string): string[] {
  return text.split(LINE_END);
}

/** Whether a line ends with the text, so that nothing more of it is to come. */
export function endsLine(text: string): boolean {
  return text.search(LINE_END_LAST) >= 0;
}

/** The lines of JSON Lines: within a text of JSON the other line ends of Unicode are characters like any other. */
export function splitJsonLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Whether the character is a letter or digit that joins its neighbours into one word or id; undefined is a text's end. */
export function isWordy(char: string | undefined): boolean {
  if (char === undefined) return false;
  if (char < '\u0080') return /[0-9A-Za-z_]/.test(char);
  return /\p{L}/u.test(char) && !isEastAsian(char);
}

/** Whether the character is one of a script written without spaces, in which a figure may touch its neighbours. */
export function isEastAsian(char: string): boolean {
  return EAST_ASIAN.test(char);
}

/** Whether the character is an ASCII digit; undefined is a text's end. */
export function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

const [ESC, BEL, CSI, ST] = ['\x1b', '\x07', '\x9b', '\x9c'];

/** CSI sequences, strings such as OSC, and shorter ones; of those whose ESC is shown as `^[`, `←`, `\e` or the like, the colours. */
const CONTROL_SEQUENCES = new RegExp(
  [
    `(?:${ESC}\\[|${CSI})[0-?]{0,40}[ -/]{0,4}[@-~]`,
    `${ESC}[\\]PX^_][^${BEL}${ESC}${ST}\n]*(?:${BEL}|${ST}|${ESC}\\\\)?`,
    `${ESC}[ -/]{0,4}[0-~]?`,
    String.raw`(?:\^\[|[␛←�]|\\x1b|\\u001b|\\e|\\0?33)\[[0-9;]{0,20}m`,
  ].join('|'),
  'g',
);

const LOST_SEQUENCE = /\[(?:[0-9]{1,3}(?:;[0-9]{1,3}){0,8})?m(?!\])/g;

const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;
const LINE_END_LAST = new RegExp(`(?:${LINE_END.source})$`);

/** Digits of another script, marks and letters beyond the basic plane: a figure that touches one is part of a word. */
const FOREIGN_DIGIT = 'ø';
const FOREIGN_DIGITS =
  /[[\p{N}\p{M}[\p{L}--[\0-\uFFFF]]]--[\p{ASCII}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\u2460-\u27BF]]/gv;

/** Han, kana and Hangul by code unit; the surrogates are those of the supplementary ideographs. */
const EAST_ASIAN = /[\u1100-\u11FF\u3005-\u3007\u3040-\u9FFF\uAC00-\uD7AF\uD840-\uD87F\uF900-\uFAFF\uFF66-\uFF9F]/;
