/** One amount of usage at one instant; one of 0 tells that the time was watched. */
export interface UsageAt {
  readonly atMs: number;
  readonly tokens: number;
}

/** How fast tokens are used, and from how many days that is known. */
export interface Pace {
  readonly perDay: number;
  readonly days: number;
  /** The deviation of one day from the next; where days hang together over weeks it is larger. */
  readonly deviation: number;
  /** The slower of the last two weeks, in tokens a day. */
  readonly slowerWeek: number;
}

export const DAY_MS = 86_400_000;

/** The habit of today: two whole weeks, so that free weekends weigh as they should. */
const RECENT_DAYS = 14;

/** Older days steady the pace while the habit stays the same; of what was before them only its beginning is told. */
export const LONGEST_DAYS = 112;

/** The number of days before the last two weeks that it takes to tell how much days vary. */
const LEAST_OLDER_DAYS = 14;

/** The habit has changed when the last two weeks are further from the time before than this, in standard errors. */
const SAME_HABIT_ERRORS = 3;

/** No day counts for more than so many times the third busiest: it is an import or a slip, and no pace. */
const MOST_TIMES = 2.5;

/** With fewer days of usage there is nothing to compare a large one with. */
const COMPARABLE_DAYS = 4;

/**
 * The pace over the window that fits: all of the last sixteen weeks, or, where the last two differ from what was before
 * by more than chance explains and both to the same side, these two. What is dated after now counts nothing.
 * The figures were settled by the back-test in `bench/`.
 */
export function paceOf(usage: Iterable<UsageAt>, nowMs: number): Pace & { readonly firstMs: number } {
  const { days, firstMs } = daysOf(usage, nowMs);
  const longest = Math.min(LONGEST_DAYS, Math.max(0, (nowMs - firstMs) / DAY_MS));
  // One more than whole days: the first usage lies at the very end of the last.
  const known = days.subarray(0, Math.floor(longest) + 1);
  const recent = withoutGiants(known).subarray(0, RECENT_DAYS);
  // By themselves, so that what is recorded now does not change what was.
  const older = withoutGiants(known.subarray(RECENT_DAYS));
  const recentDays = Math.min(RECENT_DAYS, longest);
  const weeks = [sum(recent.subarray(0, 7)) / 7, sum(recent.subarray(7)) / 7];
  const pace = (from: Float64Array, length: number) => ({
    perDay: length > 0 ? sum(from) / length : 0,
    days: length,
    deviation: deviationOf(from),
    slowerWeek: Math.min(...weeks),
    firstMs,
  });
  const now = pace(recent, recentDays);
  const isHabitNew = now.perDay === 0 || hasChanged(now.perDay, weeks, older, longest - recentDays);
  return isHabitNew ? now : pace(Float64Array.of(...recent, ...older), longest);
}

/** The figure of a period that counts for fewer days than this is no measure of its pace. */
export const LEAST_PERIOD_DAYS = 14;

/** Of a longer period the last five weeks are its pace. */
const MOST_PERIOD_DAYS = 35;

/**
 * The pace towards a reset, in tokens a day: that of the period's own `countedDays`, at least two weeks. A reset is near, so what
 * was before the period tells less than it does for a far date. Settled by the back-test of verdicts in `bench/`.
 */
export function paceOfPeriod(usage: Iterable<UsageAt>, nowMs: number, countedDays: number): number {
  const length = Math.min(MOST_PERIOD_DAYS, countedDays);
  return sum(withoutGiants(daysOf(usage, nowMs).days.subarray(0, Math.ceil(length)))) / length;
}

/** The tokens of each of the last days, counted back from now, and when the first amount was seen. */
function daysOf(usage: Iterable<UsageAt>, nowMs: number): { readonly days: Float64Array; readonly firstMs: number } {
  const days = new Float64Array(LONGEST_DAYS);
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { atMs, tokens } of usage) {
    if (atMs > nowMs) continue;
    if (atMs < firstMs) firstMs = atMs;
    const day = Math.floor((nowMs - atMs) / DAY_MS);
    if (day < LONGEST_DAYS && tokens > 0) days[day]! += tokens;
  }
  return { days, firstMs };
}

function withoutGiants(days: Float64Array): Float64Array {
  const used = days.filter((tokens) => tokens > 0).sort();
  if (used.length < COMPARABLE_DAYS) return days;
  const most = MOST_TIMES * used.at(-3)!;
  return days.map((tokens) => Math.min(tokens, most));
}

function hasChanged(perDay: number, weeks: readonly number[], older: Float64Array, olderDays: number): boolean {
  if (older.length < LEAST_OLDER_DAYS) return false;
  const before = sum(older) / olderDays;
  const error = spreadOf(older) * Math.sqrt(1 / RECENT_DAYS + 1 / olderDays);
  const isSameSide = weeks.every((week) => (perDay > before ? week > before : week < before));
  return isSameSide && Math.abs(perDay - before) > SAME_HABIT_ERRORS * error;
}

function deviationOf(days: Float64Array): number {
  const weeks = Float64Array.from({ length: Math.floor(days.length / 7) }, (_, week) =>
    sum(days.subarray(week * 7, week * 7 + 7)),
  );
  return Math.max(spreadOf(days), weeks.length < 3 ? 0 : spreadOf(weeks) / Math.sqrt(7));
}

function spreadOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = sum(values) / values.length;
  return Math.sqrt(values.reduce((all, value) => all + (value - mean) ** 2, 0) / (values.length - 1));
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
