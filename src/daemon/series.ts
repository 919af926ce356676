import type { Params, Result } from '../protocol/methods.ts';
import { parseTimestamp } from '../protocol/timestamp.ts';
import { sampleLevels } from './rules/series.ts';
import type { ChangeIndex } from './store/change-index.ts';

const DEFAULT_POINTS = 500;

/** The line of `used` and `total` as they stood after each change, with no more points than asked for; it begins with what stood at `since`. */
export function seriesOf(changes: ChangeIndex, params: Params<'usage.series'>): Result<'usage.series'> {
  const { order } = changes;
  const { since, until, points: limit = DEFAULT_POINTS } = params;
  const sinceMs = since === undefined ? undefined : parseTimestamp(since);
  const untilMs = (until === undefined ? undefined : parseTimestamp(until)) ?? Number.POSITIVE_INFINITY;
  const from = sinceMs === undefined ? 0 : order.rankOf(sinceMs, -1);
  const to = Math.max(from, order.rankOf(untilMs, -1));
  const levels = changes.levels();
  const point = (atMs: number, rank: number) => ({
    at: new Date(atMs).toISOString(),
    used: levels.used(rank),
    total: levels.total(rank),
  });
  const stood =
    sinceMs !== undefined && sinceMs < untilMs && from > 0 && (from === to || levels.atMs(from) > sinceMs)
      ? [point(sinceMs, from - 1)]
      : [];
  const ranks = sampleLevels(levels, from, to, limit - stood.length);
  return { points: [...stood, ...ranks.map((rank) => point(levels.atMs(rank), rank))] };
}
