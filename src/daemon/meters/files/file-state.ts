import type { FileLook } from './file-look.ts';

/** How far a file of lines has been read; a plain value, which goes through JSON unchanged. */
export interface FileState {
  readonly look: FileLook;
  /** Every line that begins before this byte has been told. */
  readonly offset: number;
  /** No line ends between `offset` and this byte. */
  readonly seen: number;
  /** Hash of the first bytes, up to `MARK_BYTES`. */
  readonly head: string;
  /** Hash of as many bytes before `seen`: a file that was cut differs here, also when it has grown past `seen` again. */
  readonly seam: string;
  /** Lines over `LONGEST_LINE`, which were passed over. */
  readonly skipped: number;
}

export const MARK_BYTES = 256;

/** A longer line is no entry of a log that anybody could use, and would cost its size several times over. */
export const LONGEST_LINE = 16 * 1024 * 1024;
