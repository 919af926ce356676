import { closeSync, constants, fstatSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { openRegular } from '../../shared/node/regular-file.ts';
import { visibleText } from '../../shared/visible-text.ts';
import { makeFolder } from '../disk/make-folder.ts';

export type Log = pino.Logger;

const MAX_LOG_BYTES = 2 * 1024 * 1024;

/** The number of full logs that are kept behind the one being written. */
export const KEPT_LOGS = 3;

/** The log that is written at 0, and the older ones in turn. */
export function logPath(folder: string, index: number): string {
  return join(folder, index === 0 ? 'daemon.log' : `daemon.${index}.log`);
}

/** Opens the log of a data folder; a log that cannot be written, because the disk is full or for any other reason, stops nothing. */
export function openLog(folder: string, level: string, onFailure: (error: unknown) => void): Log {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    new RotatingFile(folder, onFailure),
  );
}

/** A log file that makes room for the next one when it is full: `daemon.log`, `daemon.1.log`, … */
class RotatingFile {
  readonly #folder: string;
  readonly #onFailure: (error: unknown) => void;
  #fd: number | undefined;
  #bytes = 0;

  constructor(folder: string, onFailure: (error: unknown) => void) {
    this.#folder = folder;
    this.#onFailure = onFailure;
  }

  write(line: string): void {
    try {
      // Somebody will look at it in a terminal.
      this.#fd ??= this.#open();
      this.#bytes += writeSync(this.#fd, visibleText(line));
      if (this.#bytes >= MAX_LOG_BYTES) this.#rotate();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #open(): number {
    makeFolder(this.#folder);
    const fd = openRegular(this.#path(0), constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
    this.#bytes = fstatSync(fd).size;
    return fd;
  }

  #rotate(): void {
    closeSync(this.#fd!);
    this.#fd = undefined;
    for (let index = KEPT_LOGS - 1; index >= 0; index--) {
      try {
        renameSync(this.#path(index), this.#path(index + 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  #path(index: number): string {
    return logPath(this.#folder, index);
  }
}
