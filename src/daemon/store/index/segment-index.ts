import { statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Segments } from '../ledger/segments.ts';
import { fromFlatBytes, toFlatBytes } from './columns/flat-bytes.ts';
import type { IndexLengths, IndexPart } from './index-part.ts';

/** What the index holds of a segment that is closed, so that a start need not read the segment. */
export interface SegmentIndex {
  readonly part: IndexPart;
  /** The revision of its last change. */
  readonly revision: number;
}

/** As it lies on disk. */
interface Kept extends SegmentIndex {
  /** The fingerprint of its segment. */
  readonly of: string;
}

/** One more when the index holds something else of the same segment, or in another form; one of another format is not read. */
const FORMAT = 14;

const CHECKSUM_BYTES = 8;

/**
 * Keeps it beside the segment. It can be made anew at any time, so it is not made durable, and no failure is one:
 * what a power cut leaves of it has another checksum.
 */
export function saveSegmentIndex(segments: Segments, number: number, index: SegmentIndex): void {
  try {
    const body = toFlatBytes({ of: fingerprintOf(segments, number), ...index });
    segments.writeBeside(number, Buffer.concat([Buffer.from(checksum(body)), body]));
  } catch {
    // The next start reads the segment.
  }
}

/** What was kept of a segment, if that is what lies there now and `lengths` is what it lies behind; it stands until the next is loaded. */
export function loadSegmentIndex(segments: Segments, number: number, lengths: IndexLengths): SegmentIndex | undefined {
  const bytes = segments.readBeside(number);
  const body = bytes?.subarray(CHECKSUM_BYTES);
  if (!bytes || !body || bytes.toString('latin1', 0, CHECKSUM_BYTES) !== checksum(body)) return undefined;
  const { of, part, revision } = fromFlatBytes(body) as Kept;
  if (of !== fingerprintOf(segments, number)) return undefined;
  const isNext = Object.entries(lengths).every(([name, length]) => part.behind[name as keyof IndexLengths] === length);
  return isNext ? { part, revision } : undefined;
}

/** Whoever changes or replaces the file changes this; a closed segment is changed by nobody. */
function fingerprintOf(segments: Segments, number: number): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(segments.path(number), { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}

function checksum(bytes: Buffer): string {
  return crc32(bytes, FORMAT).toString(16).padStart(CHECKSUM_BYTES, '0');
}
