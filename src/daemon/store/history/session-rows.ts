import type { SyncType } from '../../../protocol/methods.ts';
import { textOf } from '../../../shared/foreign-text.ts';
import type { RecordedFlags, RecordedReading } from '../../rules/change.ts';
import { foreign, type indexedFields, type LedgerSession } from '../ledger/ledger-session.ts';

/** What a row of `session` tells of the session itself; whatever else stands there, its writer knows. */
export interface SessionValues {
  readonly counted: number;
  readonly set_aside: number;
  readonly kind: SyncType | 'foreign';
  readonly dated: number;
  readonly searched: string | null;
  readonly event: string;
  readonly id: string | null;
  readonly at_ms: number;
  readonly began_anew: number;
  readonly value: number | null;
  readonly unit: number | null;
  readonly increment: number | null;
  readonly before: number | null;
  readonly used: number | null;
  readonly total: number | null;
  readonly timestamp: string | null;
  readonly at: string | null;
  readonly recorded_counted: number | null;
  readonly recorded_set_aside: number | null;
  readonly reset: number | null;
  readonly rounded: number | null;
  readonly flags: string | null;
  readonly json: string | null;
}

/** A row as `HistoryReader` reads it, with the name of its conversation and the revision of its change. */
export interface SessionRow extends SessionValues {
  readonly ordinal: number;
  readonly order_ms: number;
  readonly told_ms: number;
  readonly undone: number;
  readonly removed: number;
  readonly away: number;
  readonly conversation_id: string;
  readonly revision: number;
}

type IndexedFields = ReturnType<typeof indexedFields>;

/** The row of a session, but for its ordinal, its change, its conversation, and what became of it. */
export function rowOf(
  session: LedgerSession,
  { counted, setAside = 0, reset, ...indexed }: IndexedFields,
): SessionValues {
  const { kind, dated, id = null, atMs } = indexed;
  const event = eventOf(session);
  const small = event.toLowerCase();
  return {
    ...{ counted, set_aside: setAside, kind, dated: Number(dated) },
    ...{ searched: small === event ? null : small, event, id, at_ms: atMs, began_anew: Number(reset) },
    ...(session.kind === 'foreign' ? { ...NOTHING_RECORDED, json: session.json } : recordedOf(session.reading, atMs)),
  };
}

/** The session of a row. */
export function sessionFromRow(row: SessionRow): LedgerSession {
  if (row.kind === 'foreign') return foreign(row.json!, row.at ?? new Date(row.at_ms).toISOString());
  const { revision, json } = row;
  return { kind: 'reading', reading: json === null ? readingFromRow(row) : JSON.parse(json), revision };
}

/** True for a session that a list shows: what another program wrote may be anything. */
export function isShown({ kind, json }: Pick<SessionRow, 'kind' | 'json'>): boolean {
  return kind !== 'foreign' || json!.trimStart().startsWith('{');
}

type Recorded = Omit<SessionValues, keyof typeof INDEXED>;

const INDEXED = {
  ...{ counted: 0, set_aside: 0, kind: 0, dated: 0, searched: 0, event: 0, id: 0, at_ms: 0, began_anew: 0 },
} as const;

const NOTHING_RECORDED: Recorded = {
  ...{ value: null, unit: null, increment: null, before: null, used: null, total: null, timestamp: null, at: null },
  ...{ recorded_counted: null, recorded_set_aside: null, reset: null, rounded: null, flags: null, json: null },
};

function recordedOf(reading: RecordedReading, atMs: number): Recorded {
  const { value, unit, increment, before, used, total, timestamp, at, counted, set_aside, reset, rounded } = reading;
  const flags = reading.flags && JSON.stringify(reading.flags);
  const texts = [reading.id, reading.event, reading.conversation_id, timestamp];
  return {
    ...{ value, unit: unit ?? null, increment, before, used, total, timestamp },
    at: at === new Date(atMs).toISOString() ? null : at,
    ...{ recorded_counted: counted ?? null, recorded_set_aside: set_aside ?? null },
    ...{ reset: reset ? 1 : null, rounded: rounded ? 1 : null, flags: flags ?? null },
    json: texts.every(isStorable) ? null : JSON.stringify(reading),
  };
}

function readingFromRow(row: SessionRow): RecordedReading {
  const { unit, recorded_counted, recorded_set_aside, reset, rounded, flags } = row;
  return {
    id: row.id!,
    value: row.value!,
    ...(unit !== null && { unit }),
    sync_type: row.kind as SyncType,
    event: row.event,
    conversation_id: row.conversation_id,
    at: row.at ?? new Date(row.at_ms).toISOString(),
    timestamp: row.timestamp!,
    ...(row.dated === 1 && { dated: true as const }),
    increment: row.increment!,
    ...(recorded_counted !== null && { counted: recorded_counted }),
    ...(recorded_set_aside !== null && { set_aside: recorded_set_aside }),
    before: row.before!,
    used: row.used!,
    total: row.total!,
    ...(reset === 1 && { reset: true as const }),
    ...(rounded === 1 && { rounded: true as const }),
    ...(flags !== null && { flags: JSON.parse(flags) as RecordedFlags }),
  };
}

/** SQLite's texts are UTF-8, in which half a character has no place; Node 22 reads one up to its first NUL. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** What a search looks at. */
function eventOf(session: LedgerSession): string {
  if (session.kind === 'reading') return session.reading.event;
  const { session: written } = session;
  if (typeof written !== 'object' || written === null) return '';
  const { event = written.task } = written;
  return textOf(event);
}
