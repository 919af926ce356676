import type { LedgerChange, RecordedReading, UndoChange } from './rules/change.ts';
import type { Figures, Outcome } from './rules/figures/fold.ts';
import type { Snapshot } from './rules/snapshot.ts';
import type { Restored } from './store/edits/restored.ts';
import type { LedgerSession } from './store/ledger/ledger-session.ts';

/** The state that an operation is decided on: with everything before it in the same batch. */
export interface Fold {
  readonly snapshot: Snapshot;
  readonly figures: Figures;
  readonly nowMs: number;
  /** True where the budget adds up: `used` grows by what is counted. */
  readonly adds: boolean;
  /** True where a source feeds the budget. */
  readonly feeds: boolean;
  /** True when somebody has set the budget, and not only the default stands; `undefined` while that is not known. */
  readonly isTotalSet: boolean | undefined;
  /** The counts above 0 of the last readings, the latest first. */
  recentAmounts(): readonly number[];
  find(id: string): LedgerSession | undefined;
  findUndo(id: string): UndoChange | undefined;
  lastReading(): RecordedReading | undefined;
  /** The last instant at which the budget began anew after the reading with this id, where it did. */
  renewedSince(id: string): number | undefined;
  /** True where a source has told something after the reading with this id. */
  isFedSince(id: string): boolean;
  /** The newest session of a meter and conversation among those that the state file shows. */
  fedSession(meter: string, conversation: string): string | undefined;
  /** What was counted of an instant and later. */
  countedSince(ms: number): number;
  /** The counts of other readings without this one; none where the ledger cannot be read that far back. */
  without(id: string): Outcome;
  /** True when an edit took the session out of the state file. */
  isRemoved(id: string): boolean;
  /** The session, as JSON text, that comes into the state file when the one with this id leaves it. */
  backfill(leaving: string): string | undefined;
  /** Compares a copy of the state file with what is saved; throws `value_refused` where it is no copy. */
  restoredFrom(copy: string): Restored;
}

/** The outcome of writing a batch, known when it is durable. */
export interface Written {
  /** The state file could not be replaced and does not show it yet. */
  readonly isStateFileBehind: boolean;
  /** The mark of a revision of the batch, or of the one before it. */
  mark(revision: number): string;
}

/** The result of an operation: at most one change, and the answer that is given when it is durable. */
export interface Decision<T> {
  readonly change?: LedgerChange;
  answer(written: Written): T;
}

/** One thing that a caller wants committed; throws a `TokenSyncError` to refuse. */
export interface Operation<T> {
  decide(fold: Fold): Decision<T>;
  /** True when it shares no batch: it looks back at the ledger, or is a batch of its own by its size. */
  readonly isAlone?: boolean;
  /** True for a figure that a person has read, which goes behind all that a source knows by then. */
  readonly isByHand?: boolean;
  /** What it asks of the history, and waits for while that is made anew: who has an id, or all of it; nothing by default. */
  readonly asks?: 'ids' | 'all';
}
