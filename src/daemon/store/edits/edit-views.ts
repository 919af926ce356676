import type { View } from '../state-file/view.ts';

/** What an edit left, as its author knows it: what its mark stands for from then on. */
export interface LeftView {
  readonly view: View;
  /** How many edits started from this mark so far. */
  readonly edits: number;
  /** The bytes of its file; of one that was rebuilt nothing is held. */
  readonly weight: number;
}

/** A program that reads and writes without a pause goes on from one of the last few; of older ones the ledger knows. */
const MAX_VIEWS = 256;
const MIN_VIEWS = 8;
const MAX_LEFT = 16;

/** Text of others that all views, and all that edits left, may hold together each; in memory it takes some ten times as much. */
const MAX_WEIGHT = 1_000_000;

/** The last state files that the daemon wrote, newest last, and what the last edits left: the likely starts of the next one. */
export class EditViews {
  readonly #views: View[];
  /** By the mark that the edit started from, the last edit last. */
  readonly #left = new Map<string, LeftView>();
  #weight: number;

  constructor(first: View) {
    this.#views = [first];
    this.#weight = first.weight;
  }

  get latest(): View {
    return this.#views.at(-1)!;
  }

  /** The view before the latest one; what a crash may have left in the file's place. */
  get previous(): View | undefined {
    return this.#views.at(-2);
  }

  push(view: View): void {
    this.#views.push(view);
    this.#weight += view.weight;
    while (this.#views.length > MAX_VIEWS || (this.#weight > MAX_WEIGHT && this.#views.length > MIN_VIEWS)) {
      this.#weight -= this.#views.shift()!.weight;
    }
  }

  /** The view with this mark, if it is still held. */
  at(mark: string): View | undefined {
    return this.#views.findLast((view) => view.mark === mark);
  }

  /** True while all from this revision on are held. */
  reachesTo(revision: number): boolean {
    return this.#views[0]!.snapshot.revision <= revision;
  }

  /** Those from a revision to another that are still held, newest first. */
  between(from: number, to: number): View[] {
    return this.#views.filter(({ snapshot }) => snapshot.revision >= from && snapshot.revision <= to).reverse();
  }

  leftFrom(mark: string): LeftView | undefined {
    return this.#left.get(mark);
  }

  keepLeft(mark: string, left: LeftView): void {
    this.#left.delete(mark);
    this.#left.set(mark, left);
    let weight = 0;
    for (const held of this.#left.values()) weight += held.weight;
    for (const [oldest, held] of this.#left) {
      if (this.#left.size <= MAX_LEFT && (weight <= MAX_WEIGHT || this.#left.size === 1)) break;
      this.#left.delete(oldest);
      weight -= held.weight;
    }
  }
}
