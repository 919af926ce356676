import { existsSync, statfsSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';
import { NOT_A_FILE, notAFile } from '../../shared/words/not-a-file.ts';
import { codeOf, isDiskError, isStorageFailure } from '../disk/storage-failure.ts';

/** The reason of a failed start: a `TokenSyncError` that names the file where the disk, or a file on it, is in the way; any other error as it is. */
export function startFailure(error: unknown, folder: string): unknown {
  const cause = isStorageFailure(error) ? (error as TokenSyncError).cause : error;
  return isDiskError(cause) ? failureOf(cause, folder) : error;
}

function failureOf(cause: NodeJS.ErrnoException & { readonly dest?: string }, folder: string): TokenSyncError {
  const name = nameOf(cause.dest ?? cause.path, folder);
  switch (codeOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(hasInodes(folder) ? full(name) : outOfInodes(name), cause);
    case NOT_A_FILE:
    case 'EISDIR':
      return notAFile(name.en, cause);
    case 'EEXIST':
    case 'ENOTDIR':
      return failed(notAFolder(name), cause);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failed(forbidden(name, codeOf(cause)), cause);
    default:
      return failed(unusable(name, codeOf(cause)), cause);
  }
}

interface Reason {
  readonly text: Bilingual;
  readonly hint: Bilingual;
}

function failed({ text, hint }: Reason, cause: unknown): TokenSyncError {
  return new TokenSyncError('storage_failed', text, { hint, cause });
}

/** A file by its name in the data folder, that of a temporary one by what it was going to be. */
function nameOf(path: string | undefined, folder: string): Bilingual {
  const inside = path === undefined ? '' : relative(folder, path);
  const name = inside.replace(/(^|[\\/])\.([^\\/]+)\.token-sync$/, '$1$2').replace(/\.tmp$/, '');
  if (name === '' || name.startsWith('..')) return { zh: '数据文件夹', en: 'the data folder' };
  return { zh: name, en: name };
}

/** Some file systems have no fixed number of them and say 0 of 0. */
function hasInodes(folder: string): boolean {
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const { files, ffree } = statfsSync(there);
  return files === 0 || ffree > 0;
}

function full({ zh, en }: Bilingual): Reason {
  return {
    text: { zh: `磁盘已满，无法写入 ${zh}`, en: `the disk is full: ${en} cannot be written` },
    hint: { zh: '请腾出空间后重试', en: 'free some space and try again' },
  };
}

function outOfInodes({ zh, en }: Bilingual): Reason {
  return {
    text: {
      zh: `磁盘不能再容纳更多文件 (inode 已用完)，无法写入 ${zh}`,
      en: `the disk has room for no more files (no inode is free): ${en} cannot be written`,
    },
    hint: { zh: '请删除一些不需要的文件后重试', en: 'delete some files that are not needed and try again' },
  };
}

function notAFolder({ zh, en }: Bilingual): Reason {
  return {
    text: { zh: `${zh} 不是文件夹，无法使用`, en: `${en} is not a folder, so it cannot be used` },
    hint: { zh: `请移走 ${zh} 后重新启动`, en: `move ${en} away and start again` },
  };
}

function forbidden({ zh, en }: Bilingual, code: string): Reason {
  return {
    text: { zh: `${zh} 无法读写 (${code})`, en: `${en} cannot be read or written (${code})` },
    hint: {
      zh: '请检查权限，或用 --data 指定另一个文件夹',
      en: 'check its permissions, or name another folder with --data',
    },
  };
}

function unusable({ zh, en }: Bilingual, code: string): Reason {
  return {
    text: { zh: `${zh} 无法使用 (${code})`, en: `${en} cannot be used (${code})` },
    hint: { zh: '请运行 token-sync doctor 查看原因', en: 'run `token-sync doctor` to see why' },
  };
}
