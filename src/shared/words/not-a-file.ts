import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';

/** The code of an error that tells of a folder, a pipe, a device or a socket in the place of a file. */
export const NOT_A_FILE = 'NOT_A_FILE';

/** The codes of the system for an attempt to open a socket, a pipe that nobody reads, or a folder. */
const ANSWERS: ReadonlySet<string> = new Set(['ENXIO', 'ENODEV', 'EISDIR', 'EOPNOTSUPP']);

/** Whether the answer to an attempt to open something says that it is no file. */
export function saysNoFile(error: unknown): boolean {
  return ANSWERS.has((error as { readonly code?: string }).code ?? '');
}

/** An error like the system’s, for something else in the place of a file. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
  readonly code = NOT_A_FILE;
  readonly syscall = 'open';
  readonly path: string;

  constructor(path: string) {
    super(`${NOT_A_FILE}: not a regular file, open '${path}'`);
    this.path = path;
  }
}

/** The reason why something cannot be read or written, within a sentence: the system’s own code, but words for `NOT_A_FILE`. */
export function reasonOf(error: unknown): Bilingual {
  const { code = '' } = error as { readonly code?: string };
  return code === NOT_A_FILE ? { zh: '不是文件', en: 'it is not a file' } : { zh: code, en: code };
}

/** The failure where a file is needed and something else lies under its name. */
export function notAFile(name: string, cause?: unknown): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    { zh: `${name} 不是文件，无法使用`, en: `${name} is not a file, so it cannot be used` },
    { hint: { zh: `请移走 ${name} 后重新启动`, en: `move ${name} away and start again` }, cause },
  );
}
