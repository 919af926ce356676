/** Longer than any answer takes on a busy machine, and shorter than the limit of a test, so that a hang names its call. */
export const HUNG_MS = 30_000;

/** Waits until `condition` gives something true, and returns it; throws when it has not within `timeoutMs`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

/** A turn that took longer was held up by other programs. */
const LONGEST_TURN_MS = 5;

/** As `until`, but pauses in which a busy machine lets this process do nothing do not count; elsewhere it is the same time. */
export async function untilOwnTime(condition: () => boolean, what: string, timeoutMs: number): Promise<void> {
  let ownMs = 0;
  for (let turnMs = performance.now(); !condition(); ) {
    if (ownMs > timeoutMs) throw new Error(`waited ${timeoutMs} ms of its own time in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
    const nowMs = performance.now();
    ownMs += Math.min(nowMs - turnMs, LONGEST_TURN_MS);
    turnMs = nowMs;
  }
}

/** The outcome of a promise, or an error that says what it was waited for. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
