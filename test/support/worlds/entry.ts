// The same types as the product's `rules/figures/entry.ts` and `fold.ts`; to be imported from there once they exist.

/** One entry of the ledger as far as figures go, in ledger order. An import is several readings. */
export type FigureEntry =
  | { readonly kind: 'reading'; readonly reading: FigureReading; readonly committedMs: number }
  | { readonly kind: 'undo'; readonly undone: string; readonly committedMs: number }
  | { readonly kind: 'edit'; readonly used: number; readonly committedMs: number };

export interface FigureReading {
  readonly id: string;
  /** As offered. */
  readonly value: number;
  /** One unit of the value's last shown digit: 1 for an exact one, 1,000 for `350K`. */
  readonly unit: number;
  readonly sync_type: 'manual' | 'auto' | 'estimate' | 'import' | 'correction';
  /** An empty text where there is none. */
  readonly conversation_id: string;
  /** The reading's own time. */
  readonly atMs: number;
  /** Whether the caller named that time. */
  readonly dated: boolean;
}

/** What is said of a reading besides its amounts. */
export interface Flags {
  readonly first?: true;
  readonly late?: true;
  /** The id of the reading that was a slip. */
  readonly replaces?: string;
  /** How much the estimates lost. */
  readonly gave_way?: number;
  readonly rounded?: true;
  readonly new?: true;
  readonly reset?: true;
  /** The id of the reading that a correction says anew. */
  readonly restates?: string;
  readonly adopts?: true;
}

/** What an entry comes to. */
export interface Outcome {
  /** What is shown after it. */
  readonly used: number;
  /** Consumption, whole, not below 0. */
  readonly counted: number;
  readonly flags: Flags;
  /** Earlier readings whose consumption it changed. */
  readonly touched: readonly { readonly id: string; readonly counted: number; readonly difference: number }[];
}
