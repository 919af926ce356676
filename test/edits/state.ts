import { hash } from 'node:crypto';
import type { Content } from './content.ts';
import { isNameless, type Known } from './sessions.ts';

/** The contents of a state file, and the identities of its sessions. */
export type State = Pick<Content, 'used' | 'total' | 'members'> & { readonly sessions: readonly Known[] };

/** Whether an edit says in anything what the view said from which it came, where an earlier edit from it said something else. */
export function takesBack(view: State, left: State, theirs: State): boolean {
  const partsOf = ({ used, total, members, sessions }: State) => {
    const texts = sessions.map(({ who, text = '' }) => [isNameless(who) ? text : who, text] as const);
    return new Map<string, unknown>([['used', used], ['total', total], ...members, ...texts]);
  };
  const [was, is, now] = [partsOf(view), partsOf(left), partsOf(theirs)];
  return [...was.keys(), ...is.keys()].some(
    (part) => now.get(part) === was.get(part) && is.get(part) !== was.get(part),
  );
}

/** A text that is the same for what says the same, order and spelling included. */
export function digestOf(state: State): string {
  const { used, total, members, sessions } = state;
  const texts = sessions.map(({ who, text }) => text ?? who);
  const digest = DIGESTS.get(state) ?? hash('sha1', JSON.stringify([used, total, [...members], texts]));
  DIGESTS.set(state, digest);
  return digest;
}

const DIGESTS = new WeakMap<State, string>();
