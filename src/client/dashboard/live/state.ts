import { signal } from '@preact/signals';
import type { Change, EstimateAccuracy, Forecast, Result, Session, Usage } from '../../../protocol/methods.ts';

/** How the page stands to the daemon, and since when. */
export interface Link {
  readonly state: 'connecting' | 'live' | 'lost';
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** The daemon has become another version, which this page cannot speak with. */
  readonly isOutdated?: true;
}

/** The figures as they stand; `undefined` before the first are known. */
export const usage = signal<Usage | undefined>(undefined);

/** Somebody has set the budget, and not only the default stands; `undefined` before it is known. */
export const isTotalSet = signal<boolean | undefined>(undefined);

/** The time zone of the sessions’ timestamps, such as `Asia/Shanghai`; as it was when the page was loaded. */
export const daemonZone = signal<string | undefined>(undefined);

/** As in the state file: newest first, the latest 100. */
export const sessions = signal<readonly Session[]>([]);

export const link = signal<Link>({ state: 'connecting', sinceMs: Date.now() });

/** The pace and the day the budget runs out; asked for anew some moments after a change. */
export const forecast = signal<Forecast | undefined>(undefined);

/** How far estimates were off; asked for together with the forecast. */
export const estimateAccuracy = signal<EstimateAccuracy | undefined>(undefined);

/** The daemon’s version, paths, warnings and standing alerts. */
export const info = signal<Result<'daemon.info'> | undefined>(undefined);

/** True where `used` is a sum of what was counted: what a counter's figure adds to it, only the daemon knows. */
export function addsUp(): boolean {
  const { kind, renews, period } = info.value?.budget ?? {};
  return kind === 'counter' && renews === true && period !== 'never';
}

/** Tells of every change in order, also while the page is hidden; returns the way to leave. */
export function onChange(listener: (change: Change) => void): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

/** Tells that a snapshot has replaced the state, so that earlier answers are out of date where it is not the first one. */
export function onCatchUp(listener: (isFirst: boolean) => void): () => void {
  catchUpListeners.add(listener);
  return () => catchUpListeners.delete(listener);
}

/** For `feed.ts`. */
export function tellChange(change: Change): void {
  for (const listener of changeListeners) listener(change);
}

/** Tells of every alert; returns the way to leave. */
export function onAlert(listener: () => void): () => void {
  alertListeners.add(listener);
  return () => alertListeners.delete(listener);
}

/** For `feed.ts`. */
export function tellAlert(): void {
  for (const listener of alertListeners) listener();
}

/** For `feed.ts`. */
export function tellCatchUp(isFirst: boolean): void {
  for (const listener of catchUpListeners) listener(isFirst);
}

const changeListeners = new Set<(change: Change) => void>();
const alertListeners = new Set<() => void>();
const catchUpListeners = new Set<(isFirst: boolean) => void>();
