import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { type FSWatcher, watch } from 'chokidar';
import type { Warnings } from '../../process/warnings.ts';
import { DROP_WARNINGS } from './drop-warnings.ts';

export interface DropWatchOptions {
  readonly path: string;
  readonly warnings: Warnings;
  /** A name has appeared or its file was written to; a hint that may be missing, late or wrong. */
  readonly onHint: (name: string, kind: 'appeared' | 'written') => void;
  readonly onFailure: (error: unknown) => void;
}

/** Watches the folder itself: events come from the one that has the path now, and its loss is noticed by `check`. */
export class DropWatch {
  readonly #options: DropWatchOptions;
  #watcher: FSWatcher | undefined;
  #watched: string | undefined;
  /** Resolves when what appears from then on is heard of, as far as the system tells anything. */
  ready: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: DropWatchOptions) {
    this.#options = options;
  }

  /** Makes sure that the folder is there and watched; tells which folder it is, and `undefined` while it cannot be used. */
  check(): string | undefined {
    try {
      const folder = this.#find();
      if (folder === undefined) return undefined;
      if (folder !== this.#watched) this.#watch(folder);
      this.#options.warnings.clear('drop_folder_unusable');
      return folder;
    } catch (error) {
      this.complain(error);
      return undefined;
    }
  }

  /** Shows why the folder cannot be used, until `check` finds that it can. */
  complain(error: unknown): void {
    const reason = (error as NodeJS.ErrnoException).code ?? 'error';
    this.#options.warnings.raise('drop_folder_unusable', DROP_WARNINGS.drop_folder_unusable(reason));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watcher?.close();
  }

  #find(): string | undefined {
    const { path } = this.#options;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) {
      mkdirSync(path, { mode: 0o700 });
      return identityOf(lstatSync(path));
    }
    if (stat.isDirectory()) return identityOf(stat);
    // Never followed: whoever can make a link here must not decide which folder's files are taken.
    const [zh, en] = stat.isSymbolicLink()
      ? ['是符号链接', 'it is a symbolic link']
      : ['不是文件夹', 'it is no folder'];
    const warning = { zh: DROP_WARNINGS.drop_folder_unusable(zh!).zh, en: DROP_WARNINGS.drop_folder_unusable(en!).en };
    this.#options.warnings.raise('drop_folder_unusable', warning);
    return undefined;
  }

  #watch(folder: string): void {
    const { path, warnings, onHint, onFailure } = this.#options;
    if (this.#watched !== undefined) warnings.raise('drop_folder_remade', DROP_WARNINGS.drop_folder_remade());
    void this.#watcher?.close().catch(onFailure);
    this.#watched = folder;
    if (this.#isClosed) return;
    // The scan looks at the files, so the library need not look too.
    this.#watcher = watch(path, {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (file) => file !== path,
    });
    this.#watcher.on('raw', (event, name) => {
      if (typeof name === 'string') onHint(name, event === 'rename' ? 'appeared' : 'written');
    });
    this.#watcher.on('error', onFailure);
    const watcher = this.#watcher;
    this.ready = new Promise<void>((resolve) => {
      watcher.once('ready', resolve);
      watcher.once('error', () => resolve());
    });
  }
}

/** Another folder of the same name has another one. Windows never gives a file id twice, and not every file system of it knows births. */
function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return process.platform === 'win32' ? `${dev}.${ino}` : `${dev}.${ino}.${birthtimeMs}`;
}
