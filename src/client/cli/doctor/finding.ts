import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { Meters, Result } from '../../../protocol/methods.ts';
import { given } from '../../../shared/given.ts';
import type { DaemonSettings } from '../../../shared/settings.ts';
import { findDaemon } from '../../sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../sdk/daemon/http-call.ts';
import { settingsOfNextDaemon } from '../calls/daemon-settings.ts';
import type { Call } from '../command.ts';
import type { Settings } from '../settings.ts';
import { VERSION } from '../version.ts';

/** The finding of a check: all is well, or something is not and a command mends it. */
export interface Finding {
  readonly name: string;
  readonly isWell: boolean;
  readonly text: Bilingual;
  readonly hint?: Bilingual;
}

/** The subject of all checks. */
export interface Subject {
  readonly settings: Settings;
  /** The daemon's answer about itself, or why there is none. */
  readonly daemon: Result<'daemon.info'> | TokenSyncError;
  /** The daemon's live meters and their sources; absent where it is of another version. */
  readonly meters?: Meters;
  /** The settings of a daemon that is started now, or why it would refuse to start. */
  readonly next: DaemonSettings | TokenSyncError;
}

/** One thing that can be wrong; it may find several or nothing. */
export type Check = (subject: Subject) => Finding[] | Promise<Finding[]>;

/** Asks the daemon that runs, if one does; starts none. */
export async function lookAt(settings: Settings, language: Language): Promise<Subject> {
  const { dataDir, port } = settings;
  const askDaemon = async () => {
    const address = await findDaemon({ dataDir, language, mayStart: false, ...given({ port }) });
    const call: Call = (method, params) => callOnce(address, method, params, { language });
    const daemon = await call('daemon.info', {});
    // One of another version is restarted first.
    return { daemon, ...(daemon.version === VERSION && { meters: await call('meters.get', {}) }) };
  };
  const asked = await orFailure(askDaemon);
  return {
    settings,
    ...(asked instanceof TokenSyncError ? { daemon: asked } : asked),
    next: await orFailure(() => settingsOfNextDaemon(settings)),
  };
}

async function orFailure<T>(look: () => T | Promise<T>): Promise<T | TokenSyncError> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof TokenSyncError) return error;
    throw error;
  }
}

export function well(name: string, zh: string, en: string): Finding {
  return { name, isWell: true, text: { zh, en } };
}

export function wrong(name: string, text: Bilingual, hint: Bilingual | undefined): Finding {
  return { name, isWell: false, text, ...(hint && { hint }) };
}

/** The command by which a person may read and write a file or a folder and all in it. */
export function permit(path: string): Bilingual {
  const command =
    process.platform === 'win32' ? `icacls "${path}" /grant "%USERNAME%:F" /t` : `chmod -R u+rwX "${path}"`;
  return { zh: `请运行 ${command}`, en: `run: ${command}` };
}
