import { uptime } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Language } from '../../protocol/language.ts';
import { type Period, parsePeriod, periodFrom, writtenPeriod } from '../../shared/period.ts';
import { periodOf } from '../../shared/settings.ts';
import type { Monitor } from '../monitor.ts';
import type { Operation } from '../operation.ts';
import { dayEnd, dayStart, lastReset, spanAt } from '../rules/period.ts';
import { dueOperation } from './due-reset.ts';
import { type LiveBudget, renewsAt } from './live-budget.ts';
import { type RenewalMemory, readRenewal, renewalText } from './renewal-memory.ts';
import { SteadyClock, type Trust } from './steady-clock.ts';

export interface PeriodKeeperOptions {
  readonly budget: LiveBudget;
  readonly monitor: Pick<Monitor, 'submit' | 'first'>;
  /** Keeps since when the budget is renewed. */
  readonly memoryFile: string;
  readonly save: (path: string, content: string) => Promise<void>;
  readonly lang: Language;
  /** A day has begun, or a stretch of the period: what may be used today, and whether it lasts, is another. */
  readonly onTurn: () => void;
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
  /** The time that the machine has run, asleep or not. */
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
  /** The period that held at the last look. */
  #held: string | undefined;
  /** The beginning of what `used` counts, once the ledger is known to tell it. */
  #settledMs: number | undefined;
  #stretch: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: PeriodKeeperOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#runMs = options.runMs ?? (() => uptime() * 1_000);
    this.#clock = new SteadyClock(this.#now(), this.#runMs());
    this.#memory = readRenewal(options.memoryFile);
    options.budget.onChange(() => void this.look());
    options.monitor.first.precede(() => {
      const trust = this.#trust(this.#now());
      return this.#due(renewsAt(this.#options.budget.settings), trust, isSteady(trust));
    });
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
    try {
      await this.#renew(nowMs, this.#trust(nowMs));
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

  async #renew(nowMs: number, trust: Trust): Promise<void> {
    const period = renewsAt(this.#options.budget.settings);
    const written = writtenPeriod(period);
    const known = this.#memory;
    // What the period before still owes goes first: by another one nobody would write it any more. Of a change from before the
    // start nobody knows whether it was made before or after that reset.
    if (known && known.period === this.#held && this.#held !== written) {
      await this.#submit(this.#due(periodIn(known), trust, false));
    }
    this.#held = written;
    await this.#saveOnce(this.#since(written, nowMs, trust));
    if (isSteady(trust)) await this.#submit(this.#due(period, trust, false));
  }

  async #submit(due: Operation<void> | undefined): Promise<void> {
    if (due) await this.#options.monitor.submit(due);
  }

  /**
   * What is recorded goes behind a reset that is due, although nobody has watched the clock for a minute yet. Only by a clock
   * that has jumped just now nothing begins anew: whether it is right after the jump, or was before, shows within a minute,
   * and a reset that comes too late takes less from a person than one that was none.
   */
  #due(period: Period | undefined, trust: Trust, mendsAhead: boolean): Operation<void> | undefined {
    const { lang } = this.#options;
    const memory = this.#memory;
    const nowMs = this.#now();
    // A clock that is behind the beginning of the renewing knows nothing of its resets.
    if (!period || memory?.period !== writtenPeriod(period) || !this.#isSaved || memory.sinceMs > nowMs)
      return undefined;
    const resetMs = lastReset(period, nowMs) ?? Number.NEGATIVE_INFINITY;
    const isReset = resetMs > memory.sinceMs;
    const atMs = isReset ? resetMs : memory.sinceMs;
    if (atMs === this.#settledMs || trust === 'jumped') return undefined;
    const due = { atMs, isReset, mendsAhead, event: EVENT[lang] };
    return dueOperation(due, () => {
      this.#settledMs = atMs;
    });
  }

  #trust(nowMs: number): Trust {
    return this.#clock.trust(nowMs, this.#runMs());
  }

  /** On a disk that is full it is tried again with the next look, and the reset waits. */
  async #saveOnce(memory: RenewalMemory): Promise<void> {
    if (this.#isSaved) return;
    await this.#options.save(this.#options.memoryFile, renewalText(memory));
    this.#isSaved = true;
  }

  /**
   * From when on the budget is renewed by this period; where it is another than before, from now on. So it is where the clock
   * was ahead then: but a clock that is behind now looks the same, and is mostly set right within the hour.
   */
  #since(period: string, nowMs: number, trust: Trust): RenewalMemory {
    const known = this.#memory;
    if (known?.period === period && (known.sinceMs <= nowMs || trust !== 'proven')) return known;
    this.#memory = { period, sinceMs: nowMs };
    this.#isSaved = known === undefined && period === 'never';
    return this.#memory;
  }
}

function periodIn({ period, sinceMs }: RenewalMemory): Period | undefined {
  const setting = parsePeriod(period);
  return setting && periodFrom(setting, sinceMs);
}

function isSteady(trust: Trust): boolean {
  return trust === 'steady' || trust === 'proven';
}

const EVENT = { zh: '周期重置', en: 'Budget renewed' };
