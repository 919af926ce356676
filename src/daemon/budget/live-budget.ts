import { isDeepStrictEqual } from 'node:util';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';
import type { DaemonInfo } from '../../protocol/methods.ts';
import { type Period, type PeriodSetting, periodFrom, writtenPeriod } from '../../shared/period.ts';
import {
  type BudgetSettings,
  type DaemonSettings,
  feedOf,
  type MeterSettings,
  periodOf,
  settingOf,
} from '../../shared/settings.ts';
import type { BudgetNow } from '../rules/record.ts';
import type { ConfigFile } from '../settings/config-file.ts';
import { withSettings } from '../settings/with-settings.ts';

export interface LiveBudgetOptions {
  readonly config: Pick<DaemonSettings, 'budget' | 'periodPlace'>;
  /** Where the period is written down. */
  readonly file: ConfigFile;
  readonly now?: () => number;
}

const PERIOD = settingOf('budget.period');

/** The period by which the budget is set to 0 again, and between whose resets it adds up; `undefined` where it does neither. */
export function renewsAt(settings: BudgetSettings): Period | undefined {
  return settings.renews ? periodOf(settings) : undefined;
}

/** Whether the budget adds up what is counted, and whether a source feeds it (SPEC §3). */
export function budgetNow(settings: BudgetSettings, meters: Pick<MeterSettings, 'main'>): BudgetNow {
  const feed = feedOf(meters);
  const addsFed = feed !== undefined && settings.kind === 'counter';
  return { adds: addsFed || renewsAt(settings) !== undefined, feeds: feed !== undefined };
}

/** The settings as `daemon.info` tells them; nothing where all are the defaults. */
export function toldBudget({ period, kind, renews }: BudgetSettings): Pick<DaemonInfo, 'budget'> {
  if (!period && kind === 'counter' && !renews) return {};
  return { budget: { period: writtenPeriod(period), kind, renews } };
}

/** The budget's settings as they hold now: they can be set while the daemon runs. */
export class LiveBudget {
  readonly #options: LiveBudgetOptions;
  readonly #now: () => number;
  readonly #listeners: (() => void)[] = [];
  #settings: BudgetSettings;

  constructor(options: LiveBudgetOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#settings = options.config.budget;
  }

  get settings(): BudgetSettings {
    return this.#settings;
  }

  /** Is called after one of them was set to another. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Writes the period into `config.json`, where it holds from now on; rejects as `storage_failed` when that cannot be written.
   * Throws at once, before anything is written, `value_refused` where the environment or a flag names the period, which would
   * go before what is written here, and `storage_failed` where the file is one that nothing is to be written into, or can be.
   */
  setPeriod(setting: PeriodSetting): Promise<void> {
    const place = this.#options.config.periodPlace;
    if (place && !place.isFile) throw heldBy(place.name);
    const period = periodFrom(setting, this.#now());
    const change = { setting: PERIOD, value: writtenPeriod(period) };
    const written = this.#options.file.change((text) => withSettings(text, [change]), UNCHANGED);
    return written.then(() => this.hold({ ...this.#settings, period }));
  }

  /** Holds other settings from now on, which stand in `config.json` already. */
  hold(settings: BudgetSettings): void {
    const isOther = !isDeepStrictEqual(settings, this.#settings);
    this.#settings = settings;
    if (isOther) for (const listener of this.#listeners) listener();
  }

  /** Writes down the day from which `7d` counts, where a person wrote it into the file without one. */
  async keepFirstDay(): Promise<void> {
    const { periodPlace, budget } = this.#options.config;
    if (periodPlace?.isFile && periodPlace.isFromToday && budget.period) await this.setPeriod(budget.period);
  }
}

/** Told where the first day of `7d` cannot be written down: it would be another at each start, and the reset never come. */
export function firstDayLost({ period }: BudgetSettings): Bilingual {
  const dated = writtenPeriod(period);
  return {
    zh: `config.json 无法写入，周期的起始日没有保存，下次启动会重新计算；请在其中写 "budget": { "period": "${dated}" }`,
    en: `config.json cannot be written, so the first day of the period is not kept and would be another after the next start; write "budget": { "period": "${dated}" } into it`,
  };
}

const UNCHANGED = { field: 'period', zh: '周期没有修改', en: 'the period was not changed' };

function heldBy(name: string): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    { zh: `周期由 ${name} 指定，没有修改`, en: `the period is set by ${name}, so it was not changed` },
    {
      field: 'period',
      hint: {
        zh: `请修改 ${name}，然后运行 token-sync restart`,
        en: `change ${name}, then run \`token-sync restart\``,
      },
    },
  );
}
