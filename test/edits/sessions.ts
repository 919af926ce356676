import { idOf, timeOf } from './content.ts';

/** A session and who it is: its id, or for one without an id a name of the model's own; without a text when it was never seen. */
export interface Known {
  readonly who: string;
  readonly text: string | undefined;
  /** Of one that was never seen: what its `total_used` must be. */
  readonly totalUsed?: number;
}

/** What an edit does to the sessions. */
export interface Merged {
  readonly sessions: readonly Known[];
  /** New in the file. */
  readonly fresh: readonly Known[];
  /** Taken out of the file by the edit, and not fallen off its end. */
  readonly removed: readonly Known[];
  /** Changed by the edit, and gone from the file before. */
  readonly contested: readonly Known[];
}

const NAMELESS = '\0';
let nameless = 0;

/** True of who has no id. */
export function isNameless(who: string): boolean {
  return who.startsWith(NAMELESS);
}

/** Who sessions are: by their ids, their whole content, or their time where as many of it came as went. */
export class Names {
  readonly #byText: Map<string, string>;

  constructor(known?: Names) {
    this.#byText = new Map(known ? known.#byText : []);
  }

  identify(texts: readonly string[], before: readonly Known[]): Known[] {
    const found = texts.map((text) => idOf(text) ?? this.#byText.get(text));
    const [is, was] = [new Set(found), new Set(before.map(({ who }) => who))];
    const went = before.filter(({ who }) => isNameless(who) && !is.has(who));
    const came = texts.filter((text, index) => idOf(text) === undefined && !was.has(found[index] ?? ''));
    return texts.map((text, index) => {
      const time = timeOf(text);
      const isIt = (other: string | undefined) => time !== undefined && timeOf(other!) === time;
      const isPair = came.filter(isIt).length === went.filter((one) => isIt(one.text)).length;
      const place = isPair && found[index] === undefined ? went.findIndex((one) => isIt(one.text)) : -1;
      const pair = place === -1 ? undefined : went.splice(place, 1)[0]!.who;
      if (pair !== undefined) came.splice(came.indexOf(text), 1);
      const who = found[index] ?? pair ?? `${NAMELESS}${nameless++}`;
      if (isNameless(who)) this.#byText.set(text, who);
      return { who, text };
    });
  }
}

/** Merges three ways by who the sessions are; `isKnown` tells of an id that is no new session. */
export function mergeSessions(
  ours: readonly Known[],
  base: readonly Known[],
  theirs: readonly Known[],
  isKnown: (who: string) => boolean,
): Merged {
  const was = new Map(base.map(({ who, text }) => [who, text]));
  const is = new Map(theirs.map(({ who, text }) => [who, text]));
  const fresh = theirs.filter(({ who }) => !was.has(who) && !isKnown(who));
  const gone = base.filter(({ who }) => !is.has(who));
  // A program that keeps a list of some length lets the oldest fall off its end.
  const isFall = fresh[0] !== undefined && fresh[0] === theirs[0] && base.at(-gone.length) === gone[0];
  const changed = theirs.filter(({ who, text }) => was.has(who) && (was.get(who) ?? text) !== text);
  const texts = new Map(changed.map(({ who, text }) => [who, text]));
  const stay = ours.filter(({ who }) => !was.has(who) || is.has(who));
  const sessions = stay.map((one) => (texts.has(one.who) ? { who: one.who, text: texts.get(one.who) } : one));
  const isIn = ({ who }: Known) => sessions.some((one) => one.who === who);
  const contested = changed.filter((one) => !isIn(one));
  for (const one of fresh.toReversed()) {
    const next = theirs.slice(theirs.indexOf(one) + 1).find(isIn);
    const place = sessions.findIndex(({ who }) => who === next?.who);
    sessions.splice(place === -1 ? sessions.length : place, 0, one);
  }
  return { sessions, fresh, removed: isFall ? [] : gone, contested };
}
