import * as system from 'node:child_process';
import { promisify } from 'node:util';
import { locate } from './needs.ts';

export type { ChildProcess } from 'node:child_process';

// Tests start programs by these alone, which ask for each: so none presumes what a machine may lack.

/** As Node's own, but for a program that is missing here or in no table: see `locate`. */
export const spawn = asking(system.spawn);

/** As Node's own, but for a program that is missing here or in no table: see `locate`. */
export const spawnSync = asking(system.spawnSync);

/** As Node's own, but for a program that is missing here or in no table: see `locate`. */
export const execFileSync = asking(system.execFileSync);

/** As Node's own, but for a program that is missing here or in no table: see `locate`. */
export const execFile = Object.assign(asking(system.execFile), {
  [promisify.custom]: asking(system.execFile.__promisify__ ?? promisify(system.execFile)),
});

/** Node's own: it starts Node. */
export const { fork } = system;

function asking<F extends (program: string, ...rest: never[]) => unknown>(start: F): F {
  return ((program: string, ...rest: never[]) => start(locate(program), ...rest)) as F;
}
