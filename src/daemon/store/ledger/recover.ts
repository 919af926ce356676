import type { Warning } from '../../../protocol/methods.ts';
import type { IndexLengths } from '../index/index-part.ts';
import type { LedgerIndex } from '../index/ledger-index.ts';
import { loadSegmentIndex, saveSegmentIndex } from '../index/segment-index.ts';
import { isCheckpoint } from './ledger-line.ts';
import {
  lastCheckpointed,
  missingChanges,
  type ReadableSegment,
  readSegment,
  refuseNewer,
  warnOfMissing,
} from './ledger-repair.ts';
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
  /** How much the index held before that segment. */
  readonly segmentStart: IndexLengths;
  /** The segments to be mended, once the state is safe in another one. */
  readonly broken: ReadableSegment[];
  /** True when what was replayed may lack a part. */
  readonly hasLoss: boolean;
  /** The number of lost entries behind the last one that can be read. */
  readonly lostAtEnd: number;
}

/** Reads the segments into an empty index; throws `storage_failed` for a ledger of a newer version. */
export function recover(segments: Segments, index: LedgerIndex, options: RecoverOptions): Recovered {
  const { onReplay, onWarning } = options;
  const numbers = segments.numbers();
  refuseNewer(segments, numbers);
  warnOfMissing(numbers, onWarning);
  const replayFrom = lastCheckpointed(segments, numbers);
  const waiting = [...numbers];
  let reached = takeIndexed(segments, index, waiting, replayFrom);
  segments.giveBackRoom();
  const reader = new SegmentReader(segments, waiting, options);
  let segmentStart = index.lengths;
  let last: ReadableSegment | undefined;
  for (let segment = reader.next(); segment; ) {
    const following = reader.next();
    const limit = firstRevision(following?.scan);
    const first = firstRevision(segment.scan);
    if (reached !== undefined && reached < first && first < Number.POSITIVE_INFINITY) {
      onWarning(missingChanges(reached + 1, first));
    }
    reached = first;
    segmentStart = index.lengths;
    for (const scanned of segment.scan.lines) {
      const { line } = scanned;
      if (!isCheckpoint(line)) {
        // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
        if ((line.changes[0]?.revision ?? 0) > limit) break;
        reached = line.changes.at(-1)?.revision ?? reached;
      }
      index.addLine(scanned, segment.number);
      if (segment.number >= replayFrom) onReplay(scanned);
    }
    if (following && segment.number < replayFrom && !segment.isBroken && !segment.scan.hasTornTail) {
      saveSegmentIndex(segments, segment.number, { part: index.partBehind(segmentStart), revision: reached });
    }
    last = segment;
    segment = following;
  }
  index.sessions.linkIds();
  const { broken, hasLoss, lostAtEnd } = reader;
  return { last, segmentStart, broken, hasLoss, lostAtEnd };
}

/** Adds the cached indexes of the oldest segments, as far as they exist and fit; returns the last revision among them. */
function takeIndexed(segments: Segments, index: LedgerIndex, waiting: number[], replayFrom: number) {
  let reached: number | undefined;
  while (waiting[0]! < replayFrom) {
    const known = loadSegmentIndex(segments, waiting[0]!, index.lengths);
    if (!known) break;
    index.addPart(known.part, waiting.shift()!);
    reached = known.revision;
  }
  return reached;
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
