import { MOST_INCREMENTS } from '../protocol/implausible-value.ts';
import type { SessionIndex } from './store/session-index.ts';

/** Who has recorded nothing new for so many sessions has no usual increment; a question must not cost a walk over a million. */
const MOST_SESSIONS = 1_000;

/** What the last readings added that stand and added something, the latest first; sessions of other programs are none of ours. */
export function recentIncrements(sessions: SessionIndex): number[] {
  const increments: number[] = [];
  const end = Math.max(0, sessions.length - MOST_SESSIONS);
  for (let ordinal = sessions.length - 1; ordinal >= end && increments.length < MOST_INCREMENTS; ordinal--) {
    if (sessions.isUndone(ordinal) || sessions.kindOf(ordinal) === 'foreign') continue;
    const tokens = sessions.countedOf(ordinal);
    if (tokens > 0) increments.push(tokens);
  }
  return increments;
}
