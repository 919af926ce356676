import type { PassingDaemon } from '../../../protocol/addresses.ts';
import type { Language } from '../../../protocol/language.ts';
import { given } from '../../../shared/given.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { restartingText } from '../../sdk/daemon/compatibility.ts';
import { type FindOptions, withDaemon } from '../../sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../sdk/daemon/http-call.ts';
import type { Input } from '../command.ts';
import { asTyped } from '../own-command.ts';
import type { Settings } from '../settings.ts';
import { isNoteSeen, writeNote } from '../show/output.ts';
import { tellIfSlow } from './slow-answer.ts';

/** Where the daemon of these settings is sought, and whether it may be started. */
export function findOptions({ dataDir, port, mayStart }: Settings, language: Language): FindOptions {
  return {
    dataDir,
    ...given({ port }),
    mayStart,
    language,
    onStarting: () => {
      // A script that keeps both outputs together wants the result alone.
      if (isNoteSeen()) void writeNote(`${STARTING[language]}\n`);
    },
    // Told in any case: others may have been connected to that daemon.
    onRestarting: (version) => void writeNote(`${visibleLine(restartingText(version)[language])}\n`),
  };
}

/** The way for a command to call the daemon. */
export function daemonCaller(settings: Settings, language: Language): Input['daemon'] {
  const options = {
    ...findOptions(settings, language),
    // A daemon that no other process can find, as on a full disk, answers this command all the same.
    onPassing: ({ reason, hint }: PassingDaemon) => {
      const advice = hint ? `   ${visibleLine(asTyped(hint)[language])}\n` : '';
      void writeNote(`⚠️ ${visibleLine(reason[language])}${PASSING[language]}\n${advice}`);
    },
  };
  return (work) =>
    withDaemon(options, (address) =>
      tellIfSlow(language, () => work((method, params) => callOnce(address, method, params, { language }))),
    );
}

const PASSING = {
  zh: '；守护进程只为本次命令运行，随后结束',
  en: '; the daemon runs for this command alone and then ends',
};
const STARTING = { zh: '正在启动守护进程…', en: 'starting the daemon …' };
