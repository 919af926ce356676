import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, readable by their owner only; returns the first one made, `undefined` when it was
 * there. Throws the system's error. Not by `recursive`: with it Node never returns where a folder takes no others, as `/proc`.
 */
export function makeFolder(path: string): string | undefined {
  const above = dirname(path);
  const first = above === path || existsSync(above) ? undefined : makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
    return first ?? path;
  } catch (error) {
    if (!isFolder(path)) throw error;
    return first;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
