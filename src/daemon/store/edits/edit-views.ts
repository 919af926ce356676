import type { View } from '../state-file/view.ts';

/** The file as the author of an edit left it: the view that the edit's mark stands for from then on. */
export interface LeftView {
  readonly view: View;
  /** Of the edit, up to which all that was recorded is settled with its author. */
  readonly revision: number;
  /** How many edits started from this mark so far. */
  readonly edits: number;
  /** The size of its file in bytes; 0 for a view that was rebuilt, which is not held. */
  readonly weight: number;
}

/** A program that reads and writes without a pause starts from one of these; to rebuild an older one takes 0.2 s, not 0.02 (docs/performance.md). */
const MAX_VIEWS = 256;
const MIN_VIEWS = 8;
const MAX_LEFT = 16;

/** Limit, in characters, for others' text in all views together, and the same again for the files that edits left; in memory it takes some ten times as much. */
const MAX_WEIGHT = 1_000_000;

/** The views that the next edit most likely starts from: the last state files that we wrote, and the files that the last edits left. */
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

  /** The view before the latest one, which a crash may have left in the file's place. */
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

  /** The views from one revision to another that are still held, newest first. */
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
