import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { syncFolderNow } from './atomic-replace.ts';
import { faultOf, LaterForm } from './database-fault.ts';
import { loadSqlite } from './quiet-sqlite.ts';

/** A process that a daemon before has left behind ends with its transaction. */
const OPENING_BUSY_MS = 3_000;

/** The path of a database that no file holds. */
export const IN_MEMORY = ':memory:';

/** The files that belong to a database. */
export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/** What a database of ours is like. */
export interface DatabaseForm {
  /** The steps that made its form, by number: `user_version` is how many of them it has. */
  readonly migrations: readonly string[];
  /** How it is written to, as statements. */
  readonly pragmas: string;
  /** How long a write waits while somebody else writes. */
  readonly busyMs: number;
}

/**
 * Opens a database to write to, makes it where there is none, and brings an older form up to date; throws a fault
 * for what is no such database, `LaterForm` for one of a later form.
 */
export function openDatabase(path: string, { migrations, pragmas, busyMs }: DatabaseForm): DatabaseSync {
  // It tells what people work on; its side files get its mode.
  if (path !== IN_MEMORY) closeSync(openSync(path, 'a', 0o600));
  const db = withLog(path) ?? withJournal(path);
  try {
    db.exec(pragmas);
    migrate(db, migrations);
    db.exec(`pragma busy_timeout = ${busyMs}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection to what may be no database at all. */
export function connect(path: string, readOnly: boolean): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path, { readOnly, timeout: OPENING_BUSY_MS });
}

/** How many steps a database has taken. */
export function versionOf(db: DatabaseSync): number {
  return (db.prepare('pragma user_version').get() as { user_version: number }).user_version;
}

/** Removes a database with all that belongs to it. */
export function removeDatabase(path: string): void {
  for (const name of ['', ...SIDE_FILES]) rmSync(`${path}${name}`, { force: true });
}

/** Gives a database another name, which says when and why, and is never given twice. */
export function setAside(from: string, reason: 'lost' | 'damaged', nowMs: number, path = from): void {
  const when = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 17);
  const nameOf = (attempt: number) => path.replace(/\.db$/, `.${reason}-${when}${attempt > 1 ? `-${attempt}` : ''}.db`);
  let attempt = 1;
  while (existsSync(nameOf(attempt))) attempt++;
  for (const side of ['', ...SIDE_FILES]) {
    if (existsSync(`${from}${side}`)) renameSync(`${from}${side}`, `${nameOf(attempt)}${side}`);
  }
  // Otherwise a power cut might leave it without a name.
  syncFolderNow(dirname(path));
}

/** With a write-ahead log, which lets others read while we write; `undefined` where it needs memory that the file system cannot share, as on a network drive. */
function withLog(path: string): DatabaseSync | undefined {
  const db = connect(path, false);
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
  const db = connect(path, false);
  try {
    db.exec('pragma locking_mode = exclusive; pragma journal_mode = truncate; pragma locking_mode = normal');
    versionOf(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, migrations: readonly string[]): void {
  const version = versionOf(db);
  if (version > migrations.length) throw new LaterForm();
  for (const [index, sql] of migrations.entries()) {
    if (index >= version) db.exec(`begin immediate; ${sql}; pragma user_version = ${index + 1}; commit`);
  }
}
