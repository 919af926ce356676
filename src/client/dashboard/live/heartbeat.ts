import { TokenSyncError } from '../../../protocol/errors.ts';
import type { DaemonInfo } from '../../../protocol/methods.ts';
import { pause } from '../../sdk/connection/backoff.ts';
import { call } from './connection.ts';
import { tellAnswering } from './feed.ts';
import { isTotalSetBy } from './known-budget.ts';
import { estimateAccuracy, forecast, info, isTotalSet, link, onCatchUp, onChange } from './state.ts';

/** Asks now and then for everything that no notification tells: warnings, standing alerts, the forecast, the accuracy of estimates, and whether the daemon answers at all. */
export function startHeartbeat(): void {
  onChange(forecastSoon);
  onCatchUp(forecastSoon);
  onCatchUp(() => void beat());
  setInterval(() => document.visibilityState === 'visible' && void beat(), BEAT_MS);
  setInterval(forecastSoon, FORECAST_AGE_MS);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void beat());
}

const BEAT_MS = 5_000;

/** A daemon under load answers within a second; one that was suspended never does. */
const ANSWER_MS = 4_000;

/** The pace is that of a day, and changes with the clock too. */
const FORECAST_AGE_MS = 10 * 60_000;

/** Readings that follow each other closely are one question. */
const FORECAST_PAUSE_MS = 400;

let isBeating = false;

async function beat(): Promise<void> {
  if (isBeating || link.value.state === 'connecting') return;
  isBeating = true;
  const watch = setTimeout(() => tellAnswering(false), ANSWER_MS);
  try {
    const before = info.value;
    info.value = await call('daemon.info', {});
    isTotalSet.value = isTotalSetBy(info.value, isTotalSet.value);
    // Another window may have set the period; and with a day the allowance begins anew.
    const isOtherBudget = before !== undefined && settingsOf(before) !== settingsOf(info.value);
    if (isOtherBudget || forecastDay !== new Date().toDateString()) void forecastSoon();
    tellAnswering(true);
  } catch (error) {
    // The subscription tells that it is lost.
    if (!(error instanceof TokenSyncError)) throw error;
  } finally {
    clearTimeout(watch);
    isBeating = false;
  }
}

function settingsOf({ budget }: DaemonInfo): string {
  return JSON.stringify(budget);
}

let isForecastDue = false;
/** The local day on which it was asked for. */
let forecastDay = new Date().toDateString();

async function forecastSoon(): Promise<void> {
  if (isForecastDue) return;
  isForecastDue = true;
  await pause(forecast.value ? FORECAST_PAUSE_MS : 0);
  isForecastDue = false;
  forecastDay = new Date().toDateString();
  // An alert may no longer hold.
  void beat();
  try {
    forecast.value = await call('usage.forecast', {});
    estimateAccuracy.value = await call('usage.estimate_accuracy', {});
  } catch (error) {
    // The old ones stand until the daemon is back, which asks for them anew.
    if (!(error instanceof TokenSyncError)) throw error;
  }
}
