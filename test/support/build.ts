import { fileURLToPath } from 'node:url';
import { spawnSync } from './programs.ts';

const SET_UP = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));

/** Brings `dist/` up to date with the sources before the tests, because the programs under test are those that are shipped. */
export function setup(): void {
  const run = spawnSync(process.execPath, [SET_UP], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
}
