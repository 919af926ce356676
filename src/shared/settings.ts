import type { Bilingual, Language } from '../protocol/language.ts';
import { GAUGES, TOOLS, type Tool } from '../protocol/meters.ts';
import { type Period, parsePeriod, writtenPeriod } from './period.ts';
import {
  feeding,
  flag,
  isGauge,
  oneOf,
  percentages,
  program,
  tools,
  wholeNumber,
  writtenFeeding,
  writtenTools,
} from './setting-values.ts';
import { ABOUT } from './words/setting-words.ts';

/** The settings of a daemon; those that nobody made have their defaults. */
export interface DaemonSettings {
  readonly port: number;
  /** True when somebody named the port, so that no other may be used in its place. */
  readonly isPortExplicit: boolean;
  readonly host: string;
  readonly auth: 'none' | 'token';
  /** The locale’s where it is absent. */
  readonly lang: Language | undefined;
  readonly log_level: LogLevel;
  readonly clipboard: { readonly watch: boolean };
  readonly budget: BudgetSettings;
  /** Where the period is named; absent where it is not. */
  readonly periodPlace: PeriodPlace | undefined;
  readonly alerts: AlertSettings;
  readonly meters: MeterSettings;
}

/** The place of a period that holds. */
export interface PeriodPlace {
  /** `config.json: budget.period`, an environment variable, or a flag. */
  readonly name: string;
  readonly isFile: boolean;
  /** True of `7d`, which names no day from which it counts. */
  readonly isFromToday: boolean;
}

/** The meaning of the budget (SPEC §3). */
export interface BudgetSettings {
  /** The stretch for which it is meant to last; without it nobody can say whether it does. */
  readonly period: Period | undefined;
  /** Tokens for a period, or the room in one conversation. */
  readonly kind: 'counter' | 'context';
  /** True where the daemon sets `used` to 0 at each reset. */
  readonly renews: boolean;
}

/** The settings that nobody has made. */
export const PLAIN_BUDGET: BudgetSettings = { period: undefined, kind: 'counter', renews: false };

/** The period that a budget is judged by: the room in one conversation has none. */
export function periodOf({ kind, period }: BudgetSettings): Period | undefined {
  return kind === 'context' ? undefined : period;
}

/** The live meters (SPEC §10). */
export interface MeterSettings {
  /** The tools whose figures are looked for. */
  readonly sources: readonly Tool[];
  /** What feeds the budget: nothing, one gauge, or counters; `all` is every counter but `cursor.billed`. */
  readonly main: readonly string[];
  /** What of a counter feeds it: without what came from a cache, or with it. */
  readonly count: 'fresh' | 'all';
  /** How old a log may be that is read when its source is first seen. */
  readonly backfill_days: number | 'all';
  /** What is kept of the folder in which a tool worked: its last name, the whole path, or nothing. */
  readonly projects: 'name' | 'path' | 'off';
  /** Whether the tools of running distributions of WSL are read from Windows. */
  readonly wsl: boolean;
}

/** The settings that nobody has made. */
export const PLAIN_METERS: MeterSettings = {
  sources: TOOLS,
  main: [],
  count: 'fresh',
  backfill_days: 35,
  projects: 'name',
  wsl: false,
};

/** Whether the budget follows one gauge, or adds up counters; `undefined` where nothing feeds it. */
export function feedOf({ main }: Pick<MeterSettings, 'main'>): 'gauge' | 'counters' | undefined {
  if (main.length === 0) return undefined;
  return isGauge(main[0]!) ? 'gauge' : 'counters';
}

/** The alerts, and how people are told of them. */
export interface AlertSettings {
  /** In percent. */
  readonly thresholds: readonly number[];
  readonly desktop: boolean;
  /** A program and its arguments, which gets each alert as JSON on its standard input. */
  readonly command: readonly string[] | undefined;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One setting: its key in `config.json`, what it is for, its check, and the valid values in words. */
export interface Setting {
  readonly key: keyof typeof ABOUT;
  readonly about: Bilingual;
  /** The name that it had before, which goes on working. */
  readonly older?: string;
  /** `undefined` for a value that is wrong. */
  readonly parse: (value: unknown) => unknown;
  /** The value of a daemon as a person writes it into `config.json`; as it is where absent. */
  readonly write?: (value: never) => unknown;
  readonly wanted: Bilingual;
  /** True where it may run programs, open doors or tell of folders, so that nobody sets it over the network. */
  readonly isLocal?: true;
}

const CHECKS: readonly Omit<Setting, 'about'>[] = [
  {
    key: 'port',
    isLocal: true,
    parse: (value) => wholeNumber(value, 0, 65_535),
    wanted: { zh: '0 到 65535 的整数', en: 'a whole number from 0 to 65535' },
  },
  {
    key: 'host',
    isLocal: true,
    parse: (value) => (typeof value === 'string' && /^[\w.:-]{1,253}$/.test(value) ? value : undefined),
    wanted: { zh: '要监听的地址，如 127.0.0.1', en: 'an address to listen on, such as 127.0.0.1' },
  },
  {
    key: 'auth',
    isLocal: true,
    parse: oneOf(['none', 'token']),
    wanted: { zh: 'none 或 token', en: 'none or token' },
  },
  { key: 'lang', parse: oneOf(['zh', 'en']), wanted: { zh: 'zh 或 en', en: 'zh or en' } },
  { key: 'log_level', parse: oneOf(LOG_LEVELS), wanted: { zh: LOG_LEVELS.join('、'), en: LOG_LEVELS.join(', ') } },
  { key: 'clipboard.watch', parse: flag, wanted: { zh: 'true 或 false', en: 'true or false' } },
  {
    key: 'budget.period',
    write: writtenPeriod,
    older: 'alerts.period',
    parse: parsePeriod,
    wanted: {
      zh: '每月的某日 (15)、天数 (7d，从设置当天起)、最后一天 (2026-01-31)、起始日与天数 (2025-11-03/7d) 或 never',
      en: 'a day of the month (15), a number of days from the day on which it is set (7d), a last day (2026-01-31), a first day and a number of days (2025-11-03/7d), or never',
    },
  },
  {
    key: 'budget.kind',
    parse: oneOf(['counter', 'context']),
    wanted: { zh: 'counter 或 context', en: 'counter or context' },
  },
  { key: 'budget.renews', parse: flag, wanted: { zh: 'true 或 false', en: 'true or false' } },
  {
    key: 'alerts.thresholds',
    parse: percentages,
    wanted: { zh: '百分比列表，如 80,90,100', en: 'a list of percentages such as 80,90,100' },
  },
  { key: 'alerts.desktop', parse: flag, wanted: { zh: 'true 或 false', en: 'true or false' } },
  {
    key: 'alerts.command',
    isLocal: true,
    parse: program,
    wanted: {
      zh: '一个程序，或程序及其参数的列表，如 ["notify.sh", "--quiet"]',
      en: 'a program, or a list of one and its arguments such as ["notify.sh", "--quiet"]',
    },
  },
  {
    key: 'meters.sources',
    write: writtenTools,
    parse: tools,
    wanted: {
      zh: `auto、off 或工具列表，如 cursor,claude（可用：${TOOLS.join('、')}）`,
      en: `auto, off, or a list of tools such as cursor,claude (there are ${TOOLS.join(', ')})`,
    },
  },
  {
    key: 'meters.main',
    write: writtenFeeding,
    parse: feeding,
    wanted: {
      zh: `none、一个表 (${GAUGES.join('、')})，或计数列表，如 claude,codex，或 all`,
      en: `none, one gauge (${GAUGES.join(', ')}), or a list of counters such as claude,codex, or all`,
    },
  },
  { key: 'meters.count', parse: oneOf(['fresh', 'all']), wanted: { zh: 'fresh 或 all', en: 'fresh or all' } },
  {
    key: 'meters.backfill_days',
    parse: (value) => (value === 'all' ? value : wholeNumber(value, 0, 36_500)),
    wanted: { zh: '天数，如 35，或 all', en: 'a number of days such as 35, or all' },
  },
  {
    key: 'meters.projects',
    isLocal: true,
    parse: oneOf(['name', 'path', 'off']),
    wanted: { zh: 'name、path 或 off', en: 'name, path or off' },
  },
  { key: 'meters.wsl', parse: flag, wanted: { zh: 'true 或 false', en: 'true or false' } },
];

/** Every setting: in `config.json` by its key, in the environment as `TOKEN_SYNC_` and the key in capitals, as a flag with dashes. */
export const SETTINGS: readonly Setting[] = CHECKS.map((check) => ({ ...check, about: ABOUT[check.key] }));

/** The setting of that key; one that is not there is a bug. */
export function settingOf(key: string): Setting {
  const setting = SETTINGS.find((each) => each.key === key);
  if (!setting) throw new Error(`no setting ${key}`);
  return setting;
}

/** All names that settings go by, the older ones too. */
export function settingNames(): string[] {
  return SETTINGS.flatMap(({ key, older }) => (older === undefined ? [key] : [key, older]));
}

/** The environment's name of a setting. */
export function environmentName(key: string): string {
  return `TOKEN_SYNC_${key.replace('.', '_').toUpperCase()}`;
}

/** The flag of a setting, without its dashes. */
export function flagName(key: string): string {
  return key.replace(/[._]/g, '-');
}
