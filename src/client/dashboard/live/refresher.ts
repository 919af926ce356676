/** Runs a load soon after it was asked for, never twice at once, and never so often that it takes more than a tenth of the time. */
export interface Refresher {
  request(): void;
  /** Nothing is loaded any more. */
  stop(): void;
}

/** `leastMs` lie between the end of one run and the beginning of the next; a failure is told and keeps nothing from going on. */
export function createRefresher(
  load: () => Promise<void>,
  leastMs: number,
  onFailure: (error: unknown) => void = () => undefined,
): Refresher {
  let earliestMs = 0;
  let isRunning = false;
  let isWanted = false;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async () => {
    timer = undefined;
    isRunning = true;
    isWanted = false;
    const startMs = performance.now();
    try {
      await load();
    } catch (error) {
      onFailure(error);
    }
    const endMs = performance.now();
    earliestMs = endMs + Math.max(leastMs, 9 * (endMs - startMs));
    isRunning = false;
    if (isWanted) request();
  };
  const request = () => {
    isWanted = true;
    if (isRunning || isStopped || timer !== undefined) return;
    timer = setTimeout(run, Math.max(0, earliestMs - performance.now()));
  };
  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
    timer = undefined;
  };
  return { request, stop };
}
