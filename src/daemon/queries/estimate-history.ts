import type { RecordedReading } from '../rules/change.ts';
import type { LedgerIndex } from '../store/index/ledger-index.ts';

/** At most this many sessions are read, however long the ledger: older estimates tell little of today's. */
const LATEST_SESSIONS = 2_000;

/** Everybody else gets a turn after this many were read from the ledger. */
const SESSIONS_A_TURN = 200;

/**
 * The latest readings that were not undone, oldest first, `undefined` in place of sessions of other programs and of imports;
 * empty when there is no estimate among them, and then without a look at the disk.
 */
export async function readingsWithEstimates(index: LedgerIndex) {
  const { sessions } = index;
  const ordinals: number[] = [];
  for (let ordinal = sessions.length - 1; ordinal >= 0 && ordinals.length < LATEST_SESSIONS; ordinal--) {
    if (!sessions.isUndone(ordinal)) ordinals.push(ordinal);
  }
  const readings: (RecordedReading | undefined)[] = [];
  if (!ordinals.some((ordinal) => sessions.kindOf(ordinal) === 'estimate')) return readings;
  for (const ordinal of ordinals.reverse()) {
    const kind = sessions.kindOf(ordinal);
    const session = kind === 'foreign' || kind === 'import' ? undefined : index.read(ordinal);
    readings.push(session?.kind === 'reading' ? session.reading : undefined);
    if (readings.length % SESSIONS_A_TURN === 0) await new Promise(setImmediate);
  }
  return readings;
}
