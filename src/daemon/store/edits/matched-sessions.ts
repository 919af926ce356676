import { printJsonLine } from '../json/json-print.ts';
import { getMember, type JsonNode, sameJson, withoutMember } from '../json/json-tree.ts';
import { sessionId, timeOf } from '../state-file/document.ts';

/** A session by its place in a list of sessions. */
export interface Placed {
  readonly node: JsonNode;
  readonly index: number;
  /** True when nothing older than it stands in both lists. */
  readonly isAtEnd: boolean;
}

/**
 * Matches sessions that an edit brought with sessions that it took away, so that an edited session is not counted a second
 * time; keyed by the index of the session that came. Two sessions with ids match only when all else is the same. Without
 * an id on both sides they match by time, or, where there is no time, by count and event, and only where as many came as
 * went: otherwise nobody knows which is which. A session that fell off the end never matches one that came on top.
 */
export function matchSessions(went: readonly Placed[], came: readonly Placed[]): ReadonlyMap<number, Placed> {
  const pairs = new Map<number, Placed>();
  if (went.length === 0) return pairs;
  const cameByTrait = Map.groupBy(came, ({ node }) => traitOf(node));
  for (const [trait, originals] of Map.groupBy(went, ({ node }) => traitOf(node))) {
    const rewritten = cameByTrait.get(trait) ?? [];
    if (trait === undefined || rewritten.length !== originals.length) continue;
    for (const [at, came] of rewritten.entries()) {
      const original = originals[at]!;
      if ((came.isAtEnd || !original.isAtEnd) && mayBeOne(original.node, came.node)) pairs.set(came.index, original);
    }
  }
  return pairs;
}

function mayBeOne(one: JsonNode, other: JsonNode): boolean {
  if (sessionId(one) !== undefined && sessionId(other) !== undefined) return sameJson(withoutId(one), withoutId(other));
  const [was, is] = [memberOf(one, 'session_id'), memberOf(other, 'session_id')];
  return was === undefined || is === undefined || was === is;
}

function withoutId(session: JsonNode): JsonNode {
  return session.kind === 'object' ? withoutMember(session, 'id') : session;
}

function traitOf(session: JsonNode): string | undefined {
  const time = timeOf(session);
  if (time !== '') return time;
  const [tokens, event] = [memberOf(session, 'tokens'), memberOf(session, 'event')];
  return tokens === undefined || event === undefined ? undefined : `${tokens} ${event}`;
}

function memberOf(session: JsonNode, name: string): string | undefined {
  const member = session.kind === 'object' ? getMember(session, name) : undefined;
  return member && printJsonLine(member);
}
