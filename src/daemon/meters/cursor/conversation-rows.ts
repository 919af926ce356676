import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A row as it is found by its number alone; its value stays unread. */
export interface RowHead {
  readonly row: number;
  /** Of a conversation; `undefined` of all other rows. */
  readonly conversation: string | undefined;
  /** Tells it from another row that was given the same number: a hash of key and size. */
  readonly mark: string;
}

/** A conversation with what is told under it. */
export interface ConversationRow {
  readonly row: number;
  readonly conversation: string;
  readonly value: unknown;
}

/** So many rows at most are looked at, and so many values read, however large the database is. */
export const MOST_ROWS = 500;

/** A larger value is passed over. */
const MOST_VALUE_BYTES = 64 * 1024 * 1024;

const PREFIX = 'composerData:';

/** The few questions that are asked of Cursor's database, each a statement of its own. None goes through a table. */
export class ConversationRows {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The newest by number, newest first. */
  newest(): RowHead[] {
    return this.#heads(HEADS, 1, LAST_ROW, MOST_ROWS);
  }

  /** What stands under a number, if anything does. */
  headAt(row: number): RowHead | undefined {
    return this.#heads(HEADS, row, row, 1)[0];
  }

  /** Those above a number, newest first; one more than `MOST_ROWS` where there are more. */
  above(row: number): RowHead[] {
    return this.#heads(HEADS, row + 1, LAST_ROW, MOST_ROWS + 1);
  }

  /** Conversations alone, those above a number, newest first: a walk over the index of their keys, whatever else was written. */
  conversationsAbove(row: number): RowHead[] {
    return this.#heads(CONVERSATIONS_ABOVE, row, MOST_ROWS);
  }

  /** `undefined` where that row is no conversation any more. */
  at(row: number): ConversationRow | undefined {
    const found = this.#prepared(VALUE).get(row) as { key: unknown; value: unknown } | undefined;
    const conversation = found && conversationOf(found.key);
    return conversation === undefined ? undefined : { row, conversation, value: found!.value };
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #heads(sql: string, ...values: readonly number[]): RowHead[] {
    const rows = this.#prepared(sql).all(...values) as unknown as FoundRow[];
    return rows.map(({ row, key, bytes }) => ({ row, conversation: conversationOf(key), mark: markOf(key, bytes) }));
  }
}

function conversationOf(key: unknown): string | undefined {
  return typeof key === 'string' && key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
}

function markOf(key: unknown, bytes: number | null): string {
  return hash('sha256', `${bytes} ${key}`, 'base64url').slice(0, 12);
}

interface FoundRow {
  readonly row: number;
  readonly key: string | null;
  readonly bytes: number | null;
}

// Statements are few because each look has to compile them. What is asked of `value` here stands in the row's own head.
const HEADS = `select rowid as row, cast(key as text) as key, octet_length(value) as bytes
  from cursorDiskKV not indexed where rowid between ? and ? order by rowid desc limit ?`;
/** Greater numbers are none of Cursor's. */
const LAST_ROW = Number.MAX_SAFE_INTEGER;
// The index of the keys holds the numbers too. Without it this fails, and is no walk over the table.
const CONVERSATIONS_ABOVE = `select rowid as row, key, 0 as bytes from cursorDiskKV indexed by sqlite_autoindex_cursorDiskKV_1
  where key >= '${PREFIX}' and key < 'composerData;' and +rowid > ? and +rowid <= ${Number.MAX_SAFE_INTEGER}
  order by +rowid desc limit ?`;
const VALUE = `select cast(key as text) as key, case
    when value is null then null
    when typeof(value) in ('text', 'blob') and octet_length(value) <= ${MOST_VALUE_BYTES} then value
    else x'' end as value
  from cursorDiskKV where rowid = ?`;
