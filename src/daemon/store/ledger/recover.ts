import type { Warning } from '../../../protocol/methods.ts';
import type { LedgerFigures } from './ledger-figures.ts';
import { isCheckpoint } from './ledger-line.ts';
import { missingChanges, type ReadableSegment, readSegment, warnOfMissing } from './ledger-repair.ts';
import { firstRevision, type ScannedLine } from './ledger-scan.ts';
import type { Segments } from './segments.ts';

export interface RecoverOptions {
  /** Called for every line from the last checkpoint on, which comes first unless damaged. */
  readonly onReplay: (line: ScannedLine) => void;
  readonly onWarning: (warning: Warning) => void;
  readonly now?: () => number;
}

/** A ledger as a start finds it. */
export interface Recovered {
  /** The segment to go on with; `undefined` where nothing can be read. */
  readonly last: ReadableSegment | undefined;
  /** The segments to be mended, once the state is safe in another one. */
  readonly broken: ReadableSegment[];
  /** True when what was replayed may lack a part. */
  readonly hasLoss: boolean;
  /** The number of lost entries behind the last one that can be read. */
  readonly lostAtEnd: number;
}

/** The part of a ledger that a start reads. */
export interface Stretch {
  /** The segments that are read, oldest first. */
  readonly numbers: readonly number[];
  /** The one that the state is rebuilt from. */
  readonly replayFrom: number;
  /** The figures before the first of them, which are folded on. */
  readonly figures: LedgerFigures;
}

/** Reads segments and folds the figures on; throws `storage_failed` for a ledger of a newer version. */
export function recover(
  segments: Segments,
  { numbers, replayFrom, figures }: Stretch,
  options: RecoverOptions,
): Recovered {
  const { onReplay, onWarning } = options;
  warnOfMissing(segments.numbers(), onWarning);
  const reader = new SegmentReader(segments, [...numbers], options);
  let reached: number | undefined;
  let last: ReadableSegment | undefined;
  for (let segment = reader.next(); segment; ) {
    const following = reader.next();
    const limit = firstRevision(following?.scan);
    const first = firstRevision(segment.scan);
    if (reached !== undefined && reached < first && first < Number.POSITIVE_INFINITY) {
      onWarning(missingChanges(reached + 1, first));
    }
    reached = first;
    for (const scanned of segment.scan.lines) {
      const { line } = scanned;
      if (isCheckpoint(line)) figures.begin(line);
      else {
        // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
        if ((line.changes[0]?.revision ?? 0) > limit) break;
        reached = line.changes.at(-1)?.revision ?? reached;
        for (const change of line.changes) figures.add(change);
      }
      if (segment.number >= replayFrom) onReplay(scanned);
    }
    last = segment;
    segment = following;
  }
  const { broken, hasLoss, lostAtEnd } = reader;
  return { last, broken, hasLoss, lostAtEnd };
}
/** Reads one segment after the other, and adds up their damage. */
class SegmentReader {
  readonly broken: ReadableSegment[] = [];
  hasLoss = false;
  lostAtEnd = 0;
  readonly #segments: Segments;
  readonly #waiting: number[];
  readonly #options: RecoverOptions;

  constructor(segments: Segments, waiting: number[], options: RecoverOptions) {
    this.#segments = segments;
    this.#waiting = waiting;
    this.#options = options;
  }

  /** The next segment of which anything can be read. */
  next(): ReadableSegment | undefined {
    const { onWarning, now = Date.now } = this.#options;
    for (let number = this.#waiting.shift(); number !== undefined; number = this.#waiting.shift()) {
      const isLast = this.#waiting.length === 0;
      const segment = readSegment(this.#segments, number, { onWarning, now, isLast });
      const { lines, lostAtEnd } = segment.scan;
      this.hasLoss ||= segment.hasLoss;
      // Where nothing can be read, the first line was the checkpoint, which is no entry.
      this.lostAtEnd = lines.length > 0 ? lostAtEnd : this.lostAtEnd + Math.max(0, lostAtEnd - 1);
      if (segment.isBroken) this.broken.push(segment);
      if (lines.length > 0) return segment;
    }
    return undefined;
  }
}
