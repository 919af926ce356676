import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { IN_MEMORY } from '../../../../src/daemon/disk/database-file.ts';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';

/** An empty history in memory. */
export function emptyHistory(): DatabaseSync {
  return openToWrite(IN_MEMORY);
}

const CHANGE = {
  ...{ kind: 'reading', used: 0, total: 1, before: 0, first_ordinal: 0, sessions: 0, segment: 1, start: 0, bytes: 1 },
};

/** Puts a change in; what is not named is of no meaning. */
export function addChange(
  db: DatabaseSync,
  change: { readonly place: number; readonly committed_ms: number; readonly [column: string]: SQLInputValue },
): void {
  insert(db, 'change', { ...CHANGE, revision: change.place + 1, told_ms: change.committed_ms, ...change });
}

const SESSION = {
  ...{ place: 0, order_ms: 0, told_ms: 0, undone: 0, counted: 0, set_aside: 0, conversation: 1, kind: 'auto' },
  ...{ dated: 0, event: '', at_ms: 0, began_anew: 0, removed: 0, away: 0 },
};

/** Puts a session in; what is not named is of no meaning. */
export function addSession(
  db: DatabaseSync,
  session: { readonly ordinal: number; readonly [column: string]: SQLInputValue },
): void {
  insert(db, 'session', { ...SESSION, ...session });
}

function insert(db: DatabaseSync, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
  const names = Object.keys(row);
  const sql = `insert into ${table} (${names.join(', ')}) values (${names.map((name) => `:${name}`).join(', ')})`;
  db.prepare(sql).run(row);
}
