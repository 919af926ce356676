import { closeSync, existsSync, readSync } from 'node:fs';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { reachable } from '../files/file-look.ts';

/**
 * The head of the memory that users of a database share: of all that is in it, a commit alone moves it, and every commit does.
 * https://www.sqlite.org/walformat.html: iChange at 8, mxFrame at 16, salts at 32.
 */
const HEAD_BYTES = 48;

const head = Buffer.alloc(HEAD_BYTES);

/** Differs after every commit to the database at `path`, and where another file has taken its place; `undefined` where nothing lies there. Some microseconds, nothing is kept open. */
export function commitMark(path: string): string | undefined {
  const database = reachable(path);
  if (!database) return undefined;
  const shared = sharedHead(`${path}-shm`);
  if (shared !== undefined) return `${database.ino} ${shared}`;
  const log = reachable(`${path}-wal`);
  const { ino, size, mtimeNs, ctimeNs } = database;
  return [ino, size, mtimeNs, ctimeNs, log?.ino, log?.size, log?.mtimeNs].join(' ');
}

/** `undefined` where there is none, or none that was begun. */
function sharedHead(path: string): string | undefined {
  // A failure to open costs more than the question.
  if (!existsSync(path)) return undefined;
  try {
    const fd = openRegular(path);
    try {
      return readSync(fd, head, 0, HEAD_BYTES, 0) === HEAD_BYTES ? head.toString('latin1') : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
