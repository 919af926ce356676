import type { RefusalReason } from './refusals.ts';

/** The power of ten of a letter after a number, and whether the letter may mean something else. */
export interface Unit {
  readonly exponent: number;
  /** `5m` may be minutes and `1.2B` bytes or parameters: among other words it counts only as a count of tokens. */
  readonly needsLabel?: true;
  /** Not even alone on its line. */
  readonly neverBare?: true;
}

/** Every unit of a token value by its letter: the one table that any reader of values uses. */
export const UNITS: Readonly<Record<string, Unit>> = {
  k: { exponent: 3 },
  K: { exponent: 3 },
  千: { exponent: 3 },
  w: { exponent: 4 },
  W: { exponent: 4 },
  万: { exponent: 4 },
  萬: { exponent: 4 },
  m: { exponent: 6, needsLabel: true },
  M: { exponent: 6 },
  亿: { exponent: 8 },
  億: { exponent: 8 },
  b: { exponent: 9, needsLabel: true, neverBare: true },
  B: { exponent: 9, needsLabel: true, neverBare: true },
};

/** The letters of the units that are Latin, for a class of a regular expression. */
export const LATIN_UNITS = unitLetters((letter) => letter < '\u0080');

/** The letters of the units that are Chinese, for a class of a regular expression. */
export const HAN_UNITS = unitLetters((letter) => letter >= '\u0080');

/** A whole number of tokens and the size, in tokens, of one unit of its last shown digit. */
export interface Amount {
  readonly tokens: number;
  readonly unit: number;
}

/** The exact tokens of a numeral of digits, `,` `_` `'` and `.` with its unit's letter, or why there are none. */
export function readNumeral(numeral: string, unit: string): Amount | RefusalReason {
  const exponent = UNITS[unit]?.exponent ?? 0;
  const [shown = '', fraction, ...more] = numeral.split('.');
  const whole = ungroup(shown);
  if (whole === undefined || more.length > 0 || (fraction !== undefined && !isDigits(fraction))) {
    return 'malformed_grouping';
  }
  if (whole.length > 1 && whole.startsWith('0')) return whole === shown ? 'leading_zero' : 'malformed_grouping';
  if (fraction === undefined) return amountOf(whole + '0'.repeat(exponent), exponent);
  if (exponent === 0) return isDottedThousands(shown, fraction) ? 'malformed_grouping' : 'fractional';
  if (/[1-9]/.test(fraction.slice(exponent))) return 'fractional';
  return amountOf(whole + fraction.slice(0, exponent).padEnd(exponent, '0'), exponent - fraction.length);
}

/** An amount as a text that is read as exactly this amount again, rounded where it is rounded. */
export function writeAmount({ tokens, unit }: Amount): string {
  if (unit === 1) return String(tokens);
  if (unit >= 1e9) return `${tokens / 1e9}B tokens`;
  const digits = String(tokens).padStart(9, '0');
  const shown = digits.slice(-8).slice(0, Math.max(0, 9 - String(unit).length));
  return `${digits.slice(0, -8)}${shown && `.${shown}`}亿`;
}

/** Whether the text is nothing but ASCII digits, at least one. */
export function isDigits(text: string): boolean {
  return text !== '' && !/[^0-9]/.test(text);
}

function unitLetters(isWanted: (letter: string) => boolean): string {
  return Object.keys(UNITS).filter(isWanted).join('');
}

/** `350.000` is as likely 350,000 in German as a fraction in English. */
function isDottedThousands(shown: string, fraction: string): boolean {
  return fraction.length === 3 && isDigits(shown) && shown.length <= 3 && shown !== '0';
}

function ungroup(text: string): string | undefined {
  const separator = /[^0-9]/.exec(text)?.[0];
  if (separator === undefined) return text;
  const [first = '', ...groups] = text.split(separator);
  const isGrouped =
    isDigits(first) && first.length <= 3 && groups.every((group) => group.length === 3 && isDigits(group));
  return isGrouped ? first + groups.join('') : undefined;
}

/** 17 digits pass 2^53−1 in any case, so that a number of a million digits is never computed. */
function amountOf(digits: string, shownExponent: number): Amount | RefusalReason {
  const significant = digits.replace(/^0+/, '');
  const tokens = significant.length > 16 ? Number.POSITIVE_INFINITY : Number(significant);
  if (!Number.isSafeInteger(tokens)) return 'too_large';
  return { tokens, unit: 10 ** Math.max(0, shownExponent) };
}
