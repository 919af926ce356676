import { type BucketName, bucketStart } from './calendar.ts';

/** The spans that a button offers. */
export type RangeName = '24h' | '7d' | '30d' | 'all';

/** The stretch of time that is shown; instants in milliseconds. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The facts of the history and the forecast on which a range depends. */
export interface RangeFacts {
  readonly nowMs: number;
  /** The oldest reading, if there is one. */
  readonly firstMs?: number | undefined;
  /** When the budget runs out at the slowest pace that the forecast names. */
  readonly exhaustsMs?: number | undefined;
  /** Whether there is a pace to draw into the future at all. */
  readonly hasPace: boolean;
}

/**
 * The window of a range: its past, and as much future as the forecast needs, but never more than half as much again.
 * Days are those of the local calendar, with today as the last, and hours whole ones, with the present one as the last.
 */
export function rangeWindow(range: RangeName, { nowMs, firstMs = nowMs, exhaustsMs, hasPace }: RangeFacts): TimeWindow {
  const fromMs = range === 'all' ? nowMs - Math.max(nowMs - firstMs, LEAST_ALL_MS) * 1.02 : rangeStart(range, nowMs);
  const spanMs = nowMs - fromMs;
  return { fromMs, toMs: nowMs + futureMs(spanMs, nowMs, hasPace ? exhaustsMs : undefined, hasPace) };
}

/** Closer by `factor` (further away below 1); the instant `atMs` keeps its place on the screen. */
export function zoomed({ fromMs, toMs }: TimeWindow, factor: number, atMs: number = (fromMs + toMs) / 2): TimeWindow {
  const spanMs = Math.min(Math.max((toMs - fromMs) / factor, LEAST_SPAN_MS), MOST_SPAN_MS);
  const share = Math.min(Math.max((atMs - fromMs) / (toMs - fromMs), 0), 1);
  return { fromMs: atMs - share * spanMs, toMs: atMs + (1 - share) * spanMs };
}

/** Moved along by a share of its span; to the left below 0. */
export function panned({ fromMs, toMs }: TimeWindow, share: number): TimeWindow {
  const byMs = (toMs - fromMs) * share;
  return { fromMs: fromMs + byMs, toMs: toMs + byMs };
}

/** From one instant to another, whichever comes first; no shorter than a minute. */
export function windowBetween(oneMs: number, otherMs: number): TimeWindow {
  const fromMs = Math.min(oneMs, otherMs);
  return { fromMs, toMs: Math.max(oneMs, otherMs, fromMs + LEAST_SPAN_MS) };
}

/** The bucket that makes between a handful and some eighty bars of a window. */
export function bucketFor({ fromMs, toMs }: TimeWindow): BucketName {
  const days = (toMs - fromMs) / DAY_MS;
  if (days <= 3) return 'hour';
  if (days <= 80) return 'day';
  return days <= 560 ? 'week' : 'month';
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAYS = { '7d': 7, '30d': 30 };
const LEAST_ALL_MS = HOUR_MS;
const LEAST_SPAN_MS = 60_000;
const MOST_SPAN_MS = 40 * 365 * DAY_MS;

function rangeStart(range: Exclude<RangeName, 'all'>, nowMs: number): number {
  if (range === '24h') return bucketStart(nowMs - 23 * HOUR_MS, 'hour');
  const now = new Date(nowMs);
  // By the calendar, so that a day of 23 or 25 hours counts as one.
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS[range] + 1).getTime();
}

function futureMs(spanMs: number, nowMs: number, exhaustsMs: number | undefined, hasPace: boolean): number {
  if (!hasPace) return spanMs * 0.03;
  if (exhaustsMs === undefined) return spanMs * 0.3;
  return Math.min(Math.max((exhaustsMs - nowMs) * 1.1, spanMs * 0.1), spanMs * 0.5);
}
