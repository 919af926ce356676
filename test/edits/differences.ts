import { contentOf, idOf } from './content.ts';
import { type Expected, SHOWN } from './model.ts';
import type { Known } from './sessions.ts';
import type { State } from './state.ts';

/** The contents that the file has and must not, or must have and has not; sessions that are `waiting` may stand at the end. */
export function differencesOf(expected: Expected, text: string, waiting: readonly Known[] = []): string[] {
  const actual = contentOf(text);
  const found: string[] = [];
  const compare = (what: string, is: unknown, should: unknown) => {
    if (is !== should) found.push(`${what} is ${is} and must be ${should}`);
  };
  compare('used', actual.used, expected.used);
  compare('total', actual.total, expected.total);
  for (const name of new Set([...actual.members.keys(), ...expected.members.keys()])) {
    const [is, should] = [actual.members.get(name), expected.members.get(name)];
    // Its value is the daemon's.
    if (name === '/token_usage/percentage') compare(name, typeof is, typeof should);
    else compare(name, is, should);
  }
  if (actual.percentage !== undefined) {
    const exact = actual.total === 0 ? 0 : (actual.used / actual.total) * 100;
    // Of a number past all figures a program may have written only the first digits are kept.
    if (Math.abs(actual.percentage - exact) > Math.max(0.0501, exact * 1e-15))
      found.push(`percentage is ${actual.percentage}, not ${exact}`);
  }
  const whose = Map.groupBy([...expected.sessions, ...waiting], ({ text }) => text);
  const shown = actual.sessions.map((session) => idOf(session) ?? whose.get(session)?.shift()?.who ?? session);
  found.push(...missing(expected, actual.sessions, shown, waiting));
  for (const isInner of [false, true]) {
    // Each object has an order of its own.
    const own = (names: readonly string[]) => names.filter((name) => name.startsWith('/token_usage/') === isInner);
    found.push(...disorder('members', own([...actual.members.keys()]), expected.orders.map(membersOf).map(own)));
  }
  found.push(...disorder('sessions', shown, expected.orders.map(sessionsOf)));
  return found;
}

/** Sessions that lack, or are others than expected, or are there without reason. */
function missing(
  { sessions, contested = [], maybeCut = 0 }: Expected,
  texts: readonly string[],
  shown: readonly string[],
  waiting: readonly Known[],
): string[] {
  const found: string[] = [];
  const has = new Map(shown.map((who, index) => [who, texts[index]!]));
  if (has.size !== shown.length) found.push('a session is there twice');
  const isShort = shown.length < Math.min(SHOWN, sessions.length - maybeCut);
  for (const { who, text } of isShort ? sessions : [])
    if (!has.has(who)) found.push(`the session ${text ?? who} is not there`);
  for (const { who, text, totalUsed } of [...sessions, ...waiting]) {
    const is = has.get(who);
    if (is === undefined) continue;
    if (totalUsed !== undefined && JSON.parse(is).total_used !== totalUsed)
      found.push(`total_used of ${is} must be ${totalUsed}`);
    if (text !== undefined && is !== text) found.push(`the session ${is} must be ${text}`);
  }
  const expected = new Set([...sessions, ...contested].map(({ who }) => who));
  const others = shown.filter((who) => !expected.has(who));
  const mayCome = new Set(waiting.map(({ who }) => who));
  const isFill = others.every((who, index) => mayCome.has(who) && shown.at(index - others.length) === who);
  if (!isFill) found.push(`the sessions ${others} are there without reason`);
  return found;
}

/** Whether names keep the orders of those that had them before; where these contradict each other, one of them. */
function disorder(what: string, names: readonly string[], orders: readonly (readonly string[])[]): string[] {
  const isKept = (order: readonly string[]) => inOrder(names, order);
  if (areAtOne(orders) ? orders.every(isKept) : orders.some(isKept)) return [];
  return [`the ${what} ${names} stand in another order than ${orders.join(' and ')}`];
}

/** True when the states order nothing in different ways. */
export function agree(states: readonly State[]): boolean {
  return areAtOne(states.map(membersOf)) && areAtOne(states.map(sessionsOf));
}

function areAtOne(orders: readonly (readonly string[])[]): boolean {
  return orders.every((one) => orders.every((other) => inOrder(one, other)));
}

/** True when those that stand in both stand in the same order. */
function inOrder(names: readonly string[], order: readonly string[]): boolean {
  const places = new Map(order.map((name, index) => [name, index]));
  const found = names.flatMap((name) => places.get(name) ?? []);
  return found.every((place, index) => index === 0 || found[index - 1]! < place);
}

function membersOf({ members }: State): string[] {
  return [...members.keys()];
}

function sessionsOf({ sessions }: State): string[] {
  return sessions.map(({ who }: Known) => who);
}
