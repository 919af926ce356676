import type { TokenCounts } from '../observation.ts';
import { fieldsOf } from './json-line.ts';
import { readCount } from './token-counts.ts';

/** A usage in Codex's own classes: `cached` lies within `input`, and `reasoning` within `output`. */
export type CodexUsage = readonly [input: number, cached: number, output: number, reasoning: number, told: number];

const NONE: CodexUsage = [0, 0, 0, 0, 0];

/** A usage as a rollout holds it; undefined where neither its input nor its output is known. */
export function readUsage(value: unknown): CodexUsage | undefined {
  const fields = fieldsOf(value);
  const input = readCount(fields?.input_tokens);
  const output = readCount(fields?.output_tokens);
  if (input === undefined && output === undefined) return undefined;
  const usage: CodexUsage = [
    input ?? 0,
    Math.min(readCount(fields?.cached_input_tokens) ?? 0, input ?? 0),
    output ?? 0,
    Math.min(readCount(fields?.reasoning_output_tokens) ?? 0, output ?? 0),
    readCount(fields?.total_tokens) ?? (input ?? 0) + (output ?? 0),
  ];
  return Number.isSafeInteger(sizeOf(usage)) ? usage : undefined;
}

/** All tokens of a usage. Not what it tells itself as its total: after a compaction that is the context alone. */
export function sizeOf([input, , output]: CodexUsage): number {
  return input + output;
}

/** What the tool tells as the total: of the last request, how full the context is. */
export function toldTotal([, , , , told]: CodexUsage): number {
  return told;
}

/** Whether both used the same in every class. */
export function isSameUsage(one: CodexUsage, other: CodexUsage): boolean {
  return one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && one[3] === other[3];
}

/** Both together. */
export function plusUsage(one: CodexUsage, other: CodexUsage): CodexUsage {
  return [one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3], one[4] + other[4]];
}

/** What `one` has more than `other`, whose size is at most that of `one`; a class that shrank takes from the one that grew. */
export function lessUsage(one: CodexUsage, other: CodexUsage = NONE): CodexUsage {
  const size = sizeOf(one) - sizeOf(other);
  const input = Math.min(Math.max(one[0] - other[0], 0), size);
  const output = size - input;
  const cached = Math.min(Math.max(one[1] - other[1], 0), input);
  const reasoning = Math.min(Math.max(one[3] - other[3], 0), output);
  return [input, cached, output, reasoning, size];
}

/** The usage in disjoint classes. */
export function tokensOfUsage([input, cached, output, reasoning]: CodexUsage): TokenCounts {
  return { input: input - cached, cache_read: cached, cache_write: 0, output, reasoning };
}
