/** One entry of the ledger as far as figures go, in the ledger's order; an import is one entry a reading. */
export type FigureEntry =
  | {
      readonly kind: 'reading';
      readonly reading: FigureReading;
      /** When it was committed, by the daemon's clock. */
      readonly committedMs: number;
      /** The ledger's own figure after it, where another version decided; otherwise the rules give it. */
      readonly used?: number;
      /** True where the budget adds up: `used` grows by what is counted, and does not follow the counter. */
      readonly adds?: true;
      /** True where a source fed the budget then: what a person reads sets the figure, and what was used is counted already. */
      readonly feeds?: true;
    }
  | { readonly kind: 'undo'; readonly undone: string; readonly committedMs: number; readonly used?: number }
  /** `used` was set by hand or by another program: a counter without a name that stands there, and counts nothing. */
  | {
      readonly kind: 'edit';
      readonly used: number;
      readonly committedMs: number;
      /** When it was saved, where it made `used` less. */
      readonly loweredMs?: number;
    };

/** A reading as it was offered. */
export interface FigureReading {
  readonly id: string;
  readonly value: number;
  /** One unit of the last shown digit: 1 for an exact value or where nobody knows, 1,000 for `350K`. */
  readonly unit: number;
  /**
   * `period` begins the budget anew: its value is what was counted since then, mostly 0, and its time is the reset. `live` is
   * a gauge's value, with what it rose by.
   */
  readonly sync_type: 'manual' | 'auto' | 'estimate' | 'import' | 'correction' | 'live' | 'period';
  /** Of `live`: how far its conversation rose since the last time. */
  readonly rises?: number;
  /** True where a source told it, and nobody offered it: `live`, and the amounts of counters. */
  readonly isFed?: true;
  /** Empty for none. */
  readonly conversation_id: string;
  /** The reading's own time. */
  readonly atMs: number;
  /** True when the caller named the time. */
  readonly dated: boolean;
}

/** The judgement on a reading, beside its amounts; only the flags that hold are there. */
export interface Flags {
  /** The first counter's figure of the ledger: nobody knows when it was used. */
  readonly first?: true;
  /** It shows what a source has counted already, and sets the figure alone. */
  readonly calibrated?: true;
  /** It is older than its counter's last value, and changes nothing. */
  readonly late?: true;
  /** The id of the reading that was a slip, and counts nothing now. */
  readonly replaces?: string;
  /** The tokens of estimates that turned out to be too many, and count no more. */
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
  /** Its count from now on. */
  readonly counted: number;
  /** Its own time. */
  readonly atMs: number;
  /** The difference to its count before; below 0 where it counts less. */
  readonly difference: number;
}

/** The effect of an entry. */
export interface Outcome {
  /** The figure shown after it. */
  readonly used: number;
  /** How far it moved `used`; on a restart the whole value (SPEC §3). */
  readonly increment: number;
  /** Its consumption: whole, never below 0. */
  readonly counted: number;
  /** How far it moved `used` without any consumption: a first figure, a correction, an edit. Mostly 0. */
  readonly setAside: number;
  readonly flags: Flags;
  readonly touched: readonly Touched[];
}
