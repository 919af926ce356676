import { type CodexUsage, isSameUsage, lessUsage, plusUsage, sizeOf } from './codex-usage.ts';

/** More conversations than write into one file at a time; the one that grew longest ago is forgotten. */
const MOST_HEADS = 32;

/** The totals at which the streams of one file stand, the one that grew last at the end. */
export type Heads = readonly CodexUsage[];

/** What an event tells: the usage of the last request, the total of its stream, or both. */
export interface CodexEvent {
  readonly last?: CodexUsage | undefined;
  readonly total?: CodexUsage | undefined;
}

/** What an event adds, undefined for one that repeats another, and where the streams stand after it. */
export interface Growth {
  readonly growth: CodexUsage | undefined;
  readonly heads: Heads;
}

/**
 * Several streams (a conversation, those of sub-agents, a review) may write into one file, each with totals of its own, and
 * nearly half of all events repeat one before. Which stream an event belongs to follows from the totals alone: one
 * continues the stream whose head and last request add up to its total.
 */
export function growStreams(heads: Heads, event: CodexEvent, lineBefore: CodexUsage | undefined): Growth {
  const { last, total } = event;
  if (total !== undefined) return last === undefined ? growTo(heads, total) : grow(heads, last, total);
  const isRepeated = last === undefined || (lineBefore !== undefined && isSameUsage(last, lineBefore));
  return { growth: isRepeated ? undefined : last, heads };
}

function grow(heads: Heads, last: CodexUsage, total: CodexUsage): Growth {
  const same = sameHead(heads, total);
  if (same !== undefined) return { growth: undefined, heads: replaceHead(heads, same, total) };
  const before = headBefore(heads, last, total);
  if (before !== undefined) return { growth: last, heads: replaceHead(heads, before, total) };
  const isNewStream = sizeOf(last) === sizeOf(total);
  const nearest = isNewStream ? undefined : nearestBelow(heads, total);
  if (nearest === undefined) return { growth: last, heads: replaceHead(heads, undefined, total) };
  const more = lessUsage(total, nearest);
  return { growth: sizeOf(more) < sizeOf(last) ? more : last, heads: replaceHead(heads, nearest, total) };
}

function growTo(heads: Heads, total: CodexUsage): Growth {
  const same = sameHead(heads, total);
  if (same !== undefined) return { growth: undefined, heads: replaceHead(heads, same, total) };
  const nearest = nearestBelow(heads, total);
  return { growth: lessUsage(total, nearest), heads: replaceHead(heads, nearest, total) };
}

function sameHead(heads: Heads, total: CodexUsage): CodexUsage | undefined {
  return heads.findLast((head) => isSameUsage(head, total));
}

/** The head that the last request continued; among several of the right size, the one that fits in every class. */
function headBefore(heads: Heads, last: CodexUsage, total: CodexUsage): CodexUsage | undefined {
  const fitting = heads.filter((head) => sizeOf(head) === sizeOf(total) - sizeOf(last));
  return fitting.findLast((head) => isSameUsage(plusUsage(head, last), total)) ?? fitting.at(-1);
}

function nearestBelow(heads: Heads, total: CodexUsage): CodexUsage | undefined {
  let nearest: CodexUsage | undefined;
  for (const head of heads) {
    if (sizeOf(head) <= sizeOf(total) && (nearest === undefined || sizeOf(head) >= sizeOf(nearest))) nearest = head;
  }
  return nearest;
}

function replaceHead(heads: Heads, old: CodexUsage | undefined, head: CodexUsage): Heads {
  return [...heads.filter((other) => other !== old), head].slice(-MOST_HEADS);
}
