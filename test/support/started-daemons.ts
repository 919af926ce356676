import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runningProcesses } from './processes.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

/** The path of a data folder that does not exist yet, for clients that start daemons: these end with the test, and the folder goes. */
export function folderForClients(): string {
  const parent = scratchFolder();
  const folder = join(parent, 'data');
  onTestFinished(async () => {
    await endDaemonsOf(folder);
    rmSync(parent, { recursive: true, force: true });
  });
  return folder;
}

/** The processes of all daemons that were started on a folder and have not ended. */
export function daemonsOf(folder: string): number[] {
  return runningProcesses()
    .filter(({ args }) => args.includes('--data') && args.includes(folder))
    .map(({ pid }) => pid);
}

/** Ends the daemons of a folder as a crash does, and waits until they are gone. */
export async function endDaemonsOf(folder: string): Promise<void> {
  await until(() => {
    const left = daemonsOf(folder);
    for (const pid of left) killIfThere(pid);
    return left.length === 0;
  }, 'the daemons of the test are gone');
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
