import { accessSync, constants, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DROP_FOLDER } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { readRegularText } from '../../../shared/node/regular-file.ts';
import { isSuspended } from '../../sdk/daemon/daemon-file.ts';
import { holderOf, isHeld } from '../../sdk/daemon/folder-lock.ts';
import { isSilent } from '../../sdk/daemon/unreachable.ts';
import { type Finding, permit, type Subject, well, wrong } from './finding.ts';

/** Whether a process holds the data folder without answering; looked at only where no daemon answers. */
export async function checkLock({ settings: { dataDir }, daemon }: Subject): Promise<Finding[]> {
  const path = join(dataDir, '.lock');
  if (!(daemon instanceof TokenSyncError) || !isThere(path)) return [];
  try {
    if (!(await isHeld(dataDir))) return [well('lock', '数据文件夹没有被占用', 'nobody holds the data folder')];
  } catch (error) {
    return [unusable('lock', '.lock', path, error)];
  }
  const pid = holderOf(dataDir);
  const end = endCommand(pid, isSilent(daemon) || (pid !== undefined && isSuspended(Number(pid))));
  return [
    wrong(
      'lock',
      {
        zh: `有进程占用数据文件夹但没有应答${pid ? `（pid ${pid}）` : ''}`,
        en: `a process holds the data folder but does not answer${pid ? ` (pid ${pid})` : ''}`,
      },
      { zh: `请结束它：${end}，再运行 token-sync start`, en: `end it: ${end}, then run \`token-sync start\`` },
    ),
  ];
}

/** One that is suspended, or stays silent, hears no request to end; any other ends in good order. */
function endCommand(pid: string | undefined, isDeaf: boolean): string {
  if (process.platform === 'win32') return `taskkill /f /pid ${pid ?? 'PID'}`;
  return `kill ${isDeaf ? '-9 ' : ''}${pid ?? 'PID'}`;
}

/** Whether the history can be read and written, and its last part is whole. */
export function checkLedger({ settings: { dataDir }, daemon }: Subject): Finding[] {
  const folder = join(dataDir, 'ledger');
  if (!isThere(folder)) return [];
  let broken: string | undefined;
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const last = readdirSync(folder)
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .toSorted()
      .at(-1);
    const lines = last === undefined ? [] : readRegularText(join(folder, last)).split('\n');
    // A daemon that runs may be in the middle of a line.
    if (daemon instanceof TokenSyncError && lines.slice(0, -1).some((line) => !isJson(line))) broken = last;
    if (daemon instanceof TokenSyncError && lines.at(-1)) broken = last;
  } catch (error) {
    return [unusable('ledger', 'ledger', folder, error)];
  }
  if (broken === undefined) return [well('ledger', '账本可以读写', 'the ledger can be read and written')];
  return [
    wrong(
      'ledger',
      { zh: `账本 ${broken} 有损坏或写了一半的行`, en: `the ledger ${broken} has damaged or half-written lines` },
      {
        zh: '运行 token-sync start：守护进程会留一份副本并修复',
        en: 'run `token-sync start`: the daemon keeps a copy and mends it',
      },
    ),
  ];
}

/** Whether files can be dropped, and none waits for a person. */
export function checkDropFolder({ settings: { dataDir } }: Subject): Finding[] {
  const folder = join(dataDir, DROP_FOLDER);
  const stat = statSync(folder, { throwIfNoEntry: false });
  // Where no daemon has ever been, the first one makes it.
  if (!stat && !isThere(join(dataDir, 'ledger'))) return [];
  if (!stat?.isDirectory()) {
    return [
      wrong(
        'drop_folder',
        stat
          ? { zh: `${folder} 不是文件夹`, en: `${folder} is not a folder` }
          : { zh: `没有投递文件夹：${folder}`, en: `there is no drop folder: ${folder}` },
        stat
          ? { zh: '请移走该文件，再运行 token-sync restart', en: 'move that file away, then run `token-sync restart`' }
          : { zh: '运行 token-sync restart 会创建它', en: '`token-sync restart` makes it' },
      ),
    ];
  }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return [unusable('drop_folder', DROP_FOLDER, folder, error)];
  }
  const rejected = join(folder, 'rejected');
  const waiting = isThere(rejected) ? readdirSync(rejected).filter((name) => name.endsWith('.error.txt')).length : 0;
  if (waiting === 0) return [well('drop_folder', '投递文件夹可用', 'the drop folder can be used')];
  return [
    wrong(
      'drop_folder',
      { zh: `有 ${waiting} 个投递的文件没有被记录`, en: `dropped files that were not recorded: ${waiting}` },
      {
        zh: `原因在 ${rejected} 中；处理后请删除它们`,
        en: `the reasons are in ${rejected}; delete them when dealt with`,
      },
    ),
  ];
}

/** Enough for years of readings, and little enough to be trouble for everything else too. */
const LEAST_FREE_BYTES = 20 * 1024 * 1024;

/** Whether there is room for what will be recorded. */
export function checkDiskSpace({ settings: { dataDir } }: Subject): Finding[] {
  if (!isThere(dataDir)) return [];
  const { bavail, bsize } = statfsSync(dataDir);
  const mebibytes = Math.floor((bavail * bsize) / 1_048_576);
  if (bavail * bsize >= LEAST_FREE_BYTES)
    return [well('disk_space', `磁盘剩余 ${mebibytes} MiB`, `${mebibytes} MiB are free`)];
  return [
    wrong(
      'disk_space',
      { zh: `磁盘只剩 ${mebibytes} MiB`, en: `only ${mebibytes} MiB are free on the disk` },
      {
        zh: `请在 ${dataDir} 所在的磁盘上腾出空间，或用 --data 指定另一个文件夹`,
        en: `make room on the disk of ${dataDir}, or name another folder with --data`,
      },
    ),
  ];
}

function unusable(name: string, shown: string, path: string, error: unknown): Finding {
  const { code = '' } = error as NodeJS.ErrnoException;
  return wrong(
    name,
    { zh: `${shown} 无法读写 (${code})：${path}`, en: `${shown} cannot be read or written (${code}): ${path}` },
    permit(path),
  );
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
