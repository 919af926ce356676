import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Processes are looked at for this long in one go; the event loop has other work too. */
const SLICE_MS = 3;

/**
 * Which of these files a process still holds open for writing, so far as this user may see it; `undefined` where the
 * system does not tell (all but Linux). Names must be unique on the machine: they alone are compared, because another
 * mount namespace shows other folders.
 */
export async function openForWriting(paths: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  if (process.platform !== 'linux' || paths.length === 0) return process.platform === 'linux' ? new Set() : undefined;
  const byName = new Map(paths.map((path) => [basename(path), path]));
  const held = new Set<string>();
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const pid of entriesOf('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of entriesOf(`/proc/${pid}/fd`)) {
      const link = `/proc/${pid}/fd/${descriptor}`;
      const path = byName.get(basename(targetOf(link)));
      if (path !== undefined && isForWriting(link)) held.add(path);
    }
    if (performance.now() > sliceEndMs) {
      await new Promise(setImmediate);
      sliceEndMs = performance.now() + SLICE_MS;
    }
  }
  return held;
}

/** Processes end and descriptors close while they are looked at, and those of other users are not shown: all of it means none. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** The link's own permissions say how the file was opened (proc(5)). */
function isForWriting(link: string): boolean {
  try {
    return (lstatSync(link).mode & 0o200) !== 0;
  } catch {
    return false;
  }
}
