/** An earlier reading whose counted amount becomes another. */
export interface Touch {
  readonly id: string;
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}

/** One estimate that may still give way. */
export interface Estimate {
  readonly id: string;
  readonly atMs: number;
  readonly counted: number;
  /** Its place among all entries. */
  readonly order: number;
}

/** Estimates, the newest first; a list that is never changed, and shares its older part. */
export interface Estimates extends Estimate {
  readonly older: Estimates | undefined;
  readonly size: number;
  readonly sum: number;
}

/**
 * The newest estimates that can be told one by one; beyond twice as many, the older ones count for good. Bounded because
 * a list of them is kept with every segment of the ledger.
 */
const MOST_ESTIMATES = 1_000;

/** The estimates with a newer one; `settled` is the sum of those that had to be let go, and can give way no more. */
export function withEstimate(
  estimates: Estimates | undefined,
  estimate: Estimate,
): { readonly estimates: Estimates; readonly settled: number } {
  const all = pushed(estimates, estimate);
  if (all.size < 2 * MOST_ESTIMATES) return { estimates: all, settled: 0 };
  const kept = listOf(newestFirst(all).slice(0, MOST_ESTIMATES))!;
  return { estimates: kept, settled: all.sum - kept.sum };
}

/** Two lists as one, in the order of the entries. */
export function joined(one: Estimates | undefined, other: Estimates | undefined): Estimates | undefined {
  if (!one || !other) return one ?? other;
  return listOf([...newestFirst(one), ...newestFirst(other)].sort((a, b) => b.order - a.order));
}

/** Takes tokens from estimates that turned out too high: the newest give way first. */
export function giveWay(estimates: Estimates | undefined, tokens: number): Touch[] {
  const touches: Touch[] = [];
  let left = tokens;
  for (let at = estimates; at && left > 0; at = at.older) {
    const loss = Math.min(left, at.counted);
    touches.push({ id: at.id, atMs: at.atMs, from: at.counted, to: at.counted - loss });
    left -= loss;
  }
  return touches;
}

/** The estimates one by one. */
export function newestFirst(estimates: Estimates | undefined): Estimate[] {
  const all: Estimate[] = [];
  for (let at = estimates; at; at = at.older) {
    all.push({ id: at.id, atMs: at.atMs, counted: at.counted, order: at.order });
  }
  return all;
}

/** How many of the newest are the same in both. */
export function sharedNewest(one: Estimates | undefined, other: Estimates | undefined): number {
  let shared = 0;
  for (let [a, b] = [one, other]; a && b && isSame(a, b); [a, b] = [a.older, b.older]) {
    if (a === b) return shared + a.size;
    shared++;
  }
  return shared;
}

/** The inverse of `newestFirst`. */
export function listOf(newestFirst: readonly Estimate[]): Estimates | undefined {
  return newestFirst.reduceRight<Estimates | undefined>(pushed, undefined);
}

function isSame(one: Estimate, other: Estimate): boolean {
  return one.order === other.order && one.id === other.id && one.atMs === other.atMs && one.counted === other.counted;
}

function pushed(older: Estimates | undefined, { id, atMs, counted, order }: Estimate): Estimates {
  return { id, atMs, counted, order, older, size: (older?.size ?? 0) + 1, sum: (older?.sum ?? 0) + counted };
}
