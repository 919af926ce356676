import type { Outcome } from '../../rules/figures/fold.ts';
import { Column, type Packed } from './columns/columns.ts';
import type { SessionIndex } from './session-index.ts';

/** Which session, by ordinal, counts something else since, in order. */
export interface TouchedRows {
  readonly touched: Packed;
  readonly counted: Packed;
}

/** What sessions came to count by later changes. */
export class TouchedCounts {
  readonly #touched = new Column();
  readonly #counted = new Column();
  readonly #sessions: SessionIndex;
  readonly #ordinalOf: (id: string) => number | undefined;

  constructor(sessions: SessionIndex, ordinalOf: (id: string) => number | undefined) {
    this.#sessions = sessions;
    this.#ordinalOf = ordinalOf;
  }

  get length(): number {
    return this.#touched.length;
  }

  /** What the session with an id counts by now, and its own time; `undefined` where there is none. */
  countOf(id: string): { readonly counted: number; readonly atMs: number } | undefined {
    const ordinal = this.#ordinalOf(id);
    if (ordinal === undefined) return undefined;
    return { counted: this.#sessions.countedOf(ordinal), atMs: this.#sessions.atMs(ordinal) };
  }

  /** Notes what earlier sessions count since, once those of the same change are in the index. */
  note(outcomes: readonly Outcome[]): void {
    for (const { id, counted } of outcomes.flatMap(({ touched }) => touched)) {
      const ordinal = this.#ordinalOf(id);
      if (ordinal === undefined) continue;
      this.#touched.push(ordinal);
      this.#counted.push(counted);
      this.#sessions.setCounted(ordinal, counted);
    }
  }

  /** The counts from one on, as they were added. */
  rowsFrom(first: number): TouchedRows {
    return { touched: this.#touched.from(first), counted: this.#counted.from(first) };
  }

  /** Adds what `rowsFrom` gave behind what is there. */
  addRows({ touched, counted }: TouchedRows): void {
    const first = this.length;
    this.#touched.append(touched);
    this.#counted.append(counted);
    for (let at = first; at < this.length; at++) {
      this.#sessions.setCounted(this.#touched.at(at), this.#counted.at(at));
    }
  }
}
