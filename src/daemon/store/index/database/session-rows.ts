import type { SQLInputValue } from 'node:sqlite';
import { textOf } from '../../../../shared/foreign-text.ts';
import type { RecordedFlags, RecordedReading } from '../../../rules/change.ts';
import { foreign, type LedgerSession } from '../../ledger/ledger-session.ts';
import { keyText, searchText, textOfKey } from './stored-text.ts';

/** A row of `session`, whose columns `schema.ts` explains. */
export interface SessionRow {
  readonly ordinal: number;
  readonly place: number;
  readonly order_ms: number;
  readonly told_ms: number;
  readonly undone: number;
  readonly counted: number;
  readonly set_aside: number;
  readonly conversation: number;
  readonly kind: RecordedReading['sync_type'] | 'foreign';
  readonly dated: number;
  readonly searched: string | null;
  readonly event: string;
  readonly id: string | null;
  readonly at_ms: number;
  readonly began_anew: number;
  readonly removed: number;
  readonly away: number;
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
  readonly meter: string | null;
}

/** What the ledger and the rules know of a session beside what it says itself. */
export type KnownOfSession = Pick<
  SessionRow,
  | 'ordinal'
  | 'place'
  | 'order_ms'
  | 'told_ms'
  | 'counted'
  | 'set_aside'
  | 'conversation'
  | 'kind'
  | 'dated'
  | 'at_ms'
  | 'began_anew'
> & { readonly id: string | undefined };

/** Puts a session in; its values are those of `valuesOf`. */
export const INSERT_SESSION = `insert into session values (${Array(32).fill('?').join(', ')})`;

/** The values of a session that has just been recorded, in the order of the columns. */
export function valuesOf(session: LedgerSession, known: KnownOfSession): SQLInputValue[] {
  const { ordinal, place, order_ms, told_ms, counted, set_aside, conversation, kind, dated, at_ms, began_anew } = known;
  const event = session.kind === 'reading' ? session.reading.event : eventOf(session.session);
  const searched = searchText(event);
  return [
    ...[ordinal, place, order_ms, told_ms, 0, counted, set_aside, conversation, kind, dated],
    ...[searched === event ? null : searched, event, known.id === undefined ? null : keyText(known.id)],
    ...[at_ms, began_anew, 0, 0],
    ...(session.kind === 'reading' ? valuesOfReading(session.reading, at_ms) : FOREIGN),
    session.kind === 'reading' ? unstorable(session.reading) : session.json,
    session.kind === 'reading' ? (session.reading.meter ?? null) : null,
  ];
}

/** The session of a row, as the ledger has it; `revision` is that of its change. */
export function sessionFromRow(row: SessionRow, conversation: string, revision: number): LedgerSession {
  const { kind, json } = row;
  if (kind === 'foreign') return foreign(json!, new Date(row.at_ms).toISOString());
  const reading = json === null ? readingFrom(row, conversation) : (JSON.parse(json) as RecordedReading);
  return { kind: 'reading', reading, revision };
}

/** True for a session that a list shows: what another program wrote may be anything. */
export function isShown({ kind, json }: Pick<SessionRow, 'kind' | 'json'>): boolean {
  return kind !== 'foreign' || json!.trimStart().startsWith('{');
}

/** Nothing of a reading, for another program's session. */
const FOREIGN: readonly null[] = Array(13).fill(null);

/** A reading as JSON where columns cannot hold its texts: UTF-8 has no place for half a character, and Node 22 reads a text up to its first NUL. */
function unstorable(reading: RecordedReading): string | null {
  const texts = [reading.id, reading.event, reading.conversation_id, reading.timestamp];
  return texts.every((text) => text.isWellFormed() && !text.includes('\0')) ? null : JSON.stringify(reading);
}

function valuesOfReading(reading: RecordedReading, atMs: number): SQLInputValue[] {
  const { value, unit, increment, before, used, total, timestamp, at, counted, set_aside, reset, rounded, flags } =
    reading;
  return [
    ...[value, unit ?? null, increment, before, used, total, timestamp],
    new Date(atMs).toISOString() === at ? null : at,
    ...[counted ?? null, set_aside ?? null, reset ? 1 : null, rounded ? 1 : null],
    flags === undefined ? null : JSON.stringify(flags),
  ];
}

/** In the order of the members in the ledger, which is that of `rules/record.ts`. */
function readingFrom(row: SessionRow, conversation_id: string): RecordedReading {
  return {
    id: textOfKey(row.id!),
    value: row.value!,
    ...(row.unit !== null && { unit: row.unit }),
    sync_type: row.kind as RecordedReading['sync_type'],
    event: row.event,
    conversation_id: textOfKey(conversation_id),
    ...(row.meter !== null && { meter: row.meter }),
    at: row.at ?? new Date(row.at_ms).toISOString(),
    timestamp: row.timestamp!,
    ...(row.dated === 1 && { dated: true as const }),
    increment: row.increment!,
    ...(row.recorded_counted !== null && { counted: row.recorded_counted }),
    ...(row.recorded_set_aside !== null && { set_aside: row.recorded_set_aside }),
    before: row.before!,
    used: row.used!,
    total: row.total!,
    ...(row.reset !== null && { reset: true as const }),
    ...(row.rounded !== null && { rounded: true as const }),
    ...(row.flags !== null && { flags: JSON.parse(row.flags) as RecordedFlags }),
  };
}

/** The text that a search looks through. */
function eventOf(session: { readonly [name: string]: unknown } | null): string {
  if (typeof session !== 'object' || session === null) return '';
  const { event = session.task } = session;
  return textOf(event);
}
