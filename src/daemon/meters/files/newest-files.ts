import { dirname } from 'node:path';
import type { FoundFile } from './file-list.ts';
import { type FileLook, isStillSo, lookOf, reachable, writtenMsOf } from './file-look.ts';

const MOST = 50;
/** So many are looked at every time, and the others in turns: what is written now is among the first, and a stat is what idling costs. */
const EVERY_TIME = 12;
const TURNS = 3;

interface Newest<Root> {
  readonly root: Root;
  readonly path: string;
  look: FileLook;
}

/** The files that were written last: the ones that will be written next. */
export class NewestFiles<Root> {
  #files: Newest<Root>[] = [];
  #turn = 0;

  offer(root: Root, { path, look }: FoundFile): void {
    const known = this.#files.find((file) => file.path === path && file.root === root);
    const last = this.#files.at(-1);
    if (known) known.look = look;
    else if (this.#files.length < MOST || !last || writtenMsOf(look) > writtenMsOf(last.look)) {
      this.#files.push({ root, path, look });
    } else return;
    this.#files.sort((one, other) => writtenMsOf(other.look) - writtenMsOf(one.look));
    this.#files.length = Math.min(MOST, this.#files.length);
  }

  /** Those of this turn that are no longer as they were, each told once. */
  changed(): { readonly root: Root; readonly path: string }[] {
    const changed: Newest<Root>[] = [];
    this.#turn = (this.#turn + 1) % TURNS;
    this.#files = this.#files.filter((file, index) => {
      if (index >= EVERY_TIME && index % TURNS !== this.#turn) return true;
      const stat = reachable(file.path);
      if (stat?.isFile() && isStillSo(file.look, stat)) return true;
      changed.push(file);
      if (stat?.isFile()) file.look = lookOf(stat);
      return stat?.isFile() ?? false;
    });
    return changed;
  }

  /** The folders of them, the one written last first, at most so many. */
  folders(most: number): string[] {
    const folders = new Set<string>();
    for (const { path } of this.#files) if (folders.size < most) folders.add(dirname(path));
    return [...folders];
  }
}
