import { runningProcesses } from '../../support/processes.ts';

/** The pids of the workers that a process has. */
export function workers(parent = process.pid): number[] {
  return runningProcesses()
    .filter((process) => process.parent === parent && process.args.at(-1)?.endsWith('worker.ts'))
    .map(({ pid }) => pid);
}
