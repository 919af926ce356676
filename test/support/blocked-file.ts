import { mkdirSync, rmSync } from 'node:fs';

/** Puts a folder where a file lies, which nothing can take the place of, however often the daemon makes the file anew meanwhile. */
export function blockFile(path: string): void {
  for (;;) {
    rmSync(path, { force: true });
    try {
      mkdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
