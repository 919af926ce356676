import type { Language } from '../../../../protocol/language.ts';
import type { Result } from '../../../../protocol/methods.ts';
import { withDaemon } from '../../../sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../../sdk/daemon/http-call.ts';
import { findOptions } from '../../calls/daemon-caller.ts';
import { tellIfSlow } from '../../calls/slow-answer.ts';
import { defineCommand, type Outcome } from '../../command.ts';
import { asTyped } from '../../own-command.ts';
import type { Settings } from '../../settings.ts';
import { block, warningsText } from '../../show/render.ts';

/** Starts the daemon, unless it runs. */
export const start = defineCommand({
  summary: { zh: '启动守护进程', en: 'start the daemon' },
  example: { zh: 'token-sync start', en: 'token-sync start' },
  flags: {},
  args: [],
  run: ({ settings, language }) => startDaemon(settings, language),
});

/** Makes sure that a daemon runs, and tells where. */
export async function startDaemon(settings: Settings, language: Language): Promise<Outcome> {
  const options = findOptions(settings, language);
  let isStarted = false;
  const starting = {
    onStarting: () => {
      isStarted = true;
      options.onStarting?.();
    },
    onRestarting: (version: string) => {
      isStarted = true;
      options.onRestarting?.(version);
    },
  };
  const info = await withDaemon({ ...options, ...starting }, (address) =>
    tellIfSlow(language, () => callOnce(address, 'daemon.info', {}, { language })),
  );
  const { url, pid, version, data_dir } = info;
  const warnings = info.warnings.map(asTyped);
  return {
    text: startedText(info, isStarted, language),
    json: { success: true, started: isStarted, url, pid, version, data_dir, warnings },
    ...(!settings.isJson && { note: warningsText(warnings, language) }),
  };
}

function startedText({ url, pid, data_dir }: Result<'daemon.info'>, isStarted: boolean, language: Language): string {
  return block(language, `✅ ${(isStarted ? STARTED : RUNNING)[language]}`, [
    [URL_LABEL, `${url}/`],
    [PID, String(pid)],
    [FOLDER, data_dir],
  ]);
}

const STARTED = { zh: '守护进程已启动', en: 'The daemon has started' };
const RUNNING = { zh: '守护进程已在运行', en: 'The daemon runs already' };
const URL_LABEL = { zh: '仪表盘', en: 'Dashboard' };
const PID = { zh: '进程', en: 'Process' };
const FOLDER = { zh: '数据文件夹', en: 'Data folder' };
