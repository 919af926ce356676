import { CONFIG_FILE } from '../../protocol/addresses.ts';
import { TokenSyncError } from '../../protocol/errors.ts';
import { writtenPeriod } from '../../shared/period.ts';
import {
  daemonSettings,
  type FoundSettings,
  findSettings,
  type SettingsSources,
  wrongSetting,
} from '../../shared/read-settings.ts';
import { type DaemonSettings, SETTINGS, type Setting, settingOf } from '../../shared/settings.ts';
import { writtenValue } from '../../shared/written-setting.ts';
import type { ConfigFile } from './config-file.ts';
import { type WrittenSetting, withSettings } from './with-settings.ts';

/** Where settings are named: the file, and what goes before it. */
export interface SettingPlaces extends Pick<SettingsSources, 'env' | 'flags'> {
  readonly file: ConfigFile;
}

/** The settings that a start would find. */
export interface NextSettings extends FoundSettings {
  readonly settings: DaemonSettings;
}

/**
 * Writes settings into `config.json`, all of them or none; resolves, when they are durable, with those that a start would find.
 * `null` takes one out. Throws at once, or rejects, as `value_refused` what would keep a daemon from starting, and a setting that
 * the environment or a flag names, which would go before; as `storage_failed` where the file cannot be changed.
 */
export function changeSettings(
  { file, env, flags }: SettingPlaces,
  changes: Readonly<Record<string, unknown>>,
  nowMs = Date.now(),
): Promise<NextSettings> {
  const { places } = findSettings({ readFile: () => '{}', env, flags });
  const written = Object.entries(changes).map(([name, value]) => readChange(name, value, nowMs));
  for (const { setting } of written) {
    const place = places.get(setting.key);
    if (place !== undefined) throw heldBy(setting, place);
  }
  let next: NextSettings | undefined;
  const edit = (text: string) => {
    const edited = written.length === 0 ? text : withSettings(text, written);
    next = asStarted(() => nextSettings({ readFile: () => edited, env, flags }, nowMs));
    return withFirstDay(edited, next.settings);
  };
  return file.change(edit, UNCHANGED).then(() => next!);
}

/** The settings that a start would find; throws as a start does. */
export function nextSettings(sources: SettingsSources, nowMs: number): NextSettings {
  const found = findSettings(sources);
  return { ...found, settings: daemonSettings(found, nowMs) };
}

interface Change extends WrittenSetting {
  readonly setting: Setting;
}

/** In the form in which a person writes it into the file, whatever form it was given in. */
function readChange(name: string, value: unknown, nowMs: number): Change {
  const setting = SETTINGS.find(({ key }) => key === name);
  if (!setting) throw unknownSetting(name);
  if (value === null) return { setting, value };
  const place = `${CONFIG_FILE}: ${setting.key}`;
  const parsed = setting.parse(value);
  if (parsed === undefined) throw asRefusal(wrongSetting(place, setting.wanted));
  const alone = { found: new Map([[setting.key, parsed]]), places: new Map([[setting.key, place]]) };
  return { setting, value: asStarted(() => writtenValue(setting, daemonSettings(alone, nowMs))) };
}

/** The day from which `7d` counts is written down too, where a person wrote it there without one: it would be another at each start. */
function withFirstDay(text: string, { periodPlace, budget }: DaemonSettings): string {
  if (!periodPlace?.isFile || !periodPlace.isFromToday) return text;
  return withSettings(text, [{ setting: settingOf('budget.period'), value: writtenPeriod(budget.period) }]);
}

/** A start refuses what stands in the file; here the same is refused to whoever wants it to stand there. */
function asStarted<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof TokenSyncError ? asRefusal(error) : error;
  }
}

function asRefusal({ text, field, hint }: TokenSyncError): TokenSyncError {
  return new TokenSyncError('value_refused', text, { ...(field !== undefined && { field }), ...(hint && { hint }) });
}

/** The name is the caller's own text: bounded, so that an answer never grows with a request. */
function unknownSetting(name: string): TokenSyncError {
  const shown = name.slice(0, 64);
  const known = SETTINGS.map(({ key }) => key).join(', ');
  return new TokenSyncError(
    'value_refused',
    { zh: `未知设置：${shown}`, en: `unknown setting: ${shown}` },
    { field: shown, hint: { zh: `可用设置：${known}`, en: `known settings: ${known}` } },
  );
}

function heldBy({ key }: Setting, place: string): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    { zh: `${key} 由 ${place} 指定，没有修改`, en: `${key} is set by ${place}, so it was not changed` },
    {
      field: key,
      hint: {
        zh: `请修改 ${place}，然后运行 token-sync restart`,
        en: `change ${place}, then run \`token-sync restart\``,
      },
    },
  );
}

const UNCHANGED = { zh: '设置没有修改', en: 'the settings were not changed' };
