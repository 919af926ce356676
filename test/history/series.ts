import type { Params, Result } from '../../src/protocol/methods.ts';
import { parseTimestamp } from '../../src/protocol/timestamp.ts';
import type { Commit } from './rows.ts';

type Point = Result<'usage.series'>['points'][number];

/**
 * The line of the figures with all its points: what was told late is added between its own time and that of its change.
 * The texts leave open what stands at one instant: there all changes stand as they came, but only the last one where
 * something that was told late becomes what was committed.
 */
export function seriesOf(
  commits: readonly Commit[],
  times: readonly number[],
  { since, until }: Params<'usage.series'>,
): Point[] {
  const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : parseTimestamp(since)!;
  const untilMs = until === undefined ? Number.POSITIVE_INFINITY : parseTimestamp(until)!;
  const line = wholeLine(commits, times);
  const within = line.filter(({ atMs }) => atMs >= sinceMs && atMs < untilMs);
  const stood = line.findLast(({ atMs }) => atMs < sinceMs);
  const isCovered = within[0]?.atMs === sinceMs;
  const begin = stood && sinceMs < untilMs && !isCovered ? [{ ...stood, atMs: sinceMs }] : [];
  return [...begin, ...within].map(({ atMs, ...figures }) => ({ at: new Date(atMs).toISOString(), ...figures }));
}

interface Level {
  readonly atMs: number;
  readonly used: number;
  readonly total: number;
}

function wholeLine(commits: readonly Commit[], times: readonly number[]): Level[] {
  const rises = commits.flatMap(({ rises }, index) => rises.map((rise) => ({ ...rise, endMs: times[index]! })));
  const instants = new Set([...times, ...rises.map(({ fromMs }) => fromMs)]);
  return [...instants]
    .sort((one, other) => one - other)
    .flatMap((atMs) => {
      const raised = rises.reduce((sum, { fromMs, endMs, tokens }) => {
        return sum + (fromMs <= atMs ? tokens : 0) - (endMs <= atMs ? tokens : 0);
      }, 0);
      const before = commits.findLast((_, index) => times[index]! < atMs);
      const at = commits.filter((_, index) => times[index] === atMs);
      const hasEnded = rises.some(({ endMs }) => endMs === atMs);
      const shown = hasEnded ? at.slice(-1) : at;
      // Before the first change its own budget is the only one that is known.
      const stood = [{ used: before?.used ?? 0, total: (before ?? commits[0]!).total }];
      return (shown.length > 0 ? shown : stood).map(({ used, total }) => ({
        atMs,
        used: Math.max(0, used + raised),
        total,
      }));
    });
}

/** Whether a line of few points shows the whole one: some of its points in their order, the first and the last among them. */
export function isSampleOf(sample: readonly Point[], whole: readonly Point[], limit: number): boolean {
  const texts = whole.map((point) => JSON.stringify(point));
  let from = 0;
  for (const point of sample) {
    const place = texts.indexOf(JSON.stringify(point), from);
    if (place < 0) return false;
    from = place + 1;
  }
  const ends = [whole[0], whole.at(-1)].map((point) => JSON.stringify(point));
  const own = [sample[0], sample.at(-1)].map((point) => JSON.stringify(point));
  return sample.length <= limit && ends.join() === own.join();
}
