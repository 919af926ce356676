import type { Bilingual, Language } from '../protocol/language.ts';
import { type Period, parsePeriod } from './period.ts';

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

/** One setting: its key in `config.json`, its check, and the valid values in words. */
export interface Setting {
  readonly key: string;
  /** The name that it had before, which goes on working. */
  readonly older?: string;
  /** `undefined` for a value that is wrong. */
  readonly parse: (value: unknown) => unknown;
  readonly wanted: Bilingual;
}

/** Every setting: in `config.json` by its key, in the environment as `TOKEN_SYNC_` and the key in capitals, as a flag with dashes. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'port',
    parse: (value) => wholeNumber(value, 0, 65_535),
    wanted: { zh: '0 到 65535 的整数', en: 'a whole number from 0 to 65535' },
  },
  {
    key: 'host',
    parse: (value) => (typeof value === 'string' && /^[\w.:-]{1,253}$/.test(value) ? value : undefined),
    wanted: { zh: '要监听的地址，如 127.0.0.1', en: 'an address to listen on, such as 127.0.0.1' },
  },
  { key: 'auth', parse: oneOf(['none', 'token']), wanted: { zh: 'none 或 token', en: 'none or token' } },
  { key: 'lang', parse: oneOf(['zh', 'en']), wanted: { zh: 'zh 或 en', en: 'zh or en' } },
  { key: 'log_level', parse: oneOf(LOG_LEVELS), wanted: { zh: LOG_LEVELS.join('、'), en: LOG_LEVELS.join(', ') } },
  { key: 'clipboard.watch', parse: flag, wanted: { zh: 'true 或 false', en: 'true or false' } },
  {
    key: 'budget.period',
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
    parse: program,
    wanted: {
      zh: '一个程序，或程序及其参数的列表，如 ["notify.sh", "--quiet"]',
      en: 'a program, or a list of one and its arguments such as ["notify.sh", "--quiet"]',
    },
  },
];

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

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && (number as number) >= least && (number as number) <= most
    ? (number as number)
    : undefined;
}

function oneOf<T extends string>(allowed: readonly T[]): (value: unknown) => T | undefined {
  return (value) => allowed.find((word) => word === value);
}

function flag(value: unknown): boolean | undefined {
  return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
}

function percentages(value: unknown): number[] | undefined {
  const list =
    typeof value === 'string'
      ? value
          .split(',')
          .filter((part) => part.trim() !== '')
          .map(Number)
      : value;
  if (!Array.isArray(list) || list.length > 20) return undefined;
  const isFit = list.every((level) => typeof level === 'number' && level > 0 && level <= 1_000);
  return isFit ? [...new Set<number>(list)].sort((a, b) => a - b) : undefined;
}

/** A text is a program's name as a whole, blanks and all, unless it is a JSON list. */
function program(value: unknown): string[] | undefined {
  const list = typeof value !== 'string' ? value : value.startsWith('[') ? listIn(value) : [value];
  if (!Array.isArray(list) || list.length === 0 || list[0] === '') return undefined;
  return list.every((part) => typeof part === 'string' && !part.includes('\0')) ? list : undefined;
}

function listIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
