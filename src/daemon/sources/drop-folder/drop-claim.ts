import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { makeFolder } from '../../disk/make-folder.ts';
import type { SeenFile } from './arrivals.ts';
import { legibleName } from './dropped-names.ts';

/** A drop-file holds at most this many bytes. */
const MAX_DROP_BYTES = 1024 * 1024;

const REJECTED_FOLDER = 'rejected';
const CLAIMED = /^\.taking\.([0-9a-z]+)\.(.+)$/s;

/** The size and time by which a later write is noticed. */
export interface FileState {
  readonly size: bigint;
  readonly writtenNs: bigint;
}

/** A drop-file that was taken under a name of our own, so that nobody finds it to write to any more. */
export interface Claim {
  /** The name under which it was dropped. */
  readonly name: string;
  readonly path: string;
}

/** Takes a file by renaming it; `undefined` when it is gone, or in use on a system that does not let such a file be renamed. */
export function claimFile(folder: string, file: Pick<SeenFile, 'name' | 'key' | 'path' | 'inode'>): Claim | undefined {
  const name = legibleName(file);
  // An inode's number is unique among the files that are there, so no claim takes another's place.
  const path = join(folder, claimedName(file.inode, name));
  try {
    renameSync(file.path, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || (process.platform === 'win32' && IN_USE_ON_WINDOWS.has(code))) return undefined;
    throw error;
  }
  return { name, path };
}

const IN_USE_ON_WINDOWS: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'EACCES']);

function claimedName(inode: bigint, name: string): string {
  const prefix = `.taking.${inode.toString(36)}.`;
  // File systems allow 255 bytes.
  let shown = name;
  while (Buffer.byteLength(prefix + shown) > 255) shown = [...shown].slice(1).join('');
  return prefix + shown;
}

/** The claim that a name in the folder stands for, left by a daemon that was killed; `undefined` for any other name. */
export function claimOf(folder: string, name: string): Claim | undefined {
  const claimed = CLAIMED.exec(name);
  return claimed ? { name: claimed[2]!, path: join(folder, name) } : undefined;
}

/** A claimed file as it was read. */
export interface ClaimedFile {
  readonly bytes: Uint8Array;
  readonly state: FileState;
  /**
   * The same for the same file also after a crash, and never the same for two: a number is given anew only when the file
   * is removed, which happens in a later tick of the clock than its birth.
   */
  readonly identity: string;
  readonly bornMs: number;
  readonly writtenMs: number;
}

/** Reads a file that must be a regular one and not too large, following no link; throws a `TokenSyncError` to refuse. */
export function readDropFile(path: string | Buffer): ClaimedFile {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (NOT_REGULAR.has((error as NodeJS.ErrnoException).code ?? '')) throw notRegular();
    throw error;
  }
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile()) throw notRegular();
    if (stat.size > MAX_DROP_BYTES) throw tooLarge();
    // It may grow while it is read.
    const buffer = Buffer.allocUnsafe(Math.min(Number(stat.size) + 4_096, MAX_DROP_BYTES + 1));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_DROP_BYTES) throw tooLarge();
    const bornNs = stat.birthtimeNs || stat.mtimeNs;
    return {
      bytes: buffer.subarray(0, length),
      state: { size: BigInt(length), writtenNs: stat.mtimeNs },
      identity: `${stat.ino}.${bornNs}`,
      bornMs: Number(bornNs / 1_000_000n),
      writtenMs: Number(stat.mtimeNs / 1_000_000n),
    };
  } finally {
    closeSync(file);
  }
}

/** A link, or a socket or the like, which cannot be opened at all. */
const NOT_REGULAR: ReadonlySet<string> = new Set(['ELOOP', 'ENXIO', 'EMLINK', 'EISDIR', 'EOPNOTSUPP']);

/** Disks write sectors whole. */
const SECTOR_BYTES = 512;

/**
 * Makes a claimed file durable that a power cut could cut in the middle of a line: a part of what was recorded must not
 * come back as something new. Smaller ones come back whole or as nothing.
 */
export function keepClaimWhole({ path }: Claim, { bytes }: ClaimedFile): void {
  if (bytes.length <= SECTOR_BYTES) return;
  const file = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The id of one reading of a file: the same after a crash, so that the ledger tells what was recorded already. */
export function readingId(identity: string, at: number, text: string): string {
  const hash = createHash('sha256').update(`${identity}\0${at}\0${text}`).digest('hex');
  return `drop-${hash.slice(0, 32)}`;
}

/** The state of a claimed file now; `undefined` when it is gone. */
export function stateOf(path: string): FileState | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && { size: stat.size, writtenNs: stat.mtimeNs };
}

/** Removes a claimed file whose readings are recorded. */
export function removeClaim({ path }: Claim): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Puts a file, bytes and all, into the folder of those that were rejected, with the reason beside it; returns its name there. */
export function rejectClaim(folder: string, { name, path }: Claim, reason: string): string {
  const rejected = join(folder, REJECTED_FOLDER);
  makeFolder(rejected);
  if (!lstatSync(rejected).isDirectory()) throw new Error(`${REJECTED_FOLDER} is not a folder`);
  closeToOthers(path);
  const kept = freeName(rejected, name);
  writeFileSync(join(rejected, `${kept}.error.txt`), reason, { mode: 0o600, flush: true });
  renameSync(path, join(rejected, kept));
  return kept;
}

/** Takes away others' rights to a file that stays with us, which it may have come with; anything but a file has no content of ours. */
function closeToOthers(path: string): void {
  if (process.platform === 'win32') return;
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // A link or a socket, or closed to us as well.
    return;
  }
  try {
    const stat = fstatSync(file);
    if (stat.isFile() && (stat.mode & 0o077) !== 0) fchmodSync(file, stat.mode & 0o700);
  } catch (error) {
    // Somebody else's file is theirs to close.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  } finally {
    closeSync(file);
  }
}

/** True while a rejected file lies where it was put. */
export function isStillRejected(folder: string, kept: string): boolean {
  return existsSync(join(folder, REJECTED_FOLDER, kept));
}

/** A name that is not taken: a file rejected before under the same name keeps its bytes too. */
function freeName(rejected: string, name: string): string {
  const isTaken = (kept: string) => lstatSync(join(rejected, kept), { throwIfNoEntry: false }) !== undefined;
  const short = shortened(name, 230);
  for (let number = 1; ; number++) {
    const kept = number === 1 ? short : `${short}.${number}`;
    if (!isTaken(kept)) return kept;
  }
}

function shortened(name: string, maxBytes: number): string {
  let shown = name;
  while (Buffer.byteLength(shown) > maxBytes) shown = [...shown].slice(0, -1).join('');
  return shown;
}

function notRegular(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: '不是普通文件（链接和特殊文件不会被读取）',
      en: 'this is no regular file (links and special files are not followed)',
    },
    { hint: { zh: '请放入一个普通文件', en: 'put a regular file in' } },
  );
}

function tooLarge(): TokenSyncError {
  return new TokenSyncError(
    'too_large',
    { zh: '文件超过 1 MiB', en: 'the file is over 1 MiB' },
    { hint: { zh: '请拆分，或用 token-sync import 导入', en: 'split it, or use `token-sync import`' } },
  );
}
