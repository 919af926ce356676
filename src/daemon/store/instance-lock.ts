import { closeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockFile } from '../disk/lock-file.ts';
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
    const path = join(folder, name);
    makeFolder(dirname(path));
    const fd = lockFile(path);
    if (fd === undefined) {
      release();
      return undefined;
    }
    held.push(fd);
  }
  return { release };
}
