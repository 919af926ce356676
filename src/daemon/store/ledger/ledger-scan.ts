import { decodeLine, isCheckpoint, type LedgerLine, lineStarts } from './ledger-line.ts';

/** A line that was read whole, and where it lies in its segment. */
export interface ScannedLine {
  readonly line: LedgerLine;
  readonly crc: string;
  readonly start: number;
  readonly end: number;
}

/** The content of a segment. */
export interface Scan {
  readonly lines: readonly ScannedLine[];
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** Bytes without a newline behind the last whole line: a batch that was cut off and never acknowledged. */
  readonly hasTornTail: boolean;
  /** A line does not parse, or is missing between others. */
  readonly hasDamage: boolean;
  /** The damage took something along: a line cannot be read, or is missing. */
  readonly hasLoss: boolean;
  /** The number of unreadable whole lines behind the last readable one: no revision of a later line tells of them. */
  readonly lostAtEnd: number;
  /** The checkpoint at the beginning is missing: no state can be rebuilt from this segment alone. */
  readonly isHeadless: boolean;
  /** Written by a later version of the program. */
  readonly isNewer: boolean;
}

/** Reads a segment: returns every line that parses, and reports the others. */
export function scanSegment(bytes: Buffer): Scan {
  const lines: ScannedLine[] = [];
  let hasDamage = false;
  let hasLoss = false;
  let lostAtEnd = 0;
  let hasTornTail = false;
  let isNewer = false;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const chunk = bytes.subarray(start, end);
    const decoded = newline === -1 ? undefined : decodeLine(chunk);
    if (decoded?.ok) {
      lines.push({ line: decoded.line, crc: decoded.crc, start, end });
      lostAtEnd = 0;
    } else {
      const found = salvage(chunk, start, newline !== -1);
      lines.push(...found.lines);
      lostAtEnd = (found.lines.length > 0 ? 0 : lostAtEnd) + found.lostAtEnd;
      isNewer ||= decoded?.newerFormat === true;
      hasLoss ||= !found.isComplete;
      if (newline === -1 && found.lines.length === 0) hasTornTail = true;
      else hasDamage = true;
    }
    start = end + 1;
  }
  const wholeBytes = lines.length === 0 ? 0 : lines.at(-1)!.end + 1;
  hasLoss ||= hasGap(lines) || (lines.length === 0 && bytes.length > 0);
  const isHeadless = lines.length > 0 && !isCheckpoint(lines[0]!.line);
  return { lines, wholeBytes, hasTornTail, hasDamage: hasDamage || hasLoss, hasLoss, lostAtEnd, isHeadless, isNewer };
}

/** The revision of the state that a segment starts from; infinite where its checkpoint is missing. */
export function firstRevision(scan: Scan | undefined): number {
  const head = scan?.lines[0]?.line;
  return head && isCheckpoint(head) ? head.checkpoint.revision : Number.POSITIVE_INFINITY;
}

/** The lines in a chunk that should have been several, or whose own newline is another byte now. */
function salvage(chunk: Buffer, offset: number, isTerminated: boolean): Salvaged {
  const starts = lineStarts(chunk);
  const lines = starts.flatMap((start, index): ScannedLine[] => {
    const next = starts[index + 1] ?? chunk.length + (isTerminated ? 1 : 0);
    const decoded = decodeLine(chunk.subarray(start, next - 1));
    if (!decoded.ok) return [];
    return [{ line: decoded.line, crc: decoded.crc, start: offset + start, end: offset + next - 1 }];
  });
  // Behind the last newline of all, what cannot be read is a batch that was cut off.
  const isComplete = isTerminated ? lines.length === starts.length && starts[0] === 0 : true;
  const lastRead = lines.at(-1)?.start;
  const behind = starts.filter((start) => lastRead === undefined || offset + start > lastRead).length;
  // Half a line more may be one whose beginning is damaged.
  const lost = lastRead === undefined ? Math.max(1, behind) : behind;
  return { lines, isComplete, lostAtEnd: isTerminated ? lost : Math.max(0, lost - 1) };
}

interface Salvaged {
  readonly lines: readonly ScannedLine[];
  /** False when something in the chunk could not be read. */
  readonly isComplete: boolean;
  /** The number of unreadable lines behind the last readable one. */
  readonly lostAtEnd: number;
}

function hasGap(lines: readonly ScannedLine[]): boolean {
  return lines.some(({ line }, index) => index > 0 && line.previous !== lines[index - 1]!.crc);
}
