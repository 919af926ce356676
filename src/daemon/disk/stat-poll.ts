import { unwatchFile, watchFile } from 'node:fs';

/** Short enough that a change found is adopted within the promised second, also while the disk keeps the pool's threads busy. */
export const LOOK_MS = 700;

/** FAT has the coarsest clock: two changes within one tick of it look like one. */
export const TICK_MS = 2_000;

/**
 * Calls `onChange` within about `LOOK_MS` when what lies at `path` is changed, made, removed or replaced, without needing an
 * event of the system; returns what ends this. What changes twice in one tick of the file system's clock may be seen once.
 */
export function pollStat(path: string, onChange: () => void): () => void {
  // libuv looks in its pool and compares by itself: no JavaScript is woken for nothing. Polls of one turn stay in step.
  watchFile(path, { interval: LOOK_MS, persistent: false }, onChange);
  return () => unwatchFile(path, onChange);
}
