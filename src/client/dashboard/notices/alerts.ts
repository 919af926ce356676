import { computed, effect, signal } from '@preact/signals';
import type { Alert } from '../../../protocol/methods.ts';
import { remember, remembered } from '../live/memory.ts';
import { info } from '../live/state.ts';

/** The alerts that hold and that nobody has put away. */
export const shownAlerts = computed<readonly Alert[]>(() =>
  (info.value?.alerts ?? []).filter((alert) => !putAway.value.includes(keyOf(alert))),
);

/** Puts an alert away, on the next visits too, until it no longer holds: a further crossing is another one. */
export function putAlertAway(alert: Alert): void {
  keep([...putAway.value, keyOf(alert)]);
}

/** Forgets an alert that was put away as soon as it no longer holds, so that it is shown when it comes again. */
export function watchAlerts(): void {
  effect(() => {
    const known = info.value;
    if (!known) return;
    const standing = new Set(known.alerts.map(keyOf));
    const still = putAway.peek().filter((key) => standing.has(key));
    if (still.length < putAway.peek().length) keep(still);
  });
}

/** Where the choice is kept. */
const KEY = 'token-sync.alerts-put-away';

const putAway = signal<readonly string[]>(remembered(KEY)?.split(' ') ?? []);

function keep(keys: readonly string[]): void {
  putAway.value = keys;
  remember(KEY, keys.length === 0 ? undefined : keys.join(' '));
}

function keyOf({ level, forecast, period_ends_at }: Alert): string {
  return forecast ? `forecast-${period_ends_at ?? ''}` : `threshold-${level}`;
}
