/** A person copies what the editor showed a moment ago. */
const RECENT_MS = 10 * 60_000;

/**
 * The figures that a followed gauge and the budget showed of late, by which a copied one is known that is counted already.
 * Kept for ten minutes; of a meter that feeds nothing no figure may be told here, or a copy would count nowhere.
 */
export class RecentFigures {
  /** When each was shown last. */
  readonly #shownMs = new Map<number, number>();
  #used: number | undefined;

  /** A gauge shows this. */
  noteGauge(value: number, nowMs: number): void {
    this.#shownMs.set(value, nowMs);
    for (const [figure, shownMs] of this.#shownMs) if (nowMs - shownMs > RECENT_MS) this.#shownMs.delete(figure);
  }

  /** So much is used from now on, and what was used before, up to now. */
  noteUsed(used: number, nowMs: number): void {
    if (this.#used !== undefined && this.#used !== used) this.noteGauge(this.#used, nowMs);
    this.#used = used;
  }

  /** True for a figure that was shown within ten minutes, as far as its last shown digit tells; `unit` is one of that. */
  isAlreadyCounted(value: number, unit: number, nowMs: number): boolean {
    const isIt = (figure: number) => Math.abs(value - figure) < unit;
    if (this.#used !== undefined && isIt(this.#used)) return true;
    return [...this.#shownMs].some(([figure, shownMs]) => isIt(figure) && nowMs - shownMs <= RECENT_MS);
  }
}
