import { hash } from 'node:crypto';
import { MARK_BYTES } from './file-state.ts';

/** The first bytes of a file, as far as they are known. */
export class HeadBytes {
  #bytes: Buffer;
  #whole: string | undefined;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = bytes;
  }

  /** Takes in the bytes that follow; those past the head are let go. */
  push(chunk: Buffer): void {
    const missing = MARK_BYTES - this.#bytes.length;
    if (missing > 0) this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, missing)]);
  }

  headBefore(end: number): string {
    if (end < MARK_BYTES) return markOf(this.#bytes.subarray(0, end));
    this.#whole ??= markOf(this.#bytes);
    return this.#whole;
  }
}

/** 64 bits: a mark tells one log from another, and nobody gains by two that agree. */
export function markOf(bytes: Buffer): string {
  return hash('sha256', bytes).slice(0, 16);
}
