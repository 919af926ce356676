import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { NotAFile, saysNoFile } from '../words/not-a-file.ts';

/**
 * Opens a file, to be read where no other flags are given, that must be a regular one; throws `NotAFile` at once for a pipe, a device,
 * a socket or a folder, which would keep the caller waiting or give no end of bytes. A link to a file is followed.
 */
export function openRegular(path: string, flags: number = constants.O_RDONLY, mode?: number): number {
  let fd: number;
  try {
    // Looked at only once it is open, so that nothing can take its place in between.
    fd = openSync(path, flags | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0), mode);
  } catch (error) {
    throw saysNoFile(error) ? new NotAFile(path) : error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new NotAFile(path);
}

/** The bytes of a regular file; throws as `openRegular` does. */
export function readRegular(path: string): Buffer {
  const fd = openRegular(path);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The text of a regular file, read as UTF-8; throws as `openRegular` does. */
export function readRegularText(path: string): string {
  return readRegular(path).toString('utf8');
}
