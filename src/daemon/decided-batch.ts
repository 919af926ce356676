import type { BatchFold } from './batch-fold.ts';
import type { Operation, Written } from './operation.ts';

/** An operation, and whoever waits for it. */
export interface Waiting {
  readonly operation: Operation<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A batch as it is decided, and how those who wait hear of it once it is written. */
export interface DecidedBatch {
  readonly fold: BatchFold;
  readonly answers: readonly ((written: Written) => void)[];
}

/** So many operations share a line of the ledger. */
const MAX_BATCH = 1_000;

/** Takes the next that are committed together, or the one that is by itself. */
export function nextBatch(waiting: Waiting[]): Waiting[] {
  const alone = waiting.slice(0, MAX_BATCH).findIndex(({ operation }) => operation.isAlone);
  return waiting.splice(0, alone === -1 ? MAX_BATCH : Math.max(1, alone));
}

/** A batch waits for more no longer than a commit takes on a fast disk. */
const GATHER_MS = 1;

/** Waits for a moment while more operations come: alone, the first of many would have the others wait for a commit of its own. */
export async function gatherMore(waiting: readonly Waiting[]): Promise<void> {
  const endsMs = performance.now() + GATHER_MS;
  let known: number;
  do {
    known = waiting.length;
    await new Promise(setImmediate);
  } while (known < waiting.length && performance.now() < endsMs);
}

/** Decides operations in their order, each on what those before it come to; `askAgain` takes one that could not be decided yet, where it returns anything. */
export function decideBatch(
  fold: BatchFold,
  batch: readonly Waiting[],
  askAgain: (operation: Operation<unknown>, error: unknown) => (() => Promise<unknown>) | undefined,
): DecidedBatch {
  const answers = batch.map(({ operation, resolve, reject }): DecidedBatch['answers'][number] => {
    try {
      const decision = operation.decide(fold);
      if (decision.change) fold.add(decision.change);
      return (written) => resolve(decision.answer(written));
    } catch (error) {
      const again = askAgain(operation, error);
      return again ? () => resolve(again()) : () => reject(error);
    }
  });
  return { fold, answers };
}
