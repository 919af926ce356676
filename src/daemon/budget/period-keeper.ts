import { setTimeout as pause } from 'node:timers/promises';
import type { Language } from '../../protocol/language.ts';
import { writtenPeriod } from '../../shared/period.ts';
import { periodOf } from '../../shared/settings.ts';
import { dayOf } from '../../shared/words/forecast-text.ts';
import type { Monitor } from '../monitor.ts';
import { renewOperation } from '../operations.ts';
import { dayEnd, dayStart, lastReset, spanAt } from '../rules/period.ts';
import { type LiveBudget, renewsAt } from './live-budget.ts';
import { type RenewalMemory, readRenewal, renewalText } from './renewal-memory.ts';
import { SteadyClock } from './steady-clock.ts';

export interface PeriodKeeperOptions {
  readonly budget: LiveBudget;
  readonly monitor: Pick<Monitor, 'submit'>;
  /** Keeps since when the budget is renewed. */
  readonly memoryFile: string;
  readonly save: (path: string, content: string) => Promise<void>;
  readonly lang: Language;
  /** A day has begun, or a stretch of the period: what may be used today, and whether it lasts, is another. */
  readonly onTurn: () => void;
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
  /** The time that the process has run. */
  readonly runMs?: () => number;
}

/** A stop waits so long for what is under way. */
const GOODBYE_MS = 300;

/** The clock is looked at this often: timers stand still while a machine sleeps. */
const LOOK_MS = 60_000;

/**
 * Keeps the period of the budget: tells when a day or a stretch of it begins, and begins a budget that renews itself anew
 * at each reset, once, however many starts, kills and jumps of the clock there are. Resets that were slept through are one.
 */
export class PeriodKeeper {
  readonly #options: PeriodKeeperOptions;
  readonly #now: () => number;
  readonly #runMs: () => number;
  readonly #clock: SteadyClock;
  #memory: RenewalMemory | undefined;
  #isSaved = true;
  /** The reset that is known to be in the ledger. */
  #renewed: string | undefined;
  #stretch: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: PeriodKeeperOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#runMs = options.runMs ?? (() => performance.now());
    this.#clock = new SteadyClock(this.#now(), this.#runMs());
    this.#memory = readRenewal(options.memoryFile);
    options.budget.onChange(() => void this.look());
  }

  /** Looks at the clock, and does what is due; resolves when that is done. Called by itself from the first time on. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    // A reset may wait for a history that is being made anew; the next start writes it.
    await Promise.race([this.#looking, pause(GOODBYE_MS, undefined, { ref: false })]);
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const nowMs = this.#now();
    const isSteady = this.#clock.isSteady(nowMs, this.#runMs());
    try {
      await this.#renew(nowMs, isSteady);
    } catch (error) {
      if (!this.#isClosed) this.#options.onFailure(error);
    }
    this.#turn(nowMs);
    if (this.#isClosed) return;
    const waitMs = Math.min(LOOK_MS, Math.max(1, dayEnd(nowMs) - this.#now()));
    this.#timer = setTimeout(() => void this.look(), waitMs).unref();
  }

  #turn(nowMs: number): void {
    const period = periodOf(this.#options.budget.settings);
    const span = period && spanAt(period, nowMs);
    const stretch = period && `${dayStart(nowMs)} ${span?.startMs} ${span?.endMs}`;
    const isOther = this.#stretch !== undefined && stretch !== undefined && stretch !== this.#stretch;
    this.#stretch = stretch;
    if (isOther) this.#options.onTurn();
  }

  async #renew(nowMs: number, isSteady: boolean): Promise<void> {
    const { budget, monitor, lang } = this.#options;
    const period = renewsAt(budget.settings);
    const memory = this.#since(writtenPeriod(period), nowMs);
    await this.#saveOnce(memory);
    const atMs = period && lastReset(period, nowMs);
    if (atMs === undefined || atMs <= memory.sinceMs || !isSteady) return;
    const id = `period:${dayOf(atMs)}`;
    if (id === this.#renewed) return;
    await monitor.submit(renewOperation({ id, atMs, event: EVENT[lang] }));
    this.#renewed = id;
  }

  /** On a disk that is full it is tried again with the next look, and the reset waits. */
  async #saveOnce(memory: RenewalMemory): Promise<void> {
    if (this.#isSaved) return;
    await this.#options.save(this.#options.memoryFile, renewalText(memory));
    this.#isSaved = true;
  }

  /** From when on the budget is renewed by this period; where it is another than before, or the clock was ahead then, from now on. */
  #since(period: string, nowMs: number): RenewalMemory {
    const known = this.#memory;
    if (known?.period === period && known.sinceMs <= nowMs) return known;
    this.#memory = { period, sinceMs: nowMs };
    this.#isSaved = known === undefined && period === 'never';
    return this.#memory;
  }
}

const EVENT = { zh: '周期重置', en: 'Budget renewed' };
