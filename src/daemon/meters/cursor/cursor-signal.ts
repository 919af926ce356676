import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { SIDE_FILES } from '../../disk/database-file.ts';
import { reachable } from '../files/file-look.ts';
import { commitMark } from './commit-mark.ts';

export interface CursorSignalOptions {
  /** Where Cursor keeps its database; it need not be there. */
  readonly folder: string;
  readonly platform: string;
  /** Once for each commit that was seen, and when the database comes, goes or is replaced; commits that lie close together are one. */
  readonly onSignal: () => void;
  readonly pollMs?: number;
}

export const CURSOR_DATABASE = 'state.vscdb';

/** The events of a commit come in twos and threes. */
const DEBOUNCE_MS = 5;
/** The log is written before the commit is made, on a slow disk long before, and one that follows may be on its way. */
const STIRRED_LOOKS_MS = [DEBOUNCE_MS, 10, 25, 60];
const POLL_MS = 250;
/** Without a database, and for a folder that was made anew. */
const SLOW_MS = 2_000;

/** Tells that something was committed to Cursor's database: within milliseconds where the system tells events of folders, else by a poll that is the truth. */
export class CursorSignal {
  readonly #options: CursorSignalOptions;
  readonly #path: string;
  /** Our own look moves no file; the memory that is shared moves with every reader and tells no event of a commit. */
  readonly #names: ReadonlySet<string>;
  #mark: string | undefined;
  #poll: NodeJS.Timeout | undefined;
  #stirred: NodeJS.Timeout | undefined;
  #stirredLooks = 0;
  #watcher: FSWatcher | undefined;
  #watchedInode: bigint | undefined;
  #sinceSlowMs = 0;

  constructor(options: CursorSignalOptions) {
    this.#options = options;
    this.#path = join(options.folder, CURSOR_DATABASE);
    const sides = SIDE_FILES.filter((side) => side !== '-shm');
    this.#names = new Set(['', ...sides].map((side) => `${CURSOR_DATABASE}${side}`));
  }

  /** From now on; a database that is there is told as well. */
  start(): void {
    this.#watchFolder();
    this.#arm(0);
  }

  close(): void {
    clearTimeout(this.#poll);
    clearTimeout(this.#stirred);
    this.#unwatch();
  }

  #arm(waitMs: number): void {
    this.#poll = setTimeout(() => this.#look(), waitMs).unref();
  }

  #look(): void {
    const { pollMs = POLL_MS } = this.#options;
    this.#compare();
    const waitMs = this.#mark === undefined ? Math.max(SLOW_MS, pollMs) : pollMs;
    this.#sinceSlowMs += waitMs;
    if (this.#sinceSlowMs >= SLOW_MS) this.#watchFolder();
    this.#arm(waitMs);
  }

  #compare(): void {
    const mark = commitMark(this.#path);
    if (mark === this.#mark) return;
    this.#mark = mark;
    this.#options.onSignal();
  }

  #onEvent(name: string | null): void {
    // A folder that goes away tells its own name.
    if (name === basename(this.#options.folder)) this.#sinceSlowMs = SLOW_MS;
    else if (name !== null && !this.#names.has(name)) return;
    this.#stirredLooks = 0;
    if (!this.#stirred) this.#stir();
  }

  #stir(): void {
    const waitMs = STIRRED_LOOKS_MS[this.#stirredLooks];
    this.#stirredLooks += 1;
    if (waitMs === undefined) {
      this.#stirred = undefined;
      return;
    }
    this.#stirred = setTimeout(() => {
      this.#stir();
      this.#compare();
    }, waitMs).unref();
  }

  #watchFolder(): void {
    this.#sinceSlowMs = 0;
    // On macOS events of a folder do not tell what is written to a file in it.
    if (this.#options.platform === 'darwin') return;
    const inode = reachable(this.#options.folder)?.ino;
    if (inode === this.#watchedInode) return;
    this.#unwatch();
    if (inode === undefined) return;
    try {
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_, name) => this.#onEvent(name));
      this.#watcher.on('error', () => this.#unwatch());
      this.#watchedInode = inode;
    } catch {
      // The poll goes on, and tries again.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watchedInode = undefined;
  }
}
