import type { Warning } from '../../../protocol/methods.ts';
import { faultOf } from '../../disk/database-fault.ts';
import { IN_MEMORY, setAside } from '../../disk/database-file.ts';
import { isDiskError } from '../../disk/storage-failure.ts';
import type { Warnings } from '../../process/warnings.ts';
import { mendOld } from '../ledger/ledger-repair.ts';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import type { Segments } from '../ledger/segments.ts';
import { Connection } from './connection.ts';
import { damagedHistory, historyInMemory } from './history-warnings.ts';
import { isOfLedger } from './lost-histories.ts';

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

/** The database of this ledger, or an empty one in the place of what is none; one in memory where the folder takes none, or while others keep it. */
export function openHistory({ path, segments, warnings, now }: HistoryOptions): Connection {
  let connection: Connection | undefined;
  try {
    connection = Connection.open(path, segments);
    if (isOfLedger(connection.db, segments)) return connection;
    connection.close();
    setAside(path, 'lost', now());
    return Connection.open(path, segments);
  } catch (error) {
    // One that is closed later would take the log of its successor along.
    connection?.close();
    const fault = faultOf(error);
    if (fault === 'busy' || fault === 'room') return openInMemory({ segments, warnings }, error);
    warnings.raise('history_damaged', damagedHistory(error));
  }
  try {
    setAside(path, 'damaged', now());
    return Connection.open(path, segments);
  } catch {
    return Connection.open(IN_MEMORY, segments);
  }
}

/** A database that no file holds, and a warning that says why. */
export function openInMemory(
  { segments, warnings }: Pick<HistoryOptions, 'segments' | 'warnings'>,
  error: unknown,
): Connection {
  const fault = faultOf(error);
  if (fault === 'busy' || fault === 'room') warnings.raise('history_in_memory', historyInMemory(fault));
  else warnings.raise('history_damaged', damagedHistory(error));
  return Connection.open(IN_MEMORY, segments);
}

/** The segment up to which a history knows the ledger; `undefined` where it lacks so much that a start had better not read the rest. */
export function knownTo(connection: Connection): number | undefined {
  return connection.bytesBehind() > MOST_BYTES_HERE ? undefined : connection.writer.position?.segment;
}

/** Mends segments of the ledger that turn out to be damaged while they are taken in; the one in use is left to the next start, for lines are appended to it meanwhile. */
export function mender(
  { segments, warnings, now }: HistoryOptions,
  ledger: LedgerOfHistory,
): (segment: number) => Promise<void> {
  const onWarning = ({ code, zh, en }: Warning) => warnings.raise(code, { zh, en });
  return async (segment) => {
    if (segment >= ledger.end.segment) return;
    try {
      await mendOld(segments, segment, { onWarning, now });
    } catch (error) {
      // What can be read of it is taken in as it is.
      if (!isDiskError(error)) throw error;
    }
  };
}
