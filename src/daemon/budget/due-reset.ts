import { dayOf } from '../../shared/words/forecast-text.ts';
import type { Fold, Operation } from '../operation.ts';
import { renewOperation } from '../operations.ts';

/** What the clock and the settings say of the budget that renews itself. */
export interface DueReset {
  /** The beginning of what `used` counts: the last reset, or the moment from which on the budget is renewed. */
  readonly atMs: number;
  /** True where that is a reset, and not only the moment from which on the budget is renewed. */
  readonly isReset: boolean;
  /** True where a reset that lies in the future is to be made up for: it would keep whatever is recorded until then out of `used`. */
  readonly mendsAhead: boolean;
  readonly event: string;
}

/**
 * Begins the budget anew where the ledger lacks the reset that is due, or has one that lies in the future, as a
 * clock that was ahead leaves it. Calls `onDone` once the ledger has it.
 */
export function dueOperation(due: DueReset, onDone: () => void): Operation<void> {
  return {
    isAlone: true,
    asks: 'all',
    decide(fold) {
      if (isAhead(fold) && !due.mendsAhead) return { answer: () => undefined };
      if (!isAhead(fold) && !isMissing(due, fold)) return { answer: onDone };
      const reset = { id: freeId(due.atMs, fold), atMs: due.atMs, event: due.event };
      return { ...renewOperation(reset).decide(fold), answer: onDone };
    },
  };
}

/** True where the last reset lies in the future. */
function isAhead({ figures, nowMs }: Fold): boolean {
  const { renewedMs } = figures.state.world;
  return renewedMs !== undefined && renewedMs > nowMs;
}

function isMissing({ atMs, isReset }: DueReset, fold: Fold): boolean {
  const { renewedMs } = fold.figures.state.world;
  if (!isReset || (renewedMs !== undefined && renewedMs >= atMs)) return false;
  // In another time zone the same reset is another instant, and of a ledger that was lost the state file still tells.
  const known = renewedAs(idOf(atMs), fold);
  return known === undefined || (renewedMs !== undefined && known > renewedMs);
}

/** A client may have taken the id for a reading of its own, and a clock that was ahead for a reset that was none. */
function freeId(atMs: number, fold: Fold): string {
  const id = idOf(atMs);
  for (let number = 1; ; number++) {
    const free = number === 1 ? id : `${id}/${number}`;
    if (!fold.find(free)) return free;
  }
}

function idOf(atMs: number): string {
  return `period:${dayOf(atMs)}`;
}

/** The instant of the reset with that id; of one that came with a state file the beginning of time, since it holds in any case. */
function renewedAs(id: string, fold: Fold): number | undefined {
  const found = fold.find(id);
  if (found?.kind === 'reading') return found.reading.sync_type === 'period' ? Date.parse(found.reading.at) : undefined;
  return found?.session.sync_type === 'period' ? Number.NEGATIVE_INFINITY : undefined;
}
