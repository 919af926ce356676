import { isDiskError } from '../../disk/storage-failure.ts';
import { othersTurn } from '../../process/turns.ts';
import { LedgerFigures, type Past } from '../ledger/ledger-figures.ts';
import { isCheckpoint } from '../ledger/ledger-line.ts';
import { checkpointOf } from '../ledger/ledger-repair.ts';
import { type ScannedLine, scanSegment } from '../ledger/ledger-scan.ts';
import { sessionsOf } from '../ledger/ledger-session.ts';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import type { Segments } from '../ledger/segments.ts';
import { pastOf } from '../ledger/stretches.ts';
import type { Lookups } from './reading/lookups.ts';
import type { HistoryWriter, LineToTake } from './writing/writer.ts';

export interface CatchUpOptions {
  readonly segments: Segments;
  readonly writer: HistoryWriter;
  /** The figures at the writer's position. */
  readonly figures: LedgerFigures;
  readonly until: LedgerEnd;
  /** So many sessions are taken in at once, before others have a turn. */
  readonly together: number;
  /** Told how much of the ledger is in, from 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** Mends a segment that is damaged; it is read again then. */
  readonly mend: (segment: number) => Promise<void>;
  /** Asked between two turns; when it is over, the rest is left. */
  readonly isOver?: () => boolean;
}

/** Takes in what the ledger holds behind the writer's position. */
export async function catchUp(options: CatchUpOptions): Promise<void> {
  const { segments, writer, figures, until, together, onProgress, isOver = () => false } = options;
  const numbers = segments.numbers().filter((number) => number >= (writer.position?.segment ?? 0));
  const sizes = new Map(numbers.map((number) => [number, segments.size(number)]));
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let done = 0;
  let hasBegun = writer.position !== undefined;
  const lineFigures: LineToTake['figures'] = {
    // What a segment lacks is folded across; only the ledger's beginning may be missing.
    begin: (line) => {
      if (!hasBegun) figures.begin(line);
      hasBegun = true;
    },
    add: (change) => figures.add(change),
  };
  const take = (lines: readonly LineToTake[]) =>
    writer.takeIn(lines, Date.now(), (number) => segments.fingerprint(number));
  for (const [index, number] of numbers.entries()) {
    if (number > until.segment || isOver()) break;
    let waiting: LineToTake[] = [];
    let sessions = 0;
    for (const scanned of await linesOf(number, numbers[index + 1], options)) {
      waiting.push({ scanned, segment: number, figures: lineFigures });
      sessions += isCheckpoint(scanned.line)
        ? 0
        : scanned.line.changes.reduce((sum, change) => sum + 1 + sessionsOf(change).length, 0);
      if (sessions < together) continue;
      take(waiting);
      [waiting, sessions] = [[], 0];
      onProgress?.((done + scanned.end) / all);
      await othersTurn();
      if (isOver()) return;
    }
    if (waiting.length > 0) take(waiting);
    done += sizes.get(number)!;
    onProgress?.(done / all);
    await othersTurn();
  }
}

/** The lines of a segment that the writer has not taken in, without those that the next segment does not know; none where it cannot be read. */
async function linesOf(
  number: number,
  next: number | undefined,
  { segments, writer, until, mend }: CatchUpOptions,
): Promise<readonly ScannedLine[]> {
  const read = () => {
    const bytes = whereReadable(() => segments.readWhole(number));
    return bytes && scanSegment(wholeLines(bytes, number, until));
  };
  let scan = read();
  if (scan?.hasDamage || scan?.lines.length === 0) {
    await mend(number);
    scan = read();
  }
  const { position, revision } = writer;
  const head = next === undefined ? undefined : whereReadable(() => checkpointOf(segments, next));
  const limit = head?.checkpoint.revision ?? Number.POSITIVE_INFINITY;
  const isBegun = position?.segment === number;
  return (scan?.lines ?? []).filter(({ line }) => {
    if (isCheckpoint(line)) return !isBegun;
    // By its revision and not by its place, which was another one before the segment was mended.
    if (isBegun && line.changes[0]!.revision <= revision) return false;
    // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
    return line.changes[0]!.revision <= limit;
  });
}

/** What is read; `undefined` where it is gone or the system refuses it, which leaves the rest of the ledger as it is. */
function whereReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isDiskError(error)) return undefined;
    throw error;
  }
}

function wholeLines(bytes: Buffer, number: number, until: LedgerEnd): Buffer {
  return number === until.segment ? bytes.subarray(0, until.end) : bytes;
}

/** The figures at a writer's position. */
export function figuresAt(segments: Segments, writer: HistoryWriter, lookups: Lookups): LedgerFigures {
  const countOf = (id: string) => {
    // Without it each look would go through all sessions.
    writer.indexIds();
    return lookups.countOf(id);
  };
  const past: Past = { stretchesBack: (to) => pastOf(segments, to), countOf };
  return writer.position ? LedgerFigures.at(past, writer.revision) : new LedgerFigures(past);
}

/** How many bytes of the ledger a writer has not taken in. */
export function bytesBehind(segments: Segments, { position }: Pick<HistoryWriter, 'position'>): number {
  const numbers = segments.numbers().filter((number) => number >= (position?.segment ?? 0));
  const size = numbers.reduce((sum, number) => sum + segments.size(number), 0);
  return size - (position ? position.end + 1 : 0);
}
