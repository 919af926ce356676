import type { Link, Observation } from '../observation.ts';

/** How far a file is read: plain values that JSON keeps, known to those alone who read it. */
export interface ReadFile {
  readonly path: string;
  /** The tool's name, such as `codex`. */
  readonly source: string;
  /** Offset, size, identity. */
  readonly place: unknown;
  /** What the parser knows there. */
  readonly parser?: unknown;
}

/** What was found up to a place of a file; without a file where a tool told it by itself, or keeps a database. */
export interface Part {
  readonly file?: ReadFile;
  readonly observations: readonly Observation[];
}

/** So many lines of a source in a row that should have counted and were not understood; none where one has counted since. */
export interface Misread {
  readonly source: string;
  readonly lines: number;
  /** The file of the last of them. */
  readonly path: string;
  readonly sinceMs: number;
}

/** What is saved together or not at all; `forgotten`, `withdrawn` and `readAgain` are paths, and come before the parts. */
export interface Batch {
  readonly parts: readonly Part[];
  /** Files that are gone: where they were read to is forgotten, what was counted stays. */
  readonly forgotten?: readonly string[];
  /** Files whose keys were wrong: every cell that was seen in them goes, and they are to be read from their beginning. */
  readonly withdrawn?: readonly string[];
  /** Withdrawn files that by these parts have been read to their end again. */
  readonly readAgain?: readonly string[];
  /** Kept for good; of two parents of one child the lesser id stands. */
  readonly links?: readonly Link[];
  readonly misreads?: readonly Misread[];
}

export interface Committed {
  /** The number of the last change; the same as before where nothing that is shown has changed. */
  readonly seq: number;
  /** Observations that no meter can hold: no safe integers, or a sum beyond 2^53−1. */
  readonly refused: number;
}

/** Another process has opened the database since; what this one has not saved is that one's to read. */
export class TakenOver extends Error {
  constructor() {
    super('another process has opened meters.db, and is its writer now');
  }
}
