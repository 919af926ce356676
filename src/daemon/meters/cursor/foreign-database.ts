import { closeSync, fstatSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { loadSqlite } from '../../disk/quiet-sqlite.ts';
import { reachable } from '../files/file-look.ts';
import { commitMark } from './commit-mark.ts';
import type { CursorFault } from './cursor-words.ts';

/** Why another program's database cannot be read just now. */
export class CannotRead extends Error {
  readonly fault: CursorFault;
  readonly detail: string;

  constructor(fault: CursorFault, detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
    this.detail = detail;
  }
}

/** Where a commit comes in between; it is rare that one does once. */
const ATTEMPTS = 3;

/**
 * What `read` finds in a database of another program, which is opened, asked and closed again; throws `CannotRead`. No file is made
 * or written, and nobody waits for us: where the log holds something we read as SQLite's readers do, one statement
 * at a time; where it holds nothing we take no lock, and read again when somebody has written meanwhile.
 */
export function readForeign<T>(path: string, read: (database: DatabaseSync) => T): T {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (hasLog(path)) return opened(path, 'readonly_shm=1', read);
    const before = stillness(path);
    const found = attempted(() => opened(path, 'immutable=1', read));
    if (stillness(path) !== before || hasLog(path)) continue;
    if ('error' in found) throw found.error;
    return found.value;
  }
  throw new CannotRead('busy', 'SQLITE_BUSY');
}

/** With a log but without the memory that its readers share SQLite would make that memory, as a file beside the database. */
function hasLog(path: string): boolean {
  if (!reachable(`${path}-wal`)?.size) return false;
  if (!reachable(`${path}-shm`)) throw new CannotRead('unfinished', basename(`${path}-shm`));
  return true;
}

function opened<T>(path: string, how: string, read: (database: DatabaseSync) => T): T {
  const { DatabaseSync } = loadSqlite();
  const url = pathToFileURL(path);
  url.search = how;
  try {
    const database = new DatabaseSync(url, { readOnly: true, timeout: 0 });
    try {
      return read(database);
    } finally {
      database.close();
    }
  } catch (error) {
    throw faultOfReading(error) ?? error;
  }
}

/** The same as long as nobody writes; throws where somebody is at it. Exact in either mode, however coarse the clock of the files is. */
function stillness(path: string): string {
  // A write that begins after the look at the journal moves the counter after we have read it.
  const counter = changeCounter(path);
  if (isJournalHot(`${path}-journal`)) throw new CannotRead('busy', 'SQLITE_BUSY');
  const database = reachable(path);
  return [counter, commitMark(path), database?.size, database?.mtimeNs, database?.ctimeNs].join(' ');
}

const COUNTER = { at: 24, bytes: 4 } as const;
/** A journal that is kept has zeros here. https://www.sqlite.org/fileformat2.html */
const JOURNAL_MAGIC = 'd9d505f920a163d7';

function changeCounter(path: string): string {
  try {
    return bytesOf(path, COUNTER.at, COUNTER.bytes).toString('hex');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EACCES' || code === 'EPERM'
      ? new CannotRead('denied', code)
      : new CannotRead('unreadable', String(code));
  }
}

function isJournalHot(path: string): boolean {
  if (!reachable(path)?.size) return false;
  try {
    return bytesOf(path, 0, JOURNAL_MAGIC.length / 2).toString('hex') === JOURNAL_MAGIC;
  } catch {
    // It is gone, and with it a write.
    return false;
  }
}

function bytesOf(path: string, at: number, length: number): Buffer {
  const fd = openRegular(path);
  try {
    const bytes = Buffer.alloc(Math.min(length, fstatSync(fd).size));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, at));
  } finally {
    closeSync(fd);
  }
}

function attempted<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

/** By SQLite's primary codes, https://www.sqlite.org/rescode.html; `undefined` for what is no failure of a database. */
function faultOfReading(error: unknown): CannotRead | undefined {
  const { code, errcode = 0, message } = error as { code?: string; errcode?: number; message: string };
  if (error instanceof CannotRead || code === undefined) return undefined;
  if (code !== 'ERR_SQLITE_ERROR') return new CannotRead('unreadable', code);
  const fault = CODES.get(errcode & 0xff) ?? 'unreadable';
  // Its words are of names in the schema alone, and never of what is in a row.
  return new CannotRead(fault, fault === 'schema' ? message : `SQLite ${errcode}`);
}

const CODES: ReadonlyMap<number, CursorFault> = new Map([
  [1, 'schema'],
  [3, 'denied'],
  [5, 'busy'],
  [6, 'busy'],
  [8, 'busy'],
  [23, 'denied'],
]);
