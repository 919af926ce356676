import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG_FILE, checkoutOf, dataFolder } from '../../protocol/addresses.ts';
import { readRegularText } from '../../shared/node/regular-file.ts';
import type { GlobalFlags } from './flags.ts';
import { chooseLanguage } from './language.ts';
import { wrongUsage } from './wrong-usage.ts';

/** The settings of every command. */
export interface Settings {
  readonly isJson: boolean;
  /** An absolute path. */
  readonly dataDir: string;
  /** The port that the daemon must have. */
  readonly port?: number;
  /** Whether a daemon may be started. */
  readonly mayStart: boolean;
}

/** The settings that the flags name; throws `wrong_usage` that names the wrong one. */
export function readSettings({ json, lang, data, port, 'no-spawn': noSpawn }: GlobalFlags): Settings {
  if (lang !== undefined && lang !== 'zh' && lang !== 'en') throw wrongLanguage(lang);
  if (data === '') throw emptyFolder();
  return {
    isJson: json === true,
    dataDir: dataDirOf(data),
    ...(port !== undefined && { port: toPort(port) }),
    mayStart: noSpawn !== true,
  };
}

/** The person's language, also where the rest of the command line is wrong; the only look at the locale. */
export function readLanguage({ lang, data }: GlobalFlags) {
  return chooseLanguage({
    flag: lang,
    env: process.env,
    configured: () => configuredLanguage(dataDirOf(data)),
    // Intl takes 20 ms to tell the same, and is for a Node that is too old for the rest.
    system: () => globalThis.navigator?.language ?? Intl.DateTimeFormat().resolvedOptions().locale,
  });
}

function dataDirOf(flag: string | undefined): string {
  const checkout = checkoutOf(fileURLToPath(import.meta.url), existsSync);
  return resolve(dataFolder({ flag, env: process.env, checkout, platform: process.platform, home: homedir() }));
}

function configuredLanguage(dataDir: string): string | undefined {
  try {
    const { lang } = JSON.parse(readRegularText(join(dataDir, CONFIG_FILE)));
    return typeof lang === 'string' ? lang : undefined;
  } catch {
    // A broken file is told of by the daemon, which refuses to start, and by `doctor`.
    return undefined;
  }
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw wrongUsage(
    { zh: `--port 的值无效：${text}`, en: `--port is wrong: ${text}` },
    { zh: '请写 0 到 65535 的整数，如 --port 8877', en: 'write a whole number from 0 to 65535, such as --port 8877' },
  );
}

function wrongLanguage(lang: string) {
  return wrongUsage(
    { zh: `--lang 的值无效：${lang}`, en: `--lang is wrong: ${lang}` },
    { zh: '请写 --lang zh 或 --lang en', en: 'write --lang zh or --lang en' },
  );
}

function emptyFolder() {
  return wrongUsage(
    { zh: '--data 的值为空', en: '--data is empty' },
    { zh: '请写文件夹路径，如 --data ./data', en: 'name a folder, such as --data ./data' },
  );
}
