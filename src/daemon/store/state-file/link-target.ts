import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Where a file really lies or, where a link leads to nothing yet, would lie: the path that is no symbolic link itself. */
export function linkTarget(path: string): string {
  let target = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target;
    // A link leads on from where its folder really lies.
    target = resolve(realFolder(dirname(target)), readlinkSync(target));
  }
  return target;
}

/** A missing folder has no other name; writing there fails with the system's error. */
function realFolder(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
