import { type ClaimedFile, readDropFile } from './drop-claim.ts';
import { type DropText, splitDropText } from './drop-content.ts';

/** Texts are kept up to this size in sum; beyond it a file is decoded again when it is taken. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** The size of a file, and of each of its readings, besides the bytes of the file. */
const FILE_BYTES = 512;
const READING_BYTES = 128;

interface Kept {
  readonly bytes: Uint8Array;
  readonly text: DropText;
  readonly size: number;
}

/** Reads drop-files; one that was decoded to see whether it is whole is not decoded again when it is taken unchanged. */
export class DropReader {
  readonly #seen = new Map<string, Kept>();
  #keptBytes = 0;

  /** True when the content, as it stands, is plainly complete; a file that cannot be read may be half written. */
  isFinished(path: string | Buffer): boolean {
    try {
      const file = readDropFile(path);
      const text = splitDropText(file.bytes);
      this.#keep(file, text);
      return text.isFinished;
    } catch {
      // Whether it is refused is decided when it is taken.
      return false;
    }
  }

  /** The text of a claimed file; throws a `TokenSyncError` as `splitDropText` does. */
  textOf({ identity, bytes }: ClaimedFile): DropText {
    const seen = this.#seen.get(identity);
    this.#forget(identity);
    return seen && Buffer.compare(seen.bytes, bytes) === 0 ? seen.text : splitDropText(bytes);
  }

  #keep({ identity, bytes }: ClaimedFile, text: DropText): void {
    this.#forget(identity);
    const size = FILE_BYTES + bytes.length + text.entries.length * READING_BYTES;
    if (size > MAX_KEPT_BYTES) return;
    // Files that were removed before they were taken are among those kept.
    if (this.#keptBytes + size > MAX_KEPT_BYTES) {
      this.#seen.clear();
      this.#keptBytes = 0;
    }
    // A copy, because what was read stands in a larger buffer.
    this.#seen.set(identity, { bytes: Uint8Array.from(bytes), text, size });
    this.#keptBytes += size;
  }

  #forget(identity: string): void {
    const seen = this.#seen.get(identity);
    if (!seen) return;
    this.#seen.delete(identity);
    this.#keptBytes -= seen.size;
  }
}

/** True for a file without a character that is seen; one that cannot be read is refused like any other. */
export function isEmptyFile(path: string): boolean {
  try {
    // Some editors save nothing as a byte-order mark.
    return Buffer.from(readDropFile(path).bytes).toString().replace('\ufeff', '').trim() === '';
  } catch {
    return false;
  }
}
