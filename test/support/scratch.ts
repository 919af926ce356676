import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system without a disk behind it, where there is one: for runs that make thousands of folders. */
export const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** An empty folder that the caller removes; `temporaryFolder` is for tests. */
export function scratchFolder(parent = tmpdir()): string {
  return mkdtempSync(join(parent, 'token-sync-test-'));
}

/** An empty folder of a name. */
export function emptied(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
