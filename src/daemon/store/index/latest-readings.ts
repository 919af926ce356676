import type { SessionIndex } from './session-index.ts';

/** The ordinal of the last reading of ours that has not been undone. */
export function lastReading(sessions: SessionIndex): number | undefined {
  for (let ordinal = sessions.length - 1; ordinal >= 0; ordinal--) {
    if (sessions.kindOf(ordinal) !== 'foreign' && !sessions.isUndone(ordinal)) return ordinal;
  }
  return undefined;
}

/** True when a reading from this ordinal on set `used` to a total, and stands. */
export function isTotalSetFrom(first: number, sessions: SessionIndex): boolean {
  for (let ordinal = sessions.length - 1; ordinal >= first; ordinal--) {
    if (['manual', 'correction'].includes(sessions.kindOf(ordinal)) && !sessions.isUndone(ordinal)) return true;
  }
  return false;
}

/** True when anything was recorded from this ordinal on. */
export function hasReadingFrom(first: number, sessions: SessionIndex): boolean {
  for (let ordinal = first; ordinal < sessions.length; ordinal++) {
    if (sessions.kindOf(ordinal) !== 'foreign') return true;
  }
  return false;
}
