/**
 * Lets other programs have the processor for an instant once a millisecond, and once in ten the input of this one be read;
 * to be awaited more often than that. A lower priority is not enough: Linux lets who has the processor run on for up to
 * 3 ms (its `base_slice_ns`) before who is woken meanwhile, whatever their priorities, and a record wakes one after another.
 */
export async function yieldCpu(): Promise<void> {
  const nowMs = performance.now();
  if (nowMs - restedMs < WORK_MS) return;
  // Nobody wakes it. Windows rounds so short a time to none; there a higher priority has the processor at once.
  Atomics.wait(NOBODY, 0, 0, REST_MS);
  restedMs = performance.now();
  if (nowMs - readMs < READ_MS) return;
  await new Promise(setImmediate);
  readMs = performance.now();
}

const WORK_MS = 1;

/** With what the system adds, about a tenth of a millisecond. */
const REST_MS = 0.01;

const READ_MS = 10;

const NOBODY = new Int32Array(new SharedArrayBuffer(4));

let restedMs = performance.now();
let readMs = restedMs;
