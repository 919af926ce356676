import type { DaemonSettings, Setting } from './settings.ts';

/** A setting's value among those of a daemon, as a person writes it into `config.json`; `null` where nobody has named one. */
export function writtenValue({ key, write }: Setting, settings: DaemonSettings): SettingValue | null {
  const [group, name] = key.split('.') as [keyof DaemonSettings, string?];
  const held = settings[group];
  const value = name === undefined ? held : (held as Readonly<Record<string, unknown>> | undefined)?.[name];
  return ((write ? write(value as never) : value) ?? null) as SettingValue | null;
}

/** A value as it stands in `config.json`. */
export type SettingValue = string | number | boolean | readonly (string | number)[];
