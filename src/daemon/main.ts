import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import {
  checkoutOf,
  type DaemonFile,
  dataFolder,
  type FailedStart,
  FOR_CALLER,
  type PassingDaemon,
} from '../protocol/addresses.ts';
import { FAILURES, TokenSyncError } from '../protocol/errors.ts';
import type { Language } from '../protocol/language.ts';
import { spelled } from '../shared/command-line.ts';
import { forgetNodeVariables, requireNode } from '../shared/runtime.ts';
import { visibleLine } from '../shared/visible-text.ts';
import { startDaemon } from './daemon.ts';
import { setV8Flags } from './heap/v8-flags.ts';
import { banner, historyLine } from './process/banner.ts';
import { type Invocation, languageOfEnvironment, loadConfig, readInvocation } from './process/config.ts';
import { openDataFolder } from './process/data-folder.ts';
import { complain, fallSilent, onUnread, say } from './process/output.ts';
import { ownCommand } from './process/own-command.ts';
import { startFailure } from './process/start-failure.ts';
import { VERSION } from './process/version.ts';

/** A stop that takes longer than this is cut short: everything that was acknowledged is on disk. */
const STOP_MS = 1_900;

let language: Language = languageOfEnvironment(process.env);
try {
  await run();
} catch (error) {
  fail(error);
}

async function run(): Promise<void> {
  requireNode(process.versions.node);
  forgetNodeVariables(process.env);
  setV8Flags();
  const invocation = readInvocation(process.argv.slice(2), process.env);
  if (invocation.flags.lang === 'zh' || invocation.flags.lang === 'en') language = invocation.flags.lang;
  const folder = openDataFolder(
    dataFolder({
      flag: invocation.dataFlag,
      env: process.env,
      checkout: checkoutOf(fileURLToPath(import.meta.url), existsSync),
      platform: process.platform,
      home: homedir(),
    }),
  );
  if (invocation.setsSettings) return await setSettings(folder.configFile, invocation);
  const config = loadConfig(folder.path, invocation);
  language = config.lang;

  const stopped = Promise.withResolvers<string>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
    process.on(signal, () => stopped.resolve(signal));
  }
  onUnread(fallSilent);
  let passing: PassingDaemon | undefined;
  const onUnlisted = (error: unknown, file: DaemonFile) => {
    const failure = startFailure(error, folder.path);
    if (!invocation.isForCaller || !(failure instanceof TokenSyncError)) throw failure;
    passing = { ...file, reason: failure.text, hint: failure.hint };
  };
  const callbacks = { onShutdown: stopped.resolve, onUnlisted };
  const daemon = await startDaemon(folder, config, callbacks).catch(async (error: unknown) => {
    if (!invocation.mayLookOn || !isOwnedByOther(error)) throw startFailure(error, folder.path);
    const { lookOn } = await import('./process/look-on.ts');
    if (!(await lookOn(folder, language, stopped.promise))) throw error;
    process.exit();
  });
  if (passing) {
    tellCaller(passing);
    process.stdin.on('close', () => stopped.resolve('its caller has ended')).resume();
  } else {
    say(banner(VERSION, daemon.url, folder, language));
    void daemon.tellHistory((done) => say(historyLine(done, language)));
  }

  const reason = await stopped.promise;
  setTimeout(() => process.exit(), STOP_MS).unref();
  await daemon.stop(reason);
  process.exit();
}

/** Of a person at this machine, who may write the file as well: so those too that nobody sets over the network. */
async function setSettings(configFile: string, { env, flags }: Pick<Invocation, 'env' | 'flags'>): Promise<never> {
  const { changeSettings } = await import('./settings/settings-change.ts');
  const { ConfigFile } = await import('./settings/config-file.ts');
  const changes = JSON.parse(await text(process.stdin)) as Readonly<Record<string, unknown>>;
  await changeSettings({ file: new ConfigFile(configFile), env, flags }, changes);
  say('{}\n');
  process.exit();
}

function isOwnedByOther(error: unknown): boolean {
  return error instanceof TokenSyncError && error.kind === 'owned_by_other';
}

/** In both languages: the caller's need not be ours. */
function tellCaller(word: PassingDaemon | FailedStart): void {
  say(`${JSON.stringify(word)}\n`);
}

function fail(error: unknown): never {
  if (error instanceof TokenSyncError) {
    const { kind, text: failed, hint } = error;
    if (process.argv.includes(FOR_CALLER)) tellCaller({ kind, failed, hint });
    const advice = hint && spelled(hint[language], ownCommand().here);
    complain(`token-sync: ${visibleLine(failed[language])}\n${advice ? `  → ${visibleLine(advice)}\n` : ''}`);
    process.exit(FAILURES[kind].exit);
  }
  complain(`${inspect(error)}\n`);
  process.exit(1);
}
