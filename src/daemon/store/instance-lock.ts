import { closeSync, constants, fstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { openRegular } from '../../shared/node/regular-file.ts';
import { makeFolder } from '../disk/make-folder.ts';

/** Holds a data folder for one process; the kernel frees it when the process ends in any way. */
export interface InstanceLock {
  release(): void;
}

/** Both are held, so that a second daemon stays out also when somebody tidied away the one that is in sight. */
const LOCK_FILES = ['.lock', join('ledger', '.lock')];

/** Takes the data folder, or returns `undefined` when a live process, suspended or not, has it. */
export function lockFolder(folder: string): InstanceLock | undefined {
  const held: number[] = [];
  const release = () => {
    for (const fd of held) closeSync(fd);
  };
  for (const name of LOCK_FILES) {
    const fd = lockFile(join(folder, name));
    if (fd === undefined) {
      release();
      return undefined;
    }
    held.push(fd);
  }
  return { release };
}

function lockFile(path: string): number | undefined {
  makeFolder(dirname(path));
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
