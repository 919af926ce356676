import { ledgerUnreadable } from '../../disk/storage-failure.ts';
import type { RecordedReading } from '../../rules/change.ts';
import { idOf, type LedgerSession, sessionFrom } from '../ledger/ledger-session.ts';
import { ChangeIndex } from './change-index.ts';
import { lastReading, nextOnTop, recentAmounts } from './latest-readings.ts';
import type { LedgerLines } from './ledger-lines.ts';
import { SessionIndex } from './session-index.ts';

/** Where a reading of ours stands in the ledger. */
export interface RecordedPlace {
  /** Among all sessions, in the order in which they came. */
  readonly ordinal: number;
  /** Of the change that recorded it. */
  readonly revision: number;
  /** Whether an edit ever took it out of the state file, though it may have come back. */
  readonly wasAway: boolean;
}

/** The sessions of a ledger, by id and in their order; each is read from its line when it is asked for. */
export class RecordedSessions {
  readonly changes = new ChangeIndex();
  readonly sessions = new SessionIndex(this.changes.clock);
  readonly #lines: LedgerLines;

  constructor(lines: LedgerLines) {
    this.#lines = lines;
  }

  /** The session with this id; throws `storage_failed` when there seems to be one, and it cannot be read. */
  find(id: string): LedgerSession | undefined {
    const ordinal = this.ordinalOf(id);
    return ordinal === undefined ? undefined : this.readOrThrow(ordinal);
  }

  /** The ordinal of the session with this id; of one that cannot be read and may have it, where no other has. */
  ordinalOf(id: string): number | undefined {
    let unread: number | undefined;
    for (const ordinal of this.sessions.candidates(id)) {
      const session = this.read(ordinal);
      if (session && idOf(session) === id) return ordinal;
      // Two ids of one hash are rare; what is taken for new is counted twice.
      if (!session) unread ??= ordinal;
    }
    return unread;
  }

  /** Whether there is a session with this id, ours or another program's. */
  isKnown(id: string): boolean {
    return this.ordinalOf(id) !== undefined;
  }

  /** Whether a session with this id was recorded here. */
  isReading(id: string): boolean {
    return this.recordedAt(id) !== undefined;
  }

  /** Where the reading of ours with this id stands in the ledger; `undefined` where there is none. */
  recordedAt(id: string): RecordedPlace | undefined {
    const ordinal = this.ordinalOf(id);
    if (ordinal === undefined || this.sessions.kindOf(ordinal) === 'foreign') return undefined;
    return { ordinal, revision: this.#revisionOf(ordinal), wasAway: this.sessions.wasAway(ordinal) };
  }

  /** Whether a session's id is new, was taken out of the state file by an edit so that it may come back, or is recorded. */
  standingOf(id: string): 'new' | 'removed' | 'recorded' | 'undone' {
    const ordinal = this.ordinalOf(id);
    if (ordinal === undefined) return 'new';
    if (this.sessions.isUndone(ordinal)) return 'undone';
    return this.sessions.isRemoved(ordinal) ? 'removed' : 'recorded';
  }

  /** The last reading that has not been undone; throws `storage_failed` when it cannot be read. */
  lastReading(): RecordedReading | undefined {
    const ordinal = lastReading(this.sessions);
    const session = ordinal === undefined ? undefined : this.readOrThrow(ordinal);
    return session?.kind === 'reading' ? session.reading : undefined;
  }

  /** The counts above 0 of the last readings that stand, the latest first; sessions of other programs are left out. */
  recentAmounts(): number[] {
    return recentAmounts(this.sessions);
  }

  /** Whether anything was recorded after a revision. */
  hasReadingAfter(revision: number): boolean {
    return this.#readingsAfter(revision).some(() => true);
  }

  /** Whether a reading after a revision set `used` to a total, and stands. */
  isTotalSetAfter(revision: number): boolean {
    const { sessions } = this;
    return this.#readingsAfter(revision).some((ordinal) => {
      return ['manual', 'correction'].includes(sessions.kindOf(ordinal)) && !sessions.isUndone(ordinal);
    });
  }

  /**
   * The revision of the next reading after an ordinal that was recorded on top of the state file and was never taken away,
   * not even for a while; throws `storage_failed` when it cannot be read.
   */
  nextOnTop(ordinal: number): number | undefined {
    const next = nextOnTop(ordinal, this.sessions);
    const session = next === undefined ? undefined : this.readOrThrow(next);
    return session?.kind === 'reading' ? session.revision : undefined;
  }

  /** The sessions that stand, and what each counts by now, newest first by time; one that cannot be read is left out. */
  *newestStanding(): Generator<{ readonly session: LedgerSession; readonly counted: number }> {
    const { sessions } = this;
    for (let rank = sessions.length - 1; rank >= 0; rank--) {
      const ordinal = sessions.byTime(rank);
      if (sessions.isUndone(ordinal) || sessions.isRemoved(ordinal)) continue;
      const session = this.read(ordinal);
      if (session) yield { session, counted: sessions.countedOf(ordinal) };
    }
  }

  /** The session at an ordinal, read from disk; `undefined` when it cannot be read any more. */
  read(ordinal: number): LedgerSession | undefined {
    const lineNumber = this.sessions.lineOf(ordinal);
    const line = this.#lines.read(lineNumber);
    if (!line) return undefined;
    const source = line.sessions[ordinal - this.#lines.sessionsBefore(lineNumber)];
    if (!source) throw new Error(`the ledger's line ${lineNumber} holds fewer sessions than the index says`);
    return sessionFrom(source);
  }

  /** The session at an ordinal; throws `storage_failed` when it cannot be read any more. */
  readOrThrow(ordinal: number): LedgerSession {
    const session = this.read(ordinal);
    if (!session) throw ledgerUnreadable();
    return session;
  }

  /** The ordinals of our readings after a revision, the newest first. */
  *#readingsAfter(revision: number): Generator<number> {
    for (let ordinal = this.sessions.length - 1; ordinal >= 0 && this.#revisionOf(ordinal) > revision; ordinal--) {
      if (this.sessions.kindOf(ordinal) !== 'foreign') yield ordinal;
    }
  }

  #revisionOf(ordinal: number): number {
    return this.changes.revisionOf(this.sessions.changeOf(ordinal));
  }
}
