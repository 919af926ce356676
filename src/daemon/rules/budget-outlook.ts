import type { BudgetPeriod, Forecast } from '../../protocol/methods.ts';
import { forecastOf } from './forecast.ts';
import { DAY_MS, type UsageAt } from './pace.ts';
import { localDays, type Span } from './period.ts';
import type { Snapshot } from './snapshot.ts';

/** What the budget's period is judged by, besides the figures and the forecast. */
export interface PeriodBasis {
  readonly nowMs: number;
  /** Where the stretch itself names no beginning. */
  readonly countingSinceMs: number;
  /** Consumption since the local day began. */
  readonly usedToday: number;
  /** True when `used` is known to be of this stretch: something was recorded in it, or the daemon itself began it anew. */
  readonly isFigureOfPeriod: boolean;
}

/**
 * Whether the budget lasts until its reset, and how much may be used a day (SPEC §5.3). An allowance is in whole tokens,
 * rounded down, so that what is allowed over the days left is never more than there is. `spare_days` is how long the
 * budget outlasts the reset, below 0 where it does not reach it.
 */
export function periodOutlook(
  { used, total }: Pick<Snapshot, 'used' | 'total'>,
  forecast: Forecast,
  span: Span,
  basis: PeriodBasis,
): BudgetPeriod {
  const { nowMs, usedToday } = basis;
  const startMs = span.startMs ?? Math.min(basis.countingSinceMs, nowMs);
  const daysLeft = localDays(nowMs, span.endMs);
  // A counter that began anew today had no more than the budget when the day began.
  const leftAtDayStart = Math.min(total, Math.max(0, total - used + usedToday));
  const perDay = Math.floor(leftAtDayStart / daysLeft);
  return {
    starts_at: new Date(startMs).toISOString(),
    ends_at: new Date(span.endMs).toISOString(),
    days_left: daysLeft,
    expected_percent: share(nowMs - startMs, span.endMs - startMs),
    allowance_per_day: perDay,
    allowance_today: Math.max(0, perDay - usedToday),
    ...verdictOf(total, forecast, span.endMs, basis),
  };
}

/**
 * The room in one conversation (SPEC §3): a pace, which no figure that falls with each conversation bounds, no date, and
 * how many turns as large as the last ones are left; none where no turn is known.
 */
export function contextOutlook(
  snapshot: Snapshot,
  usage: readonly UsageAt[],
  rises: readonly number[],
  nowMs: number,
): Forecast {
  const { tokens_per_day, basis_days } = forecastOf(snapshot, usage, nowMs, Number.POSITIVE_INFINITY);
  const turns = turnsLeft(snapshot, rises);
  const forecast = { tokens_per_day, exhausts_at: null, basis_days, reason: 'context' } as const;
  return turns === undefined ? forecast : { ...forecast, turns_left: turns };
}

function turnsLeft({ used, total }: Snapshot, rises: readonly number[]): number | undefined {
  if (rises.length === 0 || total <= 0) return undefined;
  const perTurn = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
  return Math.floor(Math.max(0, total - used) / perTurn);
}

type Verdict = Pick<BudgetPeriod, 'verdict' | 'spare_days' | 'reason'>;

function verdictOf(
  total: number,
  { exhausts_at, range, reason }: Forecast,
  endMs: number,
  { isFigureOfPeriod }: PeriodBasis,
): Verdict {
  if (total > 0 && !isFigureOfPeriod) return { verdict: 'unknown', reason: 'no_reading_in_period' };
  if (exhausts_at === null) return { verdict: 'unknown', reason: reason ?? 'no_usage' };
  const exhaustedMs = Date.parse(exhausts_at);
  const spare_days = Math.round(((exhaustedMs - endMs) / DAY_MS) * 10) / 10;
  if (exhaustedMs < endMs) return { verdict: 'short', spare_days };
  const earliest = range?.earliest ?? null;
  return { verdict: earliest !== null && Date.parse(earliest) < endMs ? 'tight' : 'lasts', spare_days };
}

/** In percent, to two decimals. */
function share(passedMs: number, wholeMs: number): number {
  return Math.round((passedMs / wholeMs) * 10_000) / 100;
}
