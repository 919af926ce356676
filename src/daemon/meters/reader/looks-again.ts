import type { LookOrder } from './reader-words.ts';

/** Looks that are worth it a little later, though nobody may ask for them; the last word on a place counts. */
export class LooksAgain {
  readonly #looks = new Map<string, { readonly order: LookOrder; readonly dueMs: number }>();

  /** Without a time no look is. */
  set(order: LookOrder, afterMs: number | undefined, nowMs: number): void {
    if (afterMs === undefined) this.#looks.delete(order.path);
    else this.#looks.set(order.path, { order, dueMs: nowMs + afterMs });
  }

  due(nowMs: number): LookOrder[] {
    return [...this.#looks.values()].filter(({ dueMs }) => dueMs <= nowMs).map(({ order }) => order);
  }

  /** So long, or until the first is due if that is sooner. */
  soonerThan(mostMs: number | undefined, nowMs: number): number | undefined {
    const waits = [...this.#looks.values()].map(({ dueMs }) => Math.max(0, dueMs - nowMs));
    return waits.length === 0 ? mostMs : Math.min(mostMs ?? Number.POSITIVE_INFINITY, ...waits);
  }
}
