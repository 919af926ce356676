import type { Outcome } from '../../rules/figures/fold.ts';
import type { Past } from './ledger-figures.ts';
import type { ScannedLine } from './ledger-scan.ts';

/** A line that is to be appended, and the mark of the state that it makes. */
export interface PreparedLine {
  readonly mark: string;
  /** Makes it durable. On rejection with `storage_failed` nothing of it is recorded, and the next line may succeed. */
  append(): Promise<void>;
}

/** Where a ledger ends. */
export interface LedgerEnd {
  readonly segment: number;
  /** In bytes of that segment. */
  readonly end: number;
}

/** What comes of a line that is durable. */
export interface LineListener {
  /** Told of each line, in order, with what its changes come to by the rules. */
  add(scanned: ScannedLine, segment: number, outcomes: readonly (readonly Outcome[])[]): void;
  /** What a session counts by now, and its own time. */
  countOf: Past['countOf'];
  /** Whether somebody has ever named a budget; `undefined` while that is not known. */
  isTotalNamed(): boolean | undefined;
}
