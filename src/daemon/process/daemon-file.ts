import { rmSync, writeFileSync } from 'node:fs';
import type { DaemonFile } from '../../protocol/addresses.ts';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';
import { readRegular } from '../../shared/node/regular-file.ts';
import { named, renameOver } from '../disk/atomic-replace.ts';
import { LOOK_MS, pollStat } from '../disk/stat-poll.ts';
import type { Warnings } from './warnings.ts';

/** Says where the daemon is found, whole at every instant; not made durable, for a power cut ends the daemon, too. */
export async function writeDaemonFile(path: string, file: DaemonFile): Promise<void> {
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, `${JSON.stringify(file)}\n`, { mode: 0o600, flag: 'wx' });
    await renameOver(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw named(error, path);
  }
}

/** After this the poll knows the file that was written: what is lost sooner would look as if it had never been there. */
const AGAIN_MS = LOOK_MS + 300;

/**
 * Writes `daemon.json`, and writes it again within a second or so when it is lost or somebody has put that of another
 * daemon in its place; returns what ends this and removes the file. `onUnlisted` hears when the first writing fails, and
 * what it throws is thrown; while a later one does, a warning stands.
 */
export async function keepDaemonFile(
  path: string,
  file: DaemonFile,
  { warnings, onUnlisted }: { readonly warnings: Warnings; readonly onUnlisted: (error: unknown) => void },
): Promise<() => void> {
  await writeDaemonFile(path, file).catch(onUnlisted);
  let again: NodeJS.Timeout | undefined;
  let isOver = false;
  let isMending = false;
  const lookAgain = () => {
    clearTimeout(again);
    again = setTimeout(mend, AGAIN_MS).unref();
  };
  const mend = async () => {
    // One at a time: two would write into the same temporary file. The one that runs looks again.
    if (isOver || isMending) return;
    clearTimeout(again);
    if (isOf(path, file)) {
      warnings.clear('daemon_file_unwritable');
      return;
    }
    isMending = true;
    try {
      await writeDaemonFile(path, file);
      warnings.clear('daemon_file_unwritable');
    } catch (error) {
      warnings.raise('daemon_file_unwritable', unwritable(error));
    }
    isMending = false;
    if (!isOver) lookAgain();
  };
  const endPoll = pollStat(path, () => void mend());
  lookAgain();
  return () => {
    isOver = true;
    endPoll();
    clearTimeout(again);
    if (isOf(path, file)) rmSync(path, { force: true });
  };
}

/** Removes what a daemon that was killed has left, before anybody takes it for that of the one which starts. */
export function removeStaleDaemonFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A file that cannot be removed cannot be replaced either, which is told when it is tried.
  }
}

function unwritable(error: unknown): Bilingual {
  const { code = 'error' } = error as NodeJS.ErrnoException;
  return {
    zh: `daemon.json 丢失且无法重新写入 (${code})，其他程序找不到守护进程；请腾出磁盘空间或改正权限`,
    en: `daemon.json was lost and cannot be written again (${code}), so programs do not find the daemon; make room on the disk or mend the permissions`,
  };
}

function isOf(path: string, { pid, started_at }: DaemonFile): boolean {
  const found = readDaemonFile(path);
  return found?.pid === pid && found.started_at === started_at;
}

/** The failure of a second daemon on one data folder; it names the first. */
export function ownedByOther(folder: string, path: string): TokenSyncError {
  const owner = readDaemonFile(path);
  const who = owner ? `pid ${owner.pid}, ${owner.url}` : '';
  return new TokenSyncError(
    'owned_by_other',
    {
      zh: `另一个守护进程正在使用数据文件夹 ${folder}${who && `（${who}）`}`,
      en: `another daemon owns the data folder ${folder}${who && ` (${who})`}`,
    },
    {
      hint: {
        zh: '直接使用它即可；要停止它请运行 token-sync stop，或用 --data 指定另一个文件夹',
        en: 'just use it; stop it with token-sync stop, or name another folder with --data',
      },
    },
  );
}

/** The content of `daemon.json`; `undefined` where it is missing or half-written. */
export function readDaemonFile(path: string): DaemonFile | undefined {
  try {
    const parsed = JSON.parse(readRegular(path).toString('utf8'));
    const { pid, url, version } = parsed;
    const isWhole = typeof pid === 'number' && typeof url === 'string' && typeof version === 'string';
    return isWhole ? (parsed as DaemonFile) : undefined;
  } catch {
    // Missing or half-written: then nothing is known of its owner.
    return undefined;
  }
}
