import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from './programs.ts';

/** A process of this machine. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its command line. */
  readonly args: readonly string[];
}

/** Those that run; one that has ended, and whose parent has not looked, does not. */
export function runningProcesses(): Process[] {
  return existsSync('/proc/self/stat') ? readdirSync('/proc').flatMap(fromProc) : fromPs();
}

/** Whether a process runs; as with `runningProcesses`, one that has ended does not. */
export function isRunning(pid: number): boolean {
  return existsSync('/proc/self/stat')
    ? fromProc(`${pid}`).length > 0
    : fromPs().some((running) => running.pid === pid);
}

function fromProc(name: string): Process[] {
  if (!/^\d+$/.test(name)) return [];
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The program's name before the state may hold anything but ends with the last bracket.
    const [, state, parent] = /^\) (\S) (\d+)/.exec(stat.slice(stat.lastIndexOf(')')))!;
    const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), args }];
  } catch (error) {
    // It ended while we looked.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function fromPs(): Process[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith('Z'))
    .map(([pid, parent, , ...args]) => ({ pid: Number(pid), parent: Number(parent), args }));
}
