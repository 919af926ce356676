import { type DecodedLine, decodeLine, isCheckpoint, type LedgerLine, NO_PREVIOUS } from './ledger-line.ts';

/** A line that was read whole, and where it lies in its segment. */
export interface ScannedLine {
  readonly line: LedgerLine;
  readonly crc: string;
  readonly start: number;
  readonly end: number;
}

/** What a segment holds. */
export interface Scan {
  readonly lines: readonly ScannedLine[];
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** Bytes behind the last whole line: a batch that was cut off, which nobody was told is recorded. */
  readonly hasTornTail: boolean;
  /** Something before the last whole line does not parse, or is missing. */
  readonly hasDamage: boolean;
  /** Written by a later version of the program. */
  readonly isNewer: boolean;
}

/** Reads a segment; whatever parses is returned, whatever does not is reported. */
export function scanSegment(bytes: Buffer): Scan {
  const lines: ScannedLine[] = [];
  let previous: string | undefined;
  let broken = 0;
  let brokenBehind = false;
  let hasGap = false;
  let isNewer = false;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const decoded: DecodedLine =
      newline === -1 ? { ok: false, newerFormat: false } : decodeLine(bytes.subarray(start, end));
    if (decoded.ok) {
      hasGap ||= previous !== undefined && decoded.line.previous !== previous;
      if (previous === undefined) hasGap ||= !isCheckpoint(decoded.line);
      previous = decoded.crc;
      lines.push({ line: decoded.line, crc: decoded.crc, start, end });
      brokenBehind = false;
    } else {
      isNewer ||= decoded.newerFormat;
      if (!brokenBehind) broken++;
      brokenBehind = true;
    }
    start = end + 1;
  }
  const wholeBytes = lines.length === 0 ? 0 : lines.at(-1)!.end + 1;
  const tornTail = brokenBehind ? 1 : 0;
  return {
    lines,
    wholeBytes,
    hasTornTail: tornTail === 1,
    hasDamage: hasGap || broken > tornTail || (lines.length === 0 && bytes.length > 0),
    isNewer,
  };
}

/** The checksum that the next line of a ledger follows on. */
export function lastChecksum(lines: readonly ScannedLine[]): string {
  return lines.at(-1)?.crc ?? NO_PREVIOUS;
}
