import type { Operation } from '../../operation.ts';
import type { ReadingChange } from '../../rules/change.ts';
import type { Figures } from '../../rules/figures/fold.ts';
import { applyReading, type BudgetNow, committed, touchedBy } from '../../rules/record.ts';
import type { Snapshot } from '../../rules/snapshot.ts';

/** What a live meter tells the budget, as its source has counted it. */
export interface FedReading {
  readonly id: string;
  readonly meter: string;
  /** How much was used; of a gauge how far the conversation rose, which may be 0. */
  readonly tokens: number;
  /** The value of a gauge; none of a counter. */
  readonly shown?: number | undefined;
  readonly event: string;
  readonly conversation_id: string;
  readonly atMs: number;
}

/** Records what a source tells, once under its id; `onDone` is called when the ledger has it. */
export function fedOperation(fed: FedReading, onDone: () => void): Operation<void> {
  return {
    // It looks for its place in the state file as it is saved.
    isAlone: true,
    asks: 'ids',
    decide(fold) {
      if (fold.find(fed.id)) return { answer: onDone };
      const inPlaceOf = fold.fedSession(fed.meter, fed.conversation_id);
      const change = recordFed(fold.snapshot, fed, fold.nowMs, fold.figures, fold, inPlaceOf);
      return { change, answer: onDone };
    },
  };
}

/** Records what a source tells; `inPlaceOf` is the session of the same meter and conversation that the state file shows. */
function recordFed(
  snapshot: Snapshot,
  { shown, tokens, atMs, ...fed }: FedReading,
  nowMs: number,
  figures: Figures,
  { adds = false }: BudgetNow,
  inPlaceOf: string | undefined,
): ReadingChange {
  const reading = {
    ...fed,
    unit: 1,
    // A clock that was set back must not have it used tomorrow.
    datedMs: Math.min(atMs, nowMs),
    ...(shown === undefined
      ? { sync_type: 'auto' as const, tokens }
      : { sync_type: 'live' as const, tokens: shown, rises: tokens }),
  };
  const { recorded, outcome } = applyReading(snapshot, figures, reading, { nowMs, adds, feeds: true });
  return {
    kind: 'reading',
    ...(adds && { adds }),
    feeds: true,
    ...committed(snapshot, { used: recorded.used, added: 1, source: 'meter', nowMs }),
    reading: recorded,
    ...(inPlaceOf !== undefined && { in_place_of: inPlaceOf }),
    ...touchedBy(outcome),
  };
}
