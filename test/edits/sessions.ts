import { idOf, timeOf } from './content.ts';

/** A session and who it is: its id, or for one without an id a name of the model's own; without a text when it was never seen. */
export interface Known {
  readonly who: string;
  readonly text: string | undefined;
  /** Of one that was never seen: what its `total_used` must be. */
  readonly totalUsed?: number;
}

/** The changes of an edit to the sessions. */
export interface Merged {
  readonly sessions: readonly Known[];
  /** New in the file. */
  readonly fresh: readonly Known[];
  /** Taken out of the file and not fallen off its end. */
  readonly removed: readonly Known[];
  /** Changed by the edit, and gone from the file before. */
  readonly contested: readonly Known[];
  /** All that the edit brought, changed or left out. */
  readonly touched: readonly Known[];
}

const NAMELESS = '\0';
let nameless = 0;

/** True of who has no id. */
export function isNameless(who: string): boolean {
  return who.startsWith(NAMELESS);
}

/** The identities of sessions: by their ids, their whole content, or their time where as many of it came as went. */
export class Names {
  readonly #byText: Map<string, string>;

  constructor(known?: Names) {
    this.#byText = new Map(known ? known.#byText : []);
  }

  /** The session that had a text last. */
  lastOf(text: string): string | undefined {
    return this.#byText.get(text);
  }

  /** A new name for one that stands there again under a text that was known. */
  anew(text: string): string {
    const who = `${NAMELESS}${nameless++}`;
    this.#byText.set(text, who);
    return who;
  }

  identify(texts: readonly string[], before: readonly Known[]): Known[] {
    const free = before.filter(({ who }) => isNameless(who));
    const take = (isIt: (text: string) => boolean) => {
      const place = free.findIndex(({ text }) => isIt(text!));
      return place === -1 ? undefined : free.splice(place, 1)[0]!.who;
    };
    const found = texts.map((text) => idOf(text) ?? take((known) => known === text));
    const came = texts.filter((_, index) => found[index] === undefined).map(timeOf);
    const went = free.map(({ text }) => timeOf(text!));
    for (const [index, text] of texts.entries()) {
      const time = timeOf(text);
      const numberIn = (times: typeof came) => times.filter((other) => other === time).length;
      if (time !== undefined && numberIn(came) === numberIn(went))
        found[index] ??= take((known) => timeOf(known) === time);
    }
    const taken = new Set([...found, ...before.map(({ who }) => who)]);
    return texts.map((text, index) => {
      const known = this.#byText.get(text);
      const who = found[index] ?? (known && !taken.has(known) ? known : this.anew(text));
      if (isNameless(who)) this.#byText.set(text, who);
      return { who, text };
    });
  }
}

/** Merges three ways by who the sessions are. */
export function mergeSessions(ours: readonly Known[], base: readonly Known[], theirs: readonly Known[]): Merged {
  const was = new Map(base.map(({ who, text }) => [who, text]));
  const is = new Map(theirs.map(({ who, text }) => [who, text]));
  const fresh = theirs.filter(({ who }) => !was.has(who));
  const gone = base.filter(({ who }) => !is.has(who));
  // A program that keeps a list of some length lets the oldest fall off its end.
  const isEnd = gone.length < base.length && base.at(-gone.length) === gone[0];
  const isFall = isEnd && fresh[0] !== undefined && fresh[0] === theirs[0];
  const changed = theirs.filter(({ who, text }) => was.has(who) && (was.get(who) ?? text) !== text);
  const texts = new Map(changed.map(({ who, text }) => [who, text]));
  const stay = ours.filter(({ who }) => !was.has(who) || is.has(who));
  const sessions = stay.map((one) => (texts.has(one.who) ? { who: one.who, text: texts.get(one.who) } : one));
  const isIn = ({ who }: Known) => sessions.some((one) => one.who === who);
  const contested = changed.filter((one) => !isIn(one));
  for (const one of fresh.toReversed()) {
    const index = theirs.indexOf(one);
    const placeOf = (other: Known | undefined) => sessions.findIndex(({ who }) => who === other?.who);
    const next = placeOf(theirs.slice(index + 1).find(isIn));
    sessions.splice(next === -1 ? placeOf(theirs.slice(0, index).findLast(isIn)) + 1 : next, 0, one);
  }
  return { sessions, fresh, removed: isFall ? [] : gone, contested, touched: [...fresh, ...gone, ...changed] };
}
