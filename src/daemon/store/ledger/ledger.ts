import { closeSync, constants, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { openRegular } from '../../../shared/node/regular-file.ts';
import { replaceFile, syncFolder, writeAll } from '../../disk/atomic-replace.ts';
import { storageFailed } from '../../disk/storage-failure.ts';
import type { LedgerChange } from '../../rules/change.ts';
import type { Figures, Outcome } from '../../rules/figures/fold.ts';
import { packState } from '../../rules/figures/packed.ts';
import type { Checkpoint } from './checkpoint.ts';
import { LedgerFigures, type Past } from './ledger-figures.ts';
import {
  type BatchLine,
  type CheckpointLine,
  encodeLine,
  isCheckpoint,
  LEDGER_FORMAT,
  markOf,
  NO_PREVIOUS,
} from './ledger-line.ts';
import {
  checkpointOf,
  cutTornTail,
  lastCheckpointed,
  mendSegment,
  type ReadableSegment,
  readSegment,
  refuseNewer,
} from './ledger-repair.ts';
import { type ScannedLine, scanSegment } from './ledger-scan.ts';
import { idOf, sessionFrom, sessionsOf } from './ledger-session.ts';
import { type RecoverOptions, recover } from './recover.ts';
import type { Segments } from './segments.ts';
import { pastOf, type Stretch, stretchesOf } from './stretches.ts';

/** A line that is to be appended, and the mark of the state that it makes. */
export interface PreparedLine {
  readonly mark: string;
  /** Makes it durable. On rejection with `storage_failed` nothing of it is recorded, and the next line may succeed. */
  append(): Promise<void>;
}

export interface LedgerOptions extends RecoverOptions {
  /** A segment is ended when it has this much behind its checkpoint, or as much as the checkpoint itself if that is more. */
  readonly maxSegmentBytes?: number;
  /** The segment up to which somebody knows what is in the ledger, so that those before it need not be read; asked once it is known to be none of a newer version. */
  readonly knownTo?: () => number | undefined;
}

/** Where a ledger ends. */
export interface LedgerEnd {
  readonly segment: number;
  /** In bytes of that segment. */
  readonly end: number;
}

/** What comes of a line that is durable. */
export interface LineListener {
  /** Told of each line, in order, with what its changes come to by the rules. */
  add(scanned: ScannedLine, segment: number, outcomes: readonly (readonly Outcome[])[]): void;
  /** What a session counts by now, and its own time. */
  countOf: Past['countOf'];
}

/** As much of a ledger is read at a start though nobody knows what is in it; of a larger one the segment that the state is rebuilt from. */
const MOST_READ_WHOLE = 8 * 1024 * 1024;

/** A start reads one segment whole: this much takes some tens of milliseconds, and no more memory than a daemon has anyway. */
const MAX_SEGMENT_BYTES = 2 * 1024 * 1024;
const fdatasyncLater = promisify(fdatasync);

/** The append-only full history: JSON Lines, one line a batch. What `append` has resolved for survives a power cut. */
export class Ledger {
  /** True when what was replayed may lack a part. */
  readonly hasLoss: boolean;
  readonly segments: Segments;
  readonly #figures: LedgerFigures;
  #listener: LineListener | undefined;
  readonly #maxSegmentBytes: number;
  #number = 0;
  #fd: number | undefined;
  #end = 0;
  #checkpointBytes = 0;
  #previous = NO_PREVIOUS;
  /** The number of lost entries behind the last one that can be read. */
  readonly #lostAtEnd: number;
  /** The segment in use was begun by a version that knows an older form, or keeps no figures. */
  #isOlderForm = false;
  readonly #broken: ReadableSegment[];
  readonly #last: ReadableSegment | undefined;
  readonly #options: LedgerOptions;

  private constructor(segments: Segments, options: LedgerOptions) {
    this.segments = segments;
    this.#options = options;
    this.#maxSegmentBytes = options.maxSegmentBytes ?? MAX_SEGMENT_BYTES;
    const numbers = segments.numbers();
    refuseNewer(segments);
    const replayFrom = lastCheckpointed(segments, numbers);
    const from = firstToRead(segments, numbers, { replayFrom, knownTo: options.knownTo?.() });
    this.#figures = this.#figuresBefore(from, numbers);
    const read = numbers.filter((number) => number >= from);
    const recovered = recover(segments, { numbers: read, replayFrom, figures: this.#figures }, options);
    this.hasLoss = recovered.hasLoss;
    this.#lostAtEnd = recovered.lostAtEnd;
    this.#broken = recovered.broken;
    this.#last = recovered.last;
    segments.giveBackRoom();
  }

  /** Opens a ledger; throws `storage_failed` for one of a newer version. One that `needsMending` wants `mend` before all else. */
  static async open(segments: Segments, options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(segments, options);
    if (ledger.#last) await ledger.#goOnWith(ledger.#last);
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
    return this.#figures.figures;
  }

  /** What there would be without a reading; of a ledger that cannot be read that far back nothing but that. */
  without(id: string): { readonly figures: Figures; readonly outcome: Outcome } {
    return this.#figures.without(id);
  }

  /** Where it ends, so far as it is durable. */
  get end(): LedgerEnd {
    return { segment: this.#number, end: this.#end };
  }

  /** True when there is damage, an older form, or nothing at all. */
  get needsMending(): boolean {
    return this.isEmpty || this.hasLoss || this.#isOlderForm || this.#broken.length > 0;
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
    const outcomes = line.changes.map((change) => this.#figures.add(change));
    this.#listener?.add({ line, crc, start, end: this.#end - 1 }, this.#number, outcomes);
  }

  /** The stretches that made the revisions from one to another, the newest first, but for those whose checkpoint is lost. */
  stretches(from: number, to: number): Iterable<Stretch> {
    return stretchesOf(this.segments, from, to).filter(({ lines }) => isCheckpoint(lines[0]!.line));
  }

  /** True when the segment has reached its size. */
  get isSegmentFull(): boolean {
    return this.#end - this.#checkpointBytes >= Math.max(this.#maxSegmentBytes, this.#checkpointBytes);
  }

  /**
   * Makes the state that was rebuilt durable in a new segment, and only then leaves no damage in the others: a crash
   * in between finds what this start found. Returns the mark of that state.
   */
  async mend(checkpoint: Checkpoint): Promise<string> {
    const mark = await this.startSegment(checkpoint, this.#lostAtEnd);
    const { onWarning, now = Date.now } = this.#options;
    try {
      for (const segment of this.#broken.splice(0)) {
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

  /** Mends a segment that turned out to be damaged while somebody read it. */
  async mendOld(number: number): Promise<void> {
    const { onWarning, now = Date.now } = this.#options;
    const segment = readSegment(this.segments, number, { onWarning, now, isLast: false });
    if (segment.isBroken) await mendSegment(this.segments, segment, { onWarning, now });
  }

  /** Which of some ids a session in the ledger has; reads all of it. */
  known(ids: ReadonlySet<string>): ReadonlySet<string> {
    const known = new Set<string>();
    for (const number of this.segments.numbers()) {
      for (const { line } of scanSegment(this.segments.readWhole(number)).lines) {
        for (const source of isCheckpoint(line) ? [] : line.changes.flatMap(sessionsOf)) {
          const id = idOf(sessionFrom(source));
          if (id !== undefined && ids.has(id)) known.add(id);
        }
      }
    }
    return known;
  }

  /** The figures before a segment, to be folded on. */
  #figuresBefore(number: number, numbers: readonly number[]): LedgerFigures {
    const past: Past = {
      stretchesBack: (to) => pastOf(this.segments, to),
      // At a start nobody has told what counts what, and only whether a session was there matters.
      countOf: (id) => (this.#listener ? this.#listener.countOf(id) : { counted: 0, atMs: 0 }),
    };
    const head = number === numbers[0] || numbers.length === 0 ? undefined : checkpointOf(this.segments, number);
    return head && !head.figures ? LedgerFigures.at(past, head.checkpoint.revision) : new LedgerFigures(past);
  }

  async #goOnWith({ number, scan }: ReadableSegment): Promise<void> {
    this.#use(number, scan.wholeBytes, scan.lines.at(-1)!.crc);
    const head = scan.lines[0]!.line;
    this.#isOlderForm = head.v < LEDGER_FORMAT || (isCheckpoint(head) && !head.figures);
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

/** The first segment that a start reads. */
function firstToRead(
  segments: Segments,
  numbers: readonly number[],
  { replayFrom, knownTo }: { readonly replayFrom: number; readonly knownTo: number | undefined },
): number {
  if (knownTo !== undefined) return Math.min(knownTo, replayFrom);
  const size = numbers.reduce((sum, number) => sum + statSync(segments.path(number)).size, 0);
  return size <= MOST_READ_WHOLE ? (numbers[0] ?? 0) : replayFrom;
}
