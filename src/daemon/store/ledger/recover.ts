import { statSync } from 'node:fs';
import type { Warning } from '../../../protocol/methods.ts';
import { LedgerFigures, type Past } from './ledger-figures.ts';
import { isCheckpoint } from './ledger-line.ts';
import {
  checkpointOf,
  lastCheckpointed,
  missingChanges,
  type ReadableSegment,
  readSegment,
  refuseNewer,
  warnOfMissing,
} from './ledger-repair.ts';
import { firstRevision, type ScannedLine, scanSegment } from './ledger-scan.ts';
import { idOf, sessionFrom, sessionsOf } from './ledger-session.ts';
import { NamedTotal } from './named-total.ts';
import type { Segments } from './segments.ts';

export interface RecoverOptions {
  /** The segment up to which somebody knows what is in the ledger, so that those before it need not be read; asked once it is known to be none of a newer version. */
  readonly knownTo?: () => number | undefined;
  /** Called for every line from the last checkpoint on, which comes first unless damaged. */
  readonly onReplay: (line: ScannedLine) => void;
  readonly onWarning: (warning: Warning) => void;
  readonly now?: () => number;
}

/** A ledger as a start finds it. */
export interface Recovered {
  /** The figures at its end. */
  readonly figures: LedgerFigures;
  readonly namedTotal: NamedTotal;
  /** The segment to go on with; `undefined` where nothing can be read. */
  readonly last: ReadableSegment | undefined;
  /** The segments to be mended, once the state is safe in another one. */
  readonly broken: ReadableSegment[];
  /** True when what was replayed may lack a part. */
  readonly hasLoss: boolean;
  /** The number of lost entries behind the last one that can be read. */
  readonly lostAtEnd: number;
}

/** As much of a ledger is read at a start though nobody knows what is in it; of a larger one the segment that the state is rebuilt from. */
const MOST_READ_WHOLE = 8 * 1024 * 1024;

/** Reads the segments that a start needs, and folds the figures; throws `storage_failed` for a ledger of a newer version. */
export function recover(segments: Segments, past: Past, options: RecoverOptions): Recovered {
  const { onReplay, onWarning } = options;
  const numbers = segments.numbers();
  refuseNewer(segments);
  warnOfMissing(numbers, onWarning);
  const replayFrom = lastCheckpointed(segments, numbers);
  const from = firstToRead(segments, numbers, { replayFrom, knownTo: options.knownTo?.() });
  const head = from === numbers[0] || numbers.length === 0 ? undefined : checkpointOf(segments, from);
  const figures = head && !head.figures ? LedgerFigures.at(past, head.checkpoint.revision) : new LedgerFigures(past);
  // In a new ledger nobody has.
  const namedTotal = new NamedTotal(numbers.length === 0 ? false : undefined);
  segments.giveBackRoom();
  const reader = new SegmentReader(
    segments,
    numbers.filter((number) => number >= from),
    options,
  );
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
      if (isCheckpoint(line)) {
        figures.begin(line);
        namedTotal.begin(line);
      } else {
        // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
        if ((line.changes[0]?.revision ?? 0) > limit) break;
        reached = line.changes.at(-1)?.revision ?? reached;
        for (const change of line.changes) {
          figures.add(change);
          namedTotal.add(change);
        }
      }
      if (segment.number >= replayFrom) onReplay(scanned);
    }
    last = segment;
    segment = following;
  }
  const { broken, hasLoss, lostAtEnd } = reader;
  return { figures, namedTotal, last, broken, hasLoss, lostAtEnd };
}

/** Which of some ids a session in the ledger has; reads all of it. */
export function idsIn(segments: Segments, ids: ReadonlySet<string>): ReadonlySet<string> {
  const known = new Set<string>();
  for (const number of segments.numbers()) {
    for (const { line } of scanSegment(segments.readWhole(number)).lines) {
      for (const source of isCheckpoint(line) ? [] : line.changes.flatMap(sessionsOf)) {
        const id = idOf(sessionFrom(source));
        if (id !== undefined && ids.has(id)) known.add(id);
      }
    }
  }
  return known;
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
