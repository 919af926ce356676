import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folders.ts';
import { execFileSync } from './programs.ts';

/** Things that may lie in the place of a file and are none; each is made under a name that is free. */
export const SPECIAL_FILES: readonly (readonly [string, (path: string) => unknown])[] = [
  ['a named pipe', (path) => execFileSync('mkfifo', [path])],
  ['a link to a device without an end', (path) => symlinkSync('/dev/zero', path)],
  ['a link to a device of chance', (path) => symlinkSync('/dev/random', path)],
  ['a socket', makeSocket],
  ['a folder', (path) => mkdirSync(path)],
];

/** Puts one in the place of whatever is there, in one step, lest somebody makes the file anew in between; no folder. */
export async function putInPlace(path: string, make: (path: string) => unknown): Promise<void> {
  // Made where nobody watches: a daemon would take it out of a drop folder at once.
  const aside = join(temporaryFolder(), 'made');
  await make(aside);
  renameSync(aside, path);
}

function makeSocket(path: string): Promise<void> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return new Promise((resolve) => server.listen(path, resolve));
}
