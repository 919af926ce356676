import { hash } from 'node:crypto';

/** The members of an object from outside; every value may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longer than any path of a system that we know; what is longer is no name. */
const MOST_NAME = 4096;
/** An id in plain ASCII; what is not, or is longer, stands under its hash. */
const PLAIN_ID = /^[\x21-\x7e]{1,128}$/;
/** How far a line's time may lie ahead of the present, for clocks that go fast. */
const AHEAD_MS = 86_400_000;

/** The object that a line holds, undefined where it holds none. A crash leaves NULs before the next line; they are passed over. */
export function readObject(line: Buffer): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(line.toString('utf8', startOf(line))));
  } catch {
    return undefined;
  }
}

/** The members of a value that is an object, and no list. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A name as the tool wrote it, in well-formed Unicode; undefined for what is empty, endless, no text or holds a NUL. */
export function readName(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MOST_NAME || value.includes('\0')) return undefined;
  return value.toWellFormed();
}

/** An id that is short and plain, whatever text it was; equal texts have equal ids. Undefined for what is empty or no text. */
export function readId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return PLAIN_ID.test(value) ? value : hash('sha256', JSON.stringify(value));
}

/** The time that a line tells, in ms since 1970; the present where it tells none, or one that lies days ahead. */
export function readTimeMs(value: unknown, nowMs: number): number {
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return timeMs >= 0 && timeMs <= nowMs + AHEAD_MS ? timeMs : nowMs;
}

/** Members without those that are undefined. */
export type Known<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that are there, without those that are undefined. */
export function known<T extends object>(members: T): Known<T> {
  const there: { [K in keyof T]?: T[K] } = {};
  for (const name in members) {
    if (members[name] !== undefined) there[name] = members[name];
  }
  return there as Known<T>;
}

function startOf(line: Buffer): number {
  let start = 0;
  while (line[start] === 0) start += 1;
  const isMarked = line[start] === 0xef && line[start + 1] === 0xbb && line[start + 2] === 0xbf;
  return isMarked ? start + 3 : start;
}
