import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';

/** The failure to answer with when the disk refused: nothing was recorded. */
export function storageFailed(cause: unknown): TokenSyncError {
  if (cause instanceof TokenSyncError) return cause;
  const { text, hint } = REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? OTHER;
  return new TokenSyncError('storage_failed', text, { hint, cause });
}

/** The failure of a call that needs a part of the ledger which is no longer on disk, or not as it was written. */
export function ledgerUnreadable(): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    {
      zh: '所需的历史账本无法读取，没有更改',
      en: 'the part of the ledger that this needs cannot be read; nothing was changed',
    },
    {
      hint: {
        zh: '请运行 token-sync restart，重启会修复账本',
        en: 'run `token-sync restart`, which repairs the ledger',
      },
    },
  );
}

/** True where the disk, or what lies on it, is at fault, and no bug of ours. */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof TokenSyncError && error.kind === 'storage_failed';
}

/** True for the system's errors of calls on files, false for refusals and bugs of ours. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** The system's name for what went wrong; empty where there is none. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

interface Reason {
  readonly text: Bilingual;
  readonly hint: Bilingual;
}

const FULL: Reason = {
  text: { zh: '磁盘已满，没有记录', en: 'the disk is full; nothing was recorded' },
  hint: { zh: '请腾出空间后重试', en: 'free some space and try again' },
};

const READ_ONLY: Reason = {
  text: { zh: '数据文件夹不可写，没有记录', en: 'the data folder cannot be written; nothing was recorded' },
  hint: { zh: '请检查该文件夹的权限', en: 'check the permissions of the folder' },
};

const OTHER: Reason = {
  text: { zh: '写入磁盘失败，没有记录', en: 'writing to the disk failed; nothing was recorded' },
  hint: { zh: '请运行 token-sync doctor 查看原因', en: 'run token-sync doctor to see why' },
};

const REASONS: Readonly<Record<string, Reason>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: READ_ONLY,
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
};
