import type { HistoryIndex } from './store/index/history-index.ts';

/** Looked at so often, which is nothing beside what goes on then. */
const LOOK_MS = 250;

/** Calls `tell` with each further tenth of a history that is made anew, from 0 to 1, and with 1 at the end. */
export async function tellProgress(history: HistoryIndex, tell: (done: number) => void): Promise<void> {
  let told = -1;
  while (history.progress !== undefined) {
    const tenth = Math.floor(history.progress * 10);
    if (tenth > told) tell(history.progress);
    told = Math.max(told, tenth);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
  }
  if (told !== -1) tell(1);
}
