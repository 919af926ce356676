import { closeSync, constants, fstatSync, readSync, type Stats, statSync } from 'node:fs';
import { openRegular } from '../../shared/node/regular-file.ts';
import { NOT_A_FILE } from '../../shared/words/not-a-file.ts';
import { KEPT_LOGS, logPath } from './log.ts';

/** So much of what was written before is shown, for a person to see what it is about. */
const LAST_LINES = 10;
const LAST_BYTES = 16 * 1_024;

/** Reads the log of a data folder as it grows, each line once, also while the daemon makes room for the next file. */
export class LogFollower {
  readonly #folder: string;
  #fd: number | undefined;
  #position = 0;
  /** The beginning of a line whose end is not written yet. */
  #begun = Buffer.alloc(0);

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The last lines that are there; `grown` goes on behind them. */
  lastLines(): string {
    this.#fd = open(logPath(this.#folder, 0));
    if (this.#fd === undefined) return '';
    this.#position = Math.max(0, fstatSync(this.#fd).size - LAST_BYTES);
    const isCut = this.#position > 0;
    const lines = this.#read().split(/(?<=\n)/);
    return lines
      .slice(isCut ? 1 : 0)
      .slice(-LAST_LINES)
      .join('');
  }

  /** The whole lines that have been written since. */
  grown(): string {
    let text = this.#read();
    for (let next = this.#openNext(); next !== undefined; next = this.#openNext()) {
      // Nothing is written to a file after the next one has begun, so that this is its end.
      text += this.#read();
      this.close();
      this.#fd = next;
      this.#position = 0;
      text += this.#read();
    }
    return text;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #read(): string {
    if (this.#fd === undefined) return '';
    const chunks = [this.#begun];
    for (;;) {
      const chunk = Buffer.allocUnsafe(64 * 1_024);
      const bytes = readSync(this.#fd, chunk, 0, chunk.length, this.#position);
      if (bytes === 0) break;
      chunks.push(chunk.subarray(0, bytes));
      this.#position += bytes;
    }
    const read = Buffer.concat(chunks);
    const end = read.lastIndexOf('\n') + 1;
    this.#begun = read.subarray(end);
    return read.toString('utf8', 0, end);
  }

  /** The file that was begun after the one that is read. */
  #openNext(): number | undefined {
    if (this.#fd === undefined) return open(logPath(this.#folder, 0));
    const ours = fstatSync(this.#fd);
    for (;;) {
      const index = this.#indexOfNext(ours);
      if (index === undefined) return undefined;
      const next = open(logPath(this.#folder, index));
      // The names move on with every full file: those that did while we looked say nothing.
      if (this.#indexOfNext(ours) === index) return next;
      if (next !== undefined) closeSync(next);
    }
  }

  #indexOfNext(ours: Stats): number | undefined {
    const files = Array.from({ length: KEPT_LOGS + 1 }, (_, index) => {
      return statSync(logPath(this.#folder, index), { throwIfNoEntry: false });
    });
    const own = files.findIndex((file) => file !== undefined && file.ino === ours.ino && file.dev === ours.dev);
    if (own >= 0) return own === 0 ? undefined : own - 1;
    // It is kept no longer, or somebody has removed it: what follows is the oldest file that was written later.
    const next = files.findLastIndex((file) => file !== undefined && file.mtimeMs > ours.mtimeMs);
    return next >= 0 ? next : undefined;
  }
}

/** `undefined` where there is no log, as before the first line and where a level of nothing is set, or none that can be read. */
function open(path: string): number | undefined {
  try {
    return openRegular(path, constants.O_RDONLY);
  } catch (error) {
    if (['ENOENT', NOT_A_FILE].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
