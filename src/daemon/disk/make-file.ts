import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { named, nameWhereFree, removeIfPossible, syncFolderNow, writeAll } from './atomic-replace.ts';

/**
 * Makes a file that is whole and durable from the moment it has its name; false where that name is taken. It is written
 * under the name `temporary`, in the same folder, which the next one uses again after a crash. Synchronous, for rare occasions.
 */
export function makeFileNow(path: string, content: Buffer, temporary: string, mode: number): boolean {
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, 'wx', mode);
  try {
    writeAll(fd, content);
    fsyncSync(fd);
  } catch (error) {
    removeIfPossible(temporary);
    throw named(error, path);
  } finally {
    closeSync(fd);
  }
  const given = nameWhereFree(temporary, path);
  if (given === 'taken' || (given === 'unsupported' && existsSync(path))) {
    removeIfPossible(temporary);
    return false;
  }
  if (given === 'unsupported') renameSync(temporary, path);
  syncFolderNow(dirname(path));
  return true;
}
