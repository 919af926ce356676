import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { DatabaseFault } from '../../../disk/database-fault.ts';
import { connect, type DatabaseForm, openDatabase, versionOf } from '../../../disk/database-file.ts';
import { MIGRATIONS } from './schema.ts';

/** A connection holds 2 MiB in memory: a page of history and the ends of the indices. */
const CACHE = 'pragma cache_size = -2048';

const HISTORY: DatabaseForm = {
  migrations: MIGRATIONS,
  // A power cut may take the last commits along, which the ledger has, but breaks nothing.
  pragmas: `pragma synchronous = normal; pragma wal_autocheckpoint = 0; ${CACHE}`,
  // Whoever else writes does so for some milliseconds at most; the daemon stands still meanwhile, so it tries later rather than wait long.
  busyMs: 20,
};

/** A log may grow so long, and on a disk that has little room left only as long as that, but for the little that a reading writes. */
const MOST_LOG_BYTES = 32 * 1024 * 1024;
const LOG_BYTES = 128 * 1024;

/**
 * Opens the history to write to, makes it where there is none, and brings an older form up to date; throws `DatabaseFault`
 * for what is no such database, or one of a later form.
 */
export function openToWrite(path: string): DatabaseSync {
  return openDatabase(path, HISTORY);
}

/** Opens the history to read, for whom to wait is no harm; throws `DatabaseFault` where there is none, or one of another form. */
export function openToRead(path: string): DatabaseSync {
  const db = connect(path, true);
  try {
    db.exec(CACHE);
    if (versionOf(db) === MIGRATIONS.length) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  throw new DatabaseFault('it has another form');
}

/** True when the write-ahead log has grown so long that it is to be put into its place, by somebody who may wait for the disk; `known` is what could not be. */
export function isLogLong(path: string, known = 0): boolean {
  const bytes = logBytes(path) - known;
  return bytes > MOST_LOG_BYTES || (bytes > LOG_BYTES && bytes > roomAt(path));
}

/** The bytes that are free where a file lies; without an end where the system does not tell. */
export function roomAt(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The length of the write-ahead log. */
export function logBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
