import type { Session, SyncType } from '../../src/protocol/methods.ts';

/** One session of the history. */
export interface Row {
  /** What tells it from every other one; of a reading that nobody named too. */
  readonly key: string;
  /** The change that brought it. */
  readonly revision: number;
  readonly session: Session;
  /** The instant that somebody named; nothing where it is that of its change. */
  readonly namedMs: number | undefined;
  /** Nothing of a session that another program put into the state file. */
  readonly reading?: {
    readonly sync_type: SyncType;
    readonly value: number;
    readonly unit: number;
    readonly counted: number;
    /** The budget at the time. */
    readonly total: number;
    /** What was used before it. */
    readonly before: number;
  };
  /** By how much it, or the reading that it restates, moved `used` without consumption, and had before. */
  readonly aside?: { readonly of: string; readonly moved: number; readonly before: number };
  isUndone: boolean;
  /** Whether another program has taken it out of the state file. */
  isRemoved: boolean;
}

/** What belongs to an earlier time than its change. */
export interface Rise {
  readonly fromMs: number;
  readonly tokens: number;
}

/** One committed change. */
export interface Commit {
  readonly revision: number;
  readonly atMs: number;
  readonly cause: 'reading' | 'undo' | 'import' | 'total' | 'edit';
  readonly used: number;
  readonly total: number;
  readonly increment: number;
  readonly rises: readonly Rise[];
  /** The reading, or the one that an undo took back. */
  readonly row?: Row;
  /** How many sessions an import or an edit brought. */
  readonly sessions?: number;
}
