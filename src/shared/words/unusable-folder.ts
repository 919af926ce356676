import { TokenSyncError } from '../../protocol/errors.ts';

/** The failure of a data folder that the system does not let this user use; `cause` is what Node threw. */
export function unusableFolder(
  kind: 'storage_failed' | 'unauthorized',
  folder: string,
  cause: { readonly code?: string | undefined },
): TokenSyncError {
  const { code = '' } = cause;
  return new TokenSyncError(
    kind,
    { zh: `数据文件夹不可用 (${code})：${folder}`, en: `the data folder cannot be used (${code}): ${folder}` },
    {
      hint: {
        zh: '请检查权限，或用 --data 指定另一个文件夹',
        en: 'check its permissions, or name another folder with --data',
      },
      cause,
    },
  );
}

/** Whether the system has refused because of whose the file is, and not because it is broken. */
export function isForbidden(error: unknown): error is { readonly code: string } {
  const { code } = error as { readonly code?: string | undefined };
  return code === 'EACCES' || code === 'EPERM';
}
