import { parseTimestamp } from '../../../../protocol/timestamp.ts';

/** The figure from one instant on, until the next point. */
export interface Point {
  readonly atMs: number;
  readonly used: number;
  /** The budget; 0 where there is none. */
  readonly total: number;
}

/** The points of an answer, oldest first; those without a readable time are left out. */
export function pointsOf(points: readonly { at: string; used: number; total: number }[]): Point[] {
  const read = points.flatMap(({ at, used, total }) => {
    const atMs = parseTimestamp(at);
    return atMs === undefined ? [] : [{ atMs, used, total }];
  });
  return read.sort((one, other) => one.atMs - other.atMs);
}

/** With more points, oldest first; those within `gapMs` of each other become one, the latest, so that no flood makes it long. */
export function withPoints(points: readonly Point[], added: readonly Point[], gapMs: number): readonly Point[] {
  const all = [...points];
  for (const point of added) {
    const last = all.at(-1);
    const before = all.at(-2);
    // A clock that was set back makes no point in the past.
    const atMs = Math.max(point.atMs, last?.atMs ?? point.atMs);
    if (before && atMs - before.atMs < gapMs) all.pop();
    all.push({ ...point, atMs });
  }
  return all;
}

/** The points from `fromMs` on, and the last one before it: its figure still holds at `fromMs`. */
export function since(points: readonly Point[], fromMs: number): readonly Point[] {
  const first = points.findIndex(({ atMs }) => atMs >= fromMs);
  if (first === -1) return points.slice(-1);
  return first <= 1 ? points : points.slice(first - 1);
}

/**
 * The points without mistakes that were undone: where the figure rises and falls to exactly what it was, as an undo makes it fall. `from`
 * is the figure before the first point, where it is known. A counter that started anew may meet the old figure by
 * chance, so nothing is hidden by this.
 */
export function standing(points: readonly Point[], from: number | undefined): readonly Point[] {
  const levels = from === undefined ? [] : [from];
  const starts = from === undefined ? [] : [0];
  const kept: Point[] = [];
  for (const point of points) {
    if (levels.at(-2) === point.used && levels.at(-1)! > point.used) {
      levels.pop();
      kept.length = starts.pop()!;
    } else if (levels.at(-1) !== point.used) {
      levels.push(point.used);
      starts.push(kept.length);
    }
    kept.push(point);
  }
  return kept;
}

/** Where the figure fell: a counter that started anew, a correction, or an undo. */
export function drops(points: readonly Point[]): Point[] {
  return points.filter((point, index) => index > 0 && point.used < points[index - 1]!.used);
}

/** At most `most` of the points, the first and the last among them, evenly taken. */
export function thinned(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => points[Math.round(index * step)]!);
}
