import type { Forecast } from '../../protocol/methods.ts';
import { DAY_MS, LEAST_PERIOD_DAYS, type Pace, paceOf, paceOfPeriod, type UsageAt } from './pace.ts';
import type { Snapshot } from './snapshot.ts';

/** With less than this there is no telling a day's rhythm from a trend, so no date is named. */
const LEAST_DAYS = 2;

/** A date further away than this says no more than "not soon". */
const HORIZON_DAYS = 3_650;

/** Of a normal distribution four fifths lie within so many standard errors. */
const RANGE_ERRORS = 1.2816;

/**
 * The pace, and when the budget runs out at it; without a date it says why. `usage` may come in any order, and holds
 * neither restarts nor corrections. The pace is never more than `used` by the days since `countingSinceMs`, when the
 * counter began anew (the first usage by default; no limit where nothing was recorded since), so that no busy hour raises a false alarm; only when each of the last
 * two weeks was faster is it the habit that changed. The range is where four futures out of five lie: what days vary by
 * makes both the pace and what is to come uncertain. Towards the reset of a period that began at
 * `periodStartMs` the pace is that of the period. Recording more never moves the date away, once there are four days with usage.
 */
export function forecastOf(
  snapshot: Snapshot,
  usage: readonly UsageAt[],
  nowMs: number,
  countingSinceMs?: number,
  periodStartMs?: number,
): Forecast {
  const { firstMs, ...pace } = paceOf(usage, nowMs);
  const { days, deviation, slowerWeek } = pace;
  if (days < LEAST_DAYS) return without('too_little_data', 0, days);
  const sinceMs = countedFrom(countingSinceMs ?? firstMs, firstMs, periodStartMs);
  const countedDays = (nowMs - sinceMs) / DAY_MS;
  const isOfPeriod = periodStartMs !== undefined && countedDays >= LEAST_PERIOD_DAYS;
  const uncapped = isOfPeriod ? paceOfPeriod(usage, nowMs, countedDays) : pace.perDay;
  const perDay = capped({ perDay: uncapped, slowerWeek }, snapshot.used, countedDays);
  if (snapshot.total <= 0) return without('no_budget', perDay, days);
  const remaining = snapshot.total - snapshot.used;
  if (remaining <= 0) return without('exhausted', perDay, days);
  if (perDay <= 0) return without('no_usage', 0, days);
  const daysLeft = remaining / perDay;
  if (daysLeft > HORIZON_DAYS) return without('beyond_horizon', perDay, days);
  const error = RANGE_ERRORS * deviation * Math.sqrt(1 / days + 1 / Math.max(1, daysLeft));
  const [low, high] = [Math.max(0, perDay - error), perDay + error];
  return {
    tokens_per_day: Math.round(perDay),
    exhausts_at: exhaustion(remaining, perDay, nowMs),
    basis_days: round(days),
    range: {
      tokens_per_day_low: Math.round(low),
      tokens_per_day_high: Math.round(high),
      earliest: exhaustion(remaining, high, nowMs),
      latest: exhaustion(remaining, low, nowMs),
    },
  };
}

/** A counter whose first figure of a period comes after a long weekend counts since the reset all the same. */
const LATE_DAYS = 4;

function countedFrom(countingSinceMs: number, firstMs: number, periodStartMs: number | undefined): number {
  if (periodStartMs === undefined || firstMs > periodStartMs) return countingSinceMs;
  const lateMs = countingSinceMs - periodStartMs;
  return lateMs >= 0 && lateMs < LATE_DAYS * DAY_MS ? periodStartMs : countingSinceMs;
}

function capped(
  { perDay, slowerWeek }: Pick<Pace, 'perDay' | 'slowerWeek'>,
  used: number,
  countedDays: number,
): number {
  if (countedDays <= 0) return perDay;
  const cap = used / countedDays;
  return slowerWeek > cap ? perDay : Math.min(perDay, cap);
}

function exhaustion(remaining: number, perDay: number, nowMs: number): string | null {
  const days = remaining / perDay;
  return days <= HORIZON_DAYS ? new Date(nowMs + days * DAY_MS).toISOString() : null;
}

function without(reason: NonNullable<Forecast['reason']>, perDay: number, basisDays: number): Forecast {
  return { tokens_per_day: Math.round(perDay), exhausts_at: null, basis_days: round(basisDays), reason };
}

function round(days: number): number {
  return Math.round(days * 100) / 100;
}
