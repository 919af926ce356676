import type { Fold } from './operation.ts';
import { type LedgerChange, type RecordedReading, snapshotAfter } from './rules/change.ts';
import { type Figures, foldEntries, type Outcome, showing } from './rules/figures/fold.ts';
import { entriesOf } from './rules/figures/ledger-entries.ts';
import type { BudgetNow } from './rules/record.ts';
import { EMPTY, type Snapshot } from './rules/snapshot.ts';
import type { Restored } from './store/edits/restored.ts';
import type { Store } from './store/store.ts';

/**
 * True when somebody has set the budget: any other than the default was set; of the default itself the ledger tells, and
 * `undefined` says that this is not known yet.
 */
export function isTotalSet({ total }: Snapshot, { ledger }: Store): boolean | undefined {
  return total > 0 && (total !== EMPTY.total || ledger.isTotalNamed);
}

/** The state after those operations of a batch that were decided so far. */
export class BatchFold implements Fold {
  readonly changes: LedgerChange[] = [];
  readonly nowMs: number;
  readonly adds: boolean;
  readonly feeds: boolean;
  /** The state before the batch. */
  readonly before: Snapshot;
  snapshot: Snapshot;
  figures: Figures;
  readonly #store: Store;
  readonly #readings = new Map<string, { reading: RecordedReading; revision: number }>();

  constructor(store: Store, nowMs: number, { adds = false, feeds = false }: BudgetNow) {
    this.#store = store;
    this.nowMs = nowMs;
    this.adds = adds;
    this.feeds = feeds;
    this.snapshot = this.before = store.view.snapshot;
    // Of a damaged ledger the state file may show another figure.
    this.figures = showing(store.ledger.figures, this.snapshot.used);
  }

  get isTotalSet(): boolean | undefined {
    return this.changes.some(({ kind }) => kind === 'total') || isTotalSet(this.snapshot, this.#store);
  }

  recentAmounts(): readonly number[] {
    return this.#store.history.recentAmounts();
  }

  add(change: LedgerChange): void {
    this.changes.push(change);
    // An undo shares no batch, so nothing is decided after it.
    if (change.kind !== 'undo') {
      this.figures = foldEntries(entriesOf(change, this.snapshot.used), this.figures);
    }
    this.snapshot = snapshotAfter(change);
    const readings = change.kind === 'reading' ? [change.reading] : change.kind === 'import' ? change.readings : [];
    for (const reading of readings) this.#readings.set(reading.id, { reading, revision: change.revision });
  }

  find(id: string) {
    const inBatch = this.#readings.get(id);
    return inBatch ? { kind: 'reading' as const, ...inBatch } : this.#store.history.find(id);
  }

  findUndo(id: string) {
    return this.#store.history.recorded.findUndo(id);
  }

  lastReading(): RecordedReading | undefined {
    return this.#store.history.recorded.lastReading();
  }

  renewedSince(id: string): number | undefined {
    return this.#store.history.recorded.renewedSince(id);
  }

  isFedSince(id: string): boolean {
    return this.#store.history.recorded.isFedSince(id);
  }

  /** Nothing of the batch may be decided before. */
  fedSession(meter: string, conversation: string): string | undefined {
    return this.#store.sessions().find(({ id, conversation_id }) => {
      if (id === undefined || conversation_id !== conversation) return false;
      const known = this.#store.history.find(id);
      return known?.kind === 'reading' && known.reading.meter === meter;
    })?.id;
  }

  countedSince(ms: number): number {
    return this.#store.history.recorded.countedSince(ms);
  }

  /** The counts of other readings without this one; nothing of the batch may be decided before. */
  without(id: string): Outcome {
    return this.#store.ledger.without(id).outcome;
  }

  isRemoved(id: string): boolean {
    return this.#store.isRemoved(id);
  }

  backfill(leaving: string): string | undefined {
    return this.#store.backfill(leaving);
  }

  restoredFrom(copy: string): Restored {
    return this.#store.restoredFrom(copy, this.nowMs);
  }
}
