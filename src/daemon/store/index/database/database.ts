import { closeSync, openSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { loadSqlite } from '../../../disk/quiet-sqlite.ts';
import { faultOf, HistoryFault } from './fault.ts';
import { MIGRATIONS } from './schema.ts';

/** A connection holds 2 MiB in memory: a page of history and the ends of the indices. */
const CACHE = 'pragma cache_size = -2048';

/** Whoever else writes does so for some milliseconds at most; the daemon stands still meanwhile, so it tries later rather than wait long. */
const BUSY_MS = 20;

/** A process that a daemon before has left behind ends with its transaction. */
const OPENING_BUSY_MS = 3_000;

/** A log may grow so long, and on a disk that has little room left only as long as that, but for the little that a reading writes. */
const MOST_LOG_BYTES = 32 * 1024 * 1024;
const LOG_BYTES = 128 * 1024;

/** The path of a database that no file holds. */
export const IN_MEMORY = ':memory:';

/** The files that belong to a database. */
export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/**
 * Opens the history to write to, makes it where there is none, and brings an older form up to date; throws `HistoryFault`
 * for what is no such database, or one of a later form.
 */
export function openToWrite(path: string): DatabaseSync {
  // It tells what people work on; its side files get its mode.
  if (path !== IN_MEMORY) closeSync(openSync(path, 'a', 0o600));
  const db = withLog(path) ?? withJournal(path);
  try {
    // A power cut may take the last commits along, which the ledger has, but breaks nothing.
    db.exec(`pragma synchronous = normal; pragma wal_autocheckpoint = 0; ${CACHE}`);
    migrate(db);
    db.exec(`pragma busy_timeout = ${BUSY_MS}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the history to read, for whom to wait is no harm; throws `HistoryFault` where there is none, or one of another form. */
export function openToRead(path: string): DatabaseSync {
  const db = open(path, true);
  try {
    db.exec(CACHE);
    if (versionOf(db) === MIGRATIONS.length) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  throw new HistoryFault('it has another form');
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

/** Removes a database with all that belongs to it. */
export function removeDatabase(path: string): void {
  for (const name of ['', ...SIDE_FILES]) rmSync(`${path}${name}`, { force: true });
}

function open(path: string, readOnly: boolean): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path, { readOnly, timeout: OPENING_BUSY_MS });
}

/** With a write-ahead log, which lets others read while we write; `undefined` where it needs memory that the file system cannot share, as on a network drive. */
function withLog(path: string): DatabaseSync | undefined {
  const db = open(path, false);
  try {
    // Only a look at the tables makes the shared memory, and only who writes needs all of it.
    db.exec('pragma journal_mode = wal; begin immediate; rollback');
    return db;
  } catch (error) {
    db.close();
    if (faultOf(error) === 'busy') throw error;
    return undefined;
  }
}

/** With a journal by which a write is taken back. Alone with the file, it needs no memory to read what a log of before still holds. */
function withJournal(path: string): DatabaseSync {
  const db = open(path, false);
  try {
    db.exec('pragma locking_mode = exclusive; pragma journal_mode = truncate; pragma locking_mode = normal');
    versionOf(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) throw new HistoryFault('it has a later form');
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index >= version) db.exec(`begin immediate; ${sql}; pragma user_version = ${index + 1}; commit`);
  }
}

function versionOf(db: DatabaseSync): number {
  return (db.prepare('pragma user_version').get() as { user_version: number }).user_version;
}
