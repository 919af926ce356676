import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { openRegular, readRegular } from '../../../shared/node/regular-file.ts';
import { syncFolderNow, writeAll } from '../../disk/atomic-replace.ts';
import { makeFolder } from '../../disk/make-folder.ts';
import { isDiskError } from '../../disk/storage-failure.ts';

const CHUNK_BYTES = 64 * 1024;
const NAME = /^\d{6,}\.jsonl$/;

/** Beside a segment, earlier versions kept what they knew of it. */
const CACHE_NAME = /^\d{6,}\.index(\.tmp)?$/;

/** The files of a ledger: `000001.jsonl`, `000002.jsonl`, …; each starts with a checkpoint. */
export class Segments {
  readonly folder: string;
  readonly #readers = new Map<number, number>();
  /** A start reads hundreds of files; room for each anew would stay the daemon's until garbage is collected. */
  #room = Buffer.alloc(0);

  constructor(folder: string) {
    this.folder = folder;
    this.makeFolder();
  }

  /** Makes the folder where there is none, as at the first start or after somebody deleted it. */
  makeFolder(): void {
    makeFolder(this.folder);
  }

  /** The segments' numbers, oldest first. */
  numbers(): number[] {
    return readdirSync(this.folder)
      .filter((name) => NAME.test(name))
      .map((name) => [Number.parseInt(name, 10), name] as const)
      .filter(([number, name]) => number > 0 && name === nameOf(number))
      .map(([number]) => number)
      .sort((a, b) => a - b);
  }

  path(number: number): string {
    return join(this.folder, nameOf(number));
  }

  readWhole(number: number): Buffer {
    return readRegular(this.path(number));
  }

  /** The first line of a segment, without its newline; it stands until the next `readHead`. */
  readHead(number: number): Buffer {
    return this.#readReused(this.path(number), (chunk) => chunk.indexOf(0x0a));
  }

  /** Whoever changes a segment or puts another in its place changes this; one that is closed is changed by nobody. Empty for one that somebody deleted. */
  fingerprint(number: number): string {
    const stat = statSync(this.path(number), { bigint: true, throwIfNoEntry: false });
    return stat ? `${stat.size} ${stat.mtimeNs}` : '';
  }

  /** In bytes; 0 for one that is gone. */
  size(number: number): number {
    return statSync(this.path(number), { throwIfNoEntry: false })?.size ?? 0;
  }

  has(number: number): boolean {
    return existsSync(this.path(number));
  }

  remove(number: number): void {
    rmSync(this.path(number), { force: true });
  }

  /** Removes what earlier versions kept beside the segments, and nobody reads any more; one that cannot be removed stays. */
  removeCaches(): void {
    for (const entry of readdirSync(this.folder, { withFileTypes: true })) {
      if (!entry.isFile() || !CACHE_NAME.test(entry.name)) continue;
      try {
        rmSync(join(this.folder, entry.name), { force: true });
      } catch (error) {
        if (!isDiskError(error)) throw error;
      }
    }
  }

  /** The bytes from `start` to `end` of a segment; `undefined` when it ends before. */
  read(number: number, start: number, end: number): Buffer | undefined {
    let fd = this.#readers.get(number);
    if (fd === undefined) {
      fd = openRegular(this.path(number), constants.O_RDONLY);
      this.#readers.set(number, fd);
    }
    const bytes = Buffer.allocUnsafe(end - start);
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(fd, bytes, filled, bytes.length - filled, start + filled);
      if (got === 0) return undefined;
      filled += got;
    }
    return bytes;
  }

  /** Gives back the room that `readHead` uses, for when no more of them is to come soon. */
  giveBackRoom(): void {
    this.#room = Buffer.alloc(0);
  }

  /** Keeps a copy of a segment as it is before it is cut; the name says when and why. */
  copyAside(number: number, reason: string, nowMs: number): string {
    const name = this.#asideName(number, reason, nowMs);
    const fd = openSync(join(this.folder, name), 'wx', 0o600);
    try {
      writeAll(fd, this.readWhole(number));
      // The original is cut next.
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncFolderNow(this.folder);
    return name;
  }

  /** Moves a segment out of the ledger; the name says when and why. */
  moveAside(number: number, reason: string, nowMs: number): string {
    const name = this.#asideName(number, reason, nowMs);
    renameSync(this.path(number), join(this.folder, name));
    return name;
  }

  /** Reads the segment anew from now on, because another file has its name. */
  forget(number: number): void {
    const fd = this.#readers.get(number);
    if (fd !== undefined) closeSync(fd);
    this.#readers.delete(number);
  }

  close(): void {
    for (const fd of this.#readers.values()) closeSync(fd);
    this.#readers.clear();
  }

  /** Reads a file up to where `endIn` finds the end in a chunk, or to its own, into room that is used again and again. */
  #readReused(path: string, endIn: (chunk: Buffer) => number): Buffer {
    const fd = openRegular(path, constants.O_RDONLY);
    try {
      for (let length = 0; ; ) {
        if (this.#room.length - length < CHUNK_BYTES) {
          const more = Buffer.alloc(length * 2 + CHUNK_BYTES);
          this.#room.copy(more);
          this.#room = more;
        }
        const got = readSync(fd, this.#room, length, CHUNK_BYTES, length);
        const end = endIn(this.#room.subarray(length, length + got));
        length += end === -1 ? got : end;
        if (end !== -1 || got === 0) return this.#room.subarray(0, length);
      }
    } finally {
      closeSync(fd);
    }
  }

  #asideName(number: number, reason: string, nowMs: number): string {
    const when = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 17);
    const name = `${String(number).padStart(6, '0')}.${reason}-${when}`;
    // A clock that was set back must not let one copy take the place of another.
    for (let attempt = 1; ; attempt++) {
      const free = attempt === 1 ? name : `${name}-${attempt}`;
      if (!existsSync(join(this.folder, free))) return free;
    }
  }
}

function nameOf(number: number): string {
  return `${String(number).padStart(6, '0')}.jsonl`;
}
