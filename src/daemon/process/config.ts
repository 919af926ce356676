import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONFIG_FILE, expandHome, FOR_CALLER, SET_SETTINGS } from '../../protocol/addresses.ts';
import { TokenSyncError } from '../../protocol/errors.ts';
import { type Bilingual, type Language, languageOfLocale } from '../../protocol/language.ts';
import { readRegular } from '../../shared/node/regular-file.ts';
import { daemonSettings, type FoundSettings, findSettings } from '../../shared/read-settings.ts';
import { type DaemonSettings, flagName, settingNames } from '../../shared/settings.ts';

/** All settings of the daemon; frozen. */
export interface Config extends DaemonSettings {
  readonly lang: Language;
  readonly desktop: Desktop;
  readonly tools: Tools;
  /** The settings as they were found, and what goes before the file. */
  readonly start: Start;
}

/** The settings of a start. */
export interface Start extends FoundSettings, Pick<Invocation, 'env' | 'flags'> {
  readonly settings: DaemonSettings;
}

/** The machine as other programs of the same person see it. */
export interface Tools {
  /** As in `process.platform`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Where the clipboard lies and notices are shown: the desktop that the daemon was started on. */
export interface Desktop {
  /** As in `process.platform`. */
  readonly platform: string;
  /** As in `DISPLAY`. */
  readonly display: string | undefined;
  /** As in `WAYLAND_DISPLAY`. */
  readonly waylandDisplay: string | undefined;
  /** As in `DBUS_SESSION_BUS_ADDRESS`. */
  readonly sessionBus: string | undefined;
  /** The file of `XAUTHORITY`. */
  readonly authorityFile: string;
}

/** The flags and the environment, read before the data folder is known. */
export interface Invocation {
  readonly dataFlag: string | undefined;
  /** Whether to look on, where a daemon runs already, rather than to fail. */
  readonly mayLookOn: boolean;
  /** Whether to write settings into `config.json`, and end. */
  readonly setsSettings: boolean;
  /** Whether a client started it, which it may serve where nobody else can find it. */
  readonly isForCaller: boolean;
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads the command line; throws `wrong_usage` that names a flag it does not know. */
export function readInvocation(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Invocation {
  const options: Record<string, { type: 'string' }> = { data: { type: 'string' } };
  for (const name of settingNames()) options[flagName(name)] = { type: 'string' };
  const mayLookOn = args.includes(LOOK_ON);
  try {
    const offered = args.filter((arg) => ![LOOK_ON, FOR_CALLER, SET_SETTINGS].includes(arg));
    const { values } = parseArgs({ args: offered, options, strict: true, allowPositionals: false });
    const { data, ...flags } = values as Record<string, string | undefined>;
    const setsSettings = args.includes(SET_SETTINGS);
    return { dataFlag: data, mayLookOn, setsSettings, isForCaller: args.includes(FOR_CALLER), flags, env };
  } catch (cause) {
    const known = Object.keys(options)
      .map((name) => `--${name}`)
      .join(' ');
    throw new TokenSyncError('wrong_usage', argumentFault(cause as NodeJS.ErrnoException), {
      hint: { zh: `可用选项：${known}`, en: `known flags: ${known}` },
      cause,
    });
  }
}

/** The flag of `npm start`, which a person runs to see a daemon; whatever else starts one is told that it is one too many. */
const LOOK_ON = '--or-look-on';

/** In the words of the command line; Node's own come in English only. */
function argumentFault({ code, message }: NodeJS.ErrnoException): Bilingual {
  const [, name = ''] = /'([^']*?)(?: <value>)?'/.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return { zh: `未知选项：${name}`, en: `unknown flag: ${name}` };
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return { zh: `${name} 缺少值`, en: `${name} needs a value` };
  return { zh: `多余的参数：${name}`, en: `one argument too many: ${name}` };
}

/** The settings and the desktop; throws `wrong_usage` that names the wrong setting. */
export function loadConfig(folder: string, { flags, env }: Invocation): Config {
  const readFile = () => readRegular(join(folder, CONFIG_FILE)).toString('utf8');
  const found = findSettings({ readFile, env, flags });
  const settings = daemonSettings(found, Date.now());
  const [program, ...args] = settings.alerts.command ?? [];
  const command = program === undefined ? undefined : [expandHome(program, homedir()), ...args];
  return Object.freeze({
    ...settings,
    alerts: { ...settings.alerts, command },
    lang: settings.lang ?? languageOfEnvironment(env),
    desktop: {
      platform: process.platform,
      display: env.DISPLAY || undefined,
      waylandDisplay: env.WAYLAND_DISPLAY || undefined,
      sessionBus: env.DBUS_SESSION_BUS_ADDRESS || undefined,
      authorityFile: env.XAUTHORITY || join(homedir(), '.Xauthority'),
    },
    tools: { platform: process.platform, env, home: homedir() },
    start: { ...found, settings, env, flags },
  });
}

/** The language of the person's locale. */
export function languageOfEnvironment(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || Intl.DateTimeFormat().resolvedOptions().locale;
  return languageOfLocale(locale);
}
