import type { Forecast } from '../../protocol/methods.ts';
import type { BudgetSettings } from '../../shared/settings.ts';
import { contextOutlook, periodOutlook } from '../rules/budget-outlook.ts';
import { addExactly } from '../rules/exact-sum.ts';
import { forecastOf } from '../rules/forecast.ts';
import { dayEnd, dayStart, spanAt } from '../rules/period.ts';
import type { Snapshot } from '../rules/snapshot.ts';
import type { HistoryReader } from '../store/index/reading/reader.ts';
import { hasFigureIn } from '../store/index/reading/told-figure.ts';
import { eachConsumedIn } from './consumed.ts';
import { countingSince, recentUsage } from './forecast-basis.ts';

/** The figures by now. */
export interface FiguresNow {
  readonly snapshot: Snapshot;
  /** When `used` was set by hand last. */
  readonly setMs?: number | undefined;
}

/** The forecast, and whether the budget lasts until its reset; of the room in a conversation how many turns are left. */
export function outlookOf(
  reader: HistoryReader,
  { snapshot, setMs = Number.NEGATIVE_INFINITY }: FiguresNow,
  settings: BudgetSettings,
  nowMs: number,
): Forecast {
  if (settings.kind === 'context') {
    return contextOutlook(snapshot, recentUsage(reader, nowMs), reader.risesShown(TURNS), nowMs);
  }
  const { period } = settings;
  const countingSinceMs = countingSince(reader, nowMs);
  const span = period && spanAt(period, nowMs);
  const forecast = forecastOf(snapshot, recentUsage(reader, nowMs), nowMs, countingSinceMs, span?.startMs);
  if (!span) return forecast;
  // Where the daemon does not begin the budget anew, counts alone are added to what the counter showed in the period before.
  const hasFigure = (ms: number) => (settings.renews ? reader.hasReadingIn(ms, nowMs) : hasFigureIn(reader, ms, nowMs));
  const basis = {
    nowMs,
    countingSinceMs,
    usedToday: consumedOn(reader, nowMs),
    isFigureOfPeriod: span.startMs === undefined || setMs >= span.startMs || hasFigure(span.startMs),
  };
  return { ...forecast, period: periodOutlook(snapshot, forecast, span, basis) };
}

/** The last rises that tell how large a turn is. */
const TURNS = 20;

/** The consumption of the local day of an instant. */
function consumedOn(reader: HistoryReader, nowMs: number): number {
  let sum = 0;
  eachConsumedIn(reader, { sinceMs: dayStart(nowMs), untilMs: dayEnd(nowMs), nowMs }, (_, tokens) => {
    sum = addExactly(sum, tokens);
  });
  return sum;
}
