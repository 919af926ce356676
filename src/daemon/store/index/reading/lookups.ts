import type { DatabaseSync } from 'node:sqlite';
import { MOST_AMOUNTS } from '../../../../shared/words/implausible-value.ts';
import { ledgerUnreadable } from '../../../disk/storage-failure.ts';
import type { EditChange, LedgerChange, RecordedReading, SessionsPatch, UndoChange } from '../../../rules/change.ts';
import { decodeLine, isCheckpoint, revisionIn } from '../../ledger/ledger-line.ts';
import type { LedgerSession } from '../../ledger/ledger-session.ts';
import type { Segments } from '../../ledger/segments.ts';
import { type SessionRow, sessionFromRow } from '../database/session-rows.ts';
import { Statements } from '../database/statements.ts';
import { keyText } from '../database/stored-text.ts';
import type { RecordedPlace, Standing } from './found-sessions.ts';

/** A person who has recorded nothing new for this many sessions has no usual amount; a question must not cost a walk over a million. */
const MOST_SESSIONS = 1_000;

/** Where a change's line lies in the ledger. */
interface LinePlace {
  readonly segment: number;
  readonly start: number;
  readonly bytes: number;
}

/** A session with the revision of its change and the name of its conversation. */
type FoundRow = SessionRow & { readonly name: string; readonly revision: number };

/** What recording and editing ask of the past: single sessions and changes, each found by an index. */
export class Lookups {
  readonly #statements: Statements;
  readonly #segments: Segments;

  constructor(db: DatabaseSync, segments: Segments) {
    this.#statements = new Statements(db);
    this.#segments = segments;
  }

  /** The first session with this id. */
  find(id: string): LedgerSession | undefined {
    const row = this.#rowOf(id);
    return row && sessionOf(row);
  }

  /** Whether there is a session with this id, ours or another program's. */
  isKnown(id: string): boolean {
    return this.#rowOf(id) !== undefined;
  }

  /** Whether a session with this id was recorded here. */
  isReading(id: string): boolean {
    return this.recordedAt(id) !== undefined;
  }

  /** Whether a session's id is new, was taken out of the state file by an edit so that it may come back, or is recorded. */
  standingOf(id: string): 'new' | 'removed' | 'recorded' | 'undone' {
    const row = this.#rowOf(id);
    if (!row) return 'new';
    if (row.undone === 1) return 'undone';
    return row.removed === 1 ? 'removed' : 'recorded';
  }

  /** What the first session with this id counts by now, and its own time. */
  countOf(id: string): { readonly counted: number; readonly atMs: number } | undefined {
    const row = this.#rowOf(id);
    return row && { counted: row.counted, atMs: row.at_ms };
  }

  /** The undo that was asked for under this request id; throws `storage_failed` when it cannot be read any more. */
  findUndo(id: string): UndoChange | undefined {
    const place = this.#statements.get<LinePlace>(UNDO_BY_REQUEST, keyText(id));
    return place && (this.#changesAt(place).find((change) => change.kind === 'undo' && change.id === id) as UndoChange);
  }

  /** Whether somebody has ever named a budget. */
  isTotalNamed(): boolean {
    return this.#statements.get(TOTAL_NAMED) !== undefined;
  }

  /** The last reading that somebody offered and that has not been undone. */
  lastReading(): RecordedReading | undefined {
    const row = this.#statements.get<FoundRow>(LAST_READING);
    const found = row && sessionOf(row);
    return found?.kind === 'reading' ? found.reading : undefined;
  }

  /** The last instant at which the budget began anew after the reading with this id; `undefined` where it did not. */
  renewedSince(id: string): number | undefined {
    return this.#statements.get<{ n: number }>(RENEWED_SINCE, id)?.n;
  }

  /** Whether a source has told something after the reading with this id. */
  isFedSince(id: string): boolean {
    return this.#statements.get(FED_SINCE, keyText(id)) !== undefined;
  }

  /** What sessions of an instant and later count that stand. */
  countedSince(ms: number): number {
    return this.#statements.get<{ n: number }>(COUNTED_SINCE, ms)!.n;
  }

  /** The counts above 0 of the last readings that stand, the latest first; sessions of other programs are left out. */
  recentAmounts(): number[] {
    const rows = this.#statements.all<{ counted: number }>(RECENT_AMOUNTS, MOST_SESSIONS, MOST_AMOUNTS);
    return rows.map(({ counted }) => counted);
  }

  /** Whether anything was recorded after a revision. */
  hasReadingAfter(revision: number): boolean {
    return this.#statements.get(READING_FROM, this.#firstAfter(revision)) !== undefined;
  }

  /** True when a reading after a revision set `used` to a total, and stands. */
  isTotalSetAfter(revision: number): boolean {
    const first = this.#firstAfter(revision);
    return [TOTAL_FROM, SHOWN_FROM].some((sql) => this.#statements.get(sql, first) !== undefined);
  }

  /** True when the budget began anew after a revision. */
  isRenewedAfter(revision: number): boolean {
    return this.#statements.get(RENEWED_FROM, this.#firstAfter(revision)) !== undefined;
  }

  /** Where the reading of ours with this id stands in the ledger. */
  recordedAt(id: string): RecordedPlace | undefined {
    const row = this.#rowOf(id);
    if (!row || row.kind === 'foreign') return undefined;
    return { ordinal: row.ordinal, revision: row.revision, wasAway: row.away === 1 };
  }

  /** The revision of the next reading after an ordinal that was recorded on top of the file and was never taken away. */
  nextOnTop(ordinal: number): number | undefined {
    return this.#statements.get<{ revision: number }>(NEXT_ON_TOP, ordinal)?.revision;
  }

  /** The edits that started from the file with this mark, oldest first; throws `storage_failed` when one cannot be read any more. */
  editsFrom(mark: string): EditChange[] {
    return this.#statements.all<LinePlace>(EDITS_FROM, revisionIn(mark) ?? -1).flatMap((place) => {
      return this.#changesAt(place).filter((change) => change.kind === 'edit' && change.from === mark) as EditChange[];
    });
  }

  /** What the edits after a revision did to sessions without ids, newest first; throws `storage_failed` when one cannot be read. */
  *namelessEdits(revision: number): Generator<SessionsPatch> {
    for (const place of this.#statements.all<LinePlace>(NAMELESS, this.#placeAfter(revision))) {
      for (const change of this.#changesAt(place).toReversed()) {
        if (change.kind === 'edit' && change.revision > revision) yield change.sessions;
      }
    }
  }

  /** The sessions that stand, newest first by time, without those that an edit took out of the state file. */
  *newestStanding(): Generator<Standing> {
    for (const row of this.#statements.iterate<FoundRow>(NEWEST_STANDING)) {
      const edited = this.#statements.get<{ json: string }>(EDITED, row.ordinal)?.json;
      yield { session: sessionOf(row), counted: row.counted, edited };
    }
  }

  #rowOf(id: string): FoundRow | undefined {
    return this.#statements.get<FoundRow>(BY_ID, keyText(id));
  }

  /** The changes of a line; throws `storage_failed` when it is not on disk any more, or not as it was written. */
  #changesAt({ segment, start, bytes }: LinePlace): readonly LedgerChange[] {
    const found = this.#segments.read(segment, start, start + bytes);
    const decoded = found && decodeLine(found);
    if (!decoded?.ok || isCheckpoint(decoded.line)) throw ledgerUnreadable();
    return decoded.line.changes;
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
function sessionOf(row: FoundRow): LedgerSession {
  return sessionFromRow(row, row.name, row.revision);
}

const FOUND = `
  select session.*, conversation.name, change.revision from session
  join conversation on conversation.number = session.conversation
  join change on change.place = session.place`;
const BY_ID = `${FOUND} where session.id = ? order by session.ordinal limit 1`;
const LAST_READING = `${FOUND} where session.undone = 0 and session.kind not in ('foreign', 'period') and session.meter is null order by session.ordinal desc limit 1`;
const RENEWED_SINCE = `
  select at_ms as n from session where kind = 'period' and undone = 0
  and ordinal > (select ordinal from session where id = ? order by ordinal limit 1) order by ordinal desc limit 1`;
const FED_SINCE = `
  select 1 from session where meter is not null
  and ordinal > (select ordinal from session where id = ? order by ordinal limit 1) limit 1`;
// Behind a session that is dated in the future the places in time of others are later than their own times.
const COUNTED_SINCE = `
  select coalesce(sum(counted), 0) as n from session where order_ms >= ?1 and at_ms >= ?1 and undone = 0`;
const NEWEST_STANDING = `
  ${FOUND} where session.undone = 0 and session.removed = 0
  order by session.order_ms desc, session.ordinal desc`;
const EDITED = 'select json from edited_session where ordinal = ?';
const UNDO_BY_REQUEST = 'select segment, start, bytes from change where request = ? order by place desc limit 1';
const RECENT_AMOUNTS = `
  select counted from session
  where ordinal >= (select max(ordinal) from session) + 1 - ? and undone = 0 and kind <> 'foreign' and counted > 0 and meter is null
  order by ordinal desc limit ?`;
const READING_FROM = "select 1 from session where ordinal >= ? and kind <> 'foreign' limit 1";
const TOTAL_FROM = `
  select 1 from session indexed by session_total
  where ordinal >= ? and kind in ('manual', 'correction') and undone = 0 limit 1`;
const SHOWN_FROM =
  "select 1 from session where ordinal >= ? and meter is not null and kind = 'live' and undone = 0 limit 1";
const RENEWED_FROM = "select 1 from session where ordinal >= ? and kind = 'period' and undone = 0 limit 1";
const NEXT_ON_TOP = `
  select change.revision from session indexed by session_on_top cross join change on change.place = session.place
  where ordinal > ? and session.kind <> 'foreign' and dated = 0 and session.undone = 0 and away = 0
  order by ordinal limit 1`;
const EDITS_FROM = 'select segment, start, bytes from change where edit_from = ? order by place';
const NAMELESS = `
  select segment, start, max(bytes) as bytes from change where nameless = 1 and place >= ?
  group by segment, start order by segment desc, start desc`;
const TOTAL_NAMED = 'select 1 from position where total_named = 1';
const FIRST_ORDINAL = 'select first_ordinal as first from change where place = ?';
const PLACES = 'select coalesce(max(place) + 1, 0) as places from change';
const REVISION = 'select revision from change where place = ?';
