import type { Forecast } from '../../protocol/methods.ts';
import { DAY_MS, type Pace, paceOf, type UsageAt } from './pace.ts';
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
 * makes both the pace and what is to come uncertain. Recording more never moves the date away, once there are four days with usage.
 */
export function forecastOf(
  snapshot: Snapshot,
  usage: Iterable<UsageAt>,
  nowMs: number,
  countingSinceMs?: number,
): Forecast {
  const { firstMs, ...pace } = paceOf(usage, nowMs);
  const { days, deviation } = pace;
  if (days < LEAST_DAYS) return without('too_little_data', 0, days);
  const perDay = capped(pace, snapshot.used, (nowMs - (countingSinceMs ?? firstMs)) / DAY_MS);
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

function capped({ perDay, slowerWeek }: Pace, used: number, countedDays: number): number {
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
