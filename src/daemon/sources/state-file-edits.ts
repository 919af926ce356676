import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

export interface EditWatcherOptions {
  readonly path: string;
  /** Changes with every write of the file; see `Store.fingerprint`. */
  readonly fingerprint: () => string;
  /** Adopts what there is to adopt; called again when it changed meanwhile. */
  readonly adopt: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** Events come at once but may be lost for good; a look at the file this often finds what they missed within the promised second. */
const LOOK_MS = 500;

/** Two saves in one tick of the file system's clock have one fingerprint, so a change is looked at once more after it. */
const SAME_TICK_MS = 50;

/** What could not be adopted, because the disk is full for one, is tried again after this. */
const RETRY_MS = 2_000;

/** Notices edits of the state file, however they are made, within a second; most within milliseconds. */
export class EditWatcher {
  readonly #options: EditWatcherOptions;
  readonly #watcher: FSWatcher | undefined;
  readonly #timer: NodeJS.Timeout;
  #seen: string;
  #lookAgainMs = 0;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: EditWatcherOptions) {
    this.#options = options;
    this.#seen = options.fingerprint();
    this.#watcher = this.#watch();
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** Looks whether the file has changed since the last look. */
  look(): void {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async close(): Promise<void> {
    // Commits of our own would prolong the look for as long as somebody records.
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#watcher?.close();
    await this.#looking;
  }

  /**
   * The system's own events, which are all that is needed where looking finds the rest: a library would look at the
   * folder for each of them, of which every record makes several.
   */
  #watch(): FSWatcher | undefined {
    const { path, onFailure } = this.#options;
    try {
      // The folder, because a rename into place gives the file another inode each time.
      const watcher = watch(dirname(path), (_, name) => {
        if (name === null || name === basename(path)) this.look();
      });
      return watcher.on('error', onFailure);
    } catch (error) {
      // No more watches are to be had: what looking now and then finds is found within the promise.
      onFailure(error);
      return undefined;
    }
  }

  async #look(): Promise<void> {
    try {
      let now = this.#options.fingerprint();
      const isChanged = now !== this.#seen;
      if (!isChanged && performance.now() < this.#lookAgainMs) return;
      do {
        this.#seen = now;
        await this.#options.adopt();
        now = this.#options.fingerprint();
      } while (now !== this.#seen && !this.#isClosed);
      this.#lookAgainMs = isChanged ? performance.now() + SAME_TICK_MS : Number.POSITIVE_INFINITY;
    } catch (error) {
      this.#lookAgainMs = performance.now() + RETRY_MS;
      this.#options.onFailure(error);
    }
  }
}
