import type { Tool } from '../../../../protocol/meters.ts';

/** A file that is to be read. */
export interface WaitingFile {
  readonly tool: Tool;
  readonly path: string;
  readonly writtenMs: number;
  /** Somebody writes to it just now. */
  readonly isLive: boolean;
  /** What it was counted under is wrong: it is taken back, and the file read from its beginning. */
  readonly isAgain: boolean;
  /** The numbers of the looks that it was found by. */
  readonly looks: readonly number[];
}

/** The files that are to be read, each once: those that grow, then those that are to be read again, then the one written last. */
export class WaitingFiles {
  readonly #files = new Map<string, WaitingFile>();
  /** The next one is the last. */
  #order: WaitingFile[] = [];
  #isInOrder = true;
  /** How much is unfinished of each look. */
  readonly #open = new Map<number, number>();

  add(file: WaitingFile): void {
    const known = this.#files.get(file.path);
    this.#files.set(file.path, known ? both(known, file) : file);
    for (const look of file.looks) this.begin(look);
    this.#isInOrder = false;
  }

  /** Takes the next one out, of those alone that grow if so asked; whoever takes it tells `end` of its looks. */
  next({
    isLive = false,
    except,
  }: {
    readonly isLive?: boolean;
    readonly except?: string | undefined;
  } = {}): WaitingFile | undefined {
    this.#sort();
    const index = this.#order.findLastIndex(({ path }) => path !== except);
    const file = this.#order[index];
    if (!file || (isLive && !file.isLive)) return undefined;
    this.#order.splice(index, 1);
    this.#files.delete(file.path);
    return file;
  }

  /** True while files wait that grow or are to be read again. */
  get isUrgent(): boolean {
    this.#sort();
    const next = this.#order.at(-1);
    return next !== undefined && (next.isLive || next.isAgain);
  }

  /** The tools of whose past files wait. */
  tools(): Set<Tool> {
    const tools = new Set<Tool>();
    for (const { isLive, tool } of this.#files.values()) if (!isLive) tools.add(tool);
    return tools;
  }

  /** Something of a look begins. */
  begin(look: number): void {
    this.#open.set(look, (this.#open.get(look) ?? 0) + 1);
  }

  end(looks: readonly number[]): void {
    for (const look of looks) {
      const left = this.#open.get(look)! - 1;
      if (left > 0) this.#open.set(look, left);
      else this.#open.delete(look);
    }
  }

  /** Every look before this number is finished. */
  get firstOpen(): number {
    return Math.min(...this.#open.keys());
  }

  /** Lets go of the files of tools that are not read any more. */
  keep(isRead: (tool: Tool) => boolean): void {
    for (const file of [...this.#files.values()]) {
      if (isRead(file.tool)) continue;
      this.#files.delete(file.path);
      this.end(file.looks);
      this.#isInOrder = false;
    }
  }

  #sort(): void {
    if (this.#isInOrder) return;
    this.#order = [...this.#files.values()].sort(
      (one, other) =>
        Number(one.isLive) - Number(other.isLive) ||
        Number(one.isAgain) - Number(other.isAgain) ||
        one.writtenMs - other.writtenMs,
    );
    this.#isInOrder = true;
  }
}

function both(one: WaitingFile, other: WaitingFile): WaitingFile {
  return {
    ...other,
    isLive: one.isLive || other.isLive,
    isAgain: one.isAgain || other.isAgain,
    looks: [...one.looks, ...other.looks],
  };
}
