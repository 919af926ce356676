import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { idOf } from '../ledger/ledger-session.ts';
import {
  CHANGE_COLUMNS,
  type ChangeColumns,
  columnsOf,
  SESSION_COLUMNS,
  type SessionColumns,
} from './block-columns.ts';
import { BLOCK_ROWS } from './schema.ts';
import { type SessionRow, sessionFromRow } from './session-rows.ts';

/** A row of `change`, as far as answers tell of it. */
export interface ChangeRow {
  readonly place: number;
  readonly revision: number;
  readonly kind: 'reading' | 'import' | 'undo' | 'total' | 'edit';
  readonly committed_ms: number;
  readonly used: number;
  readonly total: number;
  readonly before: number;
  readonly first_ordinal: number;
  readonly sessions: number;
  readonly undone: number | null;
}

/** What is known of 1,024 sessions without reading them: the earliest and the latest time of those that stand. */
export interface BlockHead {
  readonly number: number;
  readonly least_ms: number | null;
  readonly most_ms: number | null;
}

/** All that a session's row tells, with the name of its conversation and the revision of its change. */
export const SESSION_ROW = `
  session.*,
  (select name from conversation where number = session.conversation) as conversation_id,
  (select revision from change where change.place = session.place) as revision`;

export const COUNT_SESSIONS = 'select coalesce(max(ordinal) + 1, 0) as n from session';
export const COUNT_CHANGES = 'select coalesce(max(place) + 1, 0) as n from change';
export const LOST = 'select lost as n from position';
export const SESSION = `select ${SESSION_ROW} from session where ordinal = ?`;
export const SESSIONS_WITH_ID = `select ${SESSION_ROW} from session where id = ? order by ordinal`;
export const LATEST_SESSIONS = `
  select ${SESSION_ROW} from session where undone = 0 order by ordinal desc limit ?`;
export const LAST_READING = `
  select ${SESSION_ROW} from session where kind <> 'foreign' and undone = 0 order by ordinal desc limit 1`;
export const LATEST_CHANGES = 'select * from change order by place desc limit ?';
export const CONVERSATION_NAME = 'select cast(name as blob) as name from conversation where number = ?';
export const CONVERSATION_NUMBER = 'select number as n from conversation where name = ?';
/** Where counting began for the last time; whatever began with a reading that was undone since never did. */
export const FIRST_COUNTED = `
  select first_ordinal as n from count_start left join session on session.ordinal = count_start.cause
  where cause is null or undone = 0 order by count_start.number desc limit 1`;
export const LAST_ANEW = `
  select ordinal as n from session indexed by session_anew
  where began_anew = 1 and undone = 0 order by ordinal desc limit 1`;
export const TOLD_MS = 'select told_ms as n from change where place = ?';
export const BLOCK_HEADS = 'select number, least_ms, most_ms from session_block order by number';
export const SESSION_BLOCK = 'select columns from session_block where number = ?';
export const SESSIONS_IN_COLUMNS = `
  select iif(undone, null, told_ms), counted, set_aside, conversation * 2 + dated from session
  where ordinal >= ? and ordinal < ? order by ordinal`;
export const CHANGE_BLOCK = 'select columns from change_block where number = ?';
export const CHANGES_IN_COLUMNS =
  'select told_ms, used, total from change where place >= ? and place < ? order by place';

/** Answers from `history.db`, by an open connection to it; statements are prepared when they are first needed. */
export class HistoryReader {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** How many sessions there are; they have the ordinals below. */
  get sessions(): number {
    return this.number(COUNT_SESSIONS) ?? 0;
  }

  /** How many changes there are; they have the places below. */
  get changes(): number {
    return this.number(COUNT_CHANGES) ?? 0;
  }

  /** How many changes the ledger is known to lack. */
  get lost(): number {
    return this.number(LOST) ?? 0;
  }

  session(ordinal: number): SessionRow | undefined {
    return this.row<SessionRow>(SESSION, ordinal);
  }

  /** The first session with this id. */
  sessionOf(id: string): SessionRow | undefined {
    // What UTF-8 has no place for is the same in all ids there.
    return this.rows<SessionRow>(SESSIONS_WITH_ID, id).find((row) => idOf(sessionFromRow(row)) === id);
  }

  /** The last reading of ours that has not been undone. */
  lastReading(): SessionRow | undefined {
    return this.row<SessionRow>(LAST_READING);
  }

  /** At most so many sessions that have not been undone, the last recorded first. */
  latestSessions(limit: number): SessionRow[] {
    return this.rows<SessionRow>(LATEST_SESSIONS, limit);
  }

  /** At most so many changes, newest first. */
  latestChanges(limit: number): ChangeRow[] {
    return this.rows<ChangeRow>(LATEST_CHANGES, limit);
  }

  /** The name of a conversation; empty for what names none. */
  conversationName(number: number): string {
    // Another program may name one with a NUL, at which Node 22 would end the text.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      this.row<{ name: Uint8Array }>(CONVERSATION_NAME, number)!.name,
    );
  }

  /** The number of a conversation; `undefined` where no session names it. */
  conversationNumber(name: string): number | undefined {
    return this.number(CONVERSATION_NUMBER, name);
  }

  /** The first ordinal after the figure stood at 0, or was edited to less than half, for the last time. */
  get firstCounted(): number {
    return this.number(FIRST_COUNTED) ?? 0;
  }

  /** The ordinal of the last session with which a counter began anew and that stands. */
  get lastAnew(): number | undefined {
    return this.number(LAST_ANEW);
  }

  /** What is known of whole blocks; one that is missing is not told of. */
  blockHeads(): BlockHead[] {
    return this.rows<BlockHead>(BLOCK_HEADS);
  }

  /** 1,024 sessions in columns, from ordinal 1024 × `number` on; fewer at the end. */
  sessionColumns(number: number): SessionColumns {
    const values = this.#columns(number, SESSION_BLOCK, SESSIONS_IN_COLUMNS, SESSION_COLUMNS);
    const [toldMs, counted, setAside, conversation] = values.columns as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    return { length: values.length, toldMs, counted, setAside, conversation };
  }

  /** 1,024 changes in columns, from place 1024 × `number` on; fewer at the end. */
  changeColumns(number: number): ChangeColumns {
    const values = this.#columns(number, CHANGE_BLOCK, CHANGES_IN_COLUMNS, CHANGE_COLUMNS);
    const [toldMs, used, total] = values.columns as [Float64Array, Float64Array, Float64Array];
    return { length: values.length, toldMs, used, total };
  }

  /** The first place whose change is believed to be of an instant or later; times never fall. */
  firstPlaceFrom(fromMs: number): number {
    let low = 0;
    let high = this.changes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.number(TOLD_MS, middle)! < fromMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Reads by several statements what was there at one moment, though another process writes. */
  atOnce<T>(read: () => T): T {
    if (this.#db.isTransaction) return read();
    this.#db.exec('begin');
    try {
      return read();
    } finally {
      this.#db.exec('commit');
    }
  }

  /** The one number, `n`, that a statement tells. */
  number(sql: string, ...values: readonly SQLInputValue[]): number | undefined {
    return this.row<{ n: number | null }>(sql, ...values)?.n ?? undefined;
  }

  row<T>(sql: string, ...values: readonly SQLInputValue[]): T | undefined {
    return this.#statement(sql).get(...values) as T | undefined;
  }

  rows<T>(sql: string, ...values: readonly SQLInputValue[]): T[] {
    return this.#statement(sql).all(...values) as T[];
  }

  /** The rows of a statement with named values. */
  rowsBy<T>(sql: string, values: Record<string, SQLInputValue>): T[] {
    return this.#statement(sql).all(values) as T[];
  }

  /** The rows as plain arrays, one after another. */
  arrays(sql: string, ...values: readonly SQLInputValue[]): Iterable<readonly (number | null)[]> {
    const statement = this.#statement(sql);
    statement.setReturnArrays(true);
    return statement.iterate(...values) as unknown as Iterable<readonly (number | null)[]>;
  }

  #columns(number: number, block: string, rows: string, width: number) {
    const found = this.row<{ columns: Uint8Array }>(block, number);
    if (found) return { length: BLOCK_ROWS, columns: columnsOf(found.columns) };
    const columns = Array.from({ length: width }, () => new Float64Array(BLOCK_ROWS));
    let length = 0;
    for (const values of this.arrays(rows, number * BLOCK_ROWS, (number + 1) * BLOCK_ROWS)) {
      for (let column = 0; column < width; column++) columns[column]![length] = values[column] ?? Number.NaN;
      length++;
    }
    return { length, columns };
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
