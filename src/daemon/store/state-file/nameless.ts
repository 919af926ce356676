import type { SessionsPatch } from '../../rules/change.ts';
import { parseJson } from '../json/json-parse.ts';
import { foreign, idOf } from '../ledger/ledger-session.ts';
import { idOfKey, sessionKey } from './document.ts';

// A session without an id is its JSON text, which is its key (`sessionKey`). An edit that rewrites it gives it another one,
// so whoever holds an older copy of the file knows it under a key of before.

/** The key of a session without an id by now; `undefined` of one that an edit has removed. */
export interface NamelessFate {
  readonly now: string | undefined;
}

/** What edits made of the sessions that they name: each edit is looked at once, and only as far back as somebody asks. */
export class NamelessFates {
  readonly #edits: Iterator<SessionsPatch>;
  readonly #fates = new Map<string, NamelessFate>();
  /** What becomes of a session that stands under a key before the edits seen so far; of any other nothing. */
  readonly #later = new Map<string, NamelessFate>();

  /** The edits come newest first. */
  constructor(edits: Iterable<SessionsPatch>) {
    this.#edits = edits[Symbol.iterator]();
  }

  /** What became of a session; `undefined` where no edit names it. */
  of(key: string): NamelessFate | undefined {
    while (!this.#fates.has(key)) {
      const { done, value } = this.#edits.next();
      if (done) return undefined;
      this.#add(value);
    }
    return this.#fates.get(key);
  }

  #add({ removed, left = [], changed, added }: SessionsPatch): void {
    const touched = new Map<string, NamelessFate>();
    for (const [key, text] of changed) {
      if (!touched.has(key)) touched.set(key, this.#fateOf(sessionKey(parseJson(text))));
    }
    for (const key of removed) touched.set(key, { now: undefined });
    for (const [key, fate] of touched) this.#later.set(key, fate);
    // Only what happened last: it may have gone and come again before.
    for (const key of [...touched.keys(), ...left, ...added.map(({ json }) => json)]) {
      if (!this.#fates.has(key)) this.#fates.set(key, this.#fateOf(key));
    }
  }

  #fateOf(key: string): NamelessFate {
    return this.#later.get(key) ?? { now: key };
  }
}

/** Whether an edit does anything to a session without an id. */
export function touchesNameless({ removed, left = [], changed, added }: SessionsPatch): boolean {
  const keys = [...removed, ...left, ...changed.map(([key]) => key)];
  return keys.some((key) => idOfKey(key) === undefined) || added.some(({ json }) => idOf(foreign(json)) === undefined);
}
