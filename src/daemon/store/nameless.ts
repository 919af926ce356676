import type { SessionsPatch } from '../rules/change.ts';
import { idOfKey, sessionKey } from './document.ts';
import { parseJson } from './json-parse.ts';
import { foreign, idOf } from './ledger-session.ts';

// A session without an id is its JSON text, which is its key (`sessionKey`). An edit that rewrites it gives it another one,
// so whoever holds an older copy of the file knows it under a key of before.

/** The key of a session without an id by now; `undefined` of one that an edit has removed. */
export interface NamelessFate {
  readonly now: string | undefined;
}

/** What edits, newest first, made of a session; `undefined` where none of them names it. */
export function fateIn(edits: Iterable<SessionsPatch>, key: string): NamelessFate | undefined {
  const later: SessionsPatch[] = [];
  for (const edit of edits) {
    later.push(edit);
    // Only what happened last: it may have gone and come again before.
    if (names(edit, key)) return followed(later.reverse(), key);
  }
  return undefined;
}

/** Whether an edit does anything to a session without an id. */
export function touchesNameless({ removed, left = [], changed, added }: SessionsPatch): boolean {
  const keys = [...removed, ...left, ...changed.map(([key]) => key)];
  return keys.some((key) => idOfKey(key) === undefined) || added.some(({ json }) => idOf(foreign(json)) === undefined);
}

/** What became of a session in edits, oldest first, of which the first names it. */
function followed(edits: readonly SessionsPatch[], key: string): NamelessFate {
  let now = key;
  for (const edit of edits) {
    if (edit.removed.includes(now)) return { now: undefined };
    now = rewrittenIn(edit, now) ?? now;
  }
  return { now };
}

/** Whether anything happened in an edit to the session without an id that has, or had, this key, which is its JSON text. */
function names(edit: SessionsPatch, key: string): boolean {
  const { removed, left = [], added } = edit;
  const isAdded = added.some(({ json }) => json === key);
  return isAdded || removed.includes(key) || left.includes(key) || rewrittenIn(edit, key) !== undefined;
}

/** The key that an edit gave to a session by rewriting it. */
function rewrittenIn({ changed }: SessionsPatch, key: string): string | undefined {
  const text = changed.find(([was]) => was === key)?.[1];
  return text === undefined ? undefined : sessionKey(parseJson(text));
}
