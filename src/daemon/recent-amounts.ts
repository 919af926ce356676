import { MOST_AMOUNTS } from '../shared/words/implausible-value.ts';
import type { SessionIndex } from './store/index/session-index.ts';

/** Who has recorded nothing new for so many sessions has no usual amount; a question must not cost a walk over a million. */
const MOST_SESSIONS = 1_000;

/** What the last readings counted that stand and counted something, the latest first; sessions of other programs are none of ours. */
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
