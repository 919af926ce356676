import { type BigIntStats, type Dirent, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type FileLook, lookOf, reachable, statOf, writtenMsOf } from './file-look.ts';

/** What is looked for below a folder. */
export interface SearchedRoot {
  readonly path: string;
  /** Levels of folders below it. */
  readonly depth: number;
  /** Of the path below it, parted by `/`. */
  readonly files: RegExp;
}

export interface FoundFile {
  readonly path: string;
  readonly look: FileLook;
}

/** One folder, without what lies in the folders in it. */
export interface FoundFolder {
  readonly path: string;
  /** Below the root, parted by `/`; empty for the root. */
  readonly below: string;
  readonly look: FileLook;
  readonly files: readonly FoundFile[];
  /** Names of the folders in it that are searched, the last name first: the newest day of a calendar. */
  readonly folders: readonly string[];
  /** Another number when any of its files, or the set of its folders, has changed. */
  readonly signature: number;
}

export interface FoundFailure {
  readonly path: string;
  /** The system's code, or `TOO_MANY`: the rest was left out. */
  readonly code: string;
}

export interface FileList {
  /** The one written last comes first. */
  readonly files: readonly FoundFile[];
  readonly folders: readonly FoundFolder[];
  readonly failures: readonly FoundFailure[];
}

/** Some hundred times what a heavy user has; a tree of more is no tool's. */
export const MOST_FOLDERS = 20_000;

/** Work of a project beside the logs, by which a walk would take minutes. */
const NEVER_ENTERED: ReadonlySet<string> = new Set(['node_modules', '.git']);

export function isNeverEntered(path: string): boolean {
  return NEVER_ENTERED.has(basename(path));
}

/** The same for two names of one folder. */
export function identityOf(look: FileLook): string {
  return `${look.inode}.${look.bornNs}`;
}

/**
 * Everything below a root, a piece for each folder. Links are followed, and no folder is entered twice. `sinceMs` leaves out files
 * that were last written before it. A root that is not there is an empty list.
 */
export function* listFiles(
  root: SearchedRoot,
  options: { readonly sinceMs?: number; readonly mostFolders?: number } = {},
): Generator<undefined, FileList> {
  const { sinceMs = Number.NEGATIVE_INFINITY, mostFolders = MOST_FOLDERS } = options;
  const files: FoundFile[] = [];
  const folders: FoundFolder[] = [];
  const failures: FoundFailure[] = [];
  for (const found of foldersBelow(root, '', new Set(), mostFolders)) {
    if ('code' in found) failures.push(found);
    else {
      for (const file of found.files) if (writtenMsOf(file.look) >= sinceMs) files.push(file);
      folders.push(found);
    }
    yield;
  }
  return { files: newestFirst(files), folders, failures };
}

/** The folder `below` a root and those in it, but for those `entered` before; a failure for one that cannot be read. */
export function* foldersBelow(
  root: SearchedRoot,
  below: string,
  entered: Set<string>,
  mostFolders = MOST_FOLDERS,
): Generator<FoundFolder | FoundFailure> {
  const waiting = [below];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const found = readFolder(root, next, entered);
    if (!found) continue;
    if (!('code' in found)) {
      if (entered.size >= mostFolders) return void (yield { path: found.path, code: 'TOO_MANY' });
      entered.add(identityOf(found.look));
      waiting.push(...found.folders.toReversed().map((name) => (next ? `${next}/${name}` : name)));
    }
    yield found;
  }
}

/** One folder; `undefined` where there is none, or one of those `entered` before. */
export function readFolder(
  root: SearchedRoot,
  below: string,
  entered?: ReadonlySet<string>,
): FoundFolder | FoundFailure | undefined {
  const path = below ? join(root.path, below) : root.path;
  try {
    const stat = statOf(path);
    if (!stat?.isDirectory()) return undefined;
    const look = lookOf(stat);
    if (entered?.has(identityOf(look))) return undefined;
    return { ...contentOf(root, below, path), path, below, look };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { path, code };
  }
}

export function depthOf(below: string): number {
  return below === '' ? 0 : below.split('/').length;
}

export function newestFirst(files: readonly FoundFile[]): FoundFile[] {
  return files
    .map((file) => ({ file, writtenMs: writtenMsOf(file.look) }))
    .sort((one, other) => other.writtenMs - one.writtenMs)
    .map(({ file }) => file);
}

function contentOf(root: SearchedRoot, below: string, path: string) {
  const files: FoundFile[] = [];
  const folders: string[] = [];
  const mayDescend = depthOf(below) < root.depth;
  let signature = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const kind = kindOf(entry, path);
    if (kind.isFolder) {
      if (!mayDescend || isNeverEntered(entry.name)) continue;
      folders.push(entry.name);
      signature += crc32(entry.name);
    } else if (kind.mayBeFile && root.files.test(below ? `${below}/${entry.name}` : entry.name)) {
      const stat = kind.stat ?? reachable(join(path, entry.name));
      if (!stat?.isFile()) continue;
      const look = lookOf(stat);
      files.push({ path: join(path, entry.name), look });
      signature += crc32(`${entry.name}/${look.inode}.${look.size}.${look.writtenNs}.${look.changedNs}`);
    }
  }
  return { files, folders: folders.sort().reverse(), signature };
}

function kindOf(
  entry: Dirent,
  path: string,
): { isFolder: boolean; mayBeFile: boolean; stat?: BigIntStats | undefined } {
  if (!entry.isSymbolicLink()) return { isFolder: entry.isDirectory(), mayBeFile: entry.isFile() };
  const stat = reachable(join(path, entry.name));
  return { isFolder: stat?.isDirectory() ?? false, mayBeFile: stat?.isFile() ?? false, stat };
}
