import { TokenSyncError } from '../../../protocol/errors.ts';
import { VERSION } from '../version.ts';
import { checkClipboard } from './clipboard-check.ts';
import { checkClock, checkDiskSpace, checkDropFolder, checkLedger, checkLock } from './daemon-folder-checks.ts';
import { type Check, well, wrong } from './finding.ts';
import { checkConfig, checkFolder, checkStateFile } from './folder-checks.ts';
import { checkPort } from './port-check.ts';
import { checkService } from './service-check.ts';

/** Everything that `doctor` looks at, in the order in which it is told. */
export const CHECKS: readonly Check[] = [
  checkNode,
  checkFolder,
  checkConfig,
  checkStateFile,
  checkLedger,
  checkDropFolder,
  checkDiskSpace,
  checkClock,
  checkLock,
  checkDaemon,
  checkVersion,
  checkPort,
  checkClipboard,
  checkService,
  checkWarnings,
];

/** `engines` of package.json. */
const LEAST_NODE = [22, 22] as const;

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const wanted = LEAST_NODE.join('.');
  if (isNewEnough) return [well('node', `Node ${process.versions.node}`, `Node ${process.versions.node}`)];
  return [
    wrong(
      'node',
      { zh: `Node ${process.versions.node} 太旧`, en: `Node ${process.versions.node} is too old` },
      { zh: `请安装 Node ${wanted} 或更新的版本`, en: `install Node ${wanted} or later` },
    ),
  ];
}

const checkedDaemon = 'daemon';

function checkDaemon({ daemon }: Parameters<Check>[0]) {
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

function checkVersion({ daemon }: Parameters<Check>[0]) {
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

function checkWarnings({ daemon }: Parameters<Check>[0]) {
  if (daemon instanceof TokenSyncError) return [];
  if (daemon.warnings.length === 0) return [well('warnings', '守护进程没有警告', 'the daemon warns of nothing')];
  return daemon.warnings.map(({ code, zh, en }) => wrong(`warning:${code}`, { zh, en }, undefined));
}
