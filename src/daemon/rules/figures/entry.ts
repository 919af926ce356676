/** One entry of the ledger as far as figures go, in the ledger's order; an import is one entry a reading. */
export type FigureEntry =
  | {
      readonly kind: 'reading';
      readonly reading: FigureReading;
      /** When it was committed, by the daemon's clock. */
      readonly committedMs: number;
      /** What the ledger says was used after it, where another version decided; otherwise what follows from the rules. */
      readonly used?: number;
    }
  | { readonly kind: 'undo'; readonly undone: string; readonly committedMs: number; readonly used?: number }
  /** `used` was set by hand or by another program: a counter without a name that stands there, and counts nothing. */
  | { readonly kind: 'edit'; readonly used: number; readonly committedMs: number };

/** A reading as it was offered. */
export interface FigureReading {
  readonly id: string;
  readonly value: number;
  /** One unit of the last shown digit: 1 for an exact value or where nobody knows, 1,000 for `350K`. */
  readonly unit: number;
  readonly sync_type: 'manual' | 'auto' | 'estimate' | 'import' | 'correction';
  /** Empty for none. */
  readonly conversation_id: string;
  /** The reading's own time. */
  readonly atMs: number;
  /** True when the caller named the time. */
  readonly dated: boolean;
}

/** What was made of a reading, beside its amounts; only what holds is there. */
export interface Flags {
  /** The first counter's figure of the ledger: nobody knows when it was used. */
  readonly first?: true;
  /** It is older than what its counter said last, and changes nothing. */
  readonly late?: true;
  /** The id of the reading that was a slip, and counts nothing now. */
  readonly replaces?: string;
  /** So many tokens of estimates turned out to be too many, and count no more. */
  readonly gave_way?: number;
  /** The counter stands where it stood, seen coarsely. */
  readonly rounded?: true;
  /** A conversation that was not known. */
  readonly new?: true;
  /** The counter has begun anew. */
  readonly reset?: true;
  /** The id of the counter's reading that a correction puts right. */
  readonly restates?: string;
  /** A named conversation goes on where the nameless counter stood. */
  readonly adopts?: true;
}

/** An earlier reading that counts something else from now on. */
export interface Touched {
  readonly id: string;
  /** What it counts now. */
  readonly counted: number;
  /** Its own time. */
  readonly atMs: number;
  /** What was added by that; below 0 where it counts less. */
  readonly difference: number;
}

/** What an entry comes to. */
export interface Outcome {
  /** What is shown after it. */
  readonly used: number;
  /** How far it moved `used`; on a restart the whole value (SPEC §3). */
  readonly increment: number;
  /** What it counts as consumption: whole, never below 0. */
  readonly counted: number;
  /** How far it moved `used` without any consumption: a first figure, a correction, an edit. Mostly 0. */
  readonly setAside: number;
  readonly flags: Flags;
  readonly touched: readonly Touched[];
}
