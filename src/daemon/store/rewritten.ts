import { timeOf } from './document.ts';
import { printJsonLine } from './json-print.ts';
import { getMember, type JsonNode } from './json-tree.ts';

/** A session by its place in a list of sessions. */
export interface Placed {
  readonly node: JsonNode;
  readonly index: number;
  /** True when nothing older than it stands in both lists. */
  readonly isAtEnd: boolean;
}

/**
 * Which of the sessions that came are ones that went, written anew: an id or a member added or taken away, an event or a
 * count put right. They are the same when they tell the same time and the same tokens or event, or, without any time, the
 * same of both; so an edit of one is no new session that would be counted a second time. Those with ids of their own are
 * the same only when all else is, and one that fell off the end is never one that came on top. By the index of the one
 * that came.
 */
export function pairRewritten(went: readonly Placed[], came: readonly Placed[]): ReadonlyMap<number, Placed> {
  const pairs = new Map<number, Placed>();
  const paired = new Set<Placed>();
  for (const traitsOf of [timeAndTokens, timeAndEvent, tokensAndEvent]) {
    const byTraits = Map.groupBy(went, ({ node }) => traitsOf(node));
    for (const { node, index, isAtEnd } of came) {
      const traits = pairs.has(index) ? undefined : traitsOf(node);
      const alike = traits === undefined ? [] : (byTraits.get(traits) ?? []);
      const original = alike.find((one) => !paired.has(one) && (isAtEnd || !one.isAtEnd) && mayBeOne(one.node, node));
      if (!original) continue;
      pairs.set(index, original);
      paired.add(original);
    }
  }
  return pairs;
}

function mayBeOne(one: JsonNode, other: JsonNode): boolean {
  const differ = (name: string) => {
    const [was, is] = [memberOf(one, name), memberOf(other, name)];
    return was !== '' && is !== '' && was !== is;
  };
  if (differ('session_id')) return false;
  if (!differ('id') && !differ('conversation_id')) return true;
  return timeAndTokens(one) === timeAndTokens(other) && timeAndEvent(one) === timeAndEvent(other);
}

function timeAndTokens(session: JsonNode): string | undefined {
  return traits(timeOf(session), memberOf(session, 'tokens'));
}

function timeAndEvent(session: JsonNode): string | undefined {
  return traits(timeOf(session), memberOf(session, 'event'));
}

function tokensAndEvent(session: JsonNode): string | undefined {
  return timeOf(session) === '' ? traits(memberOf(session, 'tokens'), memberOf(session, 'event')) : undefined;
}

function traits(one: string, other: string): string | undefined {
  return one === '' || other === '' ? undefined : `${one}\n${other}`;
}

function memberOf(session: JsonNode, name: string): string {
  const member = session.kind === 'object' ? getMember(session, name) : undefined;
  return member ? printJsonLine(member) : '';
}
