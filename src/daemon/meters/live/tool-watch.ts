import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CURSOR_DATABASE, CursorSignal } from '../cursor/cursor-signal.ts';
import type { ToolRoot } from '../files/tool-roots.ts';
import { TreeWatch } from '../files/tree-watch.ts';
import type { LookOrder } from '../reader/reader-words.ts';

export interface ToolWatchOptions {
  readonly roots: readonly ToolRoot[];
  readonly platform: string;
  /** Something may have changed there. */
  readonly onLook: (at: readonly LookOrder[]) => void;
  /** Another set of them is there than before; at the start too, where any is. */
  readonly onPresence: (present: readonly ToolRoot[]) => void;
  readonly onFailure: (error: { readonly path: string; readonly code: string }) => void;
}

/** A dozen stats, which nobody notices; a tool that has just been installed is found this soon. */
const PRESENCE_MS = 2_000;

/** Finds which tools are there, and watches what they write. A machine without any of them pays a dozen stats every two seconds. */
export class ToolWatch {
  readonly #options: ToolWatchOptions;
  #roots: readonly ToolRoot[];
  #present: readonly ToolRoot[] = [];
  #timer: NodeJS.Timeout | undefined;
  #tree: TreeWatch<ToolRoot> | undefined;
  #signals: CursorSignal[] = [];

  constructor(options: ToolWatchOptions) {
    this.#options = options;
    this.#roots = options.roots;
  }

  get present(): readonly ToolRoot[] {
    return this.#present;
  }

  /** Watches these from now on. */
  setRoots(roots: readonly ToolRoot[]): void {
    this.#roots = roots;
    if (this.#timer) this.#look();
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), PRESENCE_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unwatch();
  }

  #look(): void {
    const present = this.#roots.filter(isThere);
    if (present.length === this.#present.length && present.every((root, index) => root === this.#present[index]))
      return;
    this.#present = present;
    this.#unwatch();
    this.#watch(present);
    this.#options.onPresence(present);
  }

  #watch(present: readonly ToolRoot[]): void {
    const { platform, onLook, onFailure } = this.#options;
    this.#signals = present
      .filter(({ tool }) => tool === 'cursor')
      .map(({ path: folder }) => {
        const at = [{ tool: 'cursor', path: join(folder, CURSOR_DATABASE), isFolder: false }] as const;
        return new CursorSignal({ folder, platform, onSignal: () => onLook(at) });
      });
    for (const signal of this.#signals) signal.start();
    const roots = present.filter(({ form }) => form === 'files');
    if (roots.length === 0) return;
    this.#tree = new TreeWatch({
      roots,
      platform,
      onHints: (hints) => onLook(hints.map(({ root, path, isFolder }) => ({ tool: root.tool, path, isFolder }))),
      onFailure,
    });
    void this.#tree.start();
  }

  #unwatch(): void {
    this.#tree?.close();
    this.#tree = undefined;
    for (const signal of this.#signals) signal.close();
    this.#signals = [];
  }
}

function isThere({ form, path }: ToolRoot): boolean {
  try {
    return statSync(form === 'database' ? join(path, CURSOR_DATABASE) : path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // What may not be looked at is there: whoever reads it says so.
    return true;
  }
}
