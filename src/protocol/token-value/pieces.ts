import type { RefusalReason } from './refusals.ts';
import type { Amount } from './units.ts';
import type { Role } from './words.ts';

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

/** The text of a span, at most 40 characters. */
export function textOf(line: string, { start, end }: Span): string {
  return line.slice(start, Math.min(end, start + 40));
}
