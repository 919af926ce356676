import { rmSync } from 'node:fs';
import { MEMORY, scratchFolder } from '../support/scratch.ts';
import type { Outcome, RunOptions, Task } from './harness.ts';
import { harnessOf } from './harnesses.ts';

/** A job that the main process gives to a worker. */
export interface Job {
  readonly task: Task;
  readonly options: Omit<RunOptions, 'scratch'>;
}

process.on('message', ({ task, options }: Job) => {
  void perform(task, options).then((outcome) => process.send!(outcome));
});

async function perform(task: Task, options: Job['options']): Promise<Outcome> {
  const scratch = scratchFolder(MEMORY);
  try {
    return await harnessOf(task.harness).run(task, { ...options, scratch });
  } catch (error) {
    return { failures: [`${task.harness} ${task.part} did not run: ${(error as Error).stack}`], counts: {} };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
