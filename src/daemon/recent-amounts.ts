import { MOST_AMOUNTS } from '../shared/words/implausible-value.ts';
import type { SessionIndex } from './store/index/session-index.ts';

/** A person who has recorded nothing new for this many sessions has no usual amount; a question must not cost a walk over a million. */
const MOST_SESSIONS = 1_000;

/** The counts above 0 of the last readings that stand, the latest first; sessions of other programs are left out. */
export function recentAmounts(sessions: SessionIndex): number[] {
  const amounts: number[] = [];
  const end = Math.max(0, sessions.length - MOST_SESSIONS);
  for (let ordinal = sessions.length - 1; ordinal >= end && amounts.length < MOST_AMOUNTS; ordinal--) {
    if (sessions.isUndone(ordinal) || sessions.kindOf(ordinal) === 'foreign') continue;
    const tokens = sessions.countedOf(ordinal);
    if (tokens > 0) amounts.push(tokens);
  }
  return amounts;
}
