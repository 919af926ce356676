import type { DatabaseSync } from 'node:sqlite';
import type { RecordedReading } from '../../rules/change.ts';
import type { LedgerSession } from '../ledger/ledger-session.ts';
import { type SessionRow, sessionFromRow } from './session-rows.ts';
import { Statements } from './statements.ts';

/** Where a change's line lies in the ledger. */
export interface LinePlace {
  readonly segment: number;
  readonly start: number;
  readonly bytes: number;
}

/** A reading of ours, as far as an edit's base is found by it. */
export interface RecordedAt {
  readonly ordinal: number;
  readonly revision: number;
  /** Whether an edit ever took it out of the state file, though it may have come back. */
  readonly wasAway: boolean;
}

/** A session with the revision of its change and the name of its conversation. */
export type FoundRow = SessionRow & { readonly name: string; readonly revision: number };

/** What recording and editing ask of the past: single sessions and changes, each found by an index. */
export class Lookups {
  readonly #statements: Statements;

  constructor(db: DatabaseSync) {
    this.#statements = new Statements(db);
  }

  /** The first session with this id. */
  find(id: string): FoundRow | undefined {
    return this.#statements.get<FoundRow>(BY_ID, id);
  }

  /** The place of the undo that was asked for under this request id. */
  undoPlace(id: string): LinePlace | undefined {
    return this.#statements.get<LinePlace>(UNDO_BY_REQUEST, id);
  }

  /** The last reading of ours that has not been undone. */
  lastReading(): RecordedReading | undefined {
    const row = this.#statements.get<FoundRow>(LAST_READING);
    const found = row && sessionOf(row);
    return found?.kind === 'reading' ? found.reading : undefined;
  }

  /** The counts above 0 of the last readings that stand, the latest first, at most `limit` of the last `sessions`. */
  recentAmounts(sessions: number, limit: number): number[] {
    return this.#statements.all<{ counted: number }>(RECENT_AMOUNTS, sessions, limit).map(({ counted }) => counted);
  }

  hasReadingAfter(revision: number): boolean {
    return this.#statements.get(READING_FROM, this.#firstAfter(revision)) !== undefined;
  }

  /** True when a reading after a revision set `used` to a total, and stands. */
  isTotalSetAfter(revision: number): boolean {
    return this.#statements.get(TOTAL_FROM, this.#firstAfter(revision)) !== undefined;
  }

  /** The reading of ours with this id. */
  recordedAt(id: string): RecordedAt | undefined {
    const row = this.find(id);
    if (!row || row.kind === 'foreign') return undefined;
    return { ordinal: row.ordinal, revision: row.revision, wasAway: row.away === 1 };
  }

  /** The revision of the next reading after an ordinal that was recorded on top of the file and was never taken away. */
  nextOnTop(ordinal: number): number | undefined {
    return this.#statements.get<{ revision: number }>(NEXT_ON_TOP, ordinal)?.revision;
  }

  /** The lines of the edits that started from the file of a revision, oldest first. */
  editsFrom(revision: number): LinePlace[] {
    return this.#statements.all<LinePlace>(EDITS_FROM, revision);
  }

  /** The lines of the edits after a revision that did something to sessions without ids, newest first. */
  *namelessEdits(revision: number): Generator<LinePlace> {
    let last: LinePlace | undefined;
    for (const { segment, start, bytes } of this.#statements.all<LinePlace>(NAMELESS, this.#placeAfter(revision))) {
      if (last?.segment !== segment || last.start !== start) yield { segment, start, bytes };
      last = { segment, start, bytes };
    }
  }

  /** The sessions that stand, newest first by time, without those that an edit took out of the state file. */
  *newestStanding(): Generator<{ readonly session: LedgerSession; readonly counted: number }> {
    for (const row of this.#statements.iterate<FoundRow>(NEWEST_STANDING)) {
      yield { session: sessionOf(row), counted: row.counted };
    }
  }

  /** The first session that came after a revision. */
  #firstAfter(revision: number): number {
    return (
      this.#statements.get<{ first: number }>(FIRST_ORDINAL, this.#placeAfter(revision))?.first ??
      Number.MAX_SAFE_INTEGER
    );
  }

  /** The place of the first change after a revision; revisions rise with it. */
  #placeAfter(revision: number): number {
    const { places } = this.#statements.get<{ places: number }>(PLACES)!;
    let [low, high] = [0, places];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#statements.get<{ revision: number }>(REVISION, middle)!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The session of a row. */
export function sessionOf(row: FoundRow): LedgerSession {
  return sessionFromRow(row, row.name, row.revision);
}

const FOUND = `
  select session.*, conversation.name, change.revision from session
  join conversation on conversation.number = session.conversation
  join change on change.place = session.place`;
const BY_ID = `${FOUND} where session.id = ? order by session.ordinal limit 1`;
const LAST_READING = `${FOUND} where session.undone = 0 and session.kind <> 'foreign' order by session.ordinal desc limit 1`;
const NEWEST_STANDING = `
  ${FOUND} where session.undone = 0 and session.removed = 0
  order by session.order_ms desc, session.ordinal desc`;
const UNDO_BY_REQUEST = 'select segment, start, bytes from change where request = ? order by place desc limit 1';
const RECENT_AMOUNTS = `
  select counted from session
  where ordinal >= (select max(ordinal) from session) + 1 - ? and undone = 0 and kind <> 'foreign' and counted > 0
  order by ordinal desc limit ?`;
const READING_FROM = "select 1 from session where ordinal >= ? and kind <> 'foreign' limit 1";
const TOTAL_FROM =
  "select 1 from session where ordinal >= ? and kind in ('manual', 'correction') and undone = 0 limit 1";
const NEXT_ON_TOP = `
  select change.revision from session join change on change.place = session.place
  where session.ordinal > ? and session.kind <> 'foreign' and session.dated = 0 and session.undone = 0 and session.away = 0
  order by session.ordinal limit 1`;
const EDITS_FROM = 'select segment, start, bytes from change where edit_from = ? order by place';
const NAMELESS = 'select segment, start, bytes from change where nameless = 1 and place >= ? order by place desc';
const FIRST_ORDINAL = 'select first_ordinal as first from change where place = ?';
const PLACES = 'select coalesce(max(place) + 1, 0) as places from change';
const REVISION = 'select revision from change where place = ?';
