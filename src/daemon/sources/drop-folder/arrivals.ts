import type { DroppedName } from './dropped-names.ts';

/** A file as a scan saw it. */
export interface SeenFile extends DroppedName {
  readonly inode: bigint;
  readonly size: bigint;
  readonly writtenNs: bigint;
}

/** A file that is whole, as far as can be told from outside. */
export interface ArrivedFile extends SeenFile {
  readonly isFinished: boolean;
}

export interface ArrivalsOptions {
  /** True when the content of a file, as it stands, is plainly complete; asked once for each state of it. */
  readonly isFinished: (file: SeenFile) => boolean;
  /** True for a name that says everything, whatever the file holds. */
  readonly isSignal: (name: string) => boolean;
}

/** A finished content is believed when nobody has touched the file for this long. */
const FINISHED_QUIET_MS = 25;

/** A content that may go on is believed after this; programs were seen to pause 200 ms within a value. */
const UNFINISHED_QUIET_MS = 500;

/** An empty file may be a writer's first act. */
const EMPTY_QUIET_MS = 2_000;

/** A file that came whole, by a rename, and does not end with a newline. */
const WHOLE_QUIET_MS = 10;

interface Arrival {
  file: SeenFile;
  /** The instant of the last change that was seen. */
  changedMs: number;
  /** The system's last event: it has appeared, or was written to since. Absent without an event. */
  hint: Hint | undefined;
  isFinished: boolean | undefined;
}

/** The instant of a scan, and how many names had appeared by then. */
export interface Scan {
  readonly nowMs: number;
  readonly dateMs: number;
  readonly appeared: number;
}

interface Hint {
  readonly kind: 'appeared' | 'written';
  /** Grows with every name that appears. */
  readonly order: number;
}

/** Decides which files that appear in a folder are whole. No I/O, and no clock but the instants that it is given. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #hints = new Map<string, Hint>();
  #appeared = 0;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** The system says that a name has appeared, or that its file was written to. */
  hint(name: string, kind: 'appeared' | 'written', nowMs: number): void {
    const order = kind === 'written' ? this.#hints.get(name)?.order : undefined;
    const hint = { kind, order: order ?? this.#appeared++ };
    this.#hints.set(name, hint);
    const arrival = this.#arrivals.get(name);
    if (!arrival) return;
    arrival.changedMs = nowMs;
    arrival.hint = hint;
    arrival.isFinished = undefined;
  }

  /** Marks the instant before a folder is listed: `nowMs` of a clock that only goes forward, `dateMs` as a date. */
  beginScan(nowMs: number, dateMs: number): Scan {
    return { nowMs, dateMs, appeared: this.#appeared };
  }

  /** Takes in the files that a scan found. */
  observe(files: readonly SeenFile[], { nowMs, dateMs, appeared }: Scan): void {
    const keys = new Set(files.map(({ key }) => key));
    for (const key of this.#arrivals.keys()) if (!keys.has(key)) this.#arrivals.delete(key);
    for (const file of files) {
      const known = this.#arrivals.get(file.key);
      if (known && isSame(known.file, file)) continue;
      const ageMs = known ? 0 : Math.max(0, dateMs - Number(file.writtenNs / 1_000_000n));
      const hint = this.#hints.get(file.key);
      this.#arrivals.set(file.key, { file, changedMs: nowMs - ageMs, hint, isFinished: undefined });
    }
    for (const [name, { order }] of this.#hints) {
      if (!keys.has(name) && order < appeared) this.#hints.delete(name);
    }
  }

  /**
   * The files that are whole, in the order in which they were written: one that is written in its place keeps younger
   * ones waiting, because a counter's earlier value after a later one would look like a new start.
   */
  takeWhole(nowMs: number): ArrivedFile[] {
    const whole: ArrivedFile[] = [];
    for (const arrival of this.#inOrder()) {
      if (this.#dueMs(arrival) > nowMs) {
        if (arrival.file.size === 0n) continue;
        break;
      }
      whole.push({ ...arrival.file, isFinished: arrival.isFinished === true });
      this.#arrivals.delete(arrival.file.key);
      this.#hints.delete(arrival.file.key);
    }
    return whole;
  }

  /** When the next file may be whole, by the same clock; `undefined` when none is waited for. */
  nextMs(): number | undefined {
    let next: number | undefined;
    for (const arrival of this.#arrivals.values()) {
      const due = this.#dueMs(arrival);
      if (next === undefined || due < next) next = due;
    }
    return next;
  }

  #inOrder(): Arrival[] {
    return [...this.#arrivals.values()].sort(
      (one, other) =>
        Number(one.file.writtenNs - other.file.writtenNs) ||
        orderOf(one) - orderOf(other) ||
        Number(one.file.inode - other.file.inode),
    );
  }

  #dueMs(arrival: Arrival): number {
    const { file, changedMs, hint } = arrival;
    if (this.#options.isSignal(file.name)) return changedMs;
    if (file.size === 0n) return changedMs + EMPTY_QUIET_MS;
    arrival.isFinished ??= this.#options.isFinished(file);
    if (hint?.kind === 'appeared') return changedMs + (arrival.isFinished ? 0 : WHOLE_QUIET_MS);
    return changedMs + (arrival.isFinished ? FINISHED_QUIET_MS : UNFINISHED_QUIET_MS);
  }
}

/** Files of one tick of the clock go as they appeared; those that lay there before anybody listened go first, by their inodes, which are given out in order. */
function orderOf({ hint }: Arrival): number {
  return hint?.order ?? -1;
}

function isSame(one: SeenFile, other: SeenFile): boolean {
  return one.inode === other.inode && one.size === other.size && one.writtenNs === other.writtenNs;
}
