import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type ChildProcess, fork } from '../support/programs.ts';
import type { Outcome, Task } from './harness.ts';
import type { Job } from './worker.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** Runs tasks in as many processes as there are cores, each for itself; `onDone` hears of each as it ends. */
export async function runAll(
  jobs: readonly Job[],
  onDone: (job: Job, outcome: Outcome, ms: number) => void,
): Promise<void> {
  const waiting = [...jobs];
  const serve = async () => {
    let worker: ChildProcess | undefined;
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      worker ??= fork(WORKER, { env: { ...process.env, TZ: 'UTC', UV_THREADPOOL_SIZE: '1' } });
      const startedMs = performance.now();
      worker.send(job);
      const outcome = await answerOf(worker, job.task);
      if (worker.exitCode !== null || worker.signalCode !== null) worker = undefined;
      onDone(job, outcome, performance.now() - startedMs);
    }
    worker?.kill();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, serve));
}

async function answerOf(worker: ChildProcess, task: Task): Promise<Outcome> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(worker, 'message', { signal: ended.signal }).then(([outcome]) => outcome as Outcome),
      once(worker, 'exit', { signal: ended.signal }).then(([code, signal]) => ({
        failures: [`${task.harness} ${task.part} ended with ${signal ?? code}`],
        counts: {},
      })),
    ]);
  } finally {
    ended.abort();
  }
}
