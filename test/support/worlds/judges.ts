import type { FigureEntry, Outcome } from './entry.ts';
import { standingAfter } from './naive-fold.ts';

/** What a set of rules makes of a ledger. */
export interface Judgement {
  /** Σ counted, after all that later readings changed. */
  readonly counted: number;
  /** The readings that were told to be a restart, and still stand as such. */
  readonly restarts: readonly string[];
}

/** Rules under trial. */
export type Judge = (entries: readonly FigureEntry[]) => Judgement;

/** The rules of SPEC §3 told in the simplest way. */
export const naiveJudge: Judge = (entries) => {
  const { counted, flags } = standingAfter(entries);
  return {
    counted: [...counted.values()].reduce((sum, tokens) => sum + tokens, 0),
    restarts: [...flags].flatMap(([id, { reset }]) => (reset ? [id] : [])),
  };
};

/** A fold, entry by entry, with what it keeps between them. */
export interface Fold<State> {
  readonly start: State;
  fold(state: State, entry: FigureEntry): { readonly figures: State; readonly outcome: Outcome };
}

/** Judges by a fold: what it says of each reading, and of earlier ones later. */
export function judgeBy<State>({ start, fold }: Fold<State>): Judge {
  return (entries) => {
    const counted = new Map<string, number>();
    const restarts = new Set<string>();
    let state = start;
    for (const entry of entries) {
      const { figures, outcome } = fold(state, entry);
      state = figures;
      if (entry.kind === 'reading') {
        counted.set(entry.reading.id, outcome.counted);
        if (outcome.flags.reset) restarts.add(entry.reading.id);
        for (const id of [outcome.flags.replaces, outcome.flags.restates]) if (id !== undefined) restarts.delete(id);
      } else if (entry.kind === 'undo') {
        counted.delete(entry.undone);
        restarts.delete(entry.undone);
      }
      for (const { id, counted: now } of outcome.touched) counted.set(id, now);
    }
    return { counted: [...counted.values()].reduce((sum, tokens) => sum + tokens, 0), restarts: [...restarts] };
  };
}
