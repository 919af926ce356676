import type { DatabaseSync } from 'node:sqlite';
import type { LedgerSession } from '../../ledger/ledger-session.ts';
import { BLOCK_ROWS } from '../database/schema.ts';
import { type SessionRow, sessionFromRow } from '../database/session-rows.ts';
import { Statements } from '../database/statements.ts';
import { keyText, textOfKey } from '../database/stored-text.ts';
import {
  CHANGE_COLUMNS,
  type ChangeColumns,
  columnsOf,
  SESSION_COLUMNS,
  type SessionColumns,
} from './block-columns.ts';

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

/** A session with the name of its conversation and the revision of its change. */
export type FoundRow = SessionRow & { readonly name: string; readonly revision: number };

/** What is known of 1,024 sessions without reading them: the earliest and the latest time of those that stand. */
export interface BlockHead {
  readonly number: number;
  readonly least_ms: number | null;
  readonly most_ms: number | null;
}

/** All that a session's row tells, with the name of its conversation and the revision of its change. */
export const SESSION_ROW = `
  session.*,
  (select name from conversation where number = session.conversation) as name,
  (select revision from change where change.place = session.place) as revision`;

export const COUNT_SESSIONS = 'select coalesce(max(ordinal) + 1, 0) as n from session';
export const COUNT_CHANGES = 'select coalesce(max(place) + 1, 0) as n from change';
export const LOST = 'select lost as n from position';
export const SESSION = `select ${SESSION_ROW} from session where ordinal = ?`;
export const SESSION_OF = `select ${SESSION_ROW} from session where id = ? order by ordinal limit 1`;
export const LATEST_SESSIONS = `
  select ${SESSION_ROW} from session where undone = 0 order by ordinal desc limit ?`;
export const LAST_READING = `
  select ${SESSION_ROW} from session where kind not in ('foreign', 'period') and meter is null and undone = 0 order by ordinal desc limit 1`;
export const READING_IN = `
  select 1 as n from session where order_ms >= ?1 and at_ms between ?1 and ?2 and undone = 0 limit 1`;
/** That of the last counter reading, or of the gauge that is shown, among the latest sessions. */
export const CONVERSATION_SHOWN = `
  select conversation as n from session
  where ordinal >= (select max(ordinal) from session) + 1 - 10000 and undone = 0
    and ((kind = 'manual' and (flags is null or flags not like '%"calibrated"%')) or (kind = 'live' and used = value))
  order by ordinal desc limit 1`;
export const RISES = `
  select counted as n from session
  where ordinal >= (select max(ordinal) from session) + 1 - 10000 and undone = 0 and counted > 0 and conversation = ?
    and kind in ('manual', 'auto', 'estimate', 'live') and began_anew = 0 and (flags is null or flags not like '%"new"%')
  order by ordinal desc limit ?`;
export const COUNTED_TOKENS = 'select counted_tokens as n from position';
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
  readonly statements: Statements;
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.statements = new Statements(db);
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

  /** What all sessions count together that stand. */
  get countedTokens(): number {
    return this.number(COUNTED_TOKENS) ?? 0;
  }

  session(ordinal: number): FoundRow | undefined {
    return this.statements.get<FoundRow>(SESSION, ordinal);
  }

  /** The first session with this id. */
  sessionOf(id: string): FoundRow | undefined {
    return this.statements.get<FoundRow>(SESSION_OF, keyText(id));
  }

  /** The last reading that somebody offered and that has not been undone. */
  lastReading(): FoundRow | undefined {
    return this.statements.get<FoundRow>(LAST_READING);
  }

  /** Whether a session that stands is of these times. */
  hasReadingIn(sinceMs: number, nowMs: number): boolean {
    return this.number(READING_IN, sinceMs, nowMs) !== undefined;
  }

  /** At most so many rises of the conversation that was told last, the latest first; where it began, or began anew, is none. */
  risesShown(limit: number): number[] {
    const shown = this.number(CONVERSATION_SHOWN);
    if (shown === undefined) return [];
    return this.statements.all<{ n: number }>(RISES, shown, limit).map(({ n }) => n);
  }

  /** At most so many sessions that have not been undone, the last recorded first. */
  latestSessions(limit: number): FoundRow[] {
    return this.statements.all<FoundRow>(LATEST_SESSIONS, limit);
  }

  /** At most so many changes, newest first. */
  latestChanges(limit: number): ChangeRow[] {
    return this.statements.all<ChangeRow>(LATEST_CHANGES, limit);
  }

  /** The name of a conversation; empty for what names none. */
  conversationName(number: number): string {
    // Another program may name one with a NUL, at which Node 22 would end the text.
    const { name } = this.statements.get<{ name: Uint8Array }>(CONVERSATION_NAME, number)!;
    return textOfKey(new TextDecoder('utf-8', { ignoreBOM: true }).decode(name));
  }

  /** The number of a conversation; `undefined` where no session names it. */
  conversationNumber(name: string): number | undefined {
    return this.number(CONVERSATION_NUMBER, keyText(name));
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
    return this.statements.all<BlockHead>(BLOCK_HEADS);
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
      // After some failures SQLite has taken it back by itself.
      if (this.#db.isTransaction) this.#db.exec('commit');
    }
  }

  /** The one number, `n`, that a statement tells. */
  number(sql: string, ...values: number[] | string[]): number | undefined {
    return this.statements.get<{ n: number | null }>(sql, ...values)?.n ?? undefined;
  }

  #columns(number: number, block: string, rows: string, width: number) {
    const found = this.statements.get<{ columns: Uint8Array }>(block, number);
    if (found) return { length: BLOCK_ROWS, columns: columnsOf(found.columns) };
    const columns = Array.from({ length: width }, () => new Float64Array(BLOCK_ROWS));
    let length = 0;
    for (const values of this.statements.arrays<(number | null)[]>(
      rows,
      number * BLOCK_ROWS,
      (number + 1) * BLOCK_ROWS,
    )) {
      for (let column = 0; column < width; column++) columns[column]![length] = values[column] ?? Number.NaN;
      length++;
    }
    return { length, columns };
  }
}

/** The session of a row. */
export function sessionOf(row: FoundRow): LedgerSession {
  return sessionFromRow(row, row.name, row.revision);
}
