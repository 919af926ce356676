import { type Language, languageOfLocale } from '../../protocol/language.ts';

/** Everything that may say which language the person reads, in the order of its weight. */
export interface LanguageSources {
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `lang` of the data folder's `config.json`. */
  readonly configured: () => string | undefined;
  /** The locale of the operating system's settings. */
  readonly system: () => string;
}

/** The person's language: `--lang`, `TOKEN_SYNC_LANG`, `config.json`, the POSIX locale, else that of the system. */
export function chooseLanguage({ flag, env, configured, system }: LanguageSources): Language {
  if (flag === 'zh' || flag === 'en') return flag;
  const locale = env.TOKEN_SYNC_LANG || configured() || env.LC_ALL || env.LC_MESSAGES || env.LANG || system();
  return languageOfLocale(locale);
}
