import type { Session, SessionType } from '../../../protocol/methods.ts';
import { type AddedSession, type LedgerChange, type RecordedReading, sessionOf } from '../../rules/change.ts';
import { parsePlain } from '../json/json-parse.ts';

/** A session as the ledger holds it: a reading of ours, or one that came with an edit of the state file. */
export type LedgerSession =
  | { readonly kind: 'reading'; readonly reading: RecordedReading; readonly revision: number }
  | { readonly kind: 'foreign'; readonly session: Session; readonly json: string; readonly at: string };

/** The sessions that a change brings into the ledger, in their order; each is made when it is asked for. */
export function sessionsOf(change: LedgerChange): readonly SessionSource[] {
  switch (change.kind) {
    case 'reading':
      return [{ reading: change.reading, revision: change.revision }];
    case 'import':
      return change.readings.map((reading) => ({ reading, revision: change.revision }));
    case 'edit':
      return change.sessions.added.filter(({ restored }) => !restored);
    default:
      return [];
  }
}

/** A session as it stands in a change. */
export type SessionSource = AddedSession | { readonly reading: RecordedReading; readonly revision: number };

/** The session that stands in a change. */
export function sessionFrom(source: SessionSource): LedgerSession {
  return 'reading' in source ? { kind: 'reading', ...source } : foreign(source.json, source.at);
}

/** A session that came with an edit. */
export function foreign(json: string, at = ''): LedgerSession {
  return { kind: 'foreign', session: parsePlain(json) as Session, json, at };
}

/** The amounts that the rules give a reading. */
export interface FoldedReading {
  readonly counted: number;
  readonly setAside: number;
  readonly reset: boolean;
}

/** What is known of a session by itself and by the rules. */
export interface SessionFields {
  readonly id: string | undefined;
  readonly atMs: number;
  /** True when the time was named by the caller or comes from another program, so that it may lie in the past, or ahead. */
  readonly dated: boolean;
  /** What it counts as consumption. */
  readonly counted: number;
  /** How far it moved `used` without any; 0 by default. */
  readonly setAside?: number;
  readonly kind: SessionType | 'foreign';
  readonly reset: boolean;
  /** The conversation it names; none by default. */
  readonly conversation?: string;
}

/** The fields of a session that the index holds; a session of another program counts the tokens that it names. */
export function indexedFields(session: LedgerSession, folded: FoldedReading | undefined): SessionFields {
  if (session.kind === 'foreign') {
    const tokens = tokensOf(session.session);
    const atMs = Date.parse(session.at);
    const conversation = conversationOf(session.session);
    const counted = Math.max(0, tokens);
    return { id: idOf(session), atMs, dated: true, counted, kind: 'foreign', reset: false, conversation };
  }
  const { id, at, dated = false, increment, sync_type, conversation_id } = session.reading;
  const { counted, setAside, reset } = folded ?? { counted: increment, setAside: 0, reset: false };
  return {
    id,
    atMs: Date.parse(at),
    dated,
    counted,
    setAside,
    kind: sync_type,
    // What began then is counted from there on.
    reset: reset || sync_type === 'period',
    conversation: conversation_id,
  };
}

/** The id of a session, if it has one. */
export function idOf(session: LedgerSession): string | undefined {
  if (session.kind === 'reading') return session.reading.id;
  const { id } = session.session ?? {};
  return typeof id === 'string' ? id : undefined;
}

/** The instant of a reading of ours, in UTC; `undefined` for another program's session, whose time zone nobody knows. */
export function instantOf(session: LedgerSession): string | undefined {
  return session.kind === 'reading' ? session.reading.at : undefined;
}

/** A session as `usage.history` shows it, with what it counts by now. */
export function shownSession(session: LedgerSession, counted: number): Session {
  return session.kind === 'reading' ? sessionOf(session.reading, counted) : session.session;
}

/** A session as JSON text, as the state file shows it. */
export function shownText(session: LedgerSession, counted: number): string {
  return session.kind === 'reading' ? JSON.stringify(sessionOf(session.reading, counted)) : session.json;
}

function conversationOf(session: Session): string {
  const id: unknown = session?.conversation_id;
  return typeof id === 'string' ? id : '';
}

/** The tokens that a session names, as a whole number; 0 beyond the largest figure. */
function tokensOf(session: Session): number {
  const tokens = typeof session?.tokens === 'number' ? Math.round(session.tokens) : 0;
  return Number.isSafeInteger(tokens) ? tokens : 0;
}
