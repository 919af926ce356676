import type { DatabaseSync } from 'node:sqlite';
import type { Warning } from '../../../protocol/methods.ts';
import type { Warnings } from '../../process/warnings.ts';
import { mendOld } from '../ledger/ledger-repair.ts';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import type { Segments } from '../ledger/segments.ts';
import { bytesBehind } from './catch-up.ts';
import { IN_MEMORY, openToWrite } from './database/database.ts';
import { readPosition } from './database/position.ts';
import { damagedHistory } from './history-warnings.ts';
import { isOfLedger, setAside } from './lost-histories.ts';

export interface HistoryOptions {
  /** The path of the database. */
  readonly path: string;
  readonly segments: Segments;
  readonly warnings: Warnings;
  readonly now: () => number;
}

/** What is behind by no more than this is taken in by the daemon itself; more is left to a process of its own. */
export const MOST_BYTES_HERE = 4 * 1024 * 1024;

/** The ledger that it is the history of. */
export interface LedgerOfHistory {
  /** Where it ends, so far as it is durable. */
  readonly end: LedgerEnd;
}

/** The database of this ledger, or an empty one in the place of what is none. */
export function openHistory({ path, segments, warnings, now }: HistoryOptions): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = openToWrite(path);
    if (isOfLedger(db, segments)) return db;
    db.close();
    setAside(path, 'lost', now());
    return openToWrite(path);
  } catch (error) {
    // One that is closed later would take the log of its successor along.
    if (db?.isOpen) db.close();
    warnings.raise('history_damaged', damagedHistory(error));
  }
  try {
    setAside(path, 'damaged', now());
    return openToWrite(path);
  } catch {
    // The folder takes no database; until it does, one in memory answers the same.
    return openToWrite(IN_MEMORY);
  }
}

/** The segment up to which a history knows the ledger; `undefined` where it lacks so much that a start had better not read the rest. */
export function knownTo(db: DatabaseSync, segments: Segments): number | undefined {
  const { position } = readPosition(db);
  return bytesBehind(segments, { position }) > MOST_BYTES_HERE ? undefined : position?.segment;
}

/** Mends segments of the ledger that turn out to be damaged while they are taken in; the one in use is left to the next start, for lines are appended to it meanwhile. */
export function mender(
  { segments, warnings, now }: HistoryOptions,
  ledger: LedgerOfHistory,
): (segment: number) => Promise<void> {
  const onWarning = ({ code, zh, en }: Warning) => warnings.raise(code, { zh, en });
  return async (segment) => {
    if (segment < ledger.end.segment) await mendOld(segments, segment, { onWarning, now });
  };
}
