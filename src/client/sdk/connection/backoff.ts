/** Pauses in milliseconds, each twice the last up to `mostMs`, each shortened at random by up to half so that many clients do not come at once. */
export function* pauses(leastMs: number, mostMs: number): Generator<number, never> {
  for (let ms = leastMs; ; ms = Math.min(mostMs, ms * 2)) yield ms * (1 - Math.random() / 2);
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', settle);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    if (signal?.aborted) settle();
    else signal?.addEventListener('abort', settle);
  });
}
