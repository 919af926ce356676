import type { Forecast } from '../../protocol/methods.ts';
import type { Snapshot } from './snapshot.ts';

/** One amount of usage at one instant; restarts and corrections are no usage and are left out by the caller. */
export interface UsageAt {
  readonly atMs: number;
  readonly tokens: number;
}

const DAY_MS = 86_400_000;

/** The pace is taken over the last days only, so that a change of habit shows within two weeks. */
const WINDOW_DAYS = 14;

/** With less than this there is no telling a day's rhythm from a trend, so no date is named. */
const LEAST_DAYS = 2;

/** A date further away than this says no more than "not soon". */
const HORIZON_DAYS = 3_650;

/** The pace, and when the budget runs out at it; without a date it says why. `usage` may come in any order. */
export function forecastOf(snapshot: Snapshot, usage: Iterable<UsageAt>, nowMs: number): Forecast {
  let firstMs = Number.POSITIVE_INFINITY;
  let recent = 0;
  for (const { atMs, tokens } of usage) {
    if (tokens <= 0 || atMs > nowMs) continue;
    firstMs = Math.min(firstMs, atMs);
    if (atMs > nowMs - WINDOW_DAYS * DAY_MS) recent += tokens;
  }
  const elapsedDays = firstMs <= nowMs ? (nowMs - firstMs) / DAY_MS : 0;
  const basisDays = Math.min(WINDOW_DAYS, elapsedDays);
  if (basisDays < LEAST_DAYS) return without('too_little_data', 0, basisDays);
  const perDay = recent / basisDays;
  if (snapshot.total <= 0) return without('no_budget', perDay, basisDays);
  const remaining = snapshot.total - snapshot.used;
  if (remaining <= 0) return without('exhausted', perDay, basisDays);
  if (perDay <= 0) return without('no_usage', 0, basisDays);
  const daysLeft = remaining / perDay;
  if (daysLeft > HORIZON_DAYS) return without('beyond_horizon', perDay, basisDays);
  return {
    tokens_per_day: Math.round(perDay),
    exhausts_at: new Date(nowMs + daysLeft * DAY_MS).toISOString(),
    basis_days: round(basisDays),
  };
}

function without(reason: NonNullable<Forecast['reason']>, perDay: number, basisDays: number): Forecast {
  return { tokens_per_day: Math.round(perDay), exhausts_at: null, basis_days: round(basisDays), reason };
}

function round(days: number): number {
  return Math.round(days * 100) / 100;
}
