import type { SearchedRoot } from './file-list.ts';

export interface WatchedRoot extends SearchedRoot {
  /** No event comes from there; see `ToolRoot`. */
  readonly isWsl?: boolean;
}

/** Something at the path may have changed, come or gone: a file, or all in a folder and in those below it. */
export interface Hint<Root extends WatchedRoot = WatchedRoot> {
  readonly root: Root;
  readonly path: string;
  readonly isFolder: boolean;
}

/** Hands on all hints of one turn of the loop together, each once. */
export class HintsOfTurn<Root extends WatchedRoot> {
  readonly #onHints: (hints: readonly Hint<Root>[]) => void;
  readonly #waiting = new Map<string, Hint<Root>>();
  #isFlushing = false;

  constructor(onHints: (hints: readonly Hint<Root>[]) => void) {
    this.#onHints = onHints;
  }

  add(hint: Hint<Root>): void {
    this.#waiting.set(`${hint.root.path}\0${hint.path}`, hint);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      const hints = [...this.#waiting.values()];
      this.#waiting.clear();
      if (hints.length > 0) this.#onHints(hints);
    });
  }

  clear(): void {
    this.#waiting.clear();
  }
}
