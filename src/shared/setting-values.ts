import { COUNTERS, GAUGES, TOOLS, type Tool } from '../protocol/meters.ts';

/** Whether a meter tells how full a conversation is; the others count. */
export function isGauge(meter: string): boolean {
  return (GAUGES as readonly string[]).includes(meter);
}

/** Tools by their names, as a list or parted by commas; `auto` is all of them, `off` none. */
export function tools(value: unknown): readonly Tool[] | undefined {
  if (value === 'auto') return TOOLS;
  if (value === 'off') return [];
  const names = words(value);
  return names?.every((name) => (TOOLS as readonly string[]).includes(name)) ? (names as Tool[]) : undefined;
}

/** One gauge, or counters; `none` is nothing, `all` every counter but what is billed later. */
export function feeding(value: unknown): readonly string[] | undefined {
  if (value === 'none') return [];
  if (value === 'all') return COUNTERS.filter((name) => name !== 'cursor.billed');
  const names = words(value);
  if (!names) return undefined;
  if (names.length === 1 && isGauge(names[0]!)) return names;
  return names.every((name) => (COUNTERS as readonly string[]).includes(name)) ? names : undefined;
}

/** The shortest way to write tools down. */
export function writtenTools(names: readonly Tool[]): string | readonly Tool[] {
  if (names.length === 0) return 'off';
  return TOOLS.every((name) => names.includes(name)) ? 'auto' : names;
}

/** The shortest way to write down what feeds the budget. */
export function writtenFeeding(names: readonly string[]): string | readonly string[] {
  if (names.length === 0) return 'none';
  return (feeding('all') ?? []).join() === names.join() ? 'all' : names;
}

function words(value: unknown): string[] | undefined {
  const list = typeof value === 'string' ? value.split(',').map((word) => word.trim()) : value;
  if (!Array.isArray(list) || list.length > 20) return undefined;
  return list.every((word) => typeof word === 'string' && word !== '') ? [...new Set<string>(list)] : undefined;
}

/** A whole number between two, or its digits. */
export function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && (number as number) >= least && (number as number) <= most
    ? (number as number)
    : undefined;
}

/** One of these words. */
export function oneOf<T extends string>(allowed: readonly T[]): (value: unknown) => T | undefined {
  return (value) => allowed.find((word) => word === value);
}

/** True or false, in words too. */
export function flag(value: unknown): boolean | undefined {
  return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
}

/** Percentages above 0 in order, each once. */
export function percentages(value: unknown): number[] | undefined {
  const list =
    typeof value === 'string'
      ? value
          .split(',')
          .filter((part) => part.trim() !== '')
          .map(Number)
      : value;
  if (!Array.isArray(list) || list.length > 20) return undefined;
  const isFit = list.every((level) => typeof level === 'number' && level > 0 && level <= 1_000);
  return isFit ? [...new Set<number>(list)].sort((a, b) => a - b) : undefined;
}

/** A text is a program's name as a whole, blanks and all, unless it is a JSON list. */
export function program(value: unknown): string[] | undefined {
  const list = typeof value !== 'string' ? value : value.startsWith('[') ? listIn(value) : [value];
  if (!Array.isArray(list) || list.length === 0 || list[0] === '') return undefined;
  return list.every((part) => typeof part === 'string' && !part.includes('\0')) ? list : undefined;
}

function listIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
