import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { openFiles } from './open-files.ts';

/** Descriptors are looked at for this long in one go; the event loop has other work too. */
const SLICE_MS = 3;

/**
 * Which of these files a process still holds open for writing, so far as this user may see it; `undefined` where the
 * system does not tell (all but Linux). Names must be unique on the machine: they alone are compared, because another
 * mount namespace shows other folders.
 */
export async function openForWriting(paths: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  if (process.platform !== 'linux') return undefined;
  const byName = new Map(paths.map((path) => [basename(path), path]));
  const held = new Set<string>();
  if (paths.length > 0) await forEachWriter(byName, (name) => held.add(byName.get(name)!));
  return held;
}

/** Whether a process holds this very file open for writing, as above, whatever else has its name. */
export async function isOpenForWriting(path: string): Promise<boolean | undefined> {
  if (process.platform !== 'linux') return undefined;
  const file = statOf(path);
  let isHeld = false;
  await forEachWriter(new Set([basename(path)]), (_, link) => {
    const held = statOf(link);
    isHeld ||= held !== undefined && held.ino === file?.ino && held.dev === file.dev;
  });
  return isHeld;
}

/** Calls for each descriptor that is open for writing on a file of one of the names. */
async function forEachWriter(
  names: { has(name: string): boolean },
  onWriter: (name: string, link: string) => void,
): Promise<void> {
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const { link, target } of openFiles()) {
    const name = basename(target);
    if (names.has(name) && isForWriting(link)) onWriter(name, link);
    if (performance.now() > sliceEndMs) {
      await new Promise(setImmediate);
      sliceEndMs = performance.now() + SLICE_MS;
    }
  }
}

function statOf(link: string): Stats | undefined {
  try {
    return statSync(link);
  } catch {
    return undefined;
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
