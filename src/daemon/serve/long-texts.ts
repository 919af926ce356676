import { randomUUID } from 'node:crypto';

/**
 * Long texts of a request, by the tickets that stand in their place: the bytes between the quotes of a JSON string, escapes
 * and all. They are only counted, by another process; to make strings of a million characters and throw them away takes
 * milliseconds, in which nobody's reading would be recorded.
 */
export type LongTexts = ReadonlyMap<string, Uint8Array>;

/** A request, and what tickets in it stand for. */
export interface ParsedRequest {
  readonly value: unknown;
  readonly longTexts?: LongTexts;
}

/** Strings of fewer bytes are parsed in a hundredth of a millisecond. */
const LONG_BYTES = 16 * 1024;

/** Beside its long texts an estimate has less than this; what has more is parsed whole. */
const MAX_OTHER_BYTES = 2 * LONG_BYTES;

/** The params of estimates that are only counted. */
const COUNTED = ['user_message', 'assistant_message'] as const;

/**
 * Parses JSON in UTF-8 without its long texts, where they are params that are only counted: `estimateParams` finds those of
 * a request, if it is one that counts. Throws a `SyntaxError` where it is no JSON, but for a fault in a long text, which whoever
 * reads it finds: a refusal of a request with long texts is for `isJson` to confirm.
 */
export function parseWithoutLongTexts(json: Buffer, estimateParams: (value: unknown) => unknown): ParsedRequest {
  const longStrings = longStringsOf(json);
  if (longStrings.length > 0) {
    const { text, longTexts } = withTickets(json, longStrings);
    const value: unknown = JSON.parse(text);
    if (areCounted(longTexts, estimateParams(value))) return { value, longTexts };
  }
  return { value: JSON.parse(String(json)) };
}

/** Whether all of it is JSON, long texts as well. */
export function isJson(json: Buffer): boolean {
  try {
    JSON.parse(String(json));
    return true;
  } catch {
    return false;
  }
}

function withTickets(json: Buffer, longStrings: readonly Place[]): { text: string; longTexts: LongTexts } {
  const longTexts = new Map<string, Uint8Array>();
  // Nobody can guess it, so nobody can send a text that is taken for a ticket.
  const unique = randomUUID();
  let text = '';
  let copied = 0;
  for (const { start, end } of longStrings) {
    const ticket = `${unique}-${longTexts.size}`;
    longTexts.set(ticket, json.subarray(start, end));
    text += json.toString('utf8', copied, start) + ticket;
    copied = end;
  }
  return { text: text + json.toString('utf8', copied), longTexts };
}

/** Between the quotes of a string. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** The long strings, if there is little beside them. */
function longStringsOf(json: Buffer): Place[] {
  const places: Place[] = [];
  let longBytes = 0;
  for (let at = 0; at - longBytes <= MAX_OTHER_BYTES; ) {
    const start = json.indexOf(QUOTE, at) + 1;
    const end = start > 0 ? endOfString(json, start) : -1;
    if (end < 0) return json.length - longBytes <= MAX_OTHER_BYTES ? places : [];
    if (end - start >= LONG_BYTES) {
      places.push({ start, end });
      longBytes += end - start;
    }
    at = end + 1;
  }
  return [];
}

/** A ticket elsewhere, as in a name, or one that a second param of the same name has pushed out, is not among these. */
function areCounted(longTexts: LongTexts, params: unknown): boolean {
  if (typeof params !== 'object' || params === null) return false;
  const members: Partial<Record<string, unknown>> = params;
  const counted = COUNTED.filter((name) => longTexts.has(members[name] as string));
  return counted.length === longTexts.size;
}

/** The place of the quote that ends the string whose text begins at `start`, or -1. */
function endOfString(json: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const walkEnd = Math.min(at + WALK_BYTES, json.length);
    for (; at < walkEnd; at++) {
      const byte = json[at];
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) return at;
    }
    const quote = json.indexOf(QUOTE, at);
    if (quote < 0 || !isEscaped(json, quote)) return quote;
    at = quote + 1;
  }
}

/** Whether a backslash takes the meaning away of what stands at `place` in a string. */
function isEscaped(json: Buffer, place: number): boolean {
  let firstBackslash = place;
  while (json[firstBackslash - 1] === BACKSLASH) firstBackslash--;
  return (place - firstBackslash) % 2 === 1;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** To look for a quote by `indexOf` costs as much as to walk over so many bytes, and next to nothing for each byte it skips. */
const WALK_BYTES = 128;
