import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { DaemonFile } from '../protocol/addresses.ts';
import { TokenSyncError } from '../protocol/errors.ts';
import { renameOver } from './store/atomic-replace.ts';

/** Says where the daemon is found, whole at every instant; not made durable, for a power cut ends the daemon, too. */
export async function writeDaemonFile(path: string, file: DaemonFile): Promise<void> {
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  await renameOver(temporary, path);
}

/** Removes `daemon.json` when it is still ours. */
export function removeDaemonFile(path: string, pid: number): void {
  if (readDaemonFile(path)?.pid === pid) rmSync(path, { force: true });
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

/** What `daemon.json` says of the daemon that wrote it; `undefined` where it is missing or half-written. */
export function readDaemonFile(path: string): DaemonFile | undefined {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as DaemonFile;
    return typeof parsed.pid === 'number' ? parsed : undefined;
  } catch {
    // Missing or half-written: then nothing is known of its owner.
    return undefined;
  }
}
