import { closeSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { openFiles } from '../../../shared/node/open-files.ts';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { NOT_A_FILE } from '../../../shared/words/not-a-file.ts';
import { isForbidden } from '../../../shared/words/unusable-folder.ts';

/**
 * Whether a live process, suspended or not, holds a data folder: the lock is the kernel's and ends with its owner, so it
 * tells the truth where `daemon.json` is lost. Throws the system's error where the lock cannot be looked at.
 */
export async function isHeld(dataDir: string): Promise<boolean> {
  const fd = openIfThere(lockOf(dataDir));
  if (fd === undefined) return false;
  try {
    // Loaded late: native code that most calls do without.
    const { tryLock } = await import('./try-lock.ts');
    // Shared, so that those who look do not take each other for an owner.
    return !tryLock(fd, { shared: true });
  } finally {
    closeSync(fd);
  }
}

/** As `isHeld`; false also where this user may not look. */
export async function isKnownToBeHeld(dataDir: string): Promise<boolean> {
  try {
    return await isHeld(dataDir);
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** The process that has the lock file open, so far as the system tells: the locks of Linux that die with a process name none. */
export function holderOf(dataDir: string): string | undefined {
  const real = realPathOf(lockOf(dataDir));
  if (real === undefined) return undefined;
  const held = openFiles().find(({ pid, target }) => target === real && pid !== process.pid);
  return held && String(held.pid);
}

function lockOf(dataDir: string): string {
  return join(dataDir, '.lock');
}

function openIfThere(path: string): number | undefined {
  try {
    return openRegular(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Nobody holds what is no file; the daemon that cannot hold it either tells why.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === NOT_A_FILE) return undefined;
    throw error;
  }
}

/** A daemon that ends, or a person, may take the file away at any moment. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
