import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Nothing has been done for so long when memory is given back. */
const IDLE_MS = 10_000;

/** A heap keeps this much for what may come; more is left over from an import or another large work. */
const SPARE_BYTES = 32 * 1024 * 1024;

/**
 * Gives memory back after a large work. V8 collects garbage when it needs the room, so that the heap of a daemon that has
 * nothing more to do would stay as large as its busiest moment.
 */
export class IdleMemory {
  readonly #timer: NodeJS.Timeout;

  constructor(idleMs = IDLE_MS) {
    this.#timer = setTimeout(giveBack, idleMs).unref();
  }

  /** Something was done: it is no moment to collect. */
  noteWork(): void {
    this.#timer.refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

function giveBack(): void {
  const { total_heap_size, used_heap_size } = getHeapStatistics();
  if (total_heap_size - used_heap_size > SPARE_BYTES) collect();
}

function collect(): void {
  // Only a context that is made after the flag is set has the function.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
