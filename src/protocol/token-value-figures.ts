import { isDigit, isEastAsian, isWordy } from './token-value-characters.ts';
import { type Amount, isDigits, readNumeral, UNIT_EXPONENTS } from './token-value-numerals.ts';
import type { RefusalReason } from './token-value-refusals.ts';

/** One number of a line that may be a token value, with its sign and unit. */
export interface Figure {
  /** Where it begins in the line, and where it ends with its unit. */
  readonly start: number;
  readonly end: number;
  /** Its digits with their separators. */
  readonly numeral: string;
  /** The letter of its unit, or nothing. */
  readonly unit: string;
  readonly reading: Amount | RefusalReason;
  /** A label is part of it, as in `350000tokens`. */
  readonly isLabelled: boolean;
}

/** The numbers of one line, and whether the line holds other text: words, dates, versions, ids. Percentages are neither. */
export interface LineFigures {
  readonly figures: readonly Figure[];
  readonly hasOtherText: boolean;
  /** How many numbers of any kind were read, dates and percentages included. */
  readonly numbers: number;
}

/** Finds the figures of one line of folded text in one pass; stops when `maxNumbers` is passed. */
export function findFigures(line: string, maxNumbers: number): LineFigures {
  const figures: Figure[] = [];
  let hasOtherText = false;
  let numbers = 0;
  let at = 0;
  while (at < line.length && numbers <= maxNumbers) {
    const char = line[at]!;
    if (isWordy(char)) {
      const found = readBlob(line, at, endOfBlob(line, at), figures.at(-1)?.end);
      if (found.kind === 'figure') figures.push(found.figure);
      hasOtherText ||= found.kind === 'text';
      if (isDigit(char)) numbers += 1;
      at = found.end;
    } else if (char === ':' && line.startsWith('://', at)) {
      hasOtherText = true;
      at = endOfUrl(line, at);
    } else {
      hasOtherText ||= isEastAsian(char);
      at += 1;
    }
  }
  return { figures, hasOtherText, numbers };
}

type Found =
  | { readonly kind: 'figure'; readonly figure: Figure; readonly end: number }
  | { readonly kind: 'text' | 'nothing'; readonly end: number };

/** A blob is what is written without a space: a word, a number, a date, a version, a path, an id. */
function endOfBlob(line: string, start: number): number {
  let at = start;
  for (;;) {
    while (isWordy(line[at])) at += 1;
    let next = at;
    while (isJoiner(line[next])) next += 1;
    if (!isWordy(line[next]) || !joins(line, at, next)) return at;
    at = next;
  }
}

function endOfUrl(line: string, start: number): number {
  let at = start;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t' && !isEastAsian(line[at]!)) at += 1;
  return at;
}

function isJoiner(char: string | undefined): boolean {
  return char !== undefined && ",.'-:@#^\\".includes(char);
}

function isNumeralCharacter(char: string | undefined): boolean {
  return isDigit(char) || (char !== undefined && ",.'_".includes(char));
}

function joins(line: string, from: number, to: number): boolean {
  const isBetweenDigits = isDigit(line[from - 1]) && isDigit(line[to]);
  if (to - from > 1) return isBetweenDigits && isGroupingRun(line, from, to);
  return isBetweenDigits || !",':".includes(line[from]!);
}

function isGroupingRun(line: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isNumeralCharacter(line[at])) return false;
  return true;
}

function readBlob(line: string, blobStart: number, blobEnd: number, previousEnd: number | undefined): Found {
  let start = blobStart;
  let wordEnd = blobEnd;
  while (line[start] === '_' && start < blobEnd) start += 1;
  while (line[wordEnd - 1] === '_' && wordEnd > start) wordEnd -= 1;
  if (start === wordEnd) return { kind: 'nothing', end: blobEnd };
  if (!isDigit(line[start])) return { kind: 'text', end: blobEnd };

  let numeralEnd = start;
  while (numeralEnd < wordEnd && isNumeralCharacter(line[numeralEnd])) numeralEnd += 1;
  const numeral = line.slice(start, numeralEnd);
  const suffix = readSuffix(line.slice(numeralEnd, wordEnd));
  if (suffix === undefined) return readRange(line, start, numeralEnd, blobEnd);
  const spaced = suffix.unit || suffix.isLabelled || wordEnd < blobEnd ? '' : unitAt(line, blobEnd);
  const unit = suffix.unit || spaced.trim();
  const end = blobEnd + spaced.length;

  const after = readAfter(line, end, unit, spaced.length > 1 && numeral);
  if (after.kind === 'percentage') return { kind: 'nothing', end: after.end };
  const before = readBefore(line, start, previousEnd);
  if (after.kind === 'text' || before === 'text' || isVersion(numeral)) return { kind: 'text', end };
  const reading = before ?? after.refusal ?? readNumeral(numeral, UNIT_EXPONENTS[unit] ?? 0);
  return { kind: 'figure', end, figure: { start, end, numeral, unit, reading, isLabelled: suffix.isLabelled } };
}

function readSuffix(text: string): { readonly unit: string; readonly isLabelled: boolean } | undefined {
  if (text.length > 10) return undefined;
  const match = /^([kmw]?)(-?tokens?)?$/i.exec(text);
  return match ? { unit: match[1] ?? '', isLabelled: match[2] !== undefined } : undefined;
}

/** `300000-350000` is two values; every other chain (`2025-11-18`, `20:30`, `555-12345`, `12345abc`) is a date or a name. */
function readRange(line: string, start: number, middle: number, end: number): Found {
  const from = line.slice(start, middle);
  const range = /^([kmw]?)-([0-9,'_.]+)([kmw]?)$/i.exec(line.slice(middle, Math.min(end, middle + 40)));
  const [, fromUnit = '', to = '', toUnit = ''] = range ?? [];
  const isTwoValues = isLong(from, fromUnit || toUnit) && isLong(to, toUnit);
  if (!range || !isTwoValues) return { kind: 'text', end };
  const unit = 'K'; // whatever its length, a range is never passed over
  const figure: Figure = { start, end, numeral: from, unit, reading: 'ambiguous', isLabelled: false };
  return { kind: 'figure', end, figure };
}

function isLong(numeral: string, unit: string): boolean {
  return unit !== '' || numeral.replace(/[^0-9]/g, '').length >= 5;
}

/** `1.2.3` and `10.0.0.1`, but not `1.234.567`, which may be a count. */
function isVersion(numeral: string): boolean {
  const [first = '', ...parts] = numeral.split('.');
  const isCount = first.length <= 3 && parts.every((part) => part.length === 3);
  return parts.length > 1 && !isCount && parts.every(isDigits) && isDigits(first);
}

/** The unit written right there or after one space, with that space. */
function unitAt(line: string, at: number): string {
  const space = line[at] === ' ' ? ' ' : '';
  const letter = line[at + space.length];
  if (letter === undefined || UNIT_EXPONENTS[letter] === undefined) return '';
  const next = at + space.length + 1;
  const isWholeWord = isEastAsian(letter) || endOfBlob(line, next - 1) === next;
  return isWholeWord ? space + letter : '';
}

/** What stands directly before a figure: the mark that makes it something else, or that refuses it. */
function readBefore(line: string, start: number, previousEnd: number | undefined): RefusalReason | 'text' | undefined {
  const at = startOfSpaces(line, start) - 1;
  const mark = line[at];
  if (mark === undefined) return undefined;
  const isGlued = at === start - 1;
  const previous = line[at - 1];
  const beginsHere = previous === undefined || previous === ' ' || previous === '\t';
  if ('$€£¥₩'.includes(mark)) return 'text';
  if ('+±'.includes(mark)) return 'signed';
  if (mark === '−') return 'negative';
  if (mark === '-') return isGlued || isMinusAfter(line, at) ? 'negative' : undefined;
  if (!isGlued) return undefined;
  if ('十百千万萬亿億兆零〇'.includes(mark)) return 'ambiguous'; // the tail of a longer number, as in `三十五万5千`
  if (mark === '/') return startOfSpaces(line, at) === previousEnd ? undefined : 'text';
  if ('#@^\\&第№'.includes(mark)) return 'text';
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

interface After {
  readonly kind: 'percentage' | 'text' | 'figure';
  readonly end: number;
  readonly refusal?: RefusalReason;
}

/** What stands directly after a figure and its unit: the mark that makes it something else, or that refuses it. */
function readAfter(line: string, end: number, unit: string, spacedNumeral: string | false): After {
  const near = line.slice(end, end + 16);
  if (/^ ?[%‰]/.test(near)) return { kind: 'percentage', end: end + near.search(/[%‰]/) + 1 };
  if (unit && isEastAsian(unit)) {
    if (GOES_ON.test(near)) return { kind: 'figure', end, refusal: 'ambiguous' };
    const isCompound = /^(?:[十百千万萬亿億兆零〇一二两三四五六七八九半]|[a-zø])/i.test(near);
    if (isCompound && !/^(?:tokens?|used)(?![a-zø])/i.test(near)) return { kind: 'text', end };
  }
  if (spacedNumeral && beginsWord(near, spacedNumeral)) return { kind: 'figure', end, refusal: 'ambiguous' };
  if (NOT_A_COUNT.test(near) || /^\/[a-zø]/i.test(near)) return { kind: 'text', end };
  const word = /^ ?([a-z]+)/i.exec(near)?.[1];
  if (word && FOREIGN_UNITS.has(word.toLowerCase())) return { kind: 'text', end };
  return /^-(?:\s|$)/.test(near) ? { kind: 'figure', end, refusal: 'negative' } : { kind: 'figure', end };
}

/** `35万5`, `35万零5千`, `1千万零5千`: the figure is only the head of a longer number. */
const GOES_ON = /^[十百千万萬亿億兆零〇一二两三四五六七八九半]*[0-9零〇]/;

/** `350,000 千问`, `350,000 K线`, `5 万圣节`: what looks like a unit after a space may begin the next word. */
function beginsWord(near: string, numeral: string): boolean {
  return isLong(numeral.split('.', 1)[0] ?? '', '') || (/^\p{sc=Han}/u.test(near) && !/^[个令词左多余的了]/.test(near));
}

/** Money, ids, powers, degrees, dates, ordinals, and the units that are not read; `350000 元数据` is none of them. */
const NOT_A_COUNT =
  /^(?:[@#^\\&°$€£¥₩′″年月日时時分秒点點号號岁]| ?[元块円圆](?!\p{sc=Han})|[百十兆仟佰拾만억천]| [百十兆仟佰拾만억천](?:[万萬亿億]|(?!\p{sc=Han})))/u;

const FOREIGN_UNITS: ReadonlySet<string> = new Set(
  (
    'hundred dozen thousand thousands tausend tsd mille lakh crore million millions mil mio mln mn ' +
    'billion billions bn mrd trillion ' +
    'b bit bits byte bytes kb mb gb tb kib mib gib s sec secs seconds ms us ns min mins minutes h hours px usd eur dollars'
  ).split(' '),
);
