import { closeSync, constants, fstatSync, statSync } from 'node:fs';
import { tryLock } from 'fs-native-extensions';
import { openRegular } from '../../shared/node/regular-file.ts';

/**
 * Locks a file, made where it is missing, until the descriptor that is returned is closed; the kernel frees it when the process
 * ends in any way. `undefined` while a live process, suspended or not, holds it. Throws the system's error where it cannot be made.
 */
export function lockFile(path: string): number | undefined {
  for (;;) {
    const fd = openRegular(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
    if (!tryLock(fd)) {
      closeSync(fd);
      return undefined;
    }
    if (isSameFile(fd, path)) return fd;
    // Somebody removed the file between the two calls, so that the lock held nothing.
    closeSync(fd);
  }
}

function isSameFile(fd: number, path: string): boolean {
  const ours = fstatSync(fd);
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}
