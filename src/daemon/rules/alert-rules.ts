import type { Alert, Forecast } from '../../protocol/methods.ts';
import { DAY_MS } from './pace.ts';
import { percentOf, type Snapshot } from './snapshot.ts';

/** A level is told of again only after usage fell to less than this share of it: an undo and its redo are one crossing. */
const REARM_SHARE = 0.95;

/** The forecast is believed to have changed its mind only when it outlives the period by so much of what is left of it. */
const REARM_LEFT = 0.1;

/** The levels that count as told after a snapshot, and an alert for each that it has just crossed. */
export interface Crossing {
  /** In percent, lowest first. */
  readonly told: readonly number[];
  readonly alerts: readonly Alert[];
}

/** Which of the thresholds, in percent, usage has crossed since `told`; each is told once until usage falls well below it. */
export function crossThresholds(told: readonly number[], snapshot: Snapshot, thresholds: readonly number[]): Crossing {
  const share = shareOf(snapshot);
  const levels = thresholds.toSorted((a, b) => a - b);
  return {
    told: levels.filter((level) => share >= level || (told.includes(level) && share >= level * REARM_SHARE)),
    alerts: levels
      .filter((level) => share >= level && !told.includes(level))
      .map((level) => thresholdAlert(level, snapshot)),
  };
}

/** The highest threshold that usage stands at or above, as an alert; `undefined` below all. */
export function standingThreshold(snapshot: Snapshot, thresholds: readonly number[]): Alert | undefined {
  const share = shareOf(snapshot);
  const reached = thresholds.filter((level) => share >= level);
  return reached.length === 0 ? undefined : thresholdAlert(Math.max(...reached), snapshot);
}

/** The outcome of holding the forecast against the end of a period. */
export interface ForecastCheck {
  /** The end, in milliseconds, of the period whose early exhaustion counts as told. */
  readonly warnedEndMs: number | undefined;
  /** There when the budget ends before the period. */
  readonly alert: Alert | undefined;
  /** True when this was not told before. */
  readonly isNew: boolean;
}

/** Whether the forecast says that the budget ends before the period does; told once a period, unless it looked well in between. */
export function checkForecast(
  warnedEndMs: number | undefined,
  forecast: Forecast,
  snapshot: Snapshot,
  { nowMs, endMs }: { readonly nowMs: number; readonly endMs: number },
): ForecastCheck {
  const wasTold = warnedEndMs === endMs;
  // A figure of the period before says nothing about this one.
  if (forecast.period?.reason === 'no_reading_in_period') {
    return { warnedEndMs: wasTold ? endMs : undefined, alert: undefined, isNew: false };
  }
  const exhaustedMs = forecast.exhausts_at === null ? Number.POSITIVE_INFINITY : Date.parse(forecast.exhausts_at);
  if (exhaustedMs < endMs) {
    const alert = {
      level: 100,
      percent: percentOf(snapshot.used, snapshot.total),
      forecast,
      period_ends_at: new Date(endMs).toISOString(),
      revision: snapshot.revision,
    };
    return { warnedEndMs: endMs, alert, isNew: !wasTold };
  }
  // A budget that is used up already says nothing about the forecast, so it does not rearm the alert.
  const isWell =
    exhaustedMs > endMs + Math.max(DAY_MS, (endMs - nowMs) * REARM_LEFT) && forecast.reason !== 'exhausted';
  return { warnedEndMs: wasTold && !isWell ? endMs : undefined, alert: undefined, isNew: false };
}

/** Unrounded, in percent: 79.996 % shows as 80.00 % and has not reached 80 %. */
function shareOf({ used, total }: Snapshot): number {
  return total > 0 ? (used * 100) / total : 0;
}

function thresholdAlert(level: number, { used, total, revision }: Snapshot): Alert {
  return { level, percent: percentOf(used, total), revision };
}
