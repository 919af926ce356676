import type { FigureEntry, Outcome } from '../../../src/daemon/rules/figures/entry.ts';
import { standingAfter } from './naive-fold.ts';

/** The figures that a set of rules makes of a ledger. */
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
    counted: sumOf(counted),
    restarts: [...flags].flatMap(([id, { reset }]) => (reset ? [id] : [])),
  };
};

/** A fold, entry by entry, with what it keeps between them. */
export interface Fold<State> {
  readonly start: State;
  fold(state: State, entry: FigureEntry): { readonly figures: State; readonly outcome: Outcome };
}

/** The outcomes of a fold so far, with its changes to earlier readings. */
export class Account<State> {
  used = 0;
  readonly counted = new Map<string, number>();
  readonly restarts = new Set<string>();
  readonly #fold: Fold<State>;
  #figures: State;

  constructor(fold: Fold<State>) {
    this.#fold = fold;
    this.#figures = fold.start;
  }

  add(entry: FigureEntry): Outcome {
    const { figures, outcome } = this.#fold.fold(this.#figures, entry);
    this.#figures = figures;
    this.used = outcome.used;
    if (entry.kind === 'reading') {
      const { id } = entry.reading;
      this.counted.set(id, outcome.counted);
      if (outcome.flags.reset) this.restarts.add(id);
      const { replaces, restates } = outcome.flags;
      for (const mended of [replaces, restates]) if (mended !== undefined) this.restarts.delete(mended);
    } else if (entry.kind === 'undo') {
      this.counted.delete(entry.undone);
      this.restarts.delete(entry.undone);
    }
    for (const { id, counted } of outcome.touched) this.counted.set(id, counted);
    return outcome;
  }
}

/** Judges by a fold. */
export function judgeBy<State>(fold: Fold<State>): Judge {
  return (entries) => {
    const account = new Account(fold);
    for (const entry of entries) account.add(entry);
    return { counted: sumOf(account.counted), restarts: [...account.restarts] };
  };
}

function sumOf(counted: ReadonlyMap<string, number>): number {
  return [...counted.values()].reduce((sum, tokens) => sum + tokens, 0);
}
