import type { Levels } from './series.ts';

/** Amounts that were committed later than they were used, by rank of either instant. */
export interface DatedRises {
  readonly length: number;
  start(rank: number): readonly [atMs: number, tokens: number];
  end(rank: number): readonly [atMs: number, tokens: number];
}

/** A stretch of the line. */
export interface Stretch {
  /** By rank from 0 to `length`. */
  readonly levels: Levels;
  readonly length: number;
  /** The figures when it began; `undefined` when there were none. */
  readonly stood: { readonly used: number; readonly total: number } | undefined;
}

/**
 * The line from one instant up to before another with every amount at the time it was used, though it was told later:
 * between the two it is added to what stood. `levels` are the figures as they were committed, those from `from` up to
 * `to` in that stretch.
 */
export function datedLine(
  committed: Levels,
  [from, to]: readonly [number, number],
  rises: DatedRises,
  [sinceMs, untilMs]: readonly [number, number],
): Stretch {
  const line: { atMs: number[]; used: number[]; total: number[] } = { atMs: [], used: [], total: [] };
  let [next, started, ended, raised] = [from, 0, 0, 0];
  let used = from > 0 ? committed.used(from - 1) : 0;
  // Before the first change its own budget is the only one that is known; what came late came with a change.
  let total = rises.length > 0 || to > 0 ? committed.total(Math.max(0, from - 1)) : 0;
  const startMs = () => (started < rises.length ? rises.start(started)[0] : Number.POSITIVE_INFINITY);
  const endMs = () => (ended < rises.length ? rises.end(ended)[0] : Number.POSITIVE_INFINITY);
  /** Whether any ended at or before an instant. */
  const raiseUpTo = (atMs: number): boolean => {
    const before = ended;
    while (startMs() <= atMs) raised += rises.start(started++)[1];
    while (endMs() <= atMs) raised -= rises.end(ended++)[1];
    return ended > before;
  };
  const add = (atMs: number) => {
    line.atMs.push(atMs);
    line.used.push(Math.max(0, used + raised));
    line.total.push(total);
  };
  raiseUpTo(sinceMs - 1);
  const stood = from > 0 || started > 0 ? { used: Math.max(0, used + raised), total } : undefined;
  for (;;) {
    const changeMs = next < to ? committed.atMs(next) : Number.POSITIVE_INFINITY;
    const atMs = Math.min(changeMs, startMs(), endMs());
    if (atMs >= untilMs || atMs === Number.POSITIVE_INFINITY) break;
    const hasEnded = raiseUpTo(atMs);
    if (changeMs > atMs) add(atMs);
    for (; next < to && committed.atMs(next) === atMs; next++) {
      [used, total] = [committed.used(next), committed.total(next)];
      // Where a late amount becomes a committed one, what stood in between within its batch never showed.
      const isLast = next + 1 === to || committed.atMs(next + 1) > atMs;
      if (isLast || !hasEnded) add(atMs);
    }
  }
  const levels = {
    atMs: (rank: number) => line.atMs[rank]!,
    used: (rank: number) => line.used[rank]!,
    total: (rank: number) => line.total[rank]!,
  };
  return { levels, length: line.atMs.length, stood };
}
