import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { type FileLook, isSameFile, isUntouched, lookOf } from './file-look.ts';
import { type FileState, MARK_BYTES } from './file-state.ts';
import { HeadBytes, markOf } from './head-bytes.ts';
import { LineSplitter, type TakeLine } from './line-splitter.ts';
import { zstChunks } from './zst-chunks.ts';

/** `anew`: lines are told from the first on, because the file is new, or is not the one known, or no longer what it was. */
export type Start = 'continued' | 'anew';

export interface LineTaker {
  /** Comes first. Upon `anew` whatever was folded from the lines of this file is void. */
  begin(start: Start, file: FileOfLines): void;
  readonly take: TakeLine;
  /**
   * Everything up to this state has been told: what is kept of the lines and the state belong together. Comes every
   * `BATCH_BYTES`, and last of all.
   */
  reached(state: FileState): void | Promise<void>;
}

export interface FileOfLines {
  /**
   * A hash of the first bytes, up to `MARK_BYTES`, that stand before `end`, the end of a line that is being told or was; so it is
   * the same however much follows, in a copy, and in a compressed one.
   */
  headBefore(end: number): string;
}

export type Outcome =
  | { readonly kind: 'untouched' }
  /** `damage` is the code of zlib where the rest of a compressed file cannot be read; it is not tried again before the file changes. */
  | { readonly kind: 'read'; readonly start: Start; readonly damage?: string }
  /** Nothing lies there. */
  | { readonly kind: 'gone' }
  /** Worth another attempt, by the system's code or `NOT_A_FILE`: not before some seconds have gone by. */
  | { readonly kind: 'unreadable'; readonly code: string };

const CHUNK_BYTES = 256 * 1024;

/** Small beside a day's logs, and large beside the cost of making it durable. */
export const BATCH_BYTES = 4 * 1024 * 1024;

/** Reads files of lines on from where they were read before, one after the other; never writes, and keeps none open. */
export class LineTail {
  #chunk: Buffer | undefined;

  /**
   * Tells the lines that are new since `known`. A line without an end waits for it. What is appended during the call is
   * left for the next. Rejects only with what the taker throws.
   */
  async read(path: string, known: FileState | undefined, taker: LineTaker): Promise<Outcome> {
    let fd: number;
    try {
      fd = openRegular(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'gone' } : { kind: 'unreadable', code };
    }
    try {
      const look = lookOf(fstatSync(fd, { bigint: true }));
      if (known && isUntouched(known.look, look)) return { kind: 'untouched' };
      return await (path.endsWith('.zst')
        ? this.#readCompressed(fd, look, taker)
        : this.#readPlain(fd, look, known, taker));
    } catch (error) {
      if (error instanceof ReadFailure) return { kind: 'unreadable', code: error.code };
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  async #readPlain(fd: number, look: FileLook, known: FileState | undefined, taker: LineTaker): Promise<Outcome> {
    const head = new HeadBytes(bytesAt(fd, 0, Math.min(MARK_BYTES, look.size)));
    const from = known && continues(fd, look, known, head) ? known : undefined;
    const start = from ? 'continued' : 'anew';
    taker.begin(start, head);
    const lines = this.#splitter(fd, look.size, from, taker.take);
    const stateNow = () => plainState(fd, look, head, lines, from?.skipped);
    let batchEnd = lines.seen + BATCH_BYTES;
    while (lines.seen < look.size) {
      const chunk = this.#read(fd, lines.seen, look.size);
      // Cut while we read it: the next look finds that.
      if (chunk.length === 0) break;
      lines.push(chunk);
      if (lines.seen < batchEnd || lines.seen >= look.size) continue;
      await taker.reached(stateNow());
      batchEnd = lines.seen + BATCH_BYTES;
    }
    await taker.reached(stateNow());
    return { kind: 'read', start };
  }

  /** Set to where telling goes on. The line that waits is read again only when its end has come, so that its growth by small pieces costs no more than they do. */
  #splitter(fd: number, size: number, from: FileState | undefined, take: TakeLine): LineSplitter {
    if (!from) return new LineSplitter(take, 0);
    if (from.offset === from.seen) return new LineSplitter(take, from.offset);
    for (let at = from.seen; at < size; ) {
      const chunk = this.#read(fd, at, size);
      if (chunk.length === 0 || chunk.includes('\n')) return new LineSplitter(take, from.offset);
      at += chunk.length;
    }
    return new LineSplitter(take, from.offset, size);
  }

  /** Compressed files are written once and never continued: any change means another file. */
  async #readCompressed(fd: number, look: FileLook, taker: LineTaker): Promise<Outcome> {
    const head = new HeadBytes();
    const lines = new LineSplitter(taker.take, 0);
    taker.begin('anew', head);
    // Until all is told a state must not match the file, lest the rest be taken for read.
    const stateNow = (size: number) => ({ look: { ...look, size }, ...NOTHING_READ, skipped: lines.skipped });
    let damage: string | undefined;
    let batchEnd = BATCH_BYTES;
    for await (const chunk of damageTold(zstChunks(fd, look.size), (code) => (damage = code))) {
      head.push(chunk);
      lines.push(chunk);
      if (lines.seen < batchEnd) continue;
      await taker.reached(stateNow(-1));
      batchEnd = lines.seen + BATCH_BYTES;
    }
    if (damage === undefined) lines.finish();
    await taker.reached(stateNow(look.size));
    return damage === undefined ? { kind: 'read', start: 'anew' } : { kind: 'read', start: 'anew', damage };
  }

  /** The bytes are good until the next call. */
  #read(fd: number, from: number, size: number): Buffer {
    this.#chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    return fill(fd, this.#chunk.subarray(0, Math.min(CHUNK_BYTES, size - from)), from);
  }
}

const NOTHING_READ = { offset: 0, seen: 0, head: '', seam: '' } as const;

function plainState(fd: number, look: FileLook, head: HeadBytes, lines: LineSplitter, skipped = 0): FileState {
  const { offset, seen } = lines;
  return { look, offset, seen, head: head.headBefore(seen), seam: seamAt(fd, seen), skipped: skipped + lines.skipped };
}

/** Whether the file still begins with what was read of it. */
function continues(fd: number, look: FileLook, known: FileState, head: HeadBytes): boolean {
  return (
    isSameFile(known.look, look) && head.headBefore(known.seen) === known.head && seamAt(fd, known.seen) === known.seam
  );
}

function seamAt(fd: number, end: number): string {
  const begin = Math.max(0, end - MARK_BYTES);
  return markOf(bytesAt(fd, begin, end - begin));
}

function bytesAt(fd: number, from: number, length: number): Buffer {
  return fill(fd, Buffer.allocUnsafe(length), from);
}

/** The part of the buffer that the file had bytes for. */
function fill(fd: number, buffer: Buffer, from: number): Buffer {
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from));
  } catch (error) {
    throw new ReadFailure(error);
  }
}

/** The system refused to read an open file; told apart from what the taker throws. */
class ReadFailure extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('a file cannot be read', { cause });
    this.code = (cause as NodeJS.ErrnoException).code ?? 'EIO';
  }
}

/** The chunks up to the damage, if there is any, and its code. */
async function* damageTold(chunks: AsyncIterable<Buffer>, tell: (code: string) => void): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    tell((error as NodeJS.ErrnoException).code ?? 'EIO');
  }
}
