import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';

export interface FolderWatchesOptions {
  /** One watch tells of a whole root: Windows and macOS can, Linux would take one for each file. */
  readonly isRecursive: boolean;
  /** Something happened at a path, or in a folder. */
  readonly onEvent: (path: string) => void;
  readonly onFailure: (error: { readonly path: string; readonly code: string }) => void;
}

/** Linux has a few thousand for all programs of a person on some systems; with those of the daemon itself it stays below a hundred. */
export const MOST_WATCHES = 90;

/** The system's events of folders, few as they are; where a watch is missing, looking finds what happened. */
export class FolderWatches {
  readonly #options: FolderWatchesOptions;
  /** The one of which nothing was heard for the longest comes first; roots stand apart and stay. */
  readonly #folders = new Map<string, FSWatcher>();
  readonly #roots = new Map<string, FSWatcher>();

  constructor(options: FolderWatchesOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#options.isRecursive || this.#folders.size + this.#roots.size >= MOST_WATCHES;
  }

  /** Whether the system tells of what happens in a folder, as far as it can. */
  has(path: string, root: string): boolean {
    return this.#roots.has(this.#options.isRecursive ? root : path) || this.#folders.has(path);
  }

  /** Watches a folder, in the place of the one that was quiet longest when there are too many. True when that is new. */
  add(path: string, root: string): boolean {
    const isRoot = path === root;
    if (this.#roots.has(path) || this.#folders.has(path) || (this.#options.isRecursive && !isRoot)) return false;
    if (this.isFull && !this.#options.isRecursive) {
      const quietest = this.#folders.keys().next().value;
      if (quietest === undefined) return false;
      this.remove(quietest);
    }
    const watcher = this.#watch(path);
    if (watcher) (isRoot ? this.#roots : this.#folders).set(path, watcher);
    return watcher !== undefined;
  }

  /** Something is written there: others give up their watch first. */
  touch(path: string): void {
    const watcher = this.#folders.get(path);
    if (!watcher) return;
    this.#folders.delete(path);
    this.#folders.set(path, watcher);
  }

  remove(path: string): void {
    for (const watches of [this.#folders, this.#roots]) {
      watches.get(path)?.close();
      watches.delete(path);
    }
  }

  close(): void {
    for (const path of [...this.#folders.keys(), ...this.#roots.keys()]) this.remove(path);
  }

  #watch(path: string): FSWatcher | undefined {
    const { isRecursive, onEvent } = this.#options;
    try {
      const watcher = watch(path, { recursive: isRecursive, persistent: false }, (_, name) => {
        if (typeof name === 'string') onEvent(join(path, name));
        // A folder that goes away tells its own name, as if something of that name lay in it.
        if (name === null || name === basename(path)) onEvent(path);
      });
      return watcher.on('error', (error) => this.#failed(path, error));
    } catch (error) {
      this.#failed(path, error);
      return undefined;
    }
  }

  #failed(path: string, error: unknown): void {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    this.remove(path);
    // The look tells of what is not there, or not ours to read.
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EPERM') this.#options.onFailure({ path, code });
  }
}
