import { CONFIG_FILE, DEFAULT_HOST, DEFAULT_PORT, isLoopback } from '../protocol/addresses.ts';
import { TokenSyncError } from '../protocol/errors.ts';
import type { Bilingual, Language } from '../protocol/language.ts';
import { budgetKindOf } from './budget-kind.ts';
import { type PeriodSetting, periodFrom, writtenPeriod } from './period.ts';
import {
  type DaemonSettings,
  environmentName,
  flagName,
  type LogLevel,
  type MeterSettings,
  PLAIN_METERS,
  SETTINGS,
  type Setting,
  settingNames,
} from './settings.ts';
import { NOT_A_FILE, reasonOf } from './words/not-a-file.ts';

/** Where the settings are written. */
export interface SettingsSources {
  /** The text of `config.json`; throws as Node does where it cannot be read. */
  readonly readFile: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By their names without the dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/**
 * The settings: defaults < `config.json` < environment < flags; throws `wrong_usage` that names the wrong one. A period
 * that counts from the day on which it is set does so from the day of `nowMs` where nobody has written that down.
 */
export function readDaemonSettings(sources: SettingsSources, nowMs = Date.now()): DaemonSettings {
  return daemonSettings(findSettings(sources), nowMs);
}

/** The settings that somebody has made. */
export interface FoundSettings {
  /** By their keys, as their `parse` returns them. */
  readonly found: ReadonlyMap<string, unknown>;
  /** Where each stands: `config.json: port`, an environment variable, or a flag. */
  readonly places: ReadonlyMap<string, string>;
}

/** Where a setting stands that is found there, or nowhere. */
export function originOf(place: string | undefined): 'default' | 'file' | 'environment' | 'flag' {
  if (place === undefined) return 'default';
  if (place.startsWith(CONFIG_FILE)) return 'file';
  return place.startsWith('--') ? 'flag' : 'environment';
}

/** The settings that somebody has made; throws `wrong_usage` that names the first one that is wrong. */
export function findSettings({ readFile, env, flags }: SettingsSources): FoundSettings {
  const file = settingsIn(readFile);
  const found = new Map<string, unknown>();
  const places = new Map<string, string>();
  for (const setting of SETTINGS) {
    for (const [place, value] of valuesOf(setting, { file, env, flags })) {
      const parsed = setting.parse(value);
      if (parsed === undefined) throw wrongSetting(place, setting.wanted);
      found.set(setting.key, parsed);
      places.set(setting.key, place);
    }
  }
  return { found, places };
}

/** All settings, by those that were found; throws `wrong_usage` where they do not go together. */
export function daemonSettings({ found, places }: FoundSettings, nowMs: number): DaemonSettings {
  const host = (found.get('host') as string | undefined) ?? DEFAULT_HOST;
  const auth = found.get('auth') as DaemonSettings['auth'] | undefined;
  if (!isLoopback(host) && auth === 'none') throw openDoor(host);
  const meters = metersOf(found);
  const renews = (found.get('budget.renews') as boolean | undefined) ?? false;
  const period = found.get('budget.period') as PeriodSetting | undefined;
  const periodPlace = places.get('budget.period');
  if (period?.kind === 'from_today' && periodPlace !== undefined && !periodPlace.startsWith(CONFIG_FILE)) {
    throw withoutFirstDay(periodPlace, writtenPeriod(periodFrom(period, nowMs)));
  }
  return {
    port: (found.get('port') as number | undefined) ?? DEFAULT_PORT,
    isPortExplicit: found.has('port'),
    host,
    auth: auth ?? (isLoopback(host) ? 'none' : 'token'),
    lang: found.get('lang') as Language | undefined,
    log_level: (found.get('log_level') as LogLevel | undefined) ?? 'info',
    clipboard: { watch: (found.get('clipboard.watch') as boolean | undefined) ?? false },
    budget: {
      period: period && periodFrom(period, nowMs),
      kind: budgetKindOf({
        kind: found.get('budget.kind') as DaemonSettings['budget']['kind'] | undefined,
        ...{ renews, main: meters.main },
      }),
      renews,
    },
    periodPlace:
      periodPlace === undefined
        ? undefined
        : {
            name: periodPlace,
            isFile: periodPlace.startsWith(CONFIG_FILE),
            isFromToday: period?.kind === 'from_today',
          },
    alerts: {
      thresholds: (found.get('alerts.thresholds') as number[] | undefined) ?? [80, 90, 100],
      desktop: (found.get('alerts.desktop') as boolean | undefined) ?? true,
      command: found.get('alerts.command') as string[] | undefined,
    },
    meters,
  };
}

function metersOf(found: ReadonlyMap<string, unknown>): MeterSettings {
  const told = Object.keys(PLAIN_METERS).flatMap((name) =>
    found.has(`meters.${name}`) ? [[name, found.get(`meters.${name}`)] as const] : [],
  );
  return { ...PLAIN_METERS, ...Object.fromEntries(told) };
}

/** What stands where, the weakest first; in one place the older name is the weaker. */
function* valuesOf(
  { key, older }: Setting,
  { file, env, flags }: Pick<SettingsSources, 'env' | 'flags'> & { readonly file: ReadonlyMap<string, unknown> },
): Generator<[place: string, value: unknown]> {
  const names = older === undefined ? [key] : [older, key];
  const places = [
    ...names.map((name) => [`${CONFIG_FILE}: ${name}`, file.get(name)] as const),
    ...names.map((name) => [environmentName(name), env[environmentName(name)] || undefined] as const),
    ...names.map((name) => [`--${flagName(name)}`, flags[flagName(name)]] as const),
  ];
  for (const [place, value] of places) if (value !== undefined) yield [place, value];
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
  const names = new Set(settingNames());
  for (const key of settings.keys()) if (!names.has(key)) throw unknownSetting(key);
  return settings;
}

function* flatten(object: Record<string, unknown>, prefix: string): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
      yield* flatten(value as Record<string, unknown>, `${prefix}${key}.`);
    } else yield [`${prefix}${key}`, value];
  }
}

/** The refusal of a value that a setting cannot have, which stands at `place`. */
export function wrongSetting(place: string, wanted: Bilingual): TokenSyncError {
  return new TokenSyncError(
    'wrong_usage',
    {
      zh: `设置 ${place} 的值无效；应为：${wanted.zh}`,
      en: `the setting ${place} is wrong; it should be ${wanted.en}`,
    },
    { field: place, hint: { zh: '请改正', en: 'correct it' } },
  );
}

/** There nobody can keep the day from which it counts, which would be another at each start. */
function withoutFirstDay(place: string, dated: string): TokenSyncError {
  return new TokenSyncError(
    'wrong_usage',
    { zh: `设置 ${place} 没有写明从哪天算起`, en: `the setting ${place} does not say from which day it counts` },
    {
      field: place,
      hint: {
        zh: `请写上起始日，如 ${dated}；或去掉它，再运行 token-sync budget --resets 7d，由守护进程记住`,
        en: `write the first day too, such as ${dated}, or take it away and run \`token-sync budget --resets 7d\`, which the daemon keeps`,
      },
    },
  );
}

function unknownSetting(key: string): TokenSyncError {
  const known = settingNames().join(', ');
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
