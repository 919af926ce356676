import { mkdirSync, rmSync } from 'node:fs';
import { swapSync } from 'fs-native-extensions';

/** Puts a folder where a file lies, which can neither be read nor written as one; in one step, so that nobody finds it missing. */
export function blockFile(path: string): void {
  const aside = `${path}.aside`;
  mkdirSync(aside);
  swapSync(aside, path);
  rmSync(aside);
}
