import type { Change, Receipt, Session, SessionType } from '../../protocol/methods.ts';
import type { Flags, Touched } from './figures/entry.ts';
import { percentOf, type Snapshot, usageOf } from './snapshot.ts';

/** The way a change came in; `meter` is a source of live meters that feeds the budget. */
export type Source = 'rpc' | 'rest' | 'drop' | 'clipboard' | 'edit' | 'daemon' | 'meter';

/** A reading as it was recorded; of the type `period` the budget began anew at its time, of `live` `counted` is what a gauge rose by. */
export interface RecordedReading {
  readonly id: string;
  /** The value as offered, before it became an increment. */
  readonly value: number;
  /** One unit of the value's last shown digit; missing in ledgers of 0.1.0. */
  readonly unit?: number;
  readonly sync_type: SessionType;
  readonly event: string;
  readonly conversation_id: string;
  /** The meter that told it; none of what somebody offered. */
  readonly meter?: string;
  /** The instant in UTC, ISO 8601. */
  readonly at: string;
  /** The same instant in the local time of its recording, as the state file shows it. */
  readonly timestamp: string;
  /** True when the caller named the time, so that it may lie in the past. */
  readonly dated?: true;
  readonly increment: number;
  /** Its consumption when it was recorded; missing in ledgers of 0.1.0. */
  readonly counted?: number;
  /** How far it moved `used` without consumption, where it did. */
  readonly set_aside?: number;
  readonly flags?: RecordedFlags;
  /** `used` before and after this reading. */
  readonly before: number;
  readonly used: number;
  /** The budget at the time, for the receipt. */
  readonly total: number;
  readonly reset?: true;
  /** For the receipt: the value was the present figure, seen coarsely. */
  readonly rounded?: true;
}

/** The judgement on a reading, without `reset` and `rounded`, which stand beside it. */
export type RecordedFlags = Omit<Flags, 'reset' | 'rounded'>;

/** An earlier reading that counts something else since a change. */
export type RecountedReading = Pick<Touched, 'id' | 'counted'>;

/** The members of every change: the figures after it, when, and by which way. */
interface Committed extends Snapshot {
  /** The instant of the commit in UTC, ISO 8601. */
  readonly committed_at: string;
  /** The meter that the change belongs to; only one for now. */
  readonly meter: 'main';
  readonly source: Source;
}

export interface ReadingChange extends Committed {
  readonly kind: 'reading';
  readonly reading: RecordedReading;
  /** True where the budget added up then: `used` grew by what was counted. */
  readonly adds?: true;
  /** True where a source fed the budget then. */
  readonly feeds?: true;
  /** The session of the same meter and conversation whose place in the state file it takes. */
  readonly in_place_of?: string;
  readonly touched?: readonly RecountedReading[];
}

export interface ImportChange extends Committed {
  readonly kind: 'import';
  readonly readings: readonly RecordedReading[];
  /** As of a reading. */
  readonly adds?: true;
}

export interface UndoChange extends Committed {
  readonly kind: 'undo';
  /** The request's own id. */
  readonly id: string;
  /** The id of the reading that was taken back. */
  readonly undone: string;
  readonly increment: number;
  readonly touched?: readonly RecountedReading[];
  /** The session, as JSON text, that comes back into the state file because one left it. */
  readonly backfill?: string;
}

export interface TotalChange extends Committed {
  readonly kind: 'total';
}

/** An edit of the state file by a person or another program. */
export interface EditChange extends Committed {
  readonly kind: 'edit';
  /** The changed members but for the figures and sessions, as `json-diff` makes them. */
  readonly patch: readonly unknown[];
  readonly sessions: SessionsPatch;
  /** The mark that the file carried, of a file with a mark of this ledger: from now on it stands for what is `left`. */
  readonly from?: string;
  readonly left?: LeftFile;
  /** When the file was saved, where it was found later than that. */
  readonly saved_at?: string;
  /** The hash of a file without such a mark, so that one that a crash leaves in place is not taken a second time. */
  readonly taken?: string;
}

/** A file as its author left it: the figures that stand in it, whatever they became by merging. */
export interface LeftFile {
  readonly used: number;
  readonly total: number;
  readonly last_updated: string;
  /** All of it as JSON text, where the change applied to what the edit started from does not make it. */
  readonly document?: string;
}

/** Sessions by key (`sessionKey`), each as JSON text. */
export interface SessionsPatch {
  readonly removed: readonly string[];
  /** Gone from the file only, because another program keeps fewer: they count on, and nobody took them away. */
  readonly left?: readonly string[];
  readonly changed: readonly (readonly [key: string, json: string])[];
  /** Oldest first; each stands before the session with the key `before`, or at the end. */
  readonly added: readonly AddedSession[];
}

/** A session of another program or hand; `at` is its own time, or that of its adoption. */
export interface AddedSession {
  readonly json: string;
  readonly before: string | null;
  readonly at: string;
  /** True for one of the ledger's own that an edit had removed: it comes back, and is no new session. */
  readonly restored?: true;
}

/** One committed change: an entry of the ledger. */
export type LedgerChange = ReadingChange | ImportChange | UndoChange | TotalChange | EditChange;

/** The snapshot after a change. */
export function snapshotAfter({ revision, used, total, sessions_count, last_updated }: LedgerChange): Snapshot {
  return { revision, used, total, sessions_count, last_updated };
}

/** A reading as it stands in the state file's `sessions`; with what it counts by now, where that is known. */
export function sessionOf(reading: RecordedReading, counted = reading.counted): Session {
  return {
    id: reading.id,
    timestamp: reading.timestamp,
    tokens: reading.increment,
    event: reading.event,
    conversation_id: reading.conversation_id,
    sync_type: reading.sync_type,
    total_used: reading.used,
    ...(reading.reset && { reset: true }),
    ...(counted !== undefined && counted !== reading.increment && { counted }),
    ...flagsOf(reading),
  };
}

/** The notification to subscribers of a change that was given this mark. */
export function notificationOf(change: LedgerChange, mark: string): Change {
  return {
    revision: change.revision,
    previous_revision: change.revision - 1,
    mark,
    usage: usageOf(change, mark),
    ...(change.kind === 'reading' && { session: sessionOf(change.reading) }),
    at: change.kind === 'reading' ? change.reading.at : change.committed_at,
    cause: causeOf(change),
  };
}

/** How a change is told to subscribers: where the budget begins anew, nobody has offered a reading. */
function causeOf(change: LedgerChange): Change['cause'] {
  return change.kind === 'reading' && change.reading.sync_type === 'period' ? 'total' : change.kind;
}

/** The daemon's word that a reading is durable; `touched` is the one that it restates or replaces. */
export function receiptOf(reading: RecordedReading, revision: number, touched?: RecordedReading): Receipt {
  return {
    success: true,
    id: reading.id,
    total_used: reading.used,
    increment: reading.increment,
    total: reading.total,
    percent: percentOf(reading.used, reading.total),
    revision,
    ...(reading.reset && { reset: true }),
    ...(reading.rounded && { rounded: true }),
    ...(reading.counted !== undefined && reading.counted !== reading.increment && { counted: reading.counted }),
    ...flagsOf(reading),
    ...touchedOf(touched),
  };
}

/** The receipt of an undo of a reading. */
export function undoReceiptOf(change: UndoChange, undone?: RecordedReading): Receipt {
  return {
    success: true,
    id: change.id,
    total_used: change.used,
    increment: change.increment,
    total: change.total,
    percent: percentOf(change.used, change.total),
    revision: change.revision,
    ...touchedOf(undone, change.total),
  };
}

/** Without `adopts`: that a conversation took over the counter without a name is not told. */
function flagsOf({ flags: { adopts: _, ...told } = {} }: RecordedReading): Pick<Receipt, 'flags'> {
  const names = Object.keys(told) as (keyof typeof told)[];
  return names.length === 0 ? {} : { flags: names };
}

/** `stays` is the budget where the reading is taken back, which an undo leaves as it is. */
function touchedOf(reading: RecordedReading | undefined, stays = reading?.total): Pick<Receipt, 'touched'> {
  if (!reading) return {};
  const { id, event, increment, timestamp, total } = reading;
  return { touched: { id, event, increment, timestamp, ...(total !== stays && { total }) } };
}
