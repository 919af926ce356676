import type { Params, Result } from '../../protocol/methods.ts';
import { parseTimestamp } from '../../protocol/timestamp.ts';
import { datedLine, type Stretch } from '../rules/dated-line.ts';
import { type Levels, sampleLevels } from '../rules/series.ts';
import type { ChangeIndex } from '../store/index/change-index.ts';

const DEFAULT_POINTS = 500;

/**
 * The line of `used` and `total` as they stood after each change, what came later than it was used at its own time, with
 * no more points than asked for; it begins with what stood at `since`.
 */
export function seriesOf(changes: ChangeIndex, params: Params<'usage.series'>, nowMs: number): Result<'usage.series'> {
  const { since, until, points: limit = DEFAULT_POINTS } = params;
  const sinceMs = (since === undefined ? undefined : parseTimestamp(since)) ?? Number.NEGATIVE_INFINITY;
  const untilMs = (until === undefined ? undefined : parseTimestamp(until)) ?? Number.POSITIVE_INFINITY;
  const { levels, length, stood, first } = stretchOf(changes, [sinceMs, untilMs], nowMs);
  const point = (atMs: number, used: number, total: number) => ({ at: new Date(atMs).toISOString(), used, total });
  const isCovered = length > 0 && levels.atMs(first) === sinceMs;
  const begin =
    stood && Number.isFinite(sinceMs) && sinceMs < untilMs && !isCovered
      ? [point(sinceMs, stood.used, stood.total)]
      : [];
  const ranks = sampleLevels(levels, first, first + length, limit - begin.length);
  return {
    points: [...begin, ...ranks.map((rank) => point(levels.atMs(rank), levels.used(rank), levels.total(rank)))],
  };
}

/** The line between two instants; `first` is the rank that it begins with. */
function stretchOf(
  changes: ChangeIndex,
  [sinceMs, untilMs]: readonly [number, number],
  nowMs: number,
): Stretch & { readonly first: number } {
  const { levels, rises } = changes.told(nowMs);
  const from = firstFrom(levels, changes.length, sinceMs);
  const to = Math.max(from, firstFrom(levels, changes.length, untilMs));
  if (rises.length > 0) return { ...datedLine(levels, [from, to], rises, [sinceMs, untilMs]), first: 0 };
  const stood = from > 0 ? { used: levels.used(from - 1), total: levels.total(from - 1) } : undefined;
  return { levels, length: to - from, stood, first: from };
}

/** The rank of the first change at or after an instant. */
function firstFrom({ atMs }: Levels, length: number, fromMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (atMs(middle) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
