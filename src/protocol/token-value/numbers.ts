import { isDigit, isEastAsian, isWordy } from './clean-text.ts';
import type { NumberPiece, Piece } from './pieces.ts';
import type { RefusalReason } from './refusals.ts';
import { HAN_UNITS, isDigits, LATIN_UNITS, readNumeral, UNITS } from './units.ts';
import { eastAsianWordAt, FOREIGN_UNITS, roleOf } from './words.ts';

/** Whether a number counts as a value among other words without a label. */
export function standsAlone({ numeral, unit }: Pick<NumberPiece, 'numeral' | 'unit'>): boolean {
  return unit ? !UNITS[unit]?.needsLabel : isLong(numeral);
}

/** Reads the number that begins at `start`: a value with its unit, or plainly another kind of piece. `before` is the piece before the sign before it. */
export function readNumber(line: string, start: number, before: Piece | undefined): Piece {
  STAMP.lastIndex = start;
  const stampEnd = STAMP.test(line) ? STAMP.lastIndex : 0;
  if (stampEnd && !isWordy(line[stampEnd]) && !/^[-:/.,][0-9]/.test(line.slice(stampEnd, stampEnd + 2))) {
    return { kind: 'date', start, end: stampEnd };
  }
  const blobEnd = endOfBlob(line, start);
  let wordEnd = blobEnd;
  while (line[wordEnd - 1] === '_') wordEnd -= 1;
  let numeralEnd = start;
  while (numeralEnd < wordEnd && isNumeral(line[numeralEnd]!)) numeralEnd += 1;
  const numeral = line.slice(start, numeralEnd);
  const suffix = wordEnd - numeralEnd > 12 ? null : SUFFIX.exec(line.slice(numeralEnd, wordEnd));
  if (!suffix) return readBlob(line, start, numeralEnd, blobEnd);
  const isLabelled = suffix[2] !== undefined;
  const spaced = suffix[0] || wordEnd < blobEnd ? '' : unitAt(line, blobEnd);
  const unit = suffix[1] || spaced.trim();
  const end = blobEnd + spaced.length;
  if (isVersion(numeral)) return { kind: 'date', start, end };
  const number = { kind: 'number', start, end, numeral, unit, isLabelled } as const;
  const other = otherAfter(line, number) ?? otherBefore(line, start, before);
  if (other) return { start, end, ...other };
  const refusal = signBefore(line, start) ?? refusalAfter(line, number, spaced.length > 1);
  return { ...number, reading: refusal ?? readNumeral(numeral, unit) };
}

/** The end of a run without a space: a word, a number, a date, a version, a path, an id. */
export function endOfBlob(line: string, start: number): number {
  let at = start;
  for (;;) {
    while (isWordy(line[at])) at += 1;
    let next = at;
    while (next < line.length && JOINERS.includes(line[next]!)) next += 1;
    if (!isWordy(line[next]) || !joins(line, at, next)) return at;
    at = next;
  }
}

const JOINERS = ",.'-:@#^\\";

function joins(line: string, from: number, to: number): boolean {
  const isBetweenDigits = isDigit(line[from - 1]) && isDigit(line[to]);
  if (to - from > 1) return isBetweenDigits && !/[^,.']/.test(line.slice(from, to));
  return to > from && (isBetweenDigits || !",':".includes(line[from]!));
}

/** Dates and times of the day. */
const STAMP =
  /(?:[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)?|[0-9]{1,2}\/[0-9]{1,2}\/[0-9]{4}|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)(?:Z| ?[ap]m| ?[+-][0-9]{2}:?[0-9]{2}(?![0-9]))?|[0-9]{4} 年 ?[0-9]{1,2} ?月(?: ?[0-9]{1,2} ?[日号號])?|[0-9]{1,4}[年月日号號时時分秒点點岁](?!钟)(?: ?[0-9]{1,2}[月日号號时時分秒点點](?!钟))*(?: ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?/iy;

const SUFFIX = new RegExp(`^([${LATIN_UNITS}]?)(-?tok(?:en)?s?)?$`, 'i');

function isNumeral(char: string): boolean {
  return isDigit(char) || ",.'_".includes(char);
}

function isLong(numeral: string): boolean {
  return numeral.split('.', 1)[0]!.replace(/[^0-9]/g, '').length >= 5;
}

/** `1.2.3` and `10.0.0.1`, but not `1.234.567`, which may be a count. */
function isVersion(numeral: string): boolean {
  const [first = '', ...parts] = numeral.split('.');
  const isCount = first.length <= 3 && parts.every((part) => part.length === 3);
  return parts.length > 1 && !isCount && parts.every(isDigits) && isDigits(first);
}

/** `300000-350000` is two values, `2m14s` a duration; every other chain (`555-12345`, `12345abc`) is a name. */
function readBlob(line: string, start: number, middle: number, end: number): Piece {
  const numeral = line.slice(start, middle);
  const rest = line.slice(middle, Math.min(end, middle + 40));
  const [, fromUnit = '', to = '', toUnit = ''] = RANGE.exec(rest) ?? [];
  if (to && (fromUnit || toUnit || isLong(numeral)) && (toUnit || isLong(to))) {
    // Whatever its length, a range is never passed over.
    return { kind: 'number', start, end, numeral, unit: 'K', reading: 'ambiguous', isLabelled: false };
  }
  if (FOREIGN_UNITS.get(rest.toLowerCase()) === 'measure' || DURATION.test(rest))
    return { kind: 'measure', start, end };
  if (/^(?:st|nd|rd|th|[ap]m)$/i.test(rest)) return { kind: 'date', start, end };
  return { kind: 'word', start, end, role: undefined };
}

const RANGE = new RegExp(`^([${LATIN_UNITS}]?)-([0-9,'_.]+)([${LATIN_UNITS}]?)$`, 'i');
const DURATION = /^[dhms](?:[0-9]{1,4}[hms]|[0-9]{1,4}ms)*$/i;

/** The unit written right there or after one space, with that space. */
function unitAt(line: string, at: number): string {
  const space = line[at] === ' ' ? ' ' : '';
  const letter = line[at + space.length];
  if (letter === undefined || UNITS[letter] === undefined) return '';
  const next = at + space.length + 1;
  return isEastAsian(letter) || endOfBlob(line, next - 1) === next ? space + letter : '';
}

type Other = { readonly kind: 'percent' | 'money' | 'measure'; readonly end?: number } | UnreadWord;
type UnreadWord = { readonly kind: 'word'; readonly role: undefined; readonly end?: number };

const UNREAD: UnreadWord = { kind: 'word', role: undefined };

/** The kind that a sign or word directly after a number gives it: a percentage, money, an id, a size. */
function otherAfter(line: string, { end, unit }: { readonly end: number; readonly unit: string }): Other | undefined {
  const near = line.slice(end, end + 16);
  const percent = /^ ?(?:[%‰]|percent\b|pct\b)/i.exec(near)?.[0];
  if (percent) return { kind: 'percent', end: end + percent.length };
  if (/^(?:\p{Sc}| \p{Sc}(?! ?[0-9\p{L}])| ?[元块円圆](?!\p{sc=Han}))/u.test(near)) return { kind: 'money' };
  const isCompound = COMPOUND.test(near);
  if (unit && isEastAsian(unit) && !GOES_ON.test(near) && isCompound && !/^(?:tokens?|used)(?![a-zø])/i.test(near)) {
    return UNREAD;
  }
  const unread = NUMBER_WORDS.exec(near)?.[0];
  if (unread) return { ...UNREAD, end: end + unread.length };
  if (/^[@#^\\&°″′½¼¾²³]/.test(near)) return UNREAD;
  if (/^\/[a-zø]/i.test(near)) return { kind: 'measure' };
  const duration = /^ ?(?:分钟|小时|秒钟?|毫秒|天|周|个月)/.exec(near)?.[0];
  if (duration) return { kind: 'measure', end: end + duration.length };
  const word = /^ ?(\p{L}+)/u.exec(near);
  const other = word && FOREIGN_UNITS.get(word[1]!.toLowerCase());
  if (!other) return undefined;
  return other === 'measure'
    ? { kind: 'measure', end: end + word[0].length }
    : { ...UNREAD, end: end + word[0].length };
}

/** `十万` is 100,000: a unit above a thousand may follow another part of a number. */
const HAN_MYRIADS = [...HAN_UNITS].filter((letter) => UNITS[letter]!.exponent > 3).join('');
const UNREAD_PLACES = '百十兆仟佰拾만억천';

/** The parts of numbers that are not read, as in `3百万` and `35만`; `350000 元数据` holds none of them. */
const NUMBER_WORDS = new RegExp(
  `^(?:[${UNREAD_PLACES}]| [${UNREAD_PLACES}](?:[${HAN_MYRIADS}]|(?!\\p{sc=Han})))[${HAN_MYRIADS}]?`,
  'u',
);

/** The kind that a sign directly before a number gives it: money, an id, a path. */
function otherBefore(line: string, start: number, before: Piece | undefined): Other | undefined {
  const at = startOfSpaces(line, start) - 1;
  const mark = line[at];
  if (mark === undefined) return undefined;
  if (/\p{Sc}/u.test(mark)) return { kind: 'money' };
  if (at !== start - 1) return undefined;
  if ('#@^\\&第№'.includes(mark)) return UNREAD;
  if (mark === ':' && isPort(line, at)) return UNREAD;
  const isPairMark = before && (before.kind !== 'word' || before.role === 'token' || before.role === 'used');
  return mark === '/' && !isPairMark ? UNREAD : undefined;
}

/** `:18877` and `*:18877`, which no word introduces. */
function isPort(line: string, colon: number): boolean {
  const isBare = startOfSpaces(line, colon) === 0 || '*]'.includes(line[colon - 1]!);
  const digits = /^([0-9]{2,5})(?![0-9,._']|[ ]?[\p{L}])/u.exec(line.slice(colon + 1, colon + 9))?.[1];
  return isBare && digits !== undefined && Number(digits) < 65_536;
}

/** The refusal of a number by the sign before it, or by a longer number of which it is the tail. */
function signBefore(line: string, start: number): RefusalReason | undefined {
  const at = startOfSpaces(line, start) - 1;
  const mark = line[at];
  if (mark === undefined) return undefined;
  const isGlued = at === start - 1;
  const previous = line[at - 1];
  const beginsHere = previous === undefined || previous === ' ' || previous === '\t';
  if ('+±'.includes(mark)) return 'signed';
  if (mark === '−') return 'negative';
  if (mark === '-') return isGlued || isMinusAfter(line, at) ? 'negative' : undefined;
  if (!isGlued) return undefined;
  if (HAN_PLACES.includes(mark)) return 'ambiguous'; // the tail of a longer number, as in `三十五万5千`
  if ('—―'.includes(mark)) return beginsHere ? 'negative' : undefined;
  if (mark === '.') return beginsHere ? 'malformed_grouping' : undefined;
  if (mark === ',') return beginsHere || previous === ',' ? 'malformed_grouping' : undefined;
  return undefined;
}

/** A dash with a space after it is a bullet or a dash between words, unless it follows what asks for a number. */
function isMinusAfter(line: string, dash: number): boolean {
  const before = line[startOfSpaces(line, dash) - 1];
  return before !== undefined && ':=(,<['.includes(before);
}

function startOfSpaces(line: string, end: number): number {
  let start = end;
  while (line[start - 1] === ' ' || line[start - 1] === '\t') start -= 1;
  return start;
}

/** The refusal of a number by the text directly after it, which leaves open how the number goes on. */
function refusalAfter(
  line: string,
  { end, unit, numeral }: { readonly end: number; readonly unit: string; readonly numeral: string },
  isSpaced: boolean,
): RefusalReason | undefined {
  const near = line.slice(end, end + 16);
  if (unit && isEastAsian(unit) && GOES_ON.test(near)) return 'ambiguous';
  // `350,000 千问`, `350,000 K线`, `5 万圣节`: what looks like a unit after a space may begin the next word.
  const beginsWord =
    /^\p{sc=Han}/u.test(near) && roleOf(eastAsianWordAt(near, 0)) === undefined && !/^[多余]/.test(near);
  if (isSpaced && (isLong(numeral) || beginsWord)) return 'ambiguous';
  return /^-(?:\s|$)/.test(near) ? 'negative' : undefined;
}

const HAN_PLACES = `十百${HAN_UNITS}兆零〇`;
const HAN_NUMERALS = `${HAN_PLACES}一二两三四五六七八九半`;
const COMPOUND = new RegExp(`^(?:[${HAN_NUMERALS}]|[a-zø])`, 'i');

/** `35万5`, `35万零5千`, `1千万零5千`: the number is only the head of a longer one. */
const GOES_ON = new RegExp(`^[${HAN_NUMERALS}]*[0-9零〇]`);
