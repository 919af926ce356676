import type { RecordedReading } from '../rules/change.ts';
import { type HistoryReader, sessionOf } from '../store/index/reading/reader.ts';

/** At most this many sessions are read, however long the ledger: older estimates tell little of today's. */
const LATEST_SESSIONS = 2_000;

/**
 * The latest readings that were not undone, oldest first, `undefined` in place of sessions of other programs and of imports;
 * empty when there is no estimate among them.
 */
export function readingsWithEstimates(reader: HistoryReader): (RecordedReading | undefined)[] {
  const rows = reader.latestSessions(LATEST_SESSIONS).reverse();
  if (!rows.some(({ kind }) => kind === 'estimate')) return [];
  return rows.map((row) => {
    if (row.kind === 'foreign' || row.kind === 'import') return undefined;
    const session = sessionOf(row);
    return session.kind === 'reading' ? session.reading : undefined;
  });
}
