import type { Language } from '../../../../protocol/language.ts';
import { findRunning } from '../../../sdk/daemon/daemon-finder.ts';
import { tellIfSlow } from '../../calls/slow-answer.ts';
import { defineCommand } from '../../command.ts';
import type { Settings } from '../../settings.ts';

/** Stops the daemon and waits until it is gone. */
export const stop = defineCommand({
  summary: { zh: '停止守护进程', en: 'stop the daemon' },
  example: { zh: 'token-sync stop', en: 'token-sync stop' },
  flags: {},
  args: [],
  async run({ settings, language }) {
    const pid = await stopDaemon(settings, language);
    if (pid === undefined) return { text: `${NONE[language]}\n`, json: { success: true, stopped: false } };
    return { text: `✅ ${STOPPED[language]} (pid ${pid})\n`, json: { success: true, stopped: true, pid } };
  },
});

/** Stops the daemon, whatever its version; resolves with its process id when the process is gone, `undefined` where none ran. */
export async function stopDaemon(settings: Settings, language: Language): Promise<number | undefined> {
  const { dataDir } = settings;
  // On whatever port: who restarts it on another one means this one.
  const options = { dataDir, language, mayStart: false };
  const found = await findRunning(options);
  if (!found) return undefined;
  const stopper = await import('../../../sdk/daemon/daemon-stopper.ts');
  return await tellIfSlow(language, () => stopper.stopDaemon(found.address, options));
}

const STOPPED = { zh: '守护进程已停止', en: 'The daemon has stopped' };
const NONE = { zh: '没有正在运行的守护进程', en: 'No daemon is running' };
