import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';

/** Holds a data folder for one process; the kernel frees it when the process ends in any way. */
export interface InstanceLock {
  release(): void;
}

/** Takes the data folder, or returns `undefined` when a live process, suspended or not, has it. */
export function lockFolder(folder: string): InstanceLock | undefined {
  const path = join(folder, '.lock');
  for (;;) {
    const fd = openSync(path, 'a', 0o600);
    if (!tryLock(fd)) {
      closeSync(fd);
      return undefined;
    }
    if (isSameFile(fd, path)) return { release: () => closeSync(fd) };
    // Somebody removed the file between the two calls, so that the lock held nothing.
    closeSync(fd);
  }
}

function isSameFile(fd: number, path: string): boolean {
  const ours = fstatSync(fd);
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}
