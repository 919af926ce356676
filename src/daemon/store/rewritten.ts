import { timeOf } from './document.ts';
import { printJsonLine } from './json-print.ts';
import { getMember, type JsonNode } from './json-tree.ts';

/** A session by its place in a list of sessions. */
interface Placed {
  readonly node: JsonNode;
  readonly index: number;
}

/**
 * Which of the sessions that came are ones that went, written anew: an id or a member added or taken away, an event or a
 * count put right. They are the same when they tell the same time and the same tokens or event, or, without any time, the
 * same of both; so an edit of one is no new session that would be counted a second time. By the index of the one that came.
 */
export function pairRewritten(went: readonly Placed[], came: readonly Placed[]): ReadonlyMap<number, Placed> {
  const pairs = new Map<number, Placed>();
  const paired = new Set<Placed>();
  for (const traitsOf of [timeAndTokens, timeAndEvent, tokensAndEvent]) {
    const unpaired = new Map<string, Placed[]>();
    for (const one of went) {
      const traits = paired.has(one) ? undefined : traitsOf(one.node);
      if (traits !== undefined) unpaired.set(traits, [...(unpaired.get(traits) ?? []), one]);
    }
    for (const { node, index } of came) {
      const traits = pairs.has(index) ? undefined : traitsOf(node);
      const original = traits === undefined ? undefined : unpaired.get(traits)?.shift();
      if (!original) continue;
      pairs.set(index, original);
      paired.add(original);
    }
  }
  return pairs;
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
