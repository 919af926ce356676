import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutOf, dataFolder } from '../../protocol/addresses.ts';
import { type Language, languageOfLocale } from '../../protocol/language.ts';
import { plainEnvironment } from '../../shared/runtime.ts';

/** The settings that the process takes from its environment. */
export interface Environment {
  /** The data folder, as an absolute path. */
  readonly dataDir: string;
  readonly language: Language;
}

/** The data folder and the language of this process; the only reader of `process.env` in the SDK. */
export function readEnvironment(chosen: { readonly dataDir?: string; readonly language?: Language } = {}): Environment {
  const { env, platform } = process;
  const folder = dataFolder({
    flag: chosen.dataDir,
    env,
    checkout: checkoutOf(fileURLToPath(import.meta.url), existsSync),
    platform,
    home: homedir(),
  });
  const locale = env.TOKEN_SYNC_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || systemLocale();
  return { dataDir: resolve(folder), language: chosen.language ?? languageOfLocale(locale) };
}

/** The environment for a daemon: that of this process without the variables that are for this process alone. */
export function daemonEnvironment(): NodeJS.ProcessEnv {
  return plainEnvironment(process.env);
}

function systemLocale(): string {
  return Intl.DateTimeFormat().resolvedOptions().locale;
}
