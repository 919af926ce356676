import { MOST_AMOUNTS } from '../../../shared/words/implausible-value.ts';
import type { SessionIndex } from './session-index.ts';

/** A person who has recorded nothing new for this many sessions has no usual amount; a question must not cost a walk over a million. */
const MOST_SESSIONS = 1_000;

/** The ordinal of the last reading of ours that has not been undone. */
export function lastReading(sessions: SessionIndex): number | undefined {
  for (let ordinal = sessions.length - 1; ordinal >= 0; ordinal--) {
    if (sessions.kindOf(ordinal) !== 'foreign' && !sessions.isUndone(ordinal)) return ordinal;
  }
  return undefined;
}

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

/** The next reading after an ordinal that was recorded on top of the file and was never taken away, not even for a while. */
export function nextOnTop(ordinal: number, sessions: SessionIndex): number | undefined {
  for (let next = ordinal + 1; next < sessions.length; next++) {
    const isOurs = sessions.kindOf(next) !== 'foreign' && !sessions.isDated(next);
    if (isOurs && !sessions.isUndone(next) && !sessions.wasAway(next)) return next;
  }
  return undefined;
}
