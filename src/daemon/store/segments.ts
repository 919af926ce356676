import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^(\d{6,})\.jsonl$/;

/** The files of a ledger: `000001.jsonl`, `000002.jsonl`, …; each starts with a checkpoint. */
export class Segments {
  readonly folder: string;
  readonly #readers = new Map<number, number>();

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The segments' numbers, oldest first. */
  numbers(): number[] {
    return readdirSync(this.folder)
      .map((name) => Number(NAME.exec(name)?.[1] ?? 0))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
  }

  path(number: number): string {
    return join(this.folder, `${String(number).padStart(6, '0')}.jsonl`);
  }

  readWhole(number: number): Buffer {
    return readFileSync(this.path(number));
  }

  /** The bytes from `start` to `end` of a segment. */
  read(number: number, start: number, end: number): Buffer {
    let fd = this.#readers.get(number);
    if (fd === undefined) {
      fd = openSync(this.path(number), 'r');
      this.#readers.set(number, fd);
    }
    const bytes = Buffer.allocUnsafe(end - start);
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(fd, bytes, filled, bytes.length - filled, start + filled);
      if (got === 0) throw new Error(`ledger segment ${number} ends before byte ${end}`);
      filled += got;
    }
    return bytes;
  }

  /** Keeps a copy of a segment as it is before it is cut; the name says when and why. */
  copyAside(number: number, reason: string, nowMs: number): string {
    const name = this.#asideName(number, reason, nowMs);
    copyFileSync(this.path(number), join(this.folder, name));
    return name;
  }

  /** Moves a segment out of the ledger; the name says when and why. */
  moveAside(number: number, reason: string, nowMs: number): string {
    const name = this.#asideName(number, reason, nowMs);
    renameSync(this.path(number), join(this.folder, name));
    return name;
  }

  close(): void {
    for (const fd of this.#readers.values()) closeSync(fd);
    this.#readers.clear();
  }

  #asideName(number: number, reason: string, nowMs: number): string {
    const when = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 17);
    return `${String(number).padStart(6, '0')}.${reason}-${when}`;
  }
}
