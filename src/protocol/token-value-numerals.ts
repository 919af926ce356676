import type { RefusalReason } from './token-value-refusals.ts';

/** A whole number of tokens and the size, in tokens, of one unit of its last shown digit. */
export interface Amount {
  readonly tokens: number;
  readonly unit: number;
}

/** The power of ten of each unit, by its letter. */
export const UNIT_EXPONENTS: Readonly<Record<string, number>> = {
  k: 3,
  K: 3,
  千: 3,
  w: 4,
  W: 4,
  万: 4,
  萬: 4,
  m: 6,
  M: 6,
  亿: 8,
  億: 8,
};

/** The exact tokens of a numeral of digits, `,` `_` `'` and `.`, times ten to the `exponent`, or why there are none. */
export function readNumeral(numeral: string, exponent: number): Amount | RefusalReason {
  const point = numeral.indexOf('.');
  const shown = point < 0 ? numeral : numeral.slice(0, point);
  const whole = ungroup(shown);
  const fraction = point < 0 ? '' : numeral.slice(point + 1);
  if (whole === undefined || (point >= 0 && !isDigits(fraction))) return 'malformed_grouping';
  if (whole.length > 1 && whole.startsWith('0')) return whole === shown ? 'leading_zero' : 'malformed_grouping';
  if (exponent === 0 && point >= 0)
    return isDottedThousands(numeral, whole, fraction) ? 'malformed_grouping' : 'fractional';
  if (/[1-9]/.test(fraction.slice(exponent))) return 'fractional';
  return amountOf(whole + fraction.slice(0, exponent).padEnd(exponent, '0'), exponent - fraction.length);
}

/** Whether the text is nothing but ASCII digits, at least one. */
export function isDigits(text: string): boolean {
  return text !== '' && !/[^0-9]/.test(text);
}

/** `350.000` is as likely 350,000 in German as a fraction in English. */
function isDottedThousands(numeral: string, whole: string, fraction: string): boolean {
  return fraction.length === 3 && whole.length <= 3 && whole !== '0' && numeral.length === whole.length + 4;
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
