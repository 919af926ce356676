import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, fstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOKEN_FILE } from '../../../protocol/addresses.ts';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { replaceFile } from '../../disk/atomic-replace.ts';
import { storageFailed } from '../../disk/storage-failure.ts';
import type { Warnings } from '../../process/warnings.ts';

/**
 * The secret of a data folder, made at the first use; only its owner can read the file, which is closed to others where
 * they could, with a warning that they may know it. Throws `storage_failed` where it can be neither read nor made.
 */
export async function readOrMakeToken(folder: string, warnings: Pick<Warnings, 'raise'>): Promise<string> {
  const path = join(folder, TOKEN_FILE);
  try {
    const kept = readPrivate(path, warnings);
    if (kept !== undefined && kept.length >= 32) return kept;
    const token = randomBytes(32).toString('base64url');
    await replaceFile(path, `${token}\n`, 0o600);
    return token;
  } catch (error) {
    throw storageFailed(error);
  }
}

/** The file's content; `undefined` where there is none. */
function readPrivate(path: string, warnings: Pick<Warnings, 'raise'>): string | undefined {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const stat = fstatSync(file);
    const token = readFileSync(file, 'utf8').trim();
    if (process.platform !== 'win32' && (stat.mode & OTHERS) !== 0) {
      fchmodSync(file, stat.mode & 0o700);
      warnings.raise('token_was_open', wasOpen(stat.mode));
    }
    return token;
  } finally {
    closeSync(file);
  }
}

/** The permissions of the group and of everybody else. */
const OTHERS = 0o077;

function openIfThere(path: string): number | undefined {
  try {
    return openRegular(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function wasOpen(mode: number) {
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  return {
    zh: `其他用户曾能读取 token 文件（权限 ${shown}），现已收紧为仅本人；若有人可能已看到，请删除该文件并运行 token-sync restart，会生成新的令牌`,
    en: `other users could read the file token (mode ${shown}); it is now the owner's alone. If somebody may have seen it, delete the file and run \`token-sync restart\`, which makes a new one`,
  };
}
