import { unwatchFile, watchFile } from 'node:fs';

/** Leaves time to adopt what was found before the promised second is over. */
export const LOOK_MS = 750;

/**
 * Calls `onChange` within `LOOK_MS` when what lies at `path` is changed, made, removed or replaced, without needing an
 * event of the system; returns what ends this. What changes twice in one tick of the file system's clock may be seen once.
 */
export function pollStat(path: string, onChange: () => void): () => void {
  // libuv compares in its own thread and wakes no JavaScript for nothing; polls that start in one turn stay in step.
  watchFile(path, { interval: LOOK_MS, persistent: false }, onChange);
  return () => unwatchFile(path, onChange);
}
