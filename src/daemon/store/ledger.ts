import { closeSync, constants, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Warning } from '../../protocol/methods.ts';
import type { LedgerChange, UndoChange } from '../rules/change.ts';
import type { Snapshot } from '../rules/snapshot.ts';
import { replaceFile, syncFolder, writeAll } from './atomic-replace.ts';
import { LedgerIndex, type LedgerSession } from './ledger-index.ts';
import {
  type BatchLine,
  type CheckpointLine,
  encodeLine,
  isCheckpoint,
  LEDGER_FORMAT,
  type LedgerLine,
  NO_PREVIOUS,
} from './ledger-line.ts';
import { type Scan, type ScannedLine, scanSegment } from './ledger-scan.ts';
import { Segments } from './segments.ts';
import { storageFailed } from './storage-failure.ts';

/** Everything that a new segment starts with. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  /** The state file's content as JSON text, and the hash of the file as it lies on disk. */
  readonly document: string;
  readonly view: string;
}

export interface LedgerOptions {
  /** A segment is ended at this size, so that a start replays no more than this. */
  readonly maxSegmentBytes?: number;
  /** Called for every line of the last segment, its checkpoint first, while the ledger is opened. */
  readonly onReplay: (line: LedgerLine) => void;
  readonly onWarning: (warning: Warning) => void;
  readonly now?: () => number;
}

const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;

const fdatasyncLater = promisify(fdatasync);

/** The append-only full history: JSON Lines, one line a batch. What `append` has resolved for survives a power cut. */
export class Ledger {
  readonly index: LedgerIndex;
  readonly #segments: Segments;
  readonly #maxSegmentBytes: number;
  #number = 0;
  #fd: number | undefined;
  #end = 0;
  #previous = NO_PREVIOUS;

  private constructor(segments: Segments, maxSegmentBytes: number) {
    this.#segments = segments;
    this.#maxSegmentBytes = maxSegmentBytes;
    this.index = new LedgerIndex(segments);
  }

  /** Opens and, where it was left damaged, repairs a ledger; throws `storage_failed` for one of a newer version. */
  static async open(folder: string, options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(new Segments(folder), options.maxSegmentBytes ?? MAX_SEGMENT_BYTES);
    await ledger.#recover(options);
    return ledger;
  }

  /** True when nothing was ever written. */
  get isEmpty(): boolean {
    return this.#number === 0;
  }

  /**
   * Appends one batch and makes it durable; `checkpoint` gives the state before it.
   * On rejection with `storage_failed` nothing of it is recorded, and the next call may succeed.
   */
  async append(changes: readonly LedgerChange[], view: string, checkpoint: () => Checkpoint): Promise<void> {
    if (this.#fd === undefined) await this.startSegment(checkpoint());
    const line: BatchLine = { v: LEDGER_FORMAT, previous: this.#previous, view, changes };
    const { bytes, crc } = encodeLine(line);
    const start = this.#end;
    const fd = this.#fd!;
    try {
      writeAll(fd, bytes, start);
    } catch (cause) {
      this.#cutBack(fd, start);
      throw storageFailed(cause);
    }
    try {
      await fdatasyncLater(fd);
    } catch (cause) {
      // The kernel may have dropped the pages it could not write, and a second fsync would not tell: never use this file again.
      this.#cutBack(fd, start);
      this.#abandon();
      throw storageFailed(cause);
    }
    this.#end = start + bytes.length;
    this.#previous = crc;
    this.index.addLine({ line, crc, start, end: this.#end - 1 }, this.#number);
  }

  /** True when the segment has reached its size. */
  get isSegmentFull(): boolean {
    return this.#end >= this.#maxSegmentBytes;
  }

  /** Starts a new segment with a checkpoint; on rejection the ledger goes on as before. */
  async startSegment({ snapshot, document, view }: Checkpoint): Promise<void> {
    const line: CheckpointLine = {
      v: LEDGER_FORMAT,
      previous: this.#previous,
      view,
      checkpoint: snapshot,
      document,
    };
    const { bytes, crc } = encodeLine(line);
    const number = Math.max(this.#number, this.#segments.numbers().at(-1) ?? 0) + 1;
    try {
      await replaceFile(this.#segments.path(number), bytes);
      this.#use(number, bytes.length, crc);
    } catch (cause) {
      throw storageFailed(cause);
    }
  }

  /** The recorded session with this id, whenever it was recorded. */
  find(id: string): LedgerSession | undefined {
    return this.index.find(id);
  }

  /** The undo that was asked for under this request id. */
  findUndo(id: string): UndoChange | undefined {
    return this.index.findUndo(id);
  }

  close(): void {
    this.#abandon();
    this.#segments.close();
  }

  async #recover({ onReplay, onWarning, now = Date.now }: LedgerOptions): Promise<void> {
    const numbers = this.#segments.numbers();
    let upcoming = await this.#repair(numbers[0], numbers.length === 1, onWarning, now);
    for (const [position, number] of numbers.entries()) {
      const scan = upcoming;
      const following = numbers[position + 1];
      upcoming = await this.#repair(following, position + 2 === numbers.length, onWarning, now);
      if (following !== undefined && following !== number + 1) onWarning(missingSegments(number, following));
      if (!scan) continue;
      const limit = firstRevision(upcoming);
      for (const scanned of scan.lines) {
        // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
        if (!isCheckpoint(scanned.line) && (scanned.line.changes[0]?.revision ?? 0) > limit) break;
        this.index.addLine(scanned, number);
        if (following === undefined) onReplay(scanned.line);
      }
      if (following === undefined) {
        this.#use(number, scan.wholeBytes, scan.lines.at(-1)?.crc ?? NO_PREVIOUS);
        // What was read may still be only in memory; nobody may be told "duplicate" before it is on disk.
        fdatasyncSync(this.#fd!);
      } else this.#number = number;
    }
  }

  /** Reads a segment and leaves it whole on disk; what cannot be read is kept beside it. */
  async #repair(
    number: number | undefined,
    isLast: boolean,
    onWarning: (warning: Warning) => void,
    now: () => number,
  ): Promise<Scan | undefined> {
    if (number === undefined) return undefined;
    const scan = scanSegment(this.#segments.readWhole(number));
    if (scan.isNewer) throw newerLedger();
    if (scan.lines.length === 0) {
      onWarning(setAside(this.#segments.moveAside(number, 'damaged', now())));
      return undefined;
    }
    if (scan.hasDamage) {
      onWarning(setAside(this.#segments.copyAside(number, 'damaged', now())));
      return await this.#rewrite(number, scan.lines);
    }
    if (scan.hasTornTail && isLast) {
      this.#segments.copyAside(number, 'torn', now());
      const fd = openSync(this.#segments.path(number), 'r+');
      try {
        ftruncateSync(fd, scan.wholeBytes);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      await syncFolder(this.#segments.folder);
    }
    return scan;
  }

  async #rewrite(number: number, lines: readonly ScannedLine[]): Promise<Scan> {
    const parts: Buffer[] = [];
    let previous: string | undefined;
    for (const { line } of lines) {
      const { bytes, crc } = encodeLine(previous === undefined ? line : { ...line, previous });
      previous = crc;
      parts.push(bytes);
    }
    const whole = Buffer.concat(parts);
    await replaceFile(this.#segments.path(number), whole);
    return { ...scanSegment(whole), hasDamage: true };
  }

  #use(number: number, end: number, previous: string): void {
    const fd = openSync(this.#segments.path(number), constants.O_RDWR);
    this.#abandon();
    this.#fd = fd;
    this.#number = number;
    this.#end = end;
    this.#previous = previous;
  }

  #abandon(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #cutBack(fd: number, end: number): void {
    try {
      ftruncateSync(fd, end);
    } catch {
      // What could not be cut is a torn line, or one beyond the next checkpoint: neither is read back.
      this.#abandon();
    }
  }
}

function firstRevision(scan: Scan | undefined): number {
  const head = scan?.lines[0]?.line;
  return head && isCheckpoint(head) ? head.checkpoint.revision : Number.POSITIVE_INFINITY;
}

function newerLedger(): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    {
      zh: '历史账本由更新版本的 token-sync 写成，本版本不会改动它',
      en: 'the ledger was written by a newer version of token-sync, and this one leaves it alone',
    },
    { hint: { zh: '请升级 token-sync', en: 'upgrade token-sync' } },
  );
}

function setAside(name: string): Warning {
  return {
    code: 'ledger_damaged',
    zh: `账本有损坏；原样保存为 ledger/${name}，能读出的内容都已保留`,
    en: `the ledger was damaged; it is kept as it was in ledger/${name}, and all that could be read was carried over`,
  };
}

function missingSegments(from: number, to: number): Warning {
  return {
    code: 'ledger_segment_missing',
    zh: `账本缺少第 ${from + 1} 到 ${to - 1} 段；请从备份放回`,
    en: `the ledger lacks segments ${from + 1} to ${to - 1}; put them back from a backup`,
  };
}
