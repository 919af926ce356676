import { CONFIG_FILE, DEFAULT_HOST, DEFAULT_PORT, isLoopback } from '../protocol/addresses.ts';
import { TokenSyncError } from '../protocol/errors.ts';
import type { Bilingual, Language } from '../protocol/language.ts';
import { type Period, parsePeriod } from './period.ts';
import { NOT_A_FILE, reasonOf } from './words/not-a-file.ts';

/** What a daemon is told by its settings; what was left out has its default. */
export interface DaemonSettings {
  readonly port: number;
  /** True when somebody named the port, so that no other may be used in its place. */
  readonly isPortExplicit: boolean;
  readonly host: string;
  readonly auth: 'none' | 'token';
  /** That of the locale where it is absent. */
  readonly lang: Language | undefined;
  readonly log_level: LogLevel;
  readonly clipboard: { readonly watch: boolean };
  readonly alerts: AlertSettings;
}

/** What people are told of without asking, and how. */
export interface AlertSettings {
  /** In percent. */
  readonly thresholds: readonly number[];
  /** When the budget begins anew; without it nothing is foretold. */
  readonly period: Period | undefined;
  readonly desktop: boolean;
  /** A program and its arguments, which gets each alert as JSON on its standard input. */
  readonly command: readonly string[] | undefined;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Where the settings are written. */
export interface SettingsSources {
  /** The text of `config.json`; throws as Node does where it cannot be read. */
  readonly readFile: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By their names without the dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/** One setting: its key in `config.json`, what it takes to be right, and that in words. */
export interface Setting {
  readonly key: string;
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
    key: 'alerts.thresholds',
    parse: percentages,
    wanted: { zh: '百分比列表，如 80,90,100', en: 'a list of percentages such as 80,90,100' },
  },
  {
    key: 'alerts.period',
    parse: parsePeriod,
    wanted: {
      zh: '每月的某日 (15)、最后一天 (2026-01-31) 或起始日与天数 (2025-11-03/7d)',
      en: 'a day of the month (15), a last day (2026-01-31), or a first day and a number of days (2025-11-03/7d)',
    },
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

/** The settings: defaults < `config.json` < environment < flags; throws `wrong_usage` that names the wrong one. */
export function readDaemonSettings({ readFile, env, flags }: SettingsSources): DaemonSettings {
  const file = settingsIn(readFile);
  const found = new Map<string, unknown>();
  for (const setting of SETTINGS) {
    for (const [place, value] of [
      [CONFIG_FILE, file.get(setting.key)],
      [environmentName(setting.key), env[environmentName(setting.key)] || undefined],
      [`--${flagName(setting.key)}`, flags[flagName(setting.key)]],
    ] as const) {
      if (value === undefined) continue;
      const parsed = setting.parse(value);
      if (parsed === undefined)
        throw wrongSetting(place === CONFIG_FILE ? `${place}: ${setting.key}` : place, setting.wanted);
      found.set(setting.key, parsed);
    }
  }
  const host = (found.get('host') as string | undefined) ?? DEFAULT_HOST;
  const auth = found.get('auth') as DaemonSettings['auth'] | undefined;
  if (!isLoopback(host) && auth === 'none') throw openDoor(host);
  return {
    port: (found.get('port') as number | undefined) ?? DEFAULT_PORT,
    isPortExplicit: found.has('port'),
    host,
    auth: auth ?? (isLoopback(host) ? 'none' : 'token'),
    lang: found.get('lang') as Language | undefined,
    log_level: (found.get('log_level') as LogLevel | undefined) ?? 'info',
    clipboard: { watch: (found.get('clipboard.watch') as boolean | undefined) ?? false },
    alerts: {
      thresholds: (found.get('alerts.thresholds') as number[] | undefined) ?? [80, 90, 100],
      period: found.get('alerts.period') as Period | undefined,
      desktop: (found.get('alerts.desktop') as boolean | undefined) ?? true,
      command: found.get('alerts.command') as string[] | undefined,
    },
  };
}

/** The environment's name of a setting. */
export function environmentName(key: string): string {
  return `TOKEN_SYNC_${key.replace('.', '_').toUpperCase()}`;
}

/** The flag of a setting, without its dashes. */
export function flagName(key: string): string {
  return key.replace(/[._]/g, '-');
}

function settingsIn(readFile: () => string): Map<string, unknown> {
  let text: string;
  try {
    text = readFile();
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ENOENT') return new Map();
    throw brokenConfig(
      (error as { readonly code?: string }).code === NOT_A_FILE
        ? reasonOf(error)
        : { zh: '无法读取', en: 'it cannot be read' },
      error,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw brokenConfig({ zh: '不是有效的 JSON', en: 'it is not valid JSON' }, error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw brokenConfig({ zh: '应为一个 JSON 对象', en: 'it should be a JSON object' }, undefined);
  }
  const settings = new Map(flatten(parsed as Record<string, unknown>, ''));
  for (const key of settings.keys()) {
    if (!SETTINGS.some((setting) => setting.key === key)) throw unknownSetting(key);
  }
  return settings;
}

function* flatten(object: Record<string, unknown>, prefix: string): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
      yield* flatten(value as Record<string, unknown>, `${prefix}${key}.`);
    } else yield [`${prefix}${key}`, value];
  }
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

function wrongSetting(place: string, wanted: Bilingual): TokenSyncError {
  return new TokenSyncError(
    'wrong_usage',
    {
      zh: `设置 ${place} 的值无效；应为：${wanted.zh}`,
      en: `the setting ${place} is wrong; it should be ${wanted.en}`,
    },
    { field: place, hint: { zh: '请改正', en: 'correct it' } },
  );
}

function unknownSetting(key: string): TokenSyncError {
  const known = SETTINGS.map((setting) => setting.key).join(', ');
  return new TokenSyncError(
    'wrong_usage',
    { zh: `${CONFIG_FILE} 中有未知设置：${key}`, en: `${CONFIG_FILE} names an unknown setting: ${key}` },
    { field: key, hint: { zh: `可用设置：${known}`, en: `known settings: ${known}` } },
  );
}

function brokenConfig(what: Bilingual, cause: unknown): TokenSyncError {
  return new TokenSyncError(
    'wrong_usage',
    { zh: `${CONFIG_FILE} 有误：${what.zh}`, en: `${CONFIG_FILE} is broken: ${what.en}` },
    {
      hint: { zh: '请改正或删除它', en: 'mend or delete it' },
      ...(cause !== undefined && { cause }),
    },
  );
}

function openDoor(host: string): TokenSyncError {
  return new TokenSyncError(
    'wrong_usage',
    {
      zh: `监听 ${host} 时必须设置 auth 为 token，否则任何人都能写入`,
      en: `listening on ${host} needs the setting auth: token, or anybody could write`,
    },
    {
      field: 'auth',
      hint: {
        zh: '请在 config.json 中写 "auth": "token"，或设置 TOKEN_SYNC_AUTH=token，或运行 token-sync daemon --auth token',
        en: 'write "auth": "token" into config.json, set TOKEN_SYNC_AUTH=token, or run `token-sync daemon --auth token`',
      },
    },
  );
}
