import { isDeepStrictEqual } from 'node:util';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Settings, SettingsChanged, ToldSetting } from '../../protocol/methods.ts';
import { daemonSettings, type FoundSettings, originOf } from '../../shared/read-settings.ts';
import { type BudgetSettings, type DaemonSettings, SETTINGS, type Setting } from '../../shared/settings.ts';
import { writtenValue } from '../../shared/written-setting.ts';
import type { ConfigFile } from './config-file.ts';
import { changeSettings, type NextSettings, nextSettings, type SettingPlaces } from './settings-change.ts';

/** Lets settings take effect while the daemon runs. */
export interface Applier {
  readonly names: readonly Setting['key'][];
  /** Called when any of them is another than before. */
  readonly apply: (settings: DaemonSettings) => void;
}

export interface LiveSettingsOptions {
  readonly file: ConfigFile;
  /** The settings that the daemon was started with, and what goes before the file. */
  readonly start: NextSettings & Omit<SettingPlaces, 'file'>;
  /** Those that can be set by other ways too, as they hold now. */
  readonly budget: () => BudgetSettings;
  readonly appliers: readonly Applier[];
}

/** The settings as they stand in `config.json`, the environment and the flags, and as the daemon runs by them. */
export class LiveSettings {
  readonly #options: LiveSettingsOptions;
  readonly #atOnce: ReadonlySet<Setting['key']>;
  /** What a start would have found when the file was last in order. */
  #next: NextSettings;
  #applied: DaemonSettings;

  constructor(options: LiveSettingsOptions) {
    this.#options = options;
    this.#atOnce = new Set(options.appliers.flatMap(({ names }) => names));
    this.#next = options.start;
    this.#applied = options.start.settings;
  }

  /** Every setting, in the order of their table. */
  get(): Settings {
    this.#next = this.#lookedUp();
    return { settings: SETTINGS.map((setting) => this.#told(setting)) };
  }

  /**
   * Writes settings, all of them or none, and lets whatever of the file can take effect at once do so; an empty change does the
   * latter alone. Throws and rejects as `changeSettings`, and refuses as `value_refused` what nobody sets over the network.
   */
  set(changes: Readonly<Record<string, unknown>>): Promise<SettingsChanged> {
    const named = SETTINGS.filter(({ key }) => Object.hasOwn(changes, key));
    const local = named.find(({ isLocal }) => isLocal);
    if (local) throw onlyHere(local);
    return changeSettings(this.#places, changes).then((next) => {
      this.#next = next;
      this.#apply(next.settings);
      const settings = named.map((setting) => this.#told(setting));
      const late = settings.filter(({ at_once, running }) => !at_once && running !== undefined);
      return { settings, restart_needed: late.map(({ name }) => name) };
    });
  }

  get #places(): SettingPlaces {
    const { file, start } = this.#options;
    return { file, env: start.env, flags: start.flags };
  }

  get #running(): DaemonSettings {
    return { ...this.#applied, budget: this.#options.budget() };
  }

  #apply(next: DaemonSettings): void {
    const before = this.#running;
    this.#applied = SETTINGS.filter(({ key }) => this.#atOnce.has(key)).reduce(
      (applied, setting) => withValueOf(setting, applied, next),
      before,
    );
    for (const { names, apply } of this.#options.appliers) {
      const isOther = SETTINGS.some((setting) => names.includes(setting.key) && differs(setting, before, next));
      if (isOther) apply(this.#applied);
    }
  }

  /** A file that is broken is told of by whoever changes it, and by `doctor`. */
  #lookedUp(): NextSettings {
    const { file, env, flags } = this.#places;
    try {
      return nextSettings({ readFile: () => file.text(), env, flags }, Date.now());
    } catch {
      return this.#next;
    }
  }

  #told(setting: Setting): ToldSetting {
    const { key: name, about, wanted } = setting;
    const { found, places, settings } = this.#next;
    const [value, running] = [toldValue(setting, settings), toldValue(setting, this.#running)];
    return {
      ...{ name, value, default: toldValue(setting, withoutSetting(setting, { found, places })) },
      ...{ origin: originOf(places.get(name)), about, wanted, at_once: this.#atOnce.has(name) },
      ...(!isDeepStrictEqual(value, running) && { running }),
    };
  }
}

/** Of a program that is run only whether there is one: its arguments may hold what is secret. */
function toldValue(setting: Setting, settings: DaemonSettings): ToldSetting['value'] {
  const value = writtenValue(setting, settings);
  if (setting.key === 'alerts.command') return value !== null;
  return typeof value === 'object' && value !== null ? [...value] : value;
}

/** The settings if nobody had named this one; all by default, where the others do not go together without it. */
function withoutSetting({ key }: Setting, { found, places }: FoundSettings): DaemonSettings {
  const others = <T>(all: ReadonlyMap<string, T>) => new Map([...all].filter(([name]) => name !== key));
  try {
    return daemonSettings({ found: others(found), places: others(places) }, Date.now());
  } catch {
    return daemonSettings({ found: new Map(), places: new Map() }, Date.now());
  }
}

function differs(setting: Setting, one: DaemonSettings, other: DaemonSettings): boolean {
  return !isDeepStrictEqual(writtenValue(setting, one), writtenValue(setting, other));
}

/** Those that take effect at once all stand in groups. */
function withValueOf({ key }: Setting, settings: DaemonSettings, from: DaemonSettings): DaemonSettings {
  const [group, name] = key.split('.') as ['budget' | 'alerts' | 'clipboard' | 'meters', string];
  const members = { ...from[group] } as Readonly<Record<string, unknown>>;
  return { ...settings, [group]: { ...settings[group], [name]: members[name] } };
}

function onlyHere({ key }: Setting): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: `${key} 不能通过网络修改，没有修改`,
      en: `${key} cannot be set over the network, so it was not changed`,
    },
    {
      field: key,
      hint: {
        zh: `请在本机运行 token-sync settings ${key} 值`,
        en: `on the machine itself, run \`token-sync settings ${key} VALUE\``,
      },
    },
  );
}
