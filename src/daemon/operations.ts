import { TokenSyncError } from '../protocol/errors.ts';
import type { Receipt, Result, Usage } from '../protocol/methods.ts';
import { requirePlausible } from './implausible-reading.ts';
import type { Writing } from './offered-reading.ts';
import type { Decision, Fold, Operation, Written } from './operation.ts';
import { setTotal } from './rules/budget.ts';
import { type LedgerChange, type RecordedReading, receiptOf, type Source, undoReceiptOf } from './rules/change.ts';
import { usedSince } from './rules/figures/adding.ts';
import { importReadings, type Reading, recordReading, renewBudget, undoReading } from './rules/record.ts';
import { percentOf, type Snapshot, usageOf } from './rules/snapshot.ts';
import { HistoryUnready } from './store/index/history-warnings.ts';
import type { LedgerSession } from './store/ledger/ledger-session.ts';

/**
 * Records a reading; the same id again answers with the first receipt. With `asked`, how the value was written, an implausible
 * one is refused with a question, because a person is to be asked first.
 */
export function recordOperation(reading: Reading, source: Source, asked?: Writing): Operation<Receipt> {
  return {
    ...(!reading.isNew && { asks: 'ids' }),
    isByHand: reading.sync_type === 'manual' || reading.sync_type === 'correction',
    decide(fold) {
      const known = reading.isNew ? undefined : fold.find(reading.id);
      if (known) return receipted(duplicateReceipt(known, reading.id, fold));
      const change = recordReading(fold.snapshot, reading, source, fold.nowMs, fold.figures, fold);
      if (asked) requirePlausible(fold, change.reading, asked);
      return receipted(receiptOf(change.reading, change.revision, touchedBy(change.reading, fold)), change);
    },
  };
}

/** Takes back the last reading that has not been undone; throws `not_found` when there is none, or it is not the one that is `expected`. */
export function undoOperation(id: string, source: Source, expected?: string): Operation<Receipt> {
  return {
    isAlone: true,
    asks: 'all',
    decide(fold) {
      const known = fold.findUndo(id);
      if (known) return receipted({ ...undoReceiptOf(known, readingOf(known.undone, fold)), duplicate: true });
      const target = fold.lastReading();
      if (!target) throw nothingToUndo();
      if (expected !== undefined && target.id !== expected) throw notTheLast();
      const outcome = fold.without(target.id);
      const request = {
        ...{ id, outcome },
        isListed: !fold.isRemoved(target.id),
        backfill: fold.backfill(target.id),
        renewedMs: fold.renewedSince(target.id),
        isFedSince: fold.isFedSince(target.id),
      };
      const change = undoReading(fold.snapshot, target, request, source, fold.nowMs);
      return receipted(undoReceiptOf(change, target), change);
    },
  };
}

/** Sets the budget; the same budget again changes nothing, unless nobody had set it: then it is no default any more. */
export function totalOperation(total: number, source: Source): Operation<Usage> {
  return {
    decide({ snapshot, isTotalSet, nowMs }) {
      // Whether it changes anything is decided when that is known.
      if (snapshot.total === total && isTotalSet === undefined) throw new HistoryUnready();
      if (snapshot.total === total && isTotalSet) return { answer: (written) => usageAfter(snapshot, written) };
      const change = setTotal(snapshot, total, source, nowMs);
      return { change, answer: (written) => usageAfter(change, written) };
    },
  };
}

/** Begins the budget anew at `atMs`, once under that id; answers whether it did so now. */
export function renewOperation(reset: {
  readonly id: string;
  readonly atMs: number;
  readonly event: string;
}): Operation<boolean> {
  return {
    isAlone: true,
    asks: 'all',
    decide(fold) {
      if (fold.find(reset.id)) return { answer: () => false };
      const counted = usedSince(fold.figures.state.world, { atMs: reset.atMs, nowMs: fold.nowMs }, (ms) =>
        fold.countedSince(ms),
      );
      const change = renewBudget(fold.snapshot, { ...reset, counted }, 'daemon', fold.nowMs, fold.figures);
      return { change, answer: () => true };
    },
  };
}

/** Takes over the members of an older copy of the state file but for what is recorded, and answers with the figure in it. */
export function restoreOperation(copy: string, source: Source): Operation<number> {
  return {
    // It is compared with what is saved.
    isAlone: true,
    decide(fold) {
      const { used, change } = fold.restoredFrom(copy);
      return { ...(change && { change: { ...change, source } }), answer: () => used };
    },
  };
}

/** A session of an import: a reading, or why it cannot be one. */
export type ImportItem = { readonly reading: Reading } | { readonly refusal: string };

/** An import of more sessions than this is committed by itself. */
const LARGE_IMPORT = 100;

/** Adds past counts as one change; those that are known, refused or not above 0 are skipped with the reason. */
export function importOperation(items: readonly ImportItem[], source: Source): Operation<Result<'usage.import'>> {
  return {
    // Others get their turn between two of them.
    isAlone: items.length > LARGE_IMPORT,
    asks: 'ids',
    decide(fold) {
      const skipped: { index: number; reason: string }[] = [];
      const readings = new Map<string, Reading>();
      for (const [index, item] of items.entries()) {
        const reason = skipReason(item, readings, fold);
        if (reason !== undefined) skipped.push({ index, reason });
        else if ('reading' in item) readings.set(item.reading.id, item.reading);
      }
      const base = { success: true as const, imported_count: readings.size, skipped };
      if (readings.size === 0) {
        const { snapshot } = fold;
        return {
          answer: (written) =>
            told({ ...base, total_tokens: 0, current_usage: usageAfter(snapshot, written) }, written),
        };
      }
      const change = importReadings(fold.snapshot, [...readings.values()], source, fold.nowMs, fold.figures, fold);
      const total_tokens = change.readings.reduce((sum, { increment }) => sum + increment, 0);
      return {
        change,
        answer: (written) => told({ ...base, total_tokens, current_usage: usageAfter(change, written) }, written),
      };
    },
  };
}

function usageAfter(snapshot: Snapshot, { mark }: Written): Usage {
  return usageOf(snapshot, mark(snapshot.revision));
}

/** An answer that also says when the state file does not show what it promises. */
function told<T extends object>(answer: T, { isStateFileBehind }: Written): T & { readonly state_file?: 'behind' } {
  return isStateFileBehind ? { ...answer, state_file: 'behind' } : answer;
}

/** A receipt, told as above. */
function receipted(receipt: Receipt, change?: LedgerChange): Decision<Receipt> {
  return {
    ...(change && { change }),
    answer: (written) => told(receipt, written),
  };
}

function skipReason(item: ImportItem, taken: ReadonlyMap<string, Reading>, fold: Fold): string | undefined {
  if ('refusal' in item) return item.refusal;
  if (item.reading.tokens <= 0) return 'tokens must be above 0';
  if (taken.has(item.reading.id) || fold.find(item.reading.id)) return 'already recorded (same id)';
  return undefined;
}

/** The earlier reading that one puts right. */
function touchedBy({ flags = {} }: RecordedReading, fold: Fold): RecordedReading | undefined {
  return readingOf(flags.restates ?? flags.replaces, fold);
}

function readingOf(id: string | undefined, fold: Fold): RecordedReading | undefined {
  const found = id === undefined ? undefined : fold.find(id);
  return found?.kind === 'reading' ? found.reading : undefined;
}

function duplicateReceipt(known: LedgerSession, id: string, fold: Fold): Receipt {
  const { snapshot } = fold;
  if (known.kind === 'reading') {
    const { reading, revision } = known;
    return { ...receiptOf(reading, revision, touchedBy(reading, fold)), duplicate: true };
  }
  // It came with an adopted state file, which tells no more than the session's own figures.
  const { total_used, tokens } = known.session;
  return {
    success: true,
    id,
    total_used: typeof total_used === 'number' ? total_used : snapshot.used,
    increment: typeof tokens === 'number' ? tokens : 0,
    total: snapshot.total,
    percent: percentOf(snapshot.used, snapshot.total),
    revision: snapshot.revision,
    duplicate: true,
  };
}

function notTheLast(): TokenSyncError {
  return new TokenSyncError(
    'not_found',
    { zh: '这条记录已不是最近的一条', en: 'that reading is no longer the last one' },
    {
      field: 'reading',
      hint: { zh: '再次撤销，会先显示最近的一条', en: 'undo again, which shows the last one first' },
    },
  );
}

function nothingToUndo(): TokenSyncError {
  return new TokenSyncError(
    'not_found',
    { zh: '没有可撤销的记录', en: 'there is nothing to undo' },
    { hint: { zh: '先记录一个数值', en: 'record a value first' } },
  );
}
