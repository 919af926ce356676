import { closeSync, constants, fdatasync, fdatasyncSync, fstatSync, ftruncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { replaceFile, syncFolder, writeAll } from '../../disk/atomic-replace.ts';
import { storageFailed } from '../../disk/storage-failure.ts';
import type { LedgerChange } from '../../rules/change.ts';
import type { Figures } from '../../rules/figures/fold.ts';
import { packState } from '../../rules/figures/packed.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Past } from './ledger-figures.ts';
import {
  type BatchLine,
  type CheckpointLine,
  encodeLine,
  isCheckpoint,
  LEDGER_FORMAT,
  markOf,
  NO_PREVIOUS,
} from './ledger-line.ts';
import { cutTornTail, mendSegment, type ReadableSegment } from './ledger-repair.ts';
import type { LedgerEnd, LineListener, PreparedLine } from './line-listener.ts';
import { type Recovered, type RecoverOptions, recover } from './recover.ts';
import type { Segments } from './segments.ts';
import { pastOf, type Stretch, stretchesOf } from './stretches.ts';

export interface LedgerOptions extends RecoverOptions {
  /** A segment is ended when it has this much behind its checkpoint, or as much as the checkpoint itself if that is more. */
  readonly maxSegmentBytes?: number;
}

/** A start reads one segment whole: this much takes some tens of milliseconds, and no more memory than a daemon has anyway. */
const MAX_SEGMENT_BYTES = 2 * 1024 * 1024;
const fdatasyncLater = promisify(fdatasync);

/** The append-only full history: JSON Lines, one line a batch. What `append` has resolved for survives a power cut. */
export class Ledger {
  readonly segments: Segments;
  readonly #recovered: Recovered;
  #listener: LineListener | undefined;
  readonly #maxSegmentBytes: number;
  #number = 0;
  #fd: number | undefined;
  #end = 0;
  #checkpointBytes = 0;
  #previous = NO_PREVIOUS;
  readonly #options: LedgerOptions;

  private constructor(segments: Segments, options: LedgerOptions) {
    this.segments = segments;
    this.#options = options;
    this.#maxSegmentBytes = options.maxSegmentBytes ?? MAX_SEGMENT_BYTES;
    // At a start nobody has told what counts what, and only whether a session was there matters.
    const countOf: Past['countOf'] = (id) => (this.#listener ? this.#listener.countOf(id) : { counted: 0, atMs: 0 });
    this.#recovered = recover(segments, { stretchesBack: (to) => pastOf(segments, to), countOf }, options);
  }

  /** Opens a ledger; throws `storage_failed` for one of a newer version. One that `needsMending` wants `mend` before all else. */
  static async open(segments: Segments, options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(segments, options);
    if (ledger.#recovered.last) await ledger.#goOnWith(ledger.#recovered.last);
    // The folder's own name; that of what is in it was made durable with it.
    if (ledger.isEmpty) await syncFolder(dirname(segments.folder));
    return ledger;
  }

  /** From now on `listener` is told of every line. */
  tell(listener: LineListener): void {
    this.#listener = listener;
  }

  /** The figures by the rules, on which the next reading is decided. */
  get figures(): Figures {
    return this.#recovered.figures.figures;
  }

  /** Whether somebody has ever named a budget; `undefined` while that is not known. */
  get isTotalNamed(): boolean | undefined {
    return this.#recovered.namedTotal.isNamed ?? this.#listener?.isTotalNamed();
  }

  /** What there would be without a reading; of a ledger that cannot be read that far back nothing but that. */
  without(id: string) {
    return this.#recovered.figures.without(id);
  }

  /** Where it ends, so far as it is durable. */
  get end(): LedgerEnd {
    return { segment: this.#number, end: this.#end };
  }

  /** True when what was replayed may lack a part. */
  get hasLoss(): boolean {
    return this.#recovered.hasLoss;
  }

  /** True when there is damage, an older form or state, or nothing at all. */
  get needsMending(): boolean {
    const { figures, hasLoss, broken, last } = this.#recovered;
    const isOlderForm = last !== undefined && last.scan.lines[0]!.line.v < LEDGER_FORMAT;
    return this.isEmpty || hasLoss || broken.length > 0 || isOlderForm || !figures.isTold;
  }

  /** True when nothing can be read of it, as of one that is new. */
  get isEmpty(): boolean {
    return this.#number === 0;
  }

  /** Readies one batch to be appended, as the next line and no later; `checkpoint` gives the state before it. Throws `storage_failed`. */
  async prepare(changes: readonly LedgerChange[], view: string, checkpoint: () => Checkpoint): Promise<PreparedLine> {
    // A segment that somebody deleted would take what is written into it along.
    if (this.#fd !== undefined && fstatSync(this.#fd).nlink === 0) this.#abandon();
    if (this.#fd === undefined) await this.startSegment(checkpoint());
    const line: BatchLine = { v: LEDGER_FORMAT, previous: this.#previous, view, changes };
    const { bytes, crc } = encodeLine(line);
    return { mark: markOf(line, crc), append: () => this.#append(line, bytes, crc) };
  }

  async #append(line: BatchLine, bytes: Buffer, crc: string): Promise<void> {
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
    for (const change of line.changes) this.#recovered.namedTotal.add(change);
    const outcomes = line.changes.map((change) => this.#recovered.figures.add(change));
    this.#listener?.add({ line, crc, start, end: this.#end - 1 }, this.#number, outcomes);
  }

  /** The stretches that made the revisions from one to another, the newest first, but for those whose checkpoint is lost. */
  stretches(from: number, to: number): Iterable<Stretch> {
    return stretchesOf(this.segments, from, to).filter(({ lines }) => isCheckpoint(lines[0]!.line));
  }

  /** How full the segment is: from 1 on it is to be ended, and with less it already takes a start a while to read. */
  get fullness(): number {
    return (this.#end - this.#checkpointBytes) / Math.max(this.#maxSegmentBytes, this.#checkpointBytes);
  }

  /**
   * Makes the state that was rebuilt durable in a new segment, and only then leaves no damage in the others: a crash
   * in between finds what this start found. Returns the mark of that state.
   */
  async mend(checkpoint: Checkpoint): Promise<string> {
    const mark = await this.startSegment(checkpoint, this.#recovered.lostAtEnd);
    const { onWarning, now = Date.now } = this.#options;
    try {
      for (const segment of this.#recovered.broken.splice(0)) {
        await mendSegment(this.segments, segment, { onWarning, now });
      }
    } catch (cause) {
      throw storageFailed(cause);
    }
    return mark;
  }

  /** Starts a new segment with a checkpoint and returns the mark of its state; on rejection the ledger goes on as before. */
  async startSegment({ snapshot, document, view, mark }: Checkpoint, lost = 0): Promise<string> {
    const line: CheckpointLine = {
      v: LEDGER_FORMAT,
      previous: this.#previous,
      view,
      checkpoint: snapshot,
      document,
      ...(mark !== undefined && { mark }),
      figures: packState(this.figures.state),
      ...(this.isTotalNamed !== undefined && { total_named: this.isTotalNamed }),
      ...(lost > 0 && { lost }),
    };
    const { bytes, crc } = encodeLine(line);
    let number: number | undefined;
    try {
      this.segments.makeFolder();
      number = Math.max(this.#number, this.segments.numbers().at(-1) ?? 0) + 1;
      await replaceFile(this.segments.path(number), bytes);
      this.#use(number, bytes.length, crc);
      this.#checkpointBytes = bytes.length;
      this.#listener?.add({ line, crc, start: 0, end: bytes.length - 1 }, number, []);
      return markOf(line, crc);
    } catch (cause) {
      if (number !== undefined) await this.#withdraw(number);
      throw storageFailed(cause);
    }
  }

  close(): void {
    this.#abandon();
    this.segments.close();
  }

  async #goOnWith({ number, scan }: ReadableSegment): Promise<void> {
    this.#use(number, scan.wholeBytes, scan.lines.at(-1)!.crc);
    this.#checkpointBytes = scan.isHeadless ? 0 : scan.lines[0]!.end + 1;
    // The lines just read may still be only in memory; no caller may hear "duplicate" before they are on disk.
    fdatasyncSync(this.#fd!);
    await syncFolder(this.segments.folder);
    // A torn tail that cannot be cut does not keep the rest from being read, and the next record begins another segment.
    if (!scan.hasTornTail || scan.hasDamage) return;
    const torn = { number, fd: this.#fd!, wholeBytes: scan.wholeBytes };
    if (!cutTornTail(this.segments, torn, this.#options.now ?? Date.now)) this.#abandon();
  }

  /** Takes back a segment that could not be made durable: a later start would count what is recorded meanwhile as refused. */
  async #withdraw(number: number): Promise<void> {
    if (!this.segments.has(number)) return;
    try {
      this.segments.remove(number);
      await syncFolder(this.segments.folder);
    } catch {
      // It may be there after a power cut, so nothing more may be written into the one before it.
      this.#abandon();
    }
  }

  #use(number: number, end: number, previous: string): void {
    const fd = openRegular(this.segments.path(number), constants.O_RDWR);
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
      // The rest is a torn line, or one beyond the next checkpoint: neither is read back.
      this.#abandon();
    }
  }
}
