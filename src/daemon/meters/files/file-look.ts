import { type BigIntStats, statSync } from 'node:fs';

/** What a stat tells of a file or folder, exactly and as plain values. The device is left out: its number may be another after a start of the system. */
export interface FileLook {
  readonly inode: string;
  /** Nanoseconds since 1970; 0 where the file system keeps no births. */
  readonly bornNs: string;
  readonly size: number;
  /** Nanoseconds since 1970; whoever copies a file may set it to any time. */
  readonly writtenNs: string;
  /** Nanoseconds since 1970 of the last change of content, name, links or rights, which nobody can set. */
  readonly changedNs: string;
}

/** What lies at a path, links followed; `undefined` where nothing does. Throws what the system says besides that. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    // An exception costs five times the question.
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (MISSING.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** As `statOf`, but `undefined` also where we may not look, and for a link to itself. */
export function reachable(path: string): BigIntStats | undefined {
  try {
    return statOf(path);
  } catch {
    return undefined;
  }
}

/** A file in the place of a folder above it is nothing at the path, too. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

export function lookOf(stat: BigIntStats): FileLook {
  return {
    inode: String(stat.ino),
    bornNs: String(stat.birthtimeNs),
    size: Number(stat.size),
    writtenNs: String(stat.mtimeNs),
    changedNs: String(stat.ctimeNs),
  };
}

/** Milliseconds since 1970, in whole ones. */
export function writtenMsOf(look: FileLook): number {
  return Number(BigInt(look.writtenNs) / 1_000_000n);
}

/** False where another file has taken the place of the one known. True is no proof: inodes are given out again. */
export function isSameFile(known: FileLook, now: FileLook): boolean {
  // Systems that know no births tell the last change instead, which every write moves.
  return known.inode === now.inode && (known.bornNs === now.bornNs || now.bornNs === now.changedNs);
}

/** As `isUntouched`, for looks that come by the dozen: nothing but what every change moves. */
export function isStillSo(known: FileLook, stat: BigIntStats): boolean {
  return (
    known.size === Number(stat.size) && known.changedNs === String(stat.ctimeNs) && known.inode === String(stat.ino)
  );
}

/** True where nothing has touched the file since, so that not a byte of it need be read. */
export function isUntouched(known: FileLook, now: FileLook): boolean {
  return (
    known.size === now.size &&
    known.changedNs === now.changedNs &&
    known.writtenNs === now.writtenNs &&
    isSameFile(known, now)
  );
}
