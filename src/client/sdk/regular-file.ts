import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { NotAFile, saysNoFile } from '../../protocol/not-a-file.ts';

/**
 * The text of a file that must be a regular one; throws `NotAFile` at once for a pipe, a device, a socket or a folder,
 * which would keep a person waiting or give no end of bytes. A link to a file is followed.
 */
export function readRegularText(path: string): string {
  const fd = openRegular(path);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** Opens a file to be read; throws as `readRegularText` does. */
export function openRegular(path: string): number {
  let fd: number;
  try {
    // Looked at only once it is open, so that nothing can take its place in between.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  } catch (error) {
    throw saysNoFile(error) ? new NotAFile(path) : error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new NotAFile(path);
}
