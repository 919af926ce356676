import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';
import type { DaemonInfo } from '../../protocol/methods.ts';
import { readRegular } from '../../shared/node/regular-file.ts';
import { type Period, type PeriodSetting, periodFrom, writtenPeriod } from '../../shared/period.ts';
import {
  type BudgetSettings,
  type DaemonSettings,
  feedOf,
  type MeterSettings,
  periodOf,
  settingOf,
} from '../../shared/settings.ts';
import { replaceFile } from '../disk/atomic-replace.ts';
import { codeOf } from '../disk/storage-failure.ts';
import type { BudgetNow } from '../rules/record.ts';
import { JsonSyntaxError } from '../store/json/json-parse.ts';
import { withSetting } from './with-setting.ts';

export interface LiveBudgetOptions {
  readonly config: Pick<DaemonSettings, 'budget' | 'periodPlace'>;
  /** The path of `config.json`, which need not be there yet. */
  readonly configFile: string;
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

/** The budget's settings as they hold now: the period can be set while the daemon runs. */
export class LiveBudget {
  readonly #options: LiveBudgetOptions;
  readonly #now: () => number;
  readonly #listeners: (() => void)[] = [];
  #settings: BudgetSettings;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LiveBudgetOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#settings = options.config.budget;
  }

  get settings(): BudgetSettings {
    return this.#settings;
  }

  /** Is called after the period was set to another. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Writes the period into `config.json`, where it holds from now on; rejects as `storage_failed` when that cannot be written.
   * Throws at once, before anything is written, `value_refused` where the environment or a flag names the period, which would
   * go before what is written here, and `storage_failed` where the file is one that nothing is to be written into, or can be.
   */
  setPeriod(setting: PeriodSetting): Promise<void> {
    this.#requireSettable();
    const period = periodFrom(setting, this.#now());
    const written = this.#writing.then(() => this.#write(writtenPeriod(period)));
    this.#writing = written.catch(() => undefined);
    return written.then(() => {
      const isOther = writtenPeriod(this.#settings.period) !== writtenPeriod(period);
      this.#settings = { ...this.#settings, period };
      if (isOther) for (const listener of this.#listeners) listener();
    });
  }

  /** Writes down the day from which `7d` counts, where a person wrote it into the file without one. */
  async keepFirstDay(): Promise<void> {
    const { periodPlace, budget } = this.#options.config;
    if (periodPlace?.isFile && periodPlace.isFromToday && budget.period) await this.setPeriod(budget.period);
  }

  #requireSettable(): void {
    const place = this.#options.config.periodPlace;
    if (place && !place.isFile) throw heldBy(place.name);
    const { path, mode } = this.#fileWith(writtenPeriod(undefined));
    try {
      if ((mode & 0o200) === 0) throw Object.assign(new Error('config.json is read-only'), { code: 'EACCES' });
      accessSync(dirname(path), constants.W_OK);
    } catch (error) {
      throw unwritableConfig(error);
    }
  }

  async #write(period: string): Promise<void> {
    const { path, text, changed, mode } = this.#fileWith(period);
    try {
      if (changed !== text) await replaceFile(path, changed, mode);
    } catch (error) {
      throw unwritableConfig(error);
    }
  }

  #fileWith(period: string): ConfigFile & { readonly changed: string } {
    try {
      const file = readConfig(this.#options.configFile);
      return { ...file, changed: withSetting(file.text, PERIOD, period) };
    } catch (error) {
      if (error instanceof JsonSyntaxError || error instanceof TypeError) throw brokenConfig();
      throw error instanceof TokenSyncError ? error : unwritableConfig(error);
    }
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

interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Where it is a link, the file that it leads to. */
function readConfig(path: string): ConfigFile {
  try {
    const target = realpathSync(path);
    return { path: target, text: readRegular(target).toString('utf8'), mode: statSync(target).mode & 0o777 };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // A link may lead to a disk that is not there now: a file in its place would hide what is written on it.
    if (lstatSync(path, { throwIfNoEntry: false })) throw danglingConfig();
    return { path, text: '{}', mode: 0o600 };
  }
}

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

/** What is recorded lies elsewhere, and may be on another disk. */
function unwritableConfig(cause: unknown): TokenSyncError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(codeOf(cause));
  return new TokenSyncError(
    'storage_failed',
    {
      zh: 'config.json 无法写入，周期没有修改',
      en: 'config.json cannot be written; the period was not changed',
    },
    {
      field: 'period',
      hint: isFull
        ? { zh: '磁盘已满，请腾出空间后重试', en: 'the disk is full: free some space and try again' }
        : {
            zh: '请检查该文件及其文件夹的权限',
            en: 'check the permissions of the file and of its folder',
          },
      cause,
    },
  );
}

function danglingConfig(): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    {
      zh: 'config.json 是一个链接，它指向的文件不存在，周期没有修改',
      en: 'config.json is a link to a file that is not there; the period was not changed',
    },
    { field: 'period', hint: { zh: '请恢复那个文件，或删除这个链接', en: 'bring that file back, or delete the link' } },
  );
}

function brokenConfig(): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    {
      zh: 'config.json 不是有效的 JSON，周期没有修改',
      en: 'config.json is not valid JSON; the period was not changed',
    },
    { field: 'period', hint: { zh: '请改正它，再试一次', en: 'mend it and try again' } },
  );
}
