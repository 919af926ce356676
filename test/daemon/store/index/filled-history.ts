import type { DatabaseSync } from 'node:sqlite';
import type { RecordedReading } from '../../../../src/daemon/rules/change.ts';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';
import { LATE_INDICES } from '../../../../src/daemon/store/index/database/schema.ts';
import { INSERT_SESSION, valuesOf } from '../../../../src/daemon/store/index/database/session-rows.ts';
import { keyText } from '../../../../src/daemon/store/index/database/stored-text.ts';
import { changeBlocks, sessionBlocks } from '../../../../src/daemon/store/index/writing/blocks.ts';
import { foreign, type LedgerSession } from '../../../../src/daemon/store/ledger/ledger-session.ts';

/** A session as it stands in a history, each with a change of its own. */
export interface FilledSession {
  readonly kind: RecordedReading['sync_type'] | 'foreign';
  readonly event: string;
  readonly conversation: string;
  readonly counted: number;
  readonly setAside?: number;
  /** Its own time. */
  readonly atMs: number;
  /** Its time as far as it is believed; its own by default. */
  readonly toldMs?: number;
  /** Its place in the order of time; its own time by default. */
  readonly orderMs?: number;
  readonly dated?: boolean;
  readonly undone?: boolean;
  readonly beganAnew?: boolean;
  /** Of another program. */
  readonly json?: string;
}

/** Where counting began anew, by ordinals. */
export interface FilledStart {
  readonly first: number;
  readonly cause?: number;
}

export interface Filled {
  readonly sessions: readonly FilledSession[];
  readonly starts?: readonly FilledStart[];
  /** Amounts that came late: from when, and by which change. */
  readonly rises?: readonly { readonly fromMs: number; readonly place: number; readonly tokens: number }[];
  readonly lost?: number;
}

/** Makes a database of a history; the last block of 1,024, which is not full, is missing as it always is, and so is each that is named. */
export function fillHistory(
  path: string,
  { sessions, starts = [], rises = [], lost = 0 }: Filled,
  missing: readonly number[] = [],
): DatabaseSync {
  const db = openToWrite(path);
  db.exec('begin');
  const conversations = new Map<string, number>();
  const conversationOf = (name: string) => {
    if (!conversations.has(name)) {
      conversations.set(name, conversations.size + 1);
      db.prepare('insert into conversation values (?, ?)').run(conversations.size, keyText(name));
    }
    return conversations.get(name)!;
  };
  const addSession = db.prepare(INSERT_SESSION);
  const addChange = db.prepare(`insert into change values (${Array(17).fill('?').join(', ')})`);
  let used = 0;
  for (const [ordinal, session] of sessions.entries()) {
    const { kind, counted, setAside = 0, atMs, toldMs = atMs, orderMs = atMs, dated = false, conversation } = session;
    const before = used;
    used += counted;
    const values = [toldMs, used, 1_000_000, before, ordinal, 1, 1, ordinal * 10, 10, null, null, null, null];
    addChange.run(ordinal, ordinal + 1, kind === 'foreign' ? 'edit' : 'reading', atMs, ...values);
    addSession.run(
      ...valuesOf(ledgerSession(session, ordinal), {
        ...{ ordinal, place: ordinal, order_ms: orderMs, told_ms: toldMs, counted, set_aside: setAside, kind },
        ...{ conversation: conversationOf(conversation), dated: Number(dated), at_ms: atMs },
        ...{ began_anew: Number(session.beganAnew ?? false), id: `s${ordinal}` },
      }),
    );
    if (session.undone) db.prepare('update session set undone = 1 where ordinal = ?').run(ordinal);
  }
  for (const { first, cause } of starts) {
    db.prepare('insert into count_start (first_ordinal, cause) values (?, ?)').run(first, cause ?? null);
  }
  for (const { fromMs, place, tokens } of rises) {
    db.prepare('insert into rise (from_ms, place, tokens) values (?, ?, ?)').run(fromMs, place, tokens);
  }
  const counted = sessions.reduce((sum, session) => sum + (session.undone ? 0 : session.counted), 0);
  db.prepare(`insert into position values (1, 1, 0, 0, '', ?, 0, 1, 0, ?, null, null, 1)`).run(lost, counted);
  changeBlocks(db, 0).keepUpTo(sessions.length);
  sessionBlocks(db, 0).keepUpTo(sessions.length);
  for (const number of missing) {
    db.prepare('delete from session_block where number = ?').run(number);
    db.prepare('delete from change_block where number = ?').run(number);
  }
  for (const sql of Object.values(LATE_INDICES)) db.exec(sql);
  db.exec('commit');
  return db;
}

/** The session as the ledger holds it. */
export function ledgerSession(session: FilledSession, ordinal: number): LedgerSession {
  const { kind, event, conversation, counted, atMs, dated } = session;
  const at = new Date(atMs).toISOString();
  if (kind === 'foreign') return foreign(session.json!, at);
  const reading: RecordedReading = {
    ...{ id: `s${ordinal}`, value: counted, unit: 1, sync_type: kind, event, conversation_id: conversation, at },
    timestamp: at.slice(0, 19).replace('T', ' '),
    ...(dated && { dated: true as const }),
    ...{ increment: counted, counted, before: 0, used: counted, total: 1_000_000 },
  };
  return { kind: 'reading', reading, revision: ordinal + 1 };
}
