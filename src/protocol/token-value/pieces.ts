import { isDigit, isEastAsian, isWordy } from './clean-text.ts';
import { endOfBlob, readNumber } from './numbers.ts';
import type { RefusalReason } from './refusals.ts';
import type { Amount } from './units.ts';
import { eastAsianWordAt, type Role, roleOf } from './words.ts';

/** Where something stands in its line. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A number that may be a token value, with its sign and unit. */
export interface NumberPiece extends Span {
  readonly kind: 'number';
  /** Its digits with their separators. */
  readonly numeral: string;
  /** The letter of its unit, or nothing. */
  readonly unit: string;
  readonly reading: Amount | RefusalReason;
  /** A label is part of it, as in `350000tokens`. */
  readonly isLabelled: boolean;
}

/** A word with its meaning; it has none where it is not understood, as an id, a path, a number in words. */
export interface WordPiece extends Span {
  readonly kind: 'word';
  readonly role: Role | undefined;
  /** It stands in brackets without a number, as in `Tokens (all models): 57`. */
  readonly isAside?: true;
}

/** A percentage, a sum of money, another measure such as a size, a date or a version, or a sign. */
export interface OtherPiece extends Span {
  readonly kind: 'percent' | 'money' | 'measure' | 'date' | 'mark';
}

/** Whether words are said of a piece as of a number. */
export function isAnchor({ kind }: Piece): boolean {
  return kind === 'number' || kind === 'percent' || kind === 'money' || kind === 'measure';
}

export type Piece = NumberPiece | WordPiece | OtherPiece;

/** What stands there, at most 40 characters. */
export function textOf(line: string, { start, end }: Span): string {
  return line.slice(start, Math.min(end, start + 40));
}

/** Cuts one line of clean text into its numbers, words and signs, in one pass that ends past `maxNumbers` numbers. */
export function readPieces(line: string, maxNumbers: number): { readonly pieces: Piece[]; readonly numbers: number } {
  const pieces: Piece[] = [];
  let numbers = 0;
  for (let at = 0; at < line.length && numbers <= maxNumbers; at = Math.max(at + 1, pieces.at(-1)?.end ?? 0)) {
    const char = line[at]!;
    if (isDigit(char)) {
      numbers += 1;
      pieces.push(readNumber(line, at, pieces.at(-2)));
    } else if (isWordy(char) && char !== '_') {
      for (const word of readWords(line, at, endOfBlob(line, at))) pieces.push(word);
    } else if (isEastAsian(char)) {
      pushEastAsian(pieces, line, at);
    } else if (char === '↑' || char === '↓' || char === '⬆' || char === '⬇') {
      pieces.push({ kind: 'word', start: at, end: at + 1, role: 'part' });
    } else if (line.startsWith('://', at)) {
      pieces.push({ kind: 'word', start: at, end: endOfUrl(line, at), role: undefined });
    } else if (char !== ' ') {
      pieces.push({ kind: 'mark', start: at, end: at + 1 });
    }
  }
  return { pieces, numbers };
}

function endOfUrl(line: string, start: number): number {
  let at = start;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t' && !isEastAsian(line[at]!)) at += 1;
  return at;
}

/** `tokens_used` and `inputTokens` are two words; with a digit it is an id, or the name of a model or a version. */
function readWords(line: string, start: number, end: number): Piece[] {
  const blob = line.slice(start, end);
  if (/[0-9ø]/.test(blob)) {
    const isName = roleOf(/^[A-Za-z]*/.exec(blob)![0]) === 'model' || /^v[0-9]/i.test(blob);
    return [isName ? { kind: 'word', start, end, role: 'model' } : { kind: 'word', start, end, role: undefined }];
  }
  return [...blob.matchAll(/[^-_.:@#^\\',]+/g)].flatMap(({ 0: word, index }) => {
    const role = roleOf(word);
    const parts = role ? [] : [...word.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)];
    if (parts.length < 2)
      return [{ kind: 'word' as const, start: start + index, end: start + index + word.length, role }];
    return parts.map((part) => {
      const partStart = start + index + part.index;
      return { kind: 'word' as const, start: partStart, end: partStart + part[0].length, role: roleOf(part[0]) };
    });
  });
}

/** What is not understood is one word, up to the next that is. */
function pushEastAsian(pieces: Piece[], line: string, at: number): void {
  const word = eastAsianWordAt(line, at);
  const role = roleOf(word);
  const last = pieces.at(-1);
  const goesOn = role === undefined && last?.kind === 'word' && last.role === undefined && last.end === at;
  const start = goesOn && isEastAsian(line[last.start]!) ? pieces.pop()!.start : at;
  pieces.push({ kind: 'word', start, end: at + word.length, role });
}
