import {
  closeSync,
  constants,
  fchmodSync,
  fsync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { swapSync } from 'fs-native-extensions';
import { openRegular } from '../../shared/node/regular-file.ts';
import { NotAFile } from '../../shared/words/not-a-file.ts';

const fsyncLater = promisify(fsync);

/** A file that is written and durable, but not yet in place. */
export interface Replacement {
  /**
   * Puts it in place; when this resolves the new content survives a power cut. `onReplaced` gets an open descriptor of
   * the file that was there, whoever put it there, and owns it. False where there was none and a missing file is to be left.
   */
  publish(onReplaced?: (fd: number) => void, ifMissing?: 'make' | 'leave'): Promise<boolean>;
}

/** Writes `content` beside `path` and makes it durable; readers see the old content until `publish`. */
export async function prepareReplacement(path: string, content: string | Buffer, mode: number): Promise<Replacement> {
  // A name of our own: other programs that replace the file in the same way write into `${path}.tmp`.
  const temporary = join(dirname(path), `.${basename(path)}.token-sync`);
  // Not the file that a crash left there: somebody may still have it open.
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, 'wx', mode);
  try {
    // Not what the umask left of it.
    fchmodSync(fd, mode);
    writeAll(fd, Buffer.from(content as string));
    await fsyncLater(fd);
  } catch (error) {
    removeIfPossible(temporary);
    throw named(error, path);
  } finally {
    closeSync(fd);
  }
  return {
    async publish(onReplaced, ifMissing = 'make') {
      if (!onReplaced) await renameOver(temporary, path);
      else if (!(await takePlace(temporary, path, onReplaced, ifMissing))) return false;
      await syncFolder(dirname(path));
      return true;
    },
  };
}

/** Replaces a file's content so that every reader, at any instant, also after a power cut, sees the old or the new one whole. */
export async function replaceFile(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  await (await prepareReplacement(path, content, mode)).publish();
}

/** Writes every byte at `position` (or where the file stands), however short the single writes are. */
export function writeAll(fd: number, bytes: Buffer, position: number | null = null): void {
  let written = 0;
  while (written < bytes.length) {
    const at = position === null ? null : position + written;
    written += writeSync(fd, bytes, written, bytes.length - written, at);
  }
}

/** Makes new, renamed and removed names of a folder durable. Windows does it by itself and opens no folders. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await syncOpened(openSync(path, 'r'));
}

/** Only the sync is left to another thread: each way there and back costs a record more than to open and close takes. */
async function syncOpened(fd: number): Promise<void> {
  try {
    await fsyncLater(fd);
  } finally {
    closeSync(fd);
  }
}

/** The same, synchronously, for rare occasions: a folder or a file that was just made. */
export function syncFolderNow(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Puts a file in the place of another and hands on the replaced one, even one that was put there in the very moment. */
async function takePlace(
  temporary: string,
  path: string,
  onReplaced: (fd: number) => void,
  ifMissing: 'make' | 'leave',
): Promise<boolean> {
  for (;;) {
    const exchanged = exchange(temporary, path);
    if (exchanged === 'done') {
      const old = openExchanged(temporary, path);
      if (old !== undefined) onReplaced(old);
      rmSync(temporary, { force: true });
      return true;
    }
    if (exchanged === 'unsupported' && lstatSync(path, { throwIfNoEntry: false })) {
      await renameOverOpened(temporary, path, onReplaced);
      return true;
    }
    if (ifMissing === 'leave') {
      removeIfPossible(temporary);
      return false;
    }
    const made = nameWhereFree(temporary, path);
    if (made === 'unsupported') await renameOverOpened(temporary, path, onReplaced);
    // Somebody has made the file in the very moment: what stands there now is replaced as any other.
    if (made !== 'taken') return true;
  }
}

/** Exchanges two files in one step, so that nothing put there in the very moment is lost. */
function exchange(from: string, to: string): 'done' | 'missing' | 'unsupported' {
  if (process.platform === 'win32') return 'unsupported';
  try {
    swapSync(from, to);
    return 'done';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'missing';
    if (['EINVAL', 'ENOSYS', 'ENOTSUP'].includes(code)) return 'unsupported';
    throw error;
  }
}

/** Gives a file its name only where none is there: a rename would replace one that was made in the very moment. */
export function nameWhereFree(temporary: string, path: string): 'done' | 'taken' | 'unsupported' {
  try {
    linkSync(temporary, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return 'taken';
    // A rename on Windows is tried again while others hold the file.
    if (process.platform === 'win32') return 'unsupported';
    if (['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(code)) return 'unsupported';
    throw error;
  }
  rmSync(temporary, { force: true });
  return 'done';
}

/** The best that a file system without exchanges allows: a file put there between the two calls is lost. */
async function renameOverOpened(from: string, to: string, onReplaced: (fd: number) => void): Promise<void> {
  const old = process.platform === 'win32' ? undefined : openIfPossible(to);
  try {
    await renameOver(from, to);
  } finally {
    if (old !== undefined) onReplaced(old);
  }
}

/** Opens the exchanged file; anything else, such as a link that came in the very moment, goes back to its place. Throws `NotAFile` then. */
function openExchanged(temporary: string, path: string): number | undefined {
  try {
    if (lstatSync(temporary).isSymbolicLink()) throw new NotAFile(path);
    return openIfPossible(temporary);
  } catch (error) {
    swapSync(temporary, path);
    throw error;
  }
}

function openIfPossible(path: string): number | undefined {
  try {
    return openRegular(path, constants.O_RDONLY);
  } catch (error) {
    // Deleted, or not ours to read: then nobody's content can be lost by replacing it.
    if (['ENOENT', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** The error of a call on an open file, with the path that the system leaves out. */
export function named(error: unknown, path: string): unknown {
  return error instanceof Error && !('path' in error) ? Object.assign(error, { path }) : error;
}

/** Removes half a file, which would keep a full disk full. */
export function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The next attempt writes over it.
  }
}

/** A virus scanner or an editor holds a file for moments, in which Windows refuses the rename. */
const RENAME_RETRY_MS = [5, 10, 20, 40, 80, 160, 320];

/** Renames over what may be there, which Windows may refuse for moments. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (const waitMs of RENAME_RETRY_MS) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (process.platform !== 'win32' || (code !== 'EPERM' && code !== 'EBUSY' && code !== 'EACCES')) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  renameSync(from, to);
}
