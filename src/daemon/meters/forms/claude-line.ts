import type { CountSeen, TokenCounts } from '../observation.ts';
import { type Finding, NOT_UNDERSTOOD, NOTHING } from './finding.ts';
import { type Fields, fieldsOf, known, readId, readName, readObject, readTimeMs } from './json-line.ts';
import { allTokens, combineTokens, isExact, readCount } from './token-counts.ts';

/** Where a line stands, and the present. */
export interface LinePlace {
  /** The hash of the file's head, which copies of the file share. */
  readonly headHash: string;
  /** Of the line's first byte in the file. */
  readonly offset: number;
  readonly nowMs: number;
}

const USAGE = Buffer.from('"usage"');

/** Of messages that the tool itself wrote, which used nothing. */
const SYNTHETIC = '<synthetic>';

/** Whether a line may tell a count. Inside a text the quotes are escaped, so that what people wrote is none. */
export function isCandidate(line: Buffer): boolean {
  return line.includes(USAGE);
}

/**
 * Reads a candidate line of a transcript of Claude Code. What was used stands in `message.usage`, in older files also in
 * `data.message.message.usage`; a message is written several times while it grows, and copied by whoever resumes or forks
 * its conversation, always under one `message.id`.
 */
export function readClaudeLine(bytes: Buffer, place: LinePlace): Finding {
  const line = readObject(bytes);
  if (line === undefined) return NOT_UNDERSTOOD;
  const entry = entryOf(line);
  const message = fieldsOf(entry.message);
  const usage = fieldsOf(message?.usage);
  if (message === undefined || usage === undefined) return holdsNone(entry, message) ? NOTHING : NOT_UNDERSTOOD;
  if (message.model === SYNTHETIC) return NOTHING;
  const tokens = tokensOf(usage);
  if (tokens === undefined) return NOT_UNDERSTOOD;
  const observations = allTokens(tokens) > 0 ? [countSeen(entry, line, message, tokens, place)] : [];
  return { outcome: 'counted', observations };
}

/** The part of a line that holds the message: the line itself, or what an older line wraps. */
function entryOf(line: Fields): Fields {
  if (fieldsOf(fieldsOf(line.message)?.usage)) return line;
  return fieldsOf(fieldsOf(line.data)?.message) ?? line;
}

/** A message of the user tells what a sub-agent used in all, which its own file tells by messages. */
function holdsNone(entry: Fields, message: Fields | undefined): boolean {
  return entry.type === 'user' || message?.usage === null;
}

function countSeen(entry: Fields, line: Fields, message: Fields, tokens: TokenCounts, place: LinePlace): CountSeen {
  return {
    kind: 'count',
    meter: 'claude',
    key: readId(message.id) ?? readId(entry.uuid ?? line.uuid) ?? `${place.headHash}@${place.offset}`,
    tokens,
    atMs: readTimeMs(entry.timestamp ?? line.timestamp, place.nowMs),
    ...known({
      conversation: readId(entry.sessionId ?? line.sessionId),
      model: readName(message.model),
      folder: readName(entry.cwd ?? line.cwd),
    }),
    provenance: 'exact',
  };
}

/** What the vendor bills: the sum over the iterations, of which the outer figures may leave out those of a compaction. */
function tokensOf(usage: Fields): TokenCounts | undefined {
  const top = classesOf(usage);
  const iterations = Array.isArray(usage.iterations) ? usage.iterations : [];
  const parts = iterations.flatMap((iteration) => classesOf(fieldsOf(iteration) ?? {}) ?? []);
  if (parts.length === 0) return top !== undefined && isExact(top) ? top : undefined;
  const sum = parts.reduce((one, other) => combineTokens(one, other, (a, b) => a + b));
  const tokens = top === undefined ? sum : combineTokens(top, sum, Math.max);
  return isExact(tokens) ? tokens : undefined;
}

/** The classes of one request, undefined where none of them is known. */
function classesOf(usage: Fields): TokenCounts | undefined {
  const input = readCount(usage.input_tokens);
  const cacheRead = readCount(usage.cache_read_input_tokens);
  const cacheWrite = cacheWriteOf(usage);
  const output = readCount(usage.output_tokens);
  if (input === undefined && cacheRead === undefined && cacheWrite === undefined && output === undefined) {
    return undefined;
  }
  return {
    input: input ?? 0,
    cache_read: cacheRead ?? 0,
    cache_write: cacheWrite ?? 0,
    output: output ?? 0,
    reasoning: 0,
  };
}

/** Told as one figure, and by how long the cache keeps it; where they differ, the larger is right. */
function cacheWriteOf(usage: Fields): number | undefined {
  const whole = readCount(usage.cache_creation_input_tokens);
  const byTerm = Object.entries(fieldsOf(usage.cache_creation) ?? {}).flatMap(([name, value]) =>
    name.startsWith('ephemeral_') ? (readCount(value) ?? []) : [],
  );
  return byTerm.length === 0
    ? whole
    : Math.max(
        whole ?? 0,
        byTerm.reduce((sum, term) => sum + term),
      );
}
