import type { LedgerSession } from '../../ledger/ledger-session.ts';

/** A reading of ours, as far as an edit's base is found by it. */
export interface RecordedPlace {
  /** Among all sessions, in the order in which they came. */
  readonly ordinal: number;
  /** Of the change that recorded it. */
  readonly revision: number;
  /** Whether an edit ever took it out of the state file, though it may have come back. */
  readonly wasAway: boolean;
}

/** A session that stands. */
export interface Standing {
  readonly session: LedgerSession;
  readonly counted: number;
  /** As JSON text, where an edit changed it in the state file and it has an id. */
  readonly edited?: string | undefined;
}
