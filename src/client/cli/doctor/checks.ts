import { TokenSyncError } from '../../../protocol/errors.ts';
import { requireNode } from '../../../shared/runtime.ts';
import { VERSION } from '../version.ts';
import { checkClipboard } from './clipboard-check.ts';
import { checkClock } from './clock-check.ts';
import { checkDiskSpace, checkDropFolder, checkLedger, checkLock } from './daemon-folder-checks.ts';
import { type Check, type Subject, well, wrong } from './finding.ts';
import { checkConfig, checkFolder, checkStateFile, isClosed } from './folder-checks.ts';
import { checkPort } from './port-check.ts';
import { checkService } from './service-check.ts';
import { checkSources } from './sources-check.ts';
import { checkWarnings } from './warnings-check.ts';

/** Everything that `doctor` can look at, in the order in which it is told. */
export function checksOf(subject: Subject): readonly Check[] {
  const inside = isClosed(subject) ? [] : INSIDE;
  return [
    checkNode,
    checkFolder,
    ...inside,
    checkVersion,
    checkPort,
    checkClipboard,
    checkService,
    checkSources,
    checkWarnings,
  ];
}

/** The checks that look into the data folder. */
const INSIDE: readonly Check[] = [
  checkConfig,
  checkStateFile,
  checkLedger,
  checkDropFolder,
  checkDiskSpace,
  checkClock,
  checkLock,
  checkDaemon,
];

function checkNode() {
  const { node } = process.versions;
  try {
    requireNode(node);
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    return [wrong('node', error.text, error.hint)];
  }
  return [well('node', `Node ${node}`, `Node ${node}`)];
}

const checkedDaemon = 'daemon';

function checkDaemon({ daemon }: Subject) {
  if (daemon instanceof TokenSyncError) return [wrong(checkedDaemon, daemon.text, daemon.hint)];
  const { pid, url, protocol } = daemon;
  return [
    well(
      checkedDaemon,
      `守护进程正在运行：${url}（pid ${pid}，协议 ${protocol}）`,
      `the daemon runs at ${url} (pid ${pid}, protocol ${protocol})`,
    ),
  ];
}

function checkVersion({ daemon }: Subject) {
  if (daemon instanceof TokenSyncError) return [];
  if (daemon.version === VERSION) return [well('version', `版本 ${VERSION}`, `version ${VERSION}`)];
  return [
    wrong(
      'version',
      {
        zh: `守护进程的版本是 ${daemon.version}，本程序是 ${VERSION}`,
        en: `the daemon is of version ${daemon.version}, this program of ${VERSION}`,
      },
      { zh: '请运行 token-sync restart', en: 'run `token-sync restart`' },
    ),
  ];
}
