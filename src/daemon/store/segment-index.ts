import { statSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { IndexLengths, IndexPart } from './ledger-index.ts';
import type { Segments } from './segments.ts';

/** What the index holds of a segment that is closed, so that a start need not read the segment. */
export interface SegmentIndex {
  readonly part: IndexPart;
  /** The revision of its last change. */
  readonly revision: number;
}

/** One more when the index holds something else of the same segment. */
const FORMAT = 2;

const CHECKSUM_BYTES = 8;

/**
 * Keeps it beside the segment. It can be made anew at any time, so it is not made durable, and no failure is one:
 * what a power cut leaves of it has another checksum.
 */
export function saveSegmentIndex(segments: Segments, number: number, index: SegmentIndex): void {
  try {
    const body = serialize({ format: FORMAT, of: fingerprintOf(segments, number), ...index });
    segments.writeBeside(number, Buffer.concat([Buffer.from(checksum(body)), body]));
  } catch {
    // The next start reads the segment.
  }
}

/** What was kept of a segment, if that is what lies there now and `lengths` is what it lies behind. */
export function loadSegmentIndex(segments: Segments, number: number, lengths: IndexLengths): SegmentIndex | undefined {
  const bytes = segments.readBeside(number);
  const body = bytes?.subarray(CHECKSUM_BYTES);
  if (!bytes || !body || bytes.toString('latin1', 0, CHECKSUM_BYTES) !== checksum(body)) return undefined;
  const { format, of, part, revision } = deserialize(body);
  if (format !== FORMAT || of !== fingerprintOf(segments, number)) return undefined;
  const isNext = Object.entries(lengths).every(([name, length]) => part.behind[name] === length);
  return isNext ? { part, revision } : undefined;
}

/** Whoever changes or replaces the file changes this; a closed segment is changed by nobody. */
function fingerprintOf(segments: Segments, number: number): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(segments.path(number), { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(CHECKSUM_BYTES, '0');
}
