import { close, fstatSync, readSync } from 'node:fs';
import { type FileContent, hashOf } from './file-content.ts';

/** A program that had the file open when it was replaced is given this long to write into the old one. */
const WATCH_MS = 30_000;
/** One that was seen to be writing, this long. */
const WATCH_HELD_MS = 600_000;
/** Most writers end within moments. */
const YOUNG_MS = 400;
const CHECK_MS = 25;
const OLD_CHECK_MS = 250;
const MAX_WATCHED = 512;

interface OldFile {
  readonly fd: number;
  readonly isHeld: boolean;
  readonly sinceMs: number;
  checkedMs: number;
  hash: string | undefined;
  /** Tells without reading it that nobody wrote since; a hint, since two writes in one tick of the clock look alike. */
  stamp: string;
}

/** Watches files that were replaced while somebody may still write into them, and reports those writes so that none is lost. */
export class LateEdits {
  readonly #report: (content: FileContent) => void;
  readonly #isWhole: (content: FileContent) => boolean;
  readonly #files = new Set<OldFile>();
  #timer: NodeJS.Timeout | undefined;

  /** `report` gets whole contents at once, and half ones when nobody seems to finish them. */
  constructor(report: (content: FileContent) => void, isWhole: (content: FileContent) => boolean) {
    this.#report = report;
    this.#isWhole = isWhole;
  }

  /** Watches a replaced file whose content was `expected`, and into which somebody was writing if it `isHeld`; owns and closes the descriptor. */
  watch(fd: number, expected: string | undefined, isHeld = false): void {
    const nowMs = performance.now();
    const file = { fd, isHeld, sinceMs: nowMs, checkedMs: nowMs, hash: expected, stamp: '' };
    this.#files.add(file);
    this.#check(file, false);
    if (this.#files.size > MAX_WATCHED) this.#end(this.#files.values().next().value!);
    this.#checkAgain(CHECK_MS);
  }

  /** Looks a last time at everything and closes it; more may be watched afterwards. */
  close(): void {
    for (const file of this.#files) this.#end(file);
  }

  #checkAgain(afterMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#checkAll();
    }, afterMs).unref();
  }

  #checkAll(): void {
    const nowMs = performance.now();
    let isSomeoneYoung = false;
    for (const file of this.#files) {
      const ageMs = nowMs - file.sinceMs;
      if (ageMs > (file.isHeld ? WATCH_HELD_MS : WATCH_MS)) this.#end(file);
      else if (ageMs < YOUNG_MS || nowMs - file.checkedMs >= OLD_CHECK_MS) this.#check(file, false);
      isSomeoneYoung ||= ageMs < YOUNG_MS;
    }
    if (this.#files.size > 0) this.#checkAgain(isSomeoneYoung ? CHECK_MS : OLD_CHECK_MS);
  }

  #check(file: OldFile, isLast: boolean): void {
    file.checkedMs = performance.now();
    const content = changedContent(file, isLast);
    if (content === undefined || content.hash === file.hash) return;
    // Half a write waits: the rest follows, or the writer has died. An emptied file holds nothing to keep.
    if (!this.#isWhole(content) && (!isLast || content.bytes.length === 0)) return;
    file.hash = content.hash;
    this.#report(content);
  }

  #end(file: OldFile): void {
    this.#files.delete(file);
    this.#check(file, true);
    // Asynchronous: only now the system frees the file's blocks, which takes longer than all the rest of this.
    close(file.fd, () => undefined);
    if (this.#files.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function changedContent(file: OldFile, isLast: boolean): FileContent | undefined {
  try {
    const { size, mtimeMs, ctimeMs } = fstatSync(file.fd);
    const stamp = `${size} ${mtimeMs} ${ctimeMs}`;
    if (!isLast && stamp === file.stamp) return undefined;
    file.stamp = stamp;
    return readContent(file.fd);
  } catch {
    // A content that the disk no longer gives back cannot be kept.
    return undefined;
  }
}

function readContent(fd: number): FileContent {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  let filled = 0;
  while (filled < bytes.length) {
    const got = readSync(fd, bytes, filled, bytes.length - filled, filled);
    if (got === 0) break;
    filled += got;
  }
  const whole = bytes.subarray(0, filled);
  return { bytes: whole, hash: hashOf(whole) };
}
