import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Alert, Forecast, Session, ToldAlert } from '../../protocol/methods.ts';
import type { Period } from '../../shared/period.ts';
import { type AlertSettings, type BudgetSettings, periodOf } from '../../shared/settings.ts';
import { dayOf } from '../../shared/words/forecast-text.ts';
import type { Monitor } from '../monitor.ts';
import { checkForecast, crossThresholds, standingThreshold } from '../rules/alert-rules.ts';
import { spanAt } from '../rules/period.ts';
import type { Snapshot } from '../rules/snapshot.ts';
import type { Notice, Subscriber, Subscribers } from '../subscribers.ts';
import { AlertOutlets, type OutletOptions } from './alert-outlets.ts';
import { MEMORY_WARNING } from './alert-words.ts';
import { type AlertMemory, forgetsKey, memoryText, readMemory, underKey, withTold } from './memory.ts';

export interface AlertsOptions extends OutletOptions {
  /** Keeps what was told. */
  readonly memoryFile: string;
  readonly save: (path: string, content: string) => Promise<void>;
  readonly monitor: Pick<Monitor, 'snapshot' | 'isTotalSet' | 'between'> & Partial<Pick<Monitor, 'shown'>>;
  readonly budget: () => BudgetSettings;
  /** `undefined` while the history is made anew; then it is looked at again. */
  readonly forecast: () => Forecast | undefined;
  /** The other subscribers, which are told of every alert. */
  readonly subscribers: Pick<Subscribers, 'publish'>;
  readonly onBug: (error: unknown) => void;
  readonly now?: () => number;
}

/** The forecast is looked at this long after a change, and otherwise this often, because time alone brings a new period. */
const SETTLE_MS = 500;
const LOOK_MS = 3_600_000;

/** A look walks over the whole history: it takes at most this share of the time. */
const LOOK_SHARE = 0.05;

/** A stop waits so long for what is being told. */
const GOODBYE_MS = 500;

/**
 * Tells once of each crossing of a threshold, and of a forecast that the budget ends before its period: to subscribers
 * at once, and, as soon as it is noted that it was told, on the desktop and to the program of the settings.
 */
export class Alerts implements Subscriber {
  readonly #options: AlertsOptions;
  readonly #now: () => number;
  readonly #outlets: AlertOutlets;
  #settings: AlertSettings;
  #memory: AlertMemory;
  /** As it stands on the disk, or is about to. */
  #kept: AlertMemory;
  #forecastAlert: Alert | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextLookMs = Number.POSITIVE_INFINITY;
  #earliestLookMs = 0;
  #isAwaitingHistory = false;
  #telling: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: AlertsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#settings = options.config.alerts;
    this.#outlets = new AlertOutlets(options, () => this.#settings);
    this.#memory = this.#kept = readMemory(options.memoryFile);
  }

  /** Takes note of committed changes, as any subscriber is told of them. */
  tell(notices: readonly Notice[]): void {
    for (const { method, params } of notices) {
      if (method !== 'usage.changed') continue;
      if (params.session) this.#memory = this.#memoryFor(params.session);
      this.#judge(params.usage);
    }
  }

  /** The alerts that hold at the moment: the highest threshold reached, and the forecast that the budget will not last. */
  standing(): Alert[] {
    const reached = standingThreshold(this.#options.monitor.snapshot, this.thresholds);
    return [reached, this.#forecastAlert].filter((alert) => alert !== undefined);
  }

  /** The alerts that were told last, oldest first, also before the start. */
  get latest(): readonly ToldAlert[] {
    return this.#memory.latest;
  }

  /** Tells what holds at the start, which a crash or other settings may have kept from being told. */
  start(): void {
    this.#judge(this.#options.monitor.snapshot);
  }

  /** Takes other settings from now on, and tells what holds by them. */
  configure(settings: Pick<AlertSettings, 'thresholds' | 'desktop'>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.start();
  }

  /** Looks at the forecast soon, because another day or stretch of the period has begun. */
  look(): void {
    this.#lookWithin(SETTLE_MS);
  }

  /** The budget has another period: what was told stands, and the forecast may be judged otherwise. */
  lookAnew(): void {
    this.#memory = forgetsKey(this.#memory);
    if (!this.#period) this.#forecastAlert = undefined;
    this.#lookWithin(SETTLE_MS);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    await Promise.race([this.#telling, pause(GOODBYE_MS, undefined, { ref: false })]);
  }

  /** While the ledger does not tell, what was told before tells: it was of a budget that somebody had set. */
  get #isTotalSet(): boolean | undefined {
    const { told, warnedEndMs, latest } = this.#memory;
    const hasTold = told.length > 0 || warnedEndMs !== undefined || latest.length > 0;
    return this.#options.monitor.isTotalSet ?? (hasTold || undefined);
  }

  /** In percent; none where nobody has set the budget: a share of a default says nothing. */
  get thresholds(): readonly number[] {
    return this.#isTotalSet ? this.#settings.thresholds : [];
  }

  #memoryFor(session: Session): AlertMemory {
    const key = this.#keyOf(session);
    if (key === this.#memory.key) return this.#memory;
    // Of the period before, the figure was told already.
    const isOldFigure = this.#options.forecast()?.period?.reason === 'no_reading_in_period';
    return isOldFigure ? this.#memory : underKey(this.#memory, key);
  }

  /** A threshold is told once in each: a stretch of the period, or a conversation. */
  #keyOf({ conversation_id = '', sync_type, flags }: Session): string {
    const { budget, monitor } = this.#options;
    if (budget().kind === 'context') {
      // A gauge tells of conversations too that are not shown, and what is read by hand beside it is the figure of the shown one.
      const isFollowed = sync_type === 'live' || (Array.isArray(flags) && flags.includes('calibrated'));
      return `conversation ${(isFollowed && monitor.shown?.conversation) || conversation_id}`;
    }
    const period = this.#period;
    const span = period && spanAt(period, this.#now());
    // By its day: in another time zone the same stretch ends at another instant.
    return `period ${span ? dayOf(span.endMs) : 'none'}`;
  }

  get #period(): Period | undefined {
    return periodOf(this.#options.budget());
  }

  #judge(snapshot: Snapshot): void {
    if (this.#isTotalSet === undefined) this.#judgeLater();
    else {
      const { told, alerts } = crossThresholds(this.#memory.told, snapshot, this.thresholds);
      this.#remember({ told }, alerts);
      this.#tell(alerts, snapshot);
    }
    this.#lookWithin(SETTLE_MS);
  }

  /** Once it is known whether somebody has set the budget. */
  #judgeLater(): void {
    if (this.#isAwaitingHistory) return;
    this.#isAwaitingHistory = true;
    const judge = (snapshot: Snapshot) => {
      this.#isAwaitingHistory = false;
      this.#judge(snapshot);
    };
    this.#options.monitor.between(judge, 'all').catch((error: unknown) => {
      this.#isAwaitingHistory = false;
      if (!this.#isClosed) this.#options.onBug(error);
    });
  }

  #lookWithin(waitMs: number): void {
    if (!this.#period || this.#isClosed) return;
    const atMs = Math.max(performance.now() + waitMs, this.#earliestLookMs);
    if (atMs >= this.#nextLookMs) return;
    clearTimeout(this.#timer);
    this.#nextLookMs = atMs;
    this.#timer = setTimeout(() => void this.#look(), atMs - performance.now()).unref();
  }

  async #look(): Promise<void> {
    const { monitor, onBug } = this.#options;
    this.#nextLookMs = Number.POSITIVE_INFINITY;
    try {
      await monitor.between((snapshot) => {
        const begunMs = performance.now();
        this.#checkForecast(snapshot);
        const endedMs = performance.now();
        this.#earliestLookMs = endedMs + (endedMs - begunMs) / LOOK_SHARE;
      });
    } catch (error) {
      if (!this.#isClosed) onBug(error);
    }
    this.#lookWithin(LOOK_MS);
  }

  #checkForecast(snapshot: Snapshot): void {
    const { forecast } = this.#options;
    const nowMs = this.#now();
    const period = this.#period;
    const endMs = period && spanAt(period, nowMs)?.endMs;
    this.#forecastAlert = undefined;
    if (endMs === undefined || !this.#isTotalSet) return;
    const told = forecast();
    if (!told) return;
    const { alert, isNew, warnedEndMs } = checkForecast(this.#memory.warnedEndMs, told, snapshot, { nowMs, endMs });
    this.#forecastAlert = alert;
    const fresh = alert && isNew ? [alert] : [];
    this.#remember({ warnedEndMs }, fresh);
    this.#tell(fresh, snapshot);
  }

  #remember(changed: Partial<AlertMemory>, alerts: readonly Alert[]): void {
    const memory = { ...this.#memory, ...changed, latest: withTold(this.#memory.latest, alerts, this.#now()) };
    this.#memory = memory;
    if (isDeepStrictEqual(memory, this.#kept)) return;
    this.#kept = memory;
    const text = memoryText(memory);
    this.#telling = this.#telling.then(async () => {
      try {
        await this.#options.save(this.#options.memoryFile, text);
      } catch (error) {
        // A disk that is full keeps nobody from being told, and the next alert writes it again.
        this.#outlets.warn('alert_memory', error, MEMORY_WARNING);
      }
    });
  }

  /** Subscribers and the hook hear of each; on the desktop one notice stands for all, which would otherwise hide each other. */
  #tell(alerts: readonly Alert[], snapshot: Snapshot): void {
    const last = alerts.at(-1);
    if (!last) return;
    this.#options.subscribers.publish(alerts.map((params) => ({ method: 'usage.alert', params })));
    this.#telling = this.#telling.then(async () => {
      const notice = this.#outlets.notice(last, snapshot);
      for (const alert of alerts) await this.#outlets.runHook(alert, snapshot);
      await notice;
    });
  }
}
