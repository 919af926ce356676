import type { Params, Result } from '../../protocol/methods.ts';
import { type DatedRises, datedLine, type Stretch } from '../rules/dated-line.ts';
import { type Levels, sampleLevels } from '../rules/series.ts';
import { BLOCK_ROWS } from '../store/index/database/schema.ts';
import type { HistoryReader } from '../store/index/reading/reader.ts';
import { stretchOf } from './asked-time.ts';

const DEFAULT_POINTS = 500;

/**
 * The line of `used` and `total` as they stood after each change, what came later than it was used at its own time, with
 * no more points than asked for; it begins with what stood at `since`.
 */
export function seriesOf(
  reader: HistoryReader,
  { points: limit = DEFAULT_POINTS, ...asked }: Params<'usage.series'>,
  nowMs: number,
): Result<'usage.series'> {
  const { sinceMs, untilMs } = stretchOf(asked, nowMs);
  const { levels, length, stood, first } = lineOf(reader, [sinceMs, untilMs], nowMs);
  const point = (atMs: number, used: number, total: number) => ({ at: new Date(atMs).toISOString(), used, total });
  const isCovered = length > 0 && levels.atMs(first) === sinceMs;
  const begin =
    stood && Number.isFinite(sinceMs) && sinceMs < untilMs && !isCovered
      ? [point(sinceMs, stood.used, stood.total)]
      : [];
  const places = sampleLevels(levels, first, first + length, limit - begin.length);
  return {
    points: [...begin, ...places.map((place) => point(levels.atMs(place), levels.used(place), levels.total(place)))],
  };
}

/** What that costs, in changes that are looked at. */
export function seriesCost(reader: HistoryReader, asked: Params<'usage.series'>, nowMs: number): number {
  const { sinceMs, untilMs } = stretchOf(asked, nowMs);
  const [from, to] = placesIn(reader, [sinceMs, untilMs], nowMs);
  const { behind, before } = countsIn(reader, [from, sinceMs, to, untilMs]);
  return to - from + Math.min(behind, before) * RISE_COST;
}

/** The line between two instants; `first` is the rank that it begins with. */
function lineOf(
  reader: HistoryReader,
  stretch: readonly [number, number],
  nowMs: number,
): Stretch & { readonly first: number } {
  const [from, to] = placesIn(reader, stretch, nowMs);
  const levels = levelsOf(reader, [Math.max(0, from - 1), Math.max(to, 1)], nowMs);
  const rises = risesIn(reader, [from, to], stretch, nowMs);
  if (rises.length > 0) return { ...datedLine(levels, [from, to], rises, stretch), first: 0 };
  const stood = from > 0 ? { used: levels.used(from - 1), total: levels.total(from - 1) } : undefined;
  return { levels, length: to - from, stood, first: from };
}

/** The places of the changes between two instants; what is told of the time behind now is told as of now. */
function placesIn(
  reader: HistoryReader,
  [sinceMs, untilMs]: readonly [number, number],
  nowMs: number,
): readonly [number, number] {
  const placeFrom = (fromMs: number) => (fromMs > nowMs ? reader.changes : reader.firstPlaceFrom(fromMs));
  const from = placeFrom(sinceMs);
  return [from, Math.max(from, placeFrom(untilMs))];
}

/** The figures after the changes from one place up to another, and when they are told to have been. */
function levelsOf(reader: HistoryReader, [from, to]: readonly [number, number], nowMs: number): Levels {
  const first = Math.floor(from / BLOCK_ROWS);
  const blocks = Array.from({ length: Math.ceil(to / BLOCK_ROWS) - first }, (_, index) =>
    reader.changeColumns(first + index),
  );
  const blockOf = (place: number) => blocks[Math.floor(place / BLOCK_ROWS) - first]!;
  return {
    atMs: (place) => Math.min(blockOf(place).toldMs[place % BLOCK_ROWS]!, nowMs),
    used: (place) => blockOf(place).used[place % BLOCK_ROWS]!,
    total: (place) => blockOf(place).total[place % BLOCK_ROWS]!,
  };
}

/** By their commit: their number, the time that they belong to, when they were told, and their tokens. */
type Rise = readonly [number: number, fromMs: number, toldMs: number, tokens: number];

/** What came late is read row by row, and sorted. */
const RISE_COST = 8;
/** So many are too many to be read in the daemon itself, and to be found one by one; they are not counted further. */
const MOST_COUNTED = 6_000;

/** By the first place and instant of a stretch, and the first behind it. */
const BEHIND_START = '(rise.place >= ?1 or rise.from_ms >= ?2)';
const BEFORE_END = '(rise.place < ?3 or rise.from_ms < ?4)';

/** What came late and can show in a stretch is behind its start and before its end: few of the one or of the other are found by indices, and of many all are looked at in their order. */
const RISES = {
  behind: risesThat(`${BEHIND_START} and ${looked(BEFORE_END)}`),
  before: risesThat(`${looked(BEHIND_START)} and ${BEFORE_END}`),
  all: risesThat(`${looked(BEHIND_START)} and ${looked(BEFORE_END)}`),
};
const COUNTS = `select (${countOf(BEHIND_START)}) as behind, (${countOf(BEFORE_END)}) as before`;

function risesThat(condition: string): string {
  return `
    select rise.number, from_ms, told_ms, tokens from rise cross join change on change.place = rise.place
    where ${condition}`;
}

/** The condition, not to be found by an index. */
function looked(condition: string): string {
  return condition.replaceAll('rise.', '+rise.');
}

function countOf(found: string): string {
  return `select count(*) from (select 1 from rise where ${found} limit ${MOST_COUNTED})`;
}

function risesIn(
  reader: HistoryReader,
  [from, to]: readonly [number, number],
  [sinceMs, untilMs]: readonly [number, number],
  nowMs: number,
): DatedRises {
  const stretch = [from, sinceMs, to, untilMs] as const;
  const { behind, before } = countsIn(reader, stretch);
  const which = Math.min(behind, before) === MOST_COUNTED ? 'all' : behind <= before ? 'behind' : 'before';
  const byEnd = reader.statements.arrays<Rise>(RISES[which], ...stretch).sort(([one], [other]) => one - other);
  const byStart = byEnd.toSorted((one, other) => one[1] - other[1] || one[0] - other[0]);
  return {
    length: byEnd.length,
    start: (rank) => [byStart[rank]![1], byStart[rank]![3]],
    end: (rank) => [Math.min(byEnd[rank]![2], nowMs), byEnd[rank]![3]],
  };
}

/** How many rises there are behind the start of a stretch, and before its end. */
function countsIn(reader: HistoryReader, stretch: readonly [number, number, number, number]) {
  return reader.statements.get<{ readonly behind: number; readonly before: number }>(COUNTS, ...stretch)!;
}
