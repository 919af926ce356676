import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import { readDaemonFile } from '../../sdk/daemon-file.ts';
import { type DaemonAddress, type FindOptions, findDaemon } from '../../sdk/daemon-finder.ts';
import { defineCommand } from '../command.ts';
import type { Settings } from '../settings.ts';
import { tellIfSlow } from '../slow-answer.ts';

/** Stops the daemon and waits until it is gone. */
export const stop = defineCommand({
  flags: {},
  places: [],
  async run({ settings, language }) {
    const pid = await stopDaemon(settings, language);
    if (pid === undefined) return { text: `${NONE[language]}\n`, json: { success: true, stopped: false } };
    return { text: `✅ ${STOPPED[language]} (pid ${pid})\n`, json: { success: true, stopped: true, pid } };
  },
});

/** Stops the daemon, whatever its version; resolves with its process id when the process is gone, `undefined` where none ran. */
export async function stopDaemon(settings: Settings, language: Language): Promise<number | undefined> {
  const address = await runningDaemon(settings, language);
  if (!address) return undefined;
  const stopper = await import('../../sdk/daemon-stopper.ts');
  return await tellIfSlow(language, () => stopper.stopDaemon(address, language));
}

/** The folder's daemon, on whatever port: who restarts it on another one means this one. */
async function runningDaemon(settings: Settings, language: Language): Promise<DaemonAddress | undefined> {
  const { dataDir, port } = settings;
  const options = { dataDir, language, mayStart: false };
  const found = await findRunning(options);
  return found || port === undefined ? found : await findRunning({ ...options, port });
}

async function findRunning(options: FindOptions): Promise<DaemonAddress | undefined> {
  try {
    return await findDaemon(options);
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    if (error.kind === 'incompatible') return readDaemonFile(options.dataDir)?.address;
    if (error.kind === 'unreachable') return undefined;
    throw error;
  }
}

const STOPPED = { zh: '守护进程已停止', en: 'The daemon has stopped' };
const NONE = { zh: '没有正在运行的守护进程', en: 'No daemon is running' };
