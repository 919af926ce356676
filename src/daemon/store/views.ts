import type { JsonObject } from './json-tree.ts';
import { distance, type View } from './merge.ts';

/** An edit starts from a state file that its author read moments before; older views are not sought. */
const MAX_VIEWS = 128;

/** The last state files that the daemon wrote, newest last: known again by hash, and the possible starts of an edit. */
export class Views {
  readonly #views: View[];

  constructor(first: View) {
    this.#views = [first];
  }

  get latest(): View {
    return this.#views.at(-1)!;
  }

  push(view: View): void {
    this.#views.push(view);
    if (this.#views.length > MAX_VIEWS) this.#views.shift();
  }

  /** True for a content that we wrote ourselves. */
  isOwn(hash: string): boolean {
    return this.#views.some((view) => view.hash === hash);
  }

  /** The view that an edit started from: the one that least was changed of, the newest of equals. */
  baseOf(theirs: JsonObject): { readonly base: View; readonly setSinceBase: boolean } {
    let best = this.#views.length - 1;
    let least = distance(this.latest.document, theirs);
    for (let index = best - 1; index >= 0 && least > 0; index--) {
      const other = distance(this.#views[index]!.document, theirs);
      if (other < least) {
        best = index;
        least = other;
      }
    }
    return { base: this.#views[best]!, setSinceBase: this.#views.slice(best + 1).some((view) => view.isAbsolute) };
  }
}
