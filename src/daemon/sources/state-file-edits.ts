import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LOOK_MS, pollStat, TICK_MS } from '../disk/stat-poll.ts';

export interface EditWatcherOptions {
  /** Where the file really lies. */
  readonly path: string;
  /** The name that it goes by, which may be a link, or become one. */
  readonly name: string;
  /** Changes with every write of the file; see `Store.fingerprint`. */
  readonly fingerprint: () => string;
  /** Adopts what there is to adopt; called again when it changed meanwhile. */
  readonly adopt: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** An edit that could not be adopted, such as on a full disk, is tried again after this. */
const RETRY_MS = 2_000;

/** Notices edits of the state file, however they are made, within a second; most within milliseconds. */
export class EditWatcher {
  readonly #options: EditWatcherOptions;
  readonly #watcher: FSWatcher | undefined;
  /** Events come at once but may be lost for good. */
  readonly #endPoll: () => void;
  #seen: string;
  #again: NodeJS.Timeout | undefined;
  #changedMs = Number.NEGATIVE_INFINITY;
  /** True when there may be something to adopt though the fingerprint is the same. */
  #isDue = false;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: EditWatcherOptions) {
    this.#options = options;
    this.#seen = options.fingerprint();
    this.#watcher = this.#watch();
    this.#endPoll = pollStat(options.name, () => this.look());
    // By then the poll knows the file; what was saved before that is found so.
    this.#lookAgain(LOOK_MS);
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
    this.#endPoll();
    this.#watcher?.close();
    await this.#looking;
    clearTimeout(this.#again);
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
      const before = this.#seen;
      let now = this.#options.fingerprint();
      if (now === before && !this.#isDue) return;
      this.#isDue = false;
      do {
        this.#seen = now;
        await this.#options.adopt();
        now = this.#options.fingerprint();
      } while (now !== this.#seen && !this.#isClosed);
      // Two saves in one tick of the file system's clock have one fingerprint.
      if (now !== before) this.#changedMs = performance.now();
      if (performance.now() < this.#changedMs + TICK_MS) this.#lookAgain(LOOK_MS);
    } catch (error) {
      this.#lookAgain(RETRY_MS);
      this.#options.onFailure(error);
    }
  }

  #lookAgain(afterMs: number): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      this.#isDue = true;
      this.look();
    }, afterMs).unref();
  }
}
