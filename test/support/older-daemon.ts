import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './folders.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The protocol fields of `daemon.json` and `daemon.info`, as they stand in the bundle. */
const TOLD = 'protocol:2,protocol_min:1,';

/** The fields of `daemon.json` alone: its folder, its start, and its proof. */
const TOLD_IN_FILE = ['{...identity,...served,...proof.told}', '{pid:identity.pid,...served}'] as const;

/**
 * The entry of a daemon that tells what the first version told, protocol 1 and nothing else; it is the shipped one but for
 * these words. Removed when the test is over.
 */
export function olderDaemon(): string {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  // Within the checkout, so that its packages are found.
  const folder = temporaryFolder(cache);
  let told = 0;
  for (const name of readdirSync(join(ROOT, 'dist')).filter((file) => /^(daemon|estimate).*\.js$/.test(file))) {
    copyFileSync(join(ROOT, 'dist', name), join(folder, name));
    const parts = readFileSync(join(folder, name), 'utf8').split(TOLD);
    told += parts.length - 1;
    writeFileSync(join(folder, name), parts.join('protocol:1,').replace(...TOLD_IN_FILE));
  }
  if (told !== 2)
    throw new Error(`the bundle tells its protocol in ${told} places, not in daemon.json and daemon.info`);
  return join(folder, 'daemon.js');
}
