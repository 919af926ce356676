import type { FigureReading, Flags } from '../../../src/daemon/rules/figures/entry.ts';

/** The state after the last of some entries. */
export interface Standing {
  readonly used: number;
  /** By the id of the reading; what is not there counts nothing. */
  readonly counted: ReadonlyMap<string, number>;
  /** How far a first figure, a correction with nothing to say anew, or a reading that was said anew moved `used` without consumption. */
  readonly setAside: ReadonlyMap<string, number>;
  /** The outcome of each reading that still stands. */
  readonly flags: ReadonlyMap<string, Flags>;
}

/** A counter reading, as it came. */
export interface Sight {
  readonly reading: FigureReading;
  readonly committedMs: number;
  /** The line that it was compared with; nothing for a first figure and a new line. */
  readonly from: string | undefined;
  /** Whether a line began with it, or began anew. */
  readonly isAnew: boolean;
}

/** The changes that later readings made to earlier ones. The entries are played again as if it had been so from the start. */
export interface Amendments {
  /** The slip, by the id of the reading that took its place. */
  readonly replaced: ReadonlyMap<string, string>;
  /** The reading that it says anew, by the id of the correction. */
  readonly restated: ReadonlyMap<string, Sight>;
  /** A late reading stays late, even where the one that it was too late for has never been. */
  readonly late: ReadonlySet<string>;
}

export const NOTHING_AMENDED: Amendments = { replaced: new Map(), restated: new Map(), late: new Set() };
