import { close, fstatSync, readSync } from 'node:fs';
import { type FileContent, hashOf } from './file-content.ts';

/** A program that had the file open when it was replaced is given this long to finish writing into the old one. */
const WATCH_MS = 400;
const CHECK_MS = 25;
const MAX_WATCHED = 256;

interface OldFile<Tag> {
  readonly fd: number;
  readonly tag: Tag;
  readonly sinceMs: number;
  hash: string | undefined;
  /** Tells without reading it that nobody wrote since; a hint, since two writes in one tick of the clock look alike. */
  stamp: string;
}

/** Files that were replaced while somebody may still write into them: what they write is reported, not lost. */
export class LateEdits<Tag> {
  readonly #report: (content: FileContent, tag: Tag) => void;
  readonly #isWhole: (content: FileContent) => boolean;
  readonly #files: OldFile<Tag>[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `report` gets whole contents at once, and what is not whole when nobody seems to finish it, with the file's tag. */
  constructor(report: (content: FileContent, tag: Tag) => void, isWhole: (content: FileContent) => boolean) {
    this.#report = report;
    this.#isWhole = isWhole;
  }

  /** Watches a replaced file whose content was `expected`; owns and closes the descriptor. */
  watch(fd: number, expected: string | undefined, tag: Tag): void {
    this.#files.push({ fd, tag, sinceMs: performance.now(), hash: expected, stamp: '' });
    this.#check(this.#files.at(-1)!, false);
    if (this.#files.length > MAX_WATCHED) this.#end(this.#files[0]!);
    this.#timer ??= setInterval(() => this.#checkAll(), CHECK_MS).unref();
  }

  /** Looks a last time at everything and closes it; more may be watched afterwards. */
  close(): void {
    for (const file of [...this.#files]) this.#end(file);
  }

  #checkAll(): void {
    for (const file of [...this.#files]) {
      if (performance.now() - file.sinceMs > WATCH_MS) this.#end(file);
      else this.#check(file, false);
    }
  }

  #check(file: OldFile<Tag>, isLast: boolean): void {
    const content = changedContent(file, isLast);
    if (content === undefined || content.hash === file.hash) return;
    // Half a write waits: the rest follows, or the writer has died. What was only emptied holds nothing to keep.
    if (!this.#isWhole(content) && (!isLast || content.bytes.length === 0)) return;
    file.hash = content.hash;
    this.#report(content, file.tag);
  }

  #end(file: OldFile<Tag>): void {
    this.#files.splice(this.#files.indexOf(file), 1);
    this.#check(file, true);
    // Only now the system gives back what the file took on the disk, which takes it longer than all the rest of this.
    close(file.fd, () => undefined);
    if (this.#files.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function changedContent(file: OldFile<unknown>, isLast: boolean): FileContent | undefined {
  try {
    const { size, mtimeMs, ctimeMs } = fstatSync(file.fd);
    const stamp = `${size} ${mtimeMs} ${ctimeMs}`;
    if (!isLast && stamp === file.stamp) return undefined;
    file.stamp = stamp;
    return readContent(file.fd);
  } catch {
    // What the disk no longer gives back cannot be kept.
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
