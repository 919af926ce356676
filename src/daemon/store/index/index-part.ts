import type { AdoptedEditRows } from './adopted-edits.ts';
import type { ChangeRows } from './change-index.ts';
import type { CountStartRows } from './count-starts.ts';
import type { LineRows } from './ledger-lines.ts';
import type { SessionRows } from './session-index.ts';
import type { MarkRows } from './session-marks.ts';
import type { TouchedRows } from './touched-counts.ts';

/** How much an index holds. */
export interface IndexLengths {
  readonly lines: number;
  readonly sessions: number;
  readonly changes: number;
  readonly rises: number;
  readonly marks: number;
  readonly countStarts: number;
  readonly edits: number;
  readonly nameless: number;
  readonly touched: number;
  /** No length, but what of the ledger is lost so far. */
  readonly lost: number;
}

/** What an index took in behind a place: of whole segments, since lines are told by where they lie in theirs. */
export interface IndexPart extends LineRows, MarkRows, AdoptedEditRows {
  /** The place. */
  readonly behind: IndexLengths;
  readonly sessions: SessionRows;
  readonly changes: ChangeRows;
  /** Request ids of undos, each with its line. */
  readonly undos: readonly (readonly [id: string, line: number])[];
  readonly used: number;
  /** How many changes of these segments are lost, and the last revision that is not. */
  readonly lost: number;
  readonly reached: number;
  readonly countStarts: CountStartRows;
  readonly touchedCounts: TouchedRows;
}
