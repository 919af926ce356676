import type { FailureKind } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import type { Dimension, Tool } from '../../../protocol/meters.ts';
import type { Meter, MeterStatsRow } from '../../../protocol/methods.ts';
import type { MeterSettings } from '../../../shared/settings.ts';
import type { ToolRoot } from '../files/tool-roots.ts';
import type { Observation } from '../observation.ts';
import type { OutboxRow } from '../store/outbox.ts';

/**
 * What the daemon and the process that reads meters say to each other, each a line of JSON. The process owns `meters.db`, and
 * is there only while something happens; the daemon watches, tells it where to look, and keeps the last figures.
 */

/**
 * Flags of Node to start the process with: with more room for young objects, which parsed lines are, it takes a hundred
 * megabytes more and is no faster.
 */
export const READER_FLAGS = ['--max-semi-space-size=4'] as const;

/** What the process is told at its start. */
export interface ReaderOrder {
  /** The path of `meters.db`. */
  readonly path: string;
  readonly settings: MeterSettings;
  readonly roots: readonly RootOrder[];
  /** As many observations of the past as share a transaction; with one each file is a transaction of its own. */
  readonly together?: number;
}

/** A root as a line carries it: `files` is the source of its regular expression. */
export interface RootOrder extends Omit<ToolRoot, 'files'> {
  readonly files: string;
}

/** Something at the path may have changed, come or gone; of a folder, all in it and below it. */
export interface LookOrder {
  readonly tool: Tool;
  readonly path: string;
  readonly isFolder: boolean;
}

export type ToReader =
  | { readonly tell: 'look'; readonly at: readonly LookOrder[] }
  /** What was told by statuslines, hooks and other programs. */
  | { readonly tell: 'observed'; readonly observations: readonly Observation[] }
  /**
   * Whatever was fed by the settings before counts as before; what is new among them begins at `sinceMs`, when they were set,
   * by default now. Answered by `sources` and `outbox`.
   */
  | { readonly tell: 'settings'; readonly settings: MeterSettings; readonly sinceMs?: number }
  /** Ids of these rows are in the ledger. */
  | { readonly tell: 'settle'; readonly seqs: readonly number[] }
  /** Answered by `answer` with rows that do not change any more: these, or all that there are once `now` was read up to here. */
  | { readonly ask: number; readonly handOut: readonly number[] | 'all' }
  | { readonly ask: number; readonly stats: AskedRows };

export interface AskedRows {
  readonly by: readonly Dimension[];
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly timeZone?: string;
}

/** How a source stands, as far as the process knows. */
export interface SourceStanding {
  readonly tool: Tool;
  /** `reading` while its past is read; `degraded` where it is not understood or cannot be read. */
  readonly state: 'reading' | 'read' | 'degraded';
  readonly reason?: Bilingual;
  readonly hint?: Bilingual;
  readonly sinceMs?: number;
}

export type FromReader =
  /** Those that changed since the last time; at first all. */
  | { readonly says: 'meters'; readonly meters: readonly Meter[] }
  /** All of them, when one has changed. */
  | { readonly says: 'sources'; readonly sources: readonly SourceStanding[] }
  /** All rows that the ledger is not known to hold, when one has changed. */
  | { readonly says: 'outbox'; readonly rows: readonly OutboxRow[] }
  /** Everything that it was told to look at is read and told; `looks` is how many `look` messages that covers; 0 at first, once what is there is read. */
  | { readonly says: 'done'; readonly looks: number }
  /** A word for the log and for `daemon.info`; a code that is told again takes the place of the former. */
  | { readonly says: 'warning'; readonly code: string; readonly text: Bilingual; readonly hint?: Bilingual }
  | { readonly answer: number; readonly rows: readonly OutboxRow[] }
  | { readonly answer: number; readonly stats: readonly MeterStatsRow[] }
  | { readonly answer: number; readonly refusal: ReaderRefusal };

/** As `TokenSyncError` tells it. */
export interface ReaderRefusal {
  readonly kind: FailureKind;
  readonly text: Bilingual;
  readonly field?: string;
  readonly hint?: Bilingual;
}
