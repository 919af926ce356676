import type { Batch, Part } from '../../store/batch.ts';

interface Entry {
  parts: Part[];
  isLive: boolean;
  isForgotten: boolean;
  isWithdrawn: boolean;
  isReadAgain: boolean;
}

/** The entry of what no file tells. */
const NO_FILE = '';

/** What was read and is not saved yet, by file. */
export class Unsaved {
  readonly #entries = new Map<string, Entry>();

  readonly #looks = { live: [] as number[], past: [] as number[] };
  #liveSinceMs: number | undefined;
  #size = 0;

  /** How much waits: observations, and places of files. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** For how long something live waits, in ms; `undefined` where nothing does. */
  get liveForMs(): number | undefined {
    return this.#liveSinceMs === undefined ? undefined : performance.now() - this.#liveSinceMs;
  }

  /** Of what is live everything of its file is saved with it. */
  add(part: Part, isLive: boolean): void {
    const entry = this.#of(part.file?.path ?? NO_FILE);
    entry.parts.push(part);
    this.#size += sizeOf(part);
    entry.isLive ||= isLive;
    if (isLive) this.#liveSinceMs ??= performance.now();
  }

  /** The file's keys were wrong: what is saved of it is taken back, what is not saved yet is dropped, and its parts come anew. */
  withdraw(path: string): void {
    const { isLive, parts } = this.#of(path);
    for (const part of parts) this.#size -= sizeOf(part);
    const isReadAgain = false;
    this.#entries.set(path, { parts: [], isLive, isForgotten: false, isWithdrawn: true, isReadAgain });
  }

  /** The parts so far tell a withdrawn file to its end. */
  endAgain(path: string): void {
    this.#of(path).isReadAgain = true;
  }

  /** The file is gone; what it told stands. */
  forget(path: string): void {
    const entry = this.#of(path);
    // It would keep what is to be taken back: it is found to be gone once more.
    if (entry.isWithdrawn) return;
    entry.parts = entry.parts.map(({ observations }) => ({ observations }));
    entry.isForgotten = true;
  }

  /** These looks end with what was added so far. */
  ends(looks: readonly number[], isLive: boolean): void {
    this.#looks[isLive ? 'live' : 'past'].push(...looks);
  }

  /** Takes out the looks that end with what is live, or with everything. */
  takeLooks(isLiveAlone: boolean): number[] {
    const { live, past } = this.#looks;
    return [...live.splice(0), ...(isLiveAlone ? [] : past.splice(0))];
  }

  /** Takes out what is to be saved together: all, or what is live alone. */
  take(isLiveAlone: boolean): Batch {
    this.#liveSinceMs = undefined;
    const taken = [...this.#entries].filter(([, { isLive }]) => isLive || !isLiveAlone);
    for (const [path, { parts }] of taken) {
      this.#entries.delete(path);
      for (const part of parts) this.#size -= sizeOf(part);
    }
    const paths = (is: (entry: Entry) => boolean) => taken.flatMap(([path, entry]) => (is(entry) ? [path] : []));
    return {
      parts: taken.flatMap(([, { parts }]) => parts),
      forgotten: paths(({ isForgotten }) => isForgotten),
      withdrawn: paths(({ isWithdrawn }) => isWithdrawn),
      readAgain: paths(({ isReadAgain }) => isReadAgain),
    };
  }

  #of(path: string): Entry {
    const known = this.#entries.get(path);
    if (known) return known;
    const entry = { parts: [], isLive: false, isForgotten: false, isWithdrawn: false, isReadAgain: false };
    this.#entries.set(path, entry);
    return entry;
  }
}

function sizeOf({ observations }: Part): number {
  return observations.length + 1;
}
